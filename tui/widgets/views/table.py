"""A table of a figure: sorted by any column, with what a number was at the steps before."""

from __future__ import annotations

from collections.abc import Sequence

from ....vis.figures import Cell, Table
from ...drawing import rows as drawing
from ...drawing.canvas import Ink
from ...drawing.cells import steady
from ...drawing.over_steps import over_steps
from ...drawing.page import Page
from ...figures.sheet import Sheet
from .base import SheetView


class TableView(SheetView):
    """The cursor walks over cells; a key sorts by the column it is in: upwards, downwards, as it was."""

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self._sorted: tuple[int, bool] | None = None
        self._order: list[int] = []
        self._slots: drawing.Slots | None = None

    def table_of(self, sheet: Sheet | None) -> Table | None:
        """The table that a sheet has."""
        part = sheet.part if sheet else None
        return part if isinstance(part, Table) else None

    @property
    def table(self) -> Table | None:
        """The table that is shown."""
        return self.table_of(self.sheet)

    def turned(self) -> None:
        self._sorted = None

    def taken(self) -> None:
        table = self.table
        if table is None:
            return
        if self._sorted and self._sorted[0] >= len(table.columns):
            self._sorted = None
        self._slots = None
        self._sort()

    def _sort(self) -> None:
        assert self.table is not None
        column, falling = self._sorted or (None, False)
        self._order = drawing.order(self.table.rows, column, falling=falling)

    @property
    def count(self) -> int:
        return len(self.table.rows) * len(self.table.columns) if self.table else 0

    @property
    def ways(self) -> int:
        return 2

    def paint(self, width: int, height: int) -> Page:
        table = self.table
        if table is None or not self.count:
            page = Page(width, height)
            page.text(1, height // 2, "the table is empty", Ink.DIM)
            return page
        cells = [table.rows[at] for at in self._order]
        self._slots = self._slots or drawing.slots_of(table.columns, table.rows)
        return drawing.rows(
            table.columns, cells, width, height, divmod(self.cursor, len(table.columns)), self._sorted, self._slots
        )

    def said(self) -> str:
        table = self.table
        if table is None or not self.count:
            return ""
        row, column = divmod(self.cursor, len(table.columns))
        cells = table.rows[self._order[row]]
        said = f"{drawing.said(cells[0])}: {table.columns[column]} {drawing.said(cells[column])}"
        history = self._history(self._order[row], column)
        return steady(f"{said}   {history}" if history else said, 300)

    def _history(self, row: int, column: int) -> str:
        """What the number was: rows are the same where the texts in them are."""
        table = self.table
        assert table is not None
        if not isinstance(table.rows[row][column], int | float):
            return ""
        found: list[tuple[float, int]] = []
        for sheet in (*self.earlier, self.sheet):
            before = self.table_of(sheet)
            if sheet is None or before is None or before.columns != table.columns:
                continue
            same = next((each for each in _near(before.rows, row) if _texts(each) == _texts(table.rows[row])), None)
            number = drawing.real(same[column]) if same is not None else None
            if number is not None:
                found.append((number, sheet.moment.step))
        return over_steps([value for value, _ in found], [step for _, step in found])

    def moved(self, right: int, down: int) -> int:
        table = self.table
        if table is None or not self.count:
            return 0
        row, column = divmod(self.cursor, len(table.columns))
        row = min(max(row + down, 0), len(table.rows) - 1)
        return row * len(table.columns) + min(max(column + right, 0), len(table.columns) - 1)

    def action_way(self, by: int) -> None:
        """Sort by the column under the cursor: upwards, downwards, not at all."""
        if not self.count or self.table is None:
            return
        row, column = divmod(self.cursor, len(self.table.columns))
        here = self._order[row]
        turns: list[tuple[int, bool] | None] = [None, (column, False), (column, True)]
        at = turns.index(self._sorted) if self._sorted in turns else 0
        self._sorted = turns[(at + by) % 3]
        self._sort()
        self.go(self._order.index(here) * len(self.table.columns) + column)


def _texts(row: Sequence[Cell]) -> tuple[str, ...]:
    """What names a row: its texts, or its first cell where it has none."""
    return tuple(each for each in row if isinstance(each, str)) or (str(row[0]),) if row else ()


def _near(rows: Sequence[tuple[Cell, ...]], at: int) -> list[tuple[Cell, ...]]:
    """The rows, the one at the same place first: mostly it is the one that is looked for."""
    return [*rows[at : at + 1], *rows]
