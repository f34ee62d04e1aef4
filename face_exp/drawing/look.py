"""How somebody looks in one picture: everything that is not the person."""

from __future__ import annotations

from dataclasses import dataclass

from .person import Colour


@dataclass(frozen=True, slots=True)
class Look:
    """One picture of a person.

    `expression` is one of `muscles.EXPRESSIONS`, `intensity` 0…1, `strength` how far it moves the face, `twitches`
    what muscles do besides (0 nothing, one number a muscle). `age` in years. `yaw` (to the viewer's right), `pitch`
    (down) and `roll` (clockwise) in degrees. The light comes from `light` (degrees from the front to the viewer's
    right), `lift` degrees above; it is `hard` 0…1, `bright` 1 as usual, `warm` −1…1. `growth` −1…1 is how the hair
    differs from the usual, `tied` whether long hair is; `cover` hides a part of the face: "", "hand", "scarf". `zoom`,
    `shift_x`, `shift_y` are the camera's (shares of the side), `blur` a share of the side, `noise` grey levels of one
    pixel, `seed` that of its grain.
    """

    expression: str = "neutral"
    intensity: float = 0.0
    strength: float = 1.0
    twitches: tuple[float, ...] = ()
    age: float | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    light: float = 20.0
    lift: float = 30.0
    hard: float = 0.5
    bright: float = 1.0
    warm: float = 0.0
    glasses: bool = False
    growth: float = 0.0
    tied: bool = False
    cover: str = ""
    cover_side: float = 1.0
    gaze: float = 0.0
    backdrop: Colour = (196, 208, 214)
    clothes: Colour = (92, 112, 140)
    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    seed: int = 0
