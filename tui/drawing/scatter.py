"""Points as dots, coloured by what they are; many in a cell share it, the most frequent colour wins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pixels.tone import Array
from . import ticks
from .braille import BRAILLE, Glyphs, pack
from .canvas import Ink
from .page import Page
from .palette import COLOURS

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """N points: x and y, a group for each (0, 1, …; −1 none). Points that are no finite numbers are not drawn."""

    x: Array
    y: Array
    groups: npt.NDArray[np.int64]
    names: tuple[str, str] = ("", "")

    @property
    def lettered(self) -> bool:
        """Whether groups are told apart by letters: there are more of them than colours."""
        return bool(len(self.groups)) and int(self.groups.max()) >= COLOURS


def mark_of(group: int, *, lettered: bool) -> str:
    """How a group is marked in a legend, and where it is lettered in the cloud."""
    return _LETTERS[group % len(_LETTERS)] if lettered and group >= 0 else "●" if group >= 0 else "·"


def ink_of(group: int) -> int:
    return Ink.bright(group % COLOURS) if group >= 0 else int(Ink.DIM)


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where points lie: as cells of the page, −1 for those that are not drawn."""

    columns: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]


def scatter(
    cloud: Cloud, width: int, height: int, cursor: int | None = None, glyphs: Glyphs = BRAILLE
) -> tuple[Page, Placed]:
    """The cloud with two axes; a cross through the point at `cursor`. The hits of the page count points."""
    page = Page(width, height)
    gutter, foot = (8 if width >= 30 else 0), (2 if height >= 6 else 0)
    wide, high = width - gutter, height - foot
    count = len(cloud.x)
    nowhere = Placed(np.full(count, -1), np.full(count, -1))
    finite = np.isfinite(cloud.x) & np.isfinite(cloud.y)
    if wide < 2 or high < 1 or not finite.any():
        page.text(0, height // 2, "" if finite.any() else "no point has finite coordinates", Ink.DIM)
        return page, nowhere
    (low_x, top_x), (low_y, top_y) = _reach(cloud.x[finite]), _reach(cloud.y[finite])
    across, down = wide * glyphs.columns, high * glyphs.rows
    dot_x = np.where(finite, (cloud.x - low_x) / (top_x - low_x) * (across - 1) + 0.5, 0).astype(np.int64)
    dot_y = np.where(finite, (top_y - cloud.y) / (top_y - low_y) * (down - 1) + 0.5, 0).astype(np.int64)
    columns = np.where(finite, dot_x // glyphs.columns + gutter, -1)
    rows = np.where(finite, dot_y // glyphs.rows, -1)
    _axes(page, (low_x, top_x), (low_y, top_y), gutter, high, cloud.names)
    if cursor is not None and finite[cursor]:
        _cross(page, int(columns[cursor]), int(rows[cursor]), gutter, high)
    if cloud.lettered:
        for at in np.flatnonzero(finite).tolist():
            page.put(
                columns[at], rows[at], mark_of(int(cloud.groups[at]), lettered=True), ink_of(int(cloud.groups[at]))
            )
    else:
        dots = np.zeros((down, across), np.bool_)
        dots[dot_y[finite], dot_x[finite]] = True
        patterns = pack(dots, glyphs)
        kind = _most(cloud.groups[finite], columns[finite] - gutter, rows[finite], wide, high)
        for row, column in np.argwhere(patterns).tolist():
            page.put(gutter + column, row, glyphs.table[patterns[row, column]], ink_of(int(kind[row, column])))
    page.hits[rows[finite], columns[finite]] = np.flatnonzero(finite)
    if cursor is not None and finite[cursor]:
        page.put(int(columns[cursor]), int(rows[cursor]), "◉", Ink.SELECTED)
        page.hit(int(columns[cursor]), int(rows[cursor]), cursor)
    return page, Placed(columns, rows)


def _reach(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _most(
    groups: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], wide: int, high: int
) -> npt.NDArray[np.int64]:
    """The most frequent group of each cell."""
    kinds, which = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(kinds), high * wide), np.int64)
    np.add.at(counts, (which, rows * wide + columns), 1)
    return kinds[counts.argmax(axis=0)].reshape(high, wide)


def _cross(page: Page, column: int, row: int, gutter: int, high: int) -> None:
    for at in range(gutter, page.width):
        page.put(at, row, "─", Ink.GRID)
    for at in range(high):
        page.put(column, at, "│", Ink.GRID)


def _axes(
    page: Page, x: tuple[float, float], y: tuple[float, float], gutter: int, high: int, names: tuple[str, str]
) -> None:
    if gutter:
        for row in range(high):
            page.put(gutter - 1, row, "│", Ink.GRID)
        for row, value in ((0, y[1]), (high - 1, y[0])):
            page.text(0, row, ticks.short(value, 3).rjust(gutter - 2), Ink.DIM, gutter - 2)
    if page.height > high:
        for column in range(gutter, page.width):
            page.put(column, high, "─", Ink.GRID)
        left, right = ticks.short(x[0], 3), ticks.short(x[1], 3)
        page.text(gutter, high + 1, left, Ink.DIM)
        page.text(page.width - len(right), high + 1, right, Ink.DIM)
        said = " → ".join(each for each in (names[0],) if each) + (f", up {names[1]}" if names[1] else "")
        start = gutter + max((page.width - gutter - len(said)) // 2, len(left) + 1)
        page.text(start, high + 1, said, Ink.DIM, max(page.width - start - len(right) - 1, 0))


def nearest(placed: Placed, cursor: int, right: int, down: int) -> int:
    """The nearest point in a direction, as the screen shows them; the cursor itself where there is none."""
    across = placed.columns - placed.columns[cursor]
    below = (placed.rows - placed.rows[cursor]) * 2  # a cell is twice as high as wide
    ahead, aside = (across * right, abs(below)) if right else (below * down, abs(across))
    fits = (ahead > 0) & (placed.columns >= 0)
    if not fits.any():
        return cursor
    distance = np.where(fits, ahead + 2.0 * aside, np.inf)
    return int(distance.argmin())
