"""A table of a figure as text: columns as wide as they need, numbers at the right, one row and one column marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

from rich.cells import cell_len

from .canvas import Ink
from .cells import NONE, fit, number, steady
from .page import Page
from .strip import top_of

Cell: TypeAlias = str | float | int | None
Slots: TypeAlias = tuple[list[int], list[bool]]
_WIDEST = 32
_GAP = 2


def said(cell: Cell) -> str:
    """A cell of a table in words."""
    if cell is None:
        return NONE
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int) and abs(cell) < 10**9:
        return f"{cell:,}".replace(",", " ") if abs(cell) >= 10_000 else str(cell)
    return number(cell, 8) if isinstance(cell, int | float) else steady(cell, 200)


def real(cell: Cell) -> float | None:
    """A cell as a number; None for a text and for what is missing. A whole number may be larger than floats are."""
    if not isinstance(cell, int | float):
        return None
    try:
        return float(cell)
    except OverflowError:
        return math.inf if cell > 0 else -math.inf


def order(rows: Sequence[Sequence[Cell]], column: int | None, *, falling: bool = False) -> list[int]:
    """The rows in the order of a column: numbers before texts, what is missing or no number last."""
    places = list(range(len(rows)))
    if column is None:
        return places

    def known(at: int) -> bool:
        cell = rows[at][column]
        return cell is not None and not (isinstance(cell, float) and math.isnan(cell))

    def key(at: int) -> tuple[bool, float, str]:
        cell = rows[at][column]
        return (isinstance(cell, str), real(cell) or 0.0, str(cell))

    there = sorted(filter(known, places), key=key, reverse=falling)
    return [*there, *(at for at in places if not known(at))]


def rows(
    columns: Sequence[str], cells: Sequence[Sequence[Cell]], width: int, height: int, cursor: tuple[int, int],
    sorted_by: tuple[int, bool] | None = None, slots: Slots | None = None,
) -> Page:  # fmt: skip
    """The table with its titles, scrolled so that the cursor (row, column) is seen; its first column always is.

    `sorted_by` marks a column and whether it falls. The hits of the page count cells, row by row. `slots` are those of
    these rows where they are known: of a long table they cost more than its page.
    """
    page = Page(width, height)
    if not columns or width < 4 or height < 2:
        return page
    wide, numeric = slots or slots_of(columns, cells)
    wide = [min(wide[0], max(width // 2, 4)), *wide[1:]]
    shown = _shown(wide, width, cursor[1])
    top = top_of(cursor[0], len(cells), height - 1)
    column = 0
    for at in shown:
        align = "right" if numeric[at] else "left"
        turn = ("▾" if sorted_by[1] else "▴") if sorted_by and sorted_by[0] == at else ""
        ink = Ink.SELECTED if at == cursor[1] else Ink.TITLE
        page.text(column, 0, fit(steady(columns[at], 80) + turn, wide[at], align), ink)
        for row in range(top, min(top + height - 1, len(cells))):
            line = 1 + row - top
            marked = row == cursor[0]
            page.text(column, line, fit(said(cells[row][at]), wide[at], align), Ink.SELECTED if marked else Ink.TEXT)
            page.hit(column, line, row * len(columns) + at, wide[at] + _GAP)
        column += wide[at] + _GAP
    if shown[-1] < len(columns) - 1:
        page.text(width - 1, 0, "›", Ink.DIM)
    if len(shown) > 1 and shown[1] > 1:
        page.text(wide[0], 0, "‹", Ink.DIM)
    return page


def slots_of(columns: Sequence[str], cells: Sequence[Sequence[Cell]]) -> Slots:
    """How wide each column is, and whether it holds numbers, in whatever order the rows are."""
    wide = [
        min(max([cell_len(steady(title, 80)) + 2, *(cell_len(said(row[at])) for row in cells)]), _WIDEST)
        for at, title in enumerate(columns)
    ]
    return wide, [all(not isinstance(row[at], str) for row in cells) for at in range(len(columns))]


def _shown(wide: Sequence[int], width: int, column: int) -> list[int]:
    """The columns that are seen: the first, and as many as fit so that `column` is among them."""
    if len(wide) == 1:
        return [0]
    room = width - wide[0] - _GAP
    end = max(column + 1, 2)
    start = end
    used = 0
    while start > 1 and used + wide[start - 1] <= room:
        used += wide[start - 1] + _GAP
        start -= 1
    start = min(start, max(column, 1))
    if start == 1:
        while end < len(wide) and used + wide[end] <= room:
            used += wide[end] + _GAP
            end += 1
    return [0, *range(start, min(end, len(wide)))]
