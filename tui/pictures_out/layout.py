"""A figure as cells of a terminal so many wide: as high as it takes, for a terminal scrolls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..figures.sheet import Sheet
from ..pixels.blocks import Cells, half
from ..pixels.raster import BORDER, Grid, columns_for
from ..pixels.tone import Tone
from ..pixels.viewport import Viewport, window
from .painted import Painting, painted

_LEAST = 24  # output pixels that a picture keeps at least where many stand side by side
_ENDLESS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """`across`: pictures side by side."""

    cells: Cells
    painting: Painting
    across: int


def drawn(sheet: Sheet, chosen: Sequence[int], tone: Tone, width: int, rows: int) -> Drawn | None:
    """The pictures in `width` cells: magnified into `rows` where they fit, else below each other, still to be seen."""
    facts = sheet.facts
    if facts is None or not chosen:
        return None
    room = (width, rows * 2)
    size = (facts.shape[2], facts.shape[1])
    across, fits = columns(len(chosen), size, room)
    painting = painted(sheet, chosen, tone, columns=across)
    if painting is None:
        return None
    raster = painting.raster
    seen = window(Viewport(), raster.size, room if fits else (width, _ENDLESS))
    pixels = raster.paint(seen)
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, np.full((1, pixels.shape[1], 3), BORDER, np.uint8)])
    return Drawn(half(pixels), painting, raster.columns if isinstance(raster, Grid) else 1)


def columns(count: int, tile: tuple[int, int], room: tuple[int, int]) -> tuple[int, bool]:
    """How many pictures stand side by side, and whether all of them are in the room without being made smaller."""
    across = columns_for(count, tile, room)
    down = math.ceil(count / across)
    fits = across * (tile[0] + 1) - 1 <= room[0] and down * (tile[1] + 1) - 1 <= room[1]
    if fits or count == 1:
        return across, True
    least = min(tile[0], max(_LEAST, tile[0] // 4))
    return max(min(count, (room[0] + 1) // (least + 1)), 1), False
