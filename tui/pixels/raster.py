"""What can be painted: numbers, photos, one over the other, and many in a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .tone import PLAIN, Array, Range, Rgb, Tone, coloured, range_of
from .viewport import Index, Window, reduced

EMPTY: tuple[int, int, int] = (40, 44, 52)  # where a picture is not there (yet)
BORDER: tuple[int, int, int] = (24, 26, 30)
_NEARLY = 0.75  # of the least size is enough, where that spares the pages
CHOSEN: tuple[int, int, int] = (255, 176, 46)  # the border of the chosen one of many


class Raster(Protocol):
    """A picture of `size` (width, height) pixels of its own."""

    @property
    def size(self) -> tuple[int, int]: ...

    def paint(self, seen: Window) -> Rgb:
        """The window as height × width × 3 bytes."""
        ...

    def numbers(self, x: int, y: int) -> tuple[float, ...]:
        """What lies under a pixel: one number, the three of a colour, or none."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """H×W numbers. `whole` is the size they stand for where they are a thumbnail. `reach`: None for their own."""

    values: Array
    tone: Tone = PLAIN
    reach: Range | None = None
    signed: bool = False
    whole: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.whole or (self.values.shape[1], self.values.shape[0])

    @property
    def range(self) -> Range:
        """From what to what its colours reach."""
        return self.reach or range_of(self.values, self.tone, signed=self.signed)

    def paint(self, seen: Window) -> Rgb:
        values = reduced(self.values, _on(seen, self.size, self.values))
        return coloured(values, self.range, self.tone, signed=self.signed)

    def numbers(self, x: int, y: int) -> tuple[float, ...]:
        return (float(_at(self.values, self.size, x, y)),)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """H×W×1 or H×W×3 bytes, shown as they are. `whole` as in Plane."""

    values: Rgb
    whole: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.whole or (self.values.shape[1], self.values.shape[0])

    def paint(self, seen: Window) -> Rgb:
        found = reduced(self.values, _on(seen, self.size, self.values))
        return np.broadcast_to(found, (*found.shape[:2], 3))

    def numbers(self, x: int, y: int) -> tuple[float, ...]:
        return tuple(float(each) for each in _at(self.values, self.size, x, y))


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """`above` over `below`, both of one size; `strength` 0 shows only what lies below, 1 only what lies above.

    Where the numbers above are 0 the photo below stays as it is: a saliency map is mostly nothing.
    """

    below: Raster
    above: Plane
    strength: float = 0.6

    @property
    def size(self) -> tuple[int, int]:
        return self.below.size

    def paint(self, seen: Window) -> Rgb:
        low, high = self.above.range
        values = reduced(self.above.values, _on(seen, self.size, self.above.values))
        with np.errstate(all="ignore"):
            weight = np.nan_to_num(np.abs(values.astype(np.float32)) / (max(abs(low), abs(high)) or 1.0))
        weight = np.clip(weight, 0, 1)[..., None] ** self.above.tone.gamma * self.strength
        over = coloured(values, self.above.range, self.above.tone, signed=self.above.signed)
        return (self.below.paint(seen) * (1 - weight) + over * weight + 0.5).astype(np.uint8)

    def numbers(self, x: int, y: int) -> tuple[float, ...]:
        return self.above.numbers(*_rescaled(self.size, self.above.size, x, y))


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Pictures of one size `tile` (width, height) in rows of `columns`, `border` pixels between; None is not there.

    The border around tile `chosen` is marked. `rim`: whether the outermost have a border on their outer sides too.
    """

    tiles: Sequence[Raster | None]
    tile: tuple[int, int]
    columns: int
    border: int = 1
    chosen: int | None = None
    rim: bool = False

    @property
    def size(self) -> tuple[int, int]:
        rows = max(math.ceil(len(self.tiles) / self.columns), 1)
        (width, height), border = self.tile, self.border
        more = border if self.rim else -border
        return self.columns * (width + border) + more, rows * (height + border) + more

    def place(self, index: int) -> tuple[int, int]:
        """Left and top pixel of a tile."""
        row, column = divmod(index, self.columns)
        edge = self.border * self.rim
        return column * (self.tile[0] + self.border) + edge, row * (self.tile[1] + self.border) + edge

    def tile_at(self, x: int, y: int) -> tuple[int, int, int] | None:
        """Which tile lies under a pixel, and the pixel in it; None for a border and beyond the last."""
        edge = self.border * self.rim
        column, inside_x = divmod(x - edge, self.tile[0] + self.border)
        row, inside_y = divmod(y - edge, self.tile[1] + self.border)
        index = row * self.columns + column
        if min(column, row) < 0:
            return None
        if inside_x >= self.tile[0] or inside_y >= self.tile[1] or index >= len(self.tiles) or column >= self.columns:
            return None
        return index, inside_x, inside_y

    def seen(self, window: Window) -> list[int]:
        """The tiles of which something shows."""
        if not window.width or not window.height:
            return []
        across, down = self.tile[0] + self.border, self.tile[1] + self.border
        edge = self.border * self.rim
        columns = range(max(int(window.x0[0]) - edge, 0) // across, (int(window.x1[-1]) - 1 - edge) // across + 1)
        rows = range(max(int(window.y0[0]) - edge, 0) // down, (int(window.y1[-1]) - 1 - edge) // down + 1)
        found = (row * self.columns + column for row in rows for column in columns if column < self.columns)
        return [index for index in found if index < len(self.tiles)]

    def paint(self, seen: Window) -> Rgb:
        made = np.empty((seen.height, seen.width, 3), np.uint8)
        made[:] = BORDER
        if self.chosen is not None and self.chosen < len(self.tiles) > 1:
            left, top = self.place(self.chosen)
            made[
                _touching(seen.y0, seen.y1, top - self.border, self.tile[1] + 2 * self.border),
                _touching(seen.x0, seen.x1, left - self.border, self.tile[0] + 2 * self.border),
            ] = CHOSEN
        for index in self.seen(seen):
            left, top = self.place(index)
            columns, x0, x1 = _within(seen.x0, seen.x1, left, self.tile[0])
            rows, y0, y1 = _within(seen.y0, seen.y1, top, self.tile[1])
            if not len(x0) or not len(y0):
                continue
            tile = self.tiles[index]
            made[rows, columns] = EMPTY if tile is None else tile.paint(Window(x0, x1, y0, y1))
        return made

    def numbers(self, x: int, y: int) -> tuple[float, ...]:
        found = self.tile_at(x, y)
        tile = self.tiles[found[0]] if found else None
        return tile.numbers(*found[1:]) if found and tile else ()


def columns_for(count: int, tile: tuple[int, int], room: tuple[int, int], aspect: float = 1.0, border: int = 1) -> int:
    """How many columns show `count` pictures largest in `room` output pixels."""

    def scale(columns: int) -> tuple[float, float, int]:
        rows = math.ceil(count / columns)
        across, down = columns * (tile[0] + border) * aspect, rows * (tile[1] + border)
        found = min(room[0] / across, room[1] / down)
        # Of those that are magnified alike, the one that fills the room best both ways.
        return (math.floor(found) if found >= 1 else found), round(found, 1), -rows * columns

    return max(range(1, max(count, 1) + 1), key=scale)


def page_of(
    count: int, tile: tuple[int, int], room: tuple[int, int], aspect: float = 1.0, least: int = 1
) -> tuple[int, int]:
    """In how many columns pictures lie in `room` output pixels, and how many of `count` are on a page.

    All of them, where each can be seen. Else as many as keep the longer side of each at `least` output pixels; of
    pictures that have no more pixels than that none is reduced, and the smallest are magnified to half of it.
    """
    columns = columns_for(count, tile, room, aspect)
    side = max(tile)
    needed = least / side if side > least else math.ceil(least / 2 / side)
    rows = math.ceil(count / columns)
    found = min(room[0] / aspect / (columns * (tile[0] + 1) + 1), room[1] / (rows * (tile[1] + 1) + 1))
    if found >= (needed if needed >= 1 else needed * _NEARLY):
        return columns, count
    across = max(int((room[0] / aspect / needed - 1) / (tile[0] + 1)), 1)
    down = max(int((room[1] / needed - 1) / (tile[1] + 1)), 1)
    return (across, across * down) if across * down < count else (columns, count)


def _within(start: Index, stop: Index, first: int, length: int) -> tuple[slice, Index, Index]:
    """The output pixels that show nothing but a tile, and what of it: one that holds some border shows border."""
    begin, end = int(np.searchsorted(start, first)), int(np.searchsorted(stop, first + length, "right"))
    return slice(begin, max(end, begin)), start[begin:end] - first, stop[begin:end] - first


def _touching(start: Index, stop: Index, first: int, length: int) -> slice:
    """The output pixels that show anything of these."""
    return slice(int(np.searchsorted(stop, first, "right")), int(np.searchsorted(start, first + length)))


def _on(seen: Window, size: tuple[int, int], values: Array) -> Window:
    """The window on a thumbnail instead of the picture it stands for."""
    height, width = values.shape[:2]
    if (width, height) == size:
        return seen
    x0, x1 = _scaled(seen.x0, seen.x1, width, size[0])
    y0, y1 = _scaled(seen.y0, seen.y1, height, size[1])
    return Window(x0, x1, y0, y1)


def _scaled(start: Index, stop: Index, length: int, of: int) -> tuple[Index, Index]:
    if len(start) and (stop - start).max() * length <= of:  # one pixel of the thumbnail for each, or less
        at = np.minimum((start + stop) * length // (2 * of), length - 1)
        return at, at + 1
    first = start * length // of
    return first, np.maximum(np.append(first[1:], min(-(-int(stop[-1]) * length // of), length)), first + 1)


def _rescaled(size: tuple[int, int], to: tuple[int, int], x: int, y: int) -> tuple[int, int]:
    return min(x * to[0] // size[0], to[0] - 1), min(y * to[1] // size[1], to[1] - 1)


def _at(values: Array, size: tuple[int, int], x: int, y: int) -> Array:
    column, row = _rescaled(size, (values.shape[1], values.shape[0]), x, y)
    return values[row, column]
