"""A figure as cells of a terminal so many wide: as high as it takes, for a terminal scrolls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..figures.sheet import Sheet
from ..pixels.ascii import shades
from ..pixels.blocks import Cells, half, half_256
from ..pixels.quadrant import quadrants, quadrants_256
from ..pixels.raster import BORDER, Grid, columns_for
from ..pixels.tone import Rgb, Tone
from ..pixels.viewport import Viewport, window
from .painted import Painting, painted

# Way and number of colours → what makes cells of pixels, and how many pixels lie across and down in a cell.
WAYS: Mapping[tuple[str, str], tuple[Callable[[Rgb], Cells], int, int]] = {
    ("half", "truecolor"): (half, 1, 2),
    ("half", "256"): (half_256, 1, 2),
    ("quadrant", "truecolor"): (quadrants, 2, 2),
    ("quadrant", "256"): (quadrants_256, 2, 2),
    ("ascii", "truecolor"): (shades, 1, 1),
    ("ascii", "256"): (shades, 1, 1),
}
_LEAST = 24  # output pixels that a picture keeps at least where many stand side by side
_ENDLESS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """`across`: pictures side by side."""

    cells: Cells
    painting: Painting
    across: int


def drawn(
    sheet: Sheet, chosen: Sequence[int], tone: Tone, width: int, rows: int, way: tuple[str, str] = ("half", "truecolor")
) -> Drawn | None:
    """The pictures in `width` cells: magnified into `rows` where they fit, else below each other, still to be seen.

    `way` is one of WAYS.
    """
    facts = sheet.facts
    if facts is None or not chosen:
        return None
    encode, right, down = WAYS[way]
    room = (width * right, rows * down)
    aspect = 2 * right / down  # a cell is twice as high as it is wide
    across, fits = columns(len(chosen), (facts.shape[2], facts.shape[1]), room, aspect)
    painting = painted(sheet, chosen, tone, columns=across)
    if painting is None:
        return None
    raster = painting.raster
    seen = window(Viewport(), raster.size, room if fits else (room[0], _ENDLESS), aspect)
    pixels = raster.paint(seen)
    high, wide = (-(-side // each) * each for side, each in zip(pixels.shape[:2], (down, right), strict=True))
    if (high, wide) != pixels.shape[:2]:
        larger = np.full((high, wide, 3), BORDER, np.uint8)
        larger[: pixels.shape[0], : pixels.shape[1]] = pixels
        pixels = larger
    return Drawn(encode(pixels), painting, raster.columns if isinstance(raster, Grid) else 1)


def columns(count: int, tile: tuple[int, int], room: tuple[int, int], aspect: float = 1.0) -> tuple[int, bool]:
    """How many pictures stand side by side, and whether all of them are in the room without being made smaller."""
    across = columns_for(count, tile, room, aspect)
    down = math.ceil(count / across)
    fits = (across * (tile[0] + 1) - 1) * aspect <= room[0] and down * (tile[1] + 1) - 1 <= room[1]
    if fits or count == 1:
        return across, True
    least = min(tile[0], max(_LEAST, tile[0] // 4)) * aspect
    return max(min(count, int((room[0] + aspect) / (least + aspect))), 1), False
