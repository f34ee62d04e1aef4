"""What an expression does to a face: displacements after the action units of Ekman and Friesen (1978, FACS)."""

from __future__ import annotations

from collections.abc import Sequence

EXPRESSIONS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")

# Each is 0 at rest and about 1 at its most; up, out and wide are positive.
MUSCLES = (
    "brow_in", "brow_out", "brow_pinch", "upper_lid", "lower_lid", "nose", "cheek", "corner_out", "corner_up", "open",
    "lip_raise", "lip_drop", "teeth", "teeth_low", "press", "lopsided", "tongue",
)  # fmt: skip

# Action units in brackets.
_AT_FULL: dict[str, dict[str, float]] = {
    "neutral": {},
    "anger": {  # 4 5 7 17 23 24
        "brow_in": -1.0, "brow_out": 0.45, "brow_pinch": 1.0, "upper_lid": 0.12, "lower_lid": 0.45, "nose": 0.2,
        "corner_up": -0.5, "corner_out": -0.05, "press": 0.75, "lip_drop": 0.15, "teeth": 0.0,
    },
    "disgust": {  # 4 9 10 16 19 25
        "brow_in": -0.65, "brow_out": -0.25, "brow_pinch": 0.55, "upper_lid": -0.45, "lower_lid": 0.8, "nose": 1.0,
        "cheek": 0.5, "corner_up": -0.55, "open": 0.3, "lip_raise": 1.0, "lip_drop": 0.25, "teeth": 0.7,
        "lopsided": 0.8, "tongue": 1.0,
    },
    "fear": {  # 1 2 4 5 20 25
        "brow_in": 1.0, "brow_out": 0.25, "brow_pinch": 0.7, "upper_lid": 1.0, "lower_lid": -0.1, "corner_out": 0.6,
        "corner_up": -0.45, "open": 0.52, "lip_drop": 0.5, "teeth": 0.55, "teeth_low": 1.0,
    },
    "happiness": {  # 6 12 25
        "brow_out": 0.15, "upper_lid": -0.12, "lower_lid": 0.6, "cheek": 1.0, "corner_out": 0.6, "corner_up": 1.05,
        "open": 0.5, "teeth": 1.0,
    },
    "sadness": {  # 1 4 15 17
        "brow_in": 1.05, "brow_out": -0.6, "brow_pinch": 0.45, "upper_lid": -0.7, "lower_lid": 0.1,
        "corner_up": -1.0, "corner_out": -0.15, "press": -0.1, "lip_raise": -0.1, "lip_drop": -0.35,
    },
    "surprise": {  # 1 2 5 26
        "brow_in": 1.0, "brow_out": 1.05, "upper_lid": 0.95, "lower_lid": -0.15, "corner_out": -0.5,
        "corner_up": -0.05, "open": 1.0, "lip_drop": 0.1,
    },
}  # fmt: skip


def muscles(
    expression: str,
    intensity: float,
    strength: float = 1.0,
    ways: Sequence[float] = (),
    twitches: Sequence[float] = (),
) -> dict[str, float]:
    """How far each muscle is moved. `ways` multiply, `twitches` are added; both one number a muscle, or none."""
    full, amount = _AT_FULL[expression], intensity * strength
    found = {name: full.get(name, 0.0) * amount for name in MUSCLES}
    for name, way in zip(MUSCLES, ways, strict=False):
        found[name] *= way
    for name, twitch in zip(MUSCLES, twitches, strict=False):
        found[name] += twitch
    for name in ("open", "nose", "cheek", "teeth", "teeth_low", "tongue"):
        found[name] = max(0.0, found[name])
    return found
