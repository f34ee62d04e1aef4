"""How numbers become colours: a colour map, a range, a curve between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Rgb: TypeAlias = npt.NDArray[np.uint8]
Range: TypeAlias = tuple[float, float]

# Colours at even distances. Viridis: Smith & van der Walt (2015), CC0, at every 16th of its 256 entries; perceptually
# even and safe for the colour-blind. Signed: blue–grey–orange, dark in the middle as screens are, lightness the same on
# both sides. Heat goes over a photo.
_STOPS: Mapping[str, tuple[str, ...]] = {
    "grey": ("#000000", "#ffffff"),
    "viridis": (
        "#440154", "#481a6c", "#472f7d", "#414487", "#39568c", "#31688e", "#2a788e", "#23888e", "#1f988b", "#22a884",
        "#35b779", "#54c568", "#7ad151", "#a5db36", "#d2e21b", "#fde725",
    ),
    "signed": ("#9ecbff", "#4c8fd9", "#2a5694", "#1b2b45", "#101114", "#40260f", "#8c4f16", "#d9822b", "#ffc48a"),
    "heat": ("#000000", "#57106e", "#bc3754", "#f98e09", "#fcffa4"),
}  # fmt: skip
MAPS: tuple[str, ...] = tuple(_STOPS)
ODD: tuple[int, int, int] = (255, 0, 255)  # what is no number has a colour that no map has
LEVELS = 256


@dataclass(frozen=True, slots=True)
class Tone:
    """`map` is one of MAPS, or "" for what suits the numbers: signed where 0 is their middle, else viridis.

    `clip` percent of the numbers may lie beyond each end of the range; `gamma` < 1 brings out what is dark; `per` says
    whether each map or all maps of a layer have a range of their own.
    """

    map: str = ""
    clip: float = 0.0
    gamma: float = 1.0
    per: Literal["map", "layer"] = "map"

    def named(self, signed: bool) -> str:
        """The colour map that is meant."""
        return self.map or ("signed" if signed else "viridis")


PLAIN = Tone()


def range_of(values: Array, tone: Tone = PLAIN, *, signed: bool = False) -> Range:
    """From what to what the colours reach: lowest and highest finite number; with `signed` 0 lies in the middle.

    Nothing finite gives (0, 1). Numbers that are all one reach from 0 to it.
    """
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values.ravel()
    if finite.size == 0:
        return (0.0, 1.0)
    if tone.clip > 0:
        low, high = (float(each) for each in np.percentile(finite, (tone.clip, 100 - tone.clip)))
    else:
        low, high = float(finite.min()), float(finite.max())
    if signed:
        largest = max(abs(low), abs(high)) or 1.0
        return (-largest, largest)
    return (low, high) if low < high else (min(low, 0.0), max(low, 0.0) or 1.0)


def levels(values: Array, reach: Range, gamma: float = 1.0, *, signed: bool = False) -> npt.NDArray[np.uint8]:
    """Each number as one of the 256 places of a colour map; what is no number gets 0 and is told by `odd`."""
    low, high = reach
    with np.errstate(all="ignore"):
        share = np.clip((values.astype(np.float32) - low) / ((high - low) or 1.0), 0.0, 1.0)
        if gamma != 1.0:
            share = 0.5 + 0.5 * np.sign(share - 0.5) * np.abs(2 * share - 1) ** gamma if signed else share**gamma
        return np.nan_to_num(share * (LEVELS - 1) + 0.5, nan=0.0).astype(np.uint8)


def coloured(values: Array, reach: Range, tone: Tone = PLAIN, *, signed: bool = False) -> Rgb:
    """…×3 bytes for numbers of any shape."""
    found = palette(tone.named(signed))[levels(values, reach, tone.gamma, signed=signed)]
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        found[np.isnan(values)] = ODD
    return found


@cache
def palette(name: str) -> Rgb:
    """The 256×3 colours of a map, not to be written to."""
    stops = np.array([[int(each[at : at + 2], 16) for at in (1, 3, 5)] for each in _STOPS[name]], np.float64)
    at = np.linspace(0, len(stops) - 1, LEVELS)
    found = np.stack([np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)], axis=-1)
    made = (found + 0.5).astype(np.uint8)
    made.flags.writeable = False
    return made
