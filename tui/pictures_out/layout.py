"""A figure as cells of a terminal so many wide: as high as it takes, for a terminal scrolls."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..figures.sheet import Sheet
from ..pixels import kitty
from ..pixels.ascii import shades
from ..pixels.blocks import Cells, half, half_256
from ..pixels.iterm import inline
from ..pixels.quadrant import quadrants, quadrants_256
from ..pixels.raster import BORDER, Grid, columns_for
from ..pixels.sixel import sixels
from ..pixels.tone import Rgb, Tone
from ..pixels.viewport import Viewport, window
from . import ansi
from .painted import Painting, painted

# How blocks are made of pixels in truecolor and in 256 colours, and how many pixels lie across and down in a cell.
_BLOCKS: Mapping[str, tuple[Callable[[Rgb], Cells], Callable[[Rgb], Cells], int, int]] = {
    "half": (half, half_256, 1, 2),
    "quadrant": (quadrants, quadrants_256, 2, 2),
    "ascii": (shades, shades, 1, 1),
}
# Output pixels that a picture keeps at least where many stand side by side, as blocks and as pixels of the terminal.
_LEAST, _LEAST_PIXELS = 20, 64
_SCREENS = 3  # that many pictures may fill


@dataclass(frozen=True, slots=True)
class Way:
    """How pictures are printed: `name` and `colors` as in `pixels.modes`, `cell` the pixels of a character."""

    name: str = "half"
    colors: str = "truecolor"
    cell: tuple[int, int] = (8, 16)
    tmux: bool = False

    @property
    def grain(self) -> tuple[int, int]:
        """Output pixels across and down in a cell."""
        return _BLOCKS[self.name][2:] if self.name in _BLOCKS else self.cell


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """`lines` are what a terminal takes; `across`: pictures side by side."""

    lines: tuple[str, ...]
    painting: Painting
    across: int


def drawn(sheet: Sheet, chosen: Sequence[int], tone: Tone, width: int, rows: int, way: Way) -> Drawn | None:
    """The pictures in `width` cells: magnified into `rows` where they fit, else below each other, still to be seen."""
    facts = sheet.facts
    if facts is None or not chosen:
        return None
    right, down = way.grain
    room = (width * right, rows * down)
    aspect = 2 * right / down if way.name in _BLOCKS else 1.0  # a cell is twice as high as it is wide
    least = _LEAST if way.name in _BLOCKS else _LEAST_PIXELS
    across, fits = columns(len(chosen), (facts.shape[2], facts.shape[1]), room, aspect, least)
    painting = painted(sheet, chosen, tone, columns=across)
    if painting is None:
        return None
    raster = painting.raster
    if not fits:  # nothing is magnified then, and none is higher than the screen
        room = (room[0], min(raster.size[1], math.ceil(len(chosen) / across) * (room[1] + 1)))
    seen = window(Viewport(), raster.size, room, aspect)
    pixels = _whole_cells(raster.paint(seen), right, down)
    return Drawn(tuple(lines(pixels, way, rows)), painting, raster.columns if isinstance(raster, Grid) else 1)


def _whole_cells(pixels: Rgb, right: int, down: int) -> Rgb:
    high, wide = (-(-side // each) * each for side, each in zip(pixels.shape[:2], (down, right), strict=True))
    if (high, wide) == pixels.shape[:2]:
        return pixels
    larger = np.full((high, wide, 3), BORDER, np.uint8)
    larger[: pixels.shape[0], : pixels.shape[1]] = pixels
    return larger


def lines(pixels: Rgb, way: Way, most: int) -> Iterator[str]:
    """Pixels that fill whole cells as lines for a terminal, of which `most` stand on its screen."""
    across, down = pixels.shape[1] // way.grain[0], pixels.shape[0] // way.grain[1]
    match way.name:
        case "kitty" if max(across, down) <= kitty.MOST_CELLS:
            number = next(_numbers)
            upload = kitty.upload(pixels, number, across, down, tmux=way.tmux)
            for row in range(down):
                yield f"{'' if row else upload}\x1b[38;5;{number}m{''.join(kitty.placeholders(row, across))}\x1b[39m"
        case "sixel" | "iterm":
            # In pieces that the screen holds, each into lines made before: nothing scrolls while it is drawn.
            for first in range(0, down, most):
                piece = pixels[first * way.cell[1] : (first + most) * way.cell[1]]
                high = len(piece) // way.cell[1]
                yield from [""] * (high - 1)
                drawn = sixels(piece, tmux=way.tmux) if way.name == "sixel" else inline(piece, across, high)
                move = f"\x1b[{high - 1}" if high > 1 else ""
                yield f"{move and move + 'A'}\x1b7{drawn}\x1b8{move and move + 'B'}"
        case "kitty":
            yield from ansi.lines(quadrants(_thinned(pixels, way)))
        case name:
            of_many, of_few, _, _ = _BLOCKS[name]
            yield from ansi.lines((of_few if way.colors == "256" else of_many)(pixels))


def _thinned(pixels: Rgb, way: Way) -> Rgb:
    """Two by two pixels a cell: for a picture with more cells than a terminal can place."""
    right, down = (max(each // 2, 1) for each in way.cell)
    return pixels[down // 2 :: down, right // 2 :: right]


def _free_numbers() -> Iterator[int]:
    """Numbers for kitty's pictures: begun anywhere, for what an earlier command printed is to stay as it is."""
    count = kitty.MOST_ID - kitty.LEAST_ID + 1
    return (kitty.LEAST_ID + at % count for at in itertools.count(time.time_ns() // 1_000_000))


_numbers = _free_numbers()


def columns(
    count: int, tile: tuple[int, int], room: tuple[int, int], aspect: float = 1.0, least: int = _LEAST
) -> tuple[int, bool]:
    """How many pictures stand side by side, and whether all of them are in the room without being made smaller.

    Where they are not, they are made smaller until some screens hold them, but not below `least` output pixels.
    """
    across = columns_for(count, tile, room, aspect)
    down = math.ceil(count / across)
    fits = (across * (tile[0] + 1) - 1) * aspect <= room[0] and down * (tile[1] + 1) - 1 <= room[1]
    if fits or count == 1:
        return across, True
    wide = room[0] / aspect  # of the room, in pixels as wide as they are high
    across = min(max(int((wide + 1) / (tile[0] + 1)), 1), count)
    while across < count:
        scale = min(((wide + 1) / across - 1) / tile[0], 1.0)
        smaller = ((wide + 1) / (across + 1) - 1) / tile[0]
        if math.ceil(count / across) * (tile[1] * scale + 1) <= _SCREENS * room[1] or smaller * tile[0] < least:
            break
        across += 1
    return across, False
