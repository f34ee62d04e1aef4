"""What is drawn over a picture: a line around a part of it, a cross at a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .raster import Raster
from .tone import Rgb
from .viewport import Index, Window

LINE: tuple[int, int, int] = (255, 255, 255)


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """`raster` with a frame around `box` (left, top, width, height in its pixels).

    The frame is one output pixel wide however small the picture is shown, and lies outside the box where it can.
    """

    raster: Raster
    box: tuple[int, int, int, int]
    line: tuple[int, int, int] = LINE

    @property
    def size(self) -> tuple[int, int]:
        return self.raster.size

    def paint(self, seen: Window) -> Rgb:
        made = self.raster.paint(seen)
        left, top, width, height = self.box
        columns, rows = _around(seen.x0, seen.x1, left, width), _around(seen.y0, seen.y1, top, height)
        if columns is None or rows is None:
            return made
        (x0, x1, at_left, at_right), (y0, y1, at_top, at_bottom) = columns, rows
        made = made.copy()
        for shown, where in (
            (at_left, np.s_[y0:y1, x0]),
            (at_right, np.s_[y0:y1, x1 - 1]),
            (at_top, np.s_[y0, x0:x1]),
            (at_bottom, np.s_[y1 - 1, x0:x1]),
        ):
            if shown:
                made[where] = self.line
        return made

    def numbers(self, x: int, y: int) -> tuple[float, ...]:
        return self.raster.numbers(x, y)


def _around(start: Index, stop: Index, first: int, length: int) -> tuple[int, int, bool, bool] | None:
    """Output pixels from and to which the frame reaches along an axis, and whether its two ends are to be seen."""
    if not len(start) or stop[-1] <= first or start[0] >= first + length:
        return None
    # The last output pixel that lies before the box and the first one behind it: the border of a tile.
    before = int(np.searchsorted(stop, first, "right")) - 1
    behind = int(np.searchsorted(start, first + length, "left"))
    begin, end = max(before, 0), min(behind + 1, len(start))
    at_start = before >= 0 or int(start[0]) <= first
    at_end = behind < len(start) or int(stop[-1]) >= first + length
    return begin, end, at_start, at_end


def crossed(pixels: Rgb, seen: Window, cursor: tuple[int, int]) -> Rgb:
    """With a cross about the pixel `cursor` of the raster, in colours that none of the pixels below has."""
    columns = np.flatnonzero((seen.x0 <= cursor[0]) & (cursor[0] < seen.x1))
    rows = np.flatnonzero((seen.y0 <= cursor[1]) & (cursor[1] < seen.y1))
    if not len(columns) or not len(rows):
        return pixels
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    across, down = max((right - left), 3), max((bottom - top), 3)
    mark = np.zeros(pixels.shape[:2], bool)
    middle_x, middle_y = (left + right - 1) // 2, (top + bottom - 1) // 2
    mark[middle_y, max(left - across, 0) : left] = mark[middle_y, right : right + across] = True
    mark[max(top - down, 0) : top, middle_x] = mark[bottom : bottom + down, middle_x] = True
    made = pixels.copy()
    made[mark] ^= 0x80
    return made
