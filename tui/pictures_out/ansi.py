"""Cells as lines for a terminal: characters with SGR colours of 24 bits or of 256, run by run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from ..pixels.blocks import Cells
from ..pixels.tone import Rgb

_CUBE = np.array([0, 95, 135, 175, 215, 255])
_RESET = "\x1b[0m"


def lines(cells: Cells, colors: str = "truecolor") -> Iterator[str]:
    """Each row of cells as text with control sequences, reset at its end. `colors`: truecolor or 256."""
    code: Callable[[Any], str]
    if colors == "truecolor":
        above, below = cells.foreground, cells.background
        code = _of_rgb
    else:
        above, below = nearest(cells.foreground)[..., None], nearest(cells.background)[..., None]
        code = _of_number
    for chars, front, back in zip(cells.chars, above, below, strict=True):
        both = np.concatenate([front, back], axis=1).astype(int)
        starts = [0, *(np.flatnonzero((both[1:] != both[:-1]).any(axis=1)) + 1).tolist(), len(chars)]
        half = both.shape[1] // 2
        parts = [
            f"\x1b[38;{code(both[start, :half])};48;{code(both[start, half:])}m{''.join(chars[start:stop])}"
            for start, stop in pairwise(starts)
        ]
        yield "".join(parts) + _RESET


def _of_rgb(colour: Any) -> str:
    return f"2;{colour[0]};{colour[1]};{colour[2]}"


def _of_number(colour: Any) -> str:
    return f"5;{colour[0]}"


def nearest(pixels: Rgb) -> np.ndarray[Any, Any]:
    """The nearest of xterm's colours 16 to 255 for each …×3 pixel: its cube of 6×6×6, its 24 greys."""
    values = pixels.astype(np.int32)
    steps = np.abs(values[..., None] - _CUBE).argmin(axis=-1)
    cube = _CUBE[steps]
    grey = np.clip((values.sum(axis=-1) // 3 - 3) // 10, 0, 23)
    far_cube = ((cube - values) ** 2).sum(axis=-1)
    far_grey = (((8 + 10 * grey)[..., None] - values) ** 2).sum(axis=-1)
    return np.where(far_grey < far_cube, 232 + grey, 16 + 36 * steps[..., 0] + 6 * steps[..., 1] + steps[..., 2])
