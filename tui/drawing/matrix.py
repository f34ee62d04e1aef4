"""A matrix as coloured cells with the names of its rows and columns and, where both are classes, what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..pixels.tone import Array, coloured, range_of
from .canvas import Ink
from .cells import fit, number, steady
from .page import Page
from .strip import top_of

_NAME = 16  # cells of a row's name at most
_HIGH = 8  # rows that names of columns take at most where they stand upright


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """R×C numbers, the names of rows and columns. `square`: both are the same classes, row true and column predicted.

    Squares are coloured by the share of their row, others by their numbers.
    """

    values: Array
    rows: Sequence[str]
    columns: Sequence[str]
    axes: tuple[str, str] = ("", "")

    @property
    def square(self) -> bool:
        return len(self.rows) > 1 and tuple(self.rows) == tuple(self.columns)

    def shares(self) -> Array:
        """Each number by the sum of its row; 0 where that is 0."""
        sums = self.values.sum(axis=1, keepdims=True)
        return np.divide(self.values, sums, out=np.zeros(self.values.shape), where=sums > 0)

    def colours(self) -> Array:
        """R×C×3 bytes."""
        if self.square:
            return coloured(self.shares(), (0.0, 1.0))
        signed = bool((self.values < 0).any())
        return coloured(self.values, range_of(self.values, signed=signed), signed=signed)

    def recall(self, at: int) -> float | None:
        """The share of row `at` that is on the diagonal."""
        whole = float(self.values[at].sum())
        return float(self.values[at, at]) / whole if whole > 0 else None

    def precision(self, at: int) -> float | None:
        """The share of column `at` that is on the diagonal."""
        whole = float(self.values[:, at].sum())
        return float(self.values[at, at]) / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class _Frame:
    """Cells of the names, of a square and of the head; how many rows and columns are seen."""

    name: int
    wide: int
    head: int
    rows: int
    columns: int
    high: int  # rows of a square
    right: bool  # whether there is room for what is right in each row
    foot: bool


def matrix(grid: Grid, width: int, height: int, cursor: tuple[int, int] = (0, 0)) -> Page:
    """The squares with their numbers, as far as there is room; those around the cursor (row, column) where not.

    The hits of the page count squares, row by row.
    """
    page = Page(width, height)
    count = len(grid.columns)
    if not grid.values.size or width < 4 or height < 3:
        page.text(0, 0, "the matrix is empty" if not grid.values.size else "", Ink.DIM)
        return page
    frame = _frame(grid, width, height)
    top, left = top_of(cursor[0], len(grid.rows), frame.rows), top_of(cursor[1], count, frame.columns)
    colours = grid.colours()
    _names(page, grid, frame, left, cursor[1])
    for row in range(top, min(top + frame.rows, len(grid.rows))):
        at = frame.head + (row - top) * frame.high + (frame.high - 1) // 2  # the line with its name and numbers
        page.text(0, at, fit(steady(grid.rows[row], 80), frame.name, "right"), _ink(row == cursor[0]))
        for column in range(left, min(left + frame.columns, count)):
            place = frame.name + 1 + (column - left) * frame.wide
            said = _cell(float(grid.values[row, column]), frame.wide, marked=(row, column) == cursor)
            red, green, blue = colours[row, column].tolist()
            for line in range(frame.head + (row - top) * frame.high, frame.head + (row - top + 1) * frame.high):
                page.fill(place, line, said if line == at else " " * frame.wide, (red, green, blue))
                page.hit(place, line, row * count + column, frame.wide)
        if frame.right:
            end = frame.name + 2 + min(frame.columns, count) * frame.wide
            page.text(end, at, _percent(grid.recall(row)), _ink(row == cursor[0]))
    if frame.foot:
        at = frame.head + min(frame.rows, len(grid.rows)) * frame.high
        page.text(0, at, fit("precision" if frame.name >= 9 else "prec.", frame.name, "right"), Ink.DIM)
        for column in range(left, min(left + frame.columns, count)):
            place = frame.name + 1 + (column - left) * frame.wide
            page.text(place, at, _percent(grid.precision(column)).rjust(frame.wide), Ink.DIM, frame.wide)
    return page


def _frame(grid: Grid, width: int, height: int) -> _Frame:
    name = min(max((len(steady(each, 80)) for each in grid.rows), default=1), _NAME, max(width // 4, 1))
    right = grid.square and width >= 40
    name = max(name, len("prec.")) if right else name
    room = width - name - 1 - (8 if right else 0)
    longest = max(len(steady(each, 80)) for each in grid.columns)
    largest = max(len(number(float(each))) for each in (grid.values.min(), grid.values.max()))
    wide = next((each for each in range(max(largest + 2, 12), 1, -1) if each * len(grid.columns) <= room), 2)
    if wide <= largest:  # numbers that do not fit are left out, and squares need no room for them
        wide = max(min(wide, 4), 2)
    upright = longest >= wide
    head = min(longest, _HIGH, max(height // 4, 1)) if upright else 1
    foot = right and wide >= 5 and height >= head + len(grid.rows) + 1
    rest = max(height - head - foot, 1)
    high = max(min(wide // 2, rest // len(grid.rows)), 1)
    return _Frame(name, wide, head, max(rest // high, 1), max(room // wide, 1), high, right, foot)


def _names(page: Page, grid: Grid, frame: _Frame, left: int, selected: int) -> None:
    for column in range(left, min(left + frame.columns, len(grid.columns))):
        place = frame.name + 1 + (column - left) * frame.wide
        said, ink = steady(grid.columns[column], 80), _ink(column == selected)
        if frame.head == 1:
            page.text(place, 0, fit(said, frame.wide - 1, "right"), ink)
            continue
        shown = said if len(said) <= frame.head else said[: frame.head - 1] + "…"
        for row, char in enumerate(shown, frame.head - len(shown)):
            page.text(place + frame.wide // 2, row, char, ink)
    if frame.right:
        page.text(
            frame.name + 2 + min(frame.columns, len(grid.columns)) * frame.wide, frame.head - 1, "recall", Ink.DIM
        )


def _cell(value: float, wide: int, *, marked: bool) -> str:
    said = number(value) if value else "·"
    inner = wide - 2 if marked else wide
    said = said.center(inner) if len(said) <= inner else " " * inner
    return f"[{said}]" if marked else said


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _ink(selected: bool) -> int:
    return Ink.SELECTED if selected else Ink.DIM
