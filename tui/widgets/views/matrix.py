"""A matrix: how often each class is taken for each other one."""

from __future__ import annotations

from ....vis.figures import Matrix
from ...drawing.canvas import Ink
from ...drawing.cells import number, steady
from ...drawing.matrix import Grid, matrix
from ...drawing.over_steps import over_steps
from ...drawing.page import Page
from ...drawing.strip import place
from .base import SheetView


class MatrixView(SheetView):
    """The cursor walks over the squares."""

    @property
    def part(self) -> Matrix | None:
        """The part that is shown."""
        part = self.sheet.part if self.sheet else None
        return part if isinstance(part, Matrix) else None

    @property
    def count(self) -> int:
        return self.part.values.size if self.part else 0

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        part = self.part
        if part is None:
            return page
        grid = Grid(part.values, part.rows, part.columns, part.axes)
        said = f"rows: {part.axes[0] or 'rows'}, columns: {part.axes[1] or 'columns'}"
        if grid.square and (whole := float(part.values.sum())) > 0:
            right = float(part.values.trace())
            said += f"; {right / whole:.1%} right ({number(right)} of {number(whole)})"
        page.text(0, 0, steady(said, 300), Ink.TITLE)
        cursor = divmod(self.cursor, max(len(part.columns), 1))
        place(page, 0, 1, matrix(grid, width, height - 1, cursor), hits=True)
        return page

    def said(self) -> str:
        part = self.part
        if part is None or not part.values.size:
            return ""
        row, column = divmod(self.cursor, len(part.columns))
        value, whole = float(part.values[row, column]), float(part.values[row].sum())
        names = (f"{part.axes[0] or 'row'} {part.rows[row]}", f"{part.axes[1] or 'column'} {part.columns[column]}")
        said = f"{names[0]}, {names[1]}: {number(value)}"
        if Grid(part.values, part.rows, part.columns).square and whole > 0:
            said += f" of {number(whole)} ({value / whole:.1%})"
        if history := self._history(row, column):
            said += f"   {history}"
        return steady(said, 300)

    def _history(self, row: int, column: int) -> str:
        assert self.part is not None
        found = [
            (float(each.part.values[row, column]), each.moment.step)
            for each in (*self.earlier, *([self.sheet] if self.sheet else []))
            if isinstance(each.part, Matrix) and each.part.values.shape == self.part.values.shape
        ]
        return over_steps([value for value, _ in found], [step for _, step in found])

    def moved(self, right: int, down: int) -> int:
        part = self.part
        if part is None:
            return 0
        row, column = divmod(self.cursor, max(len(part.columns), 1))
        row = min(max(row + down, 0), len(part.rows) - 1)
        return row * len(part.columns) + min(max(column + right, 0), len(part.columns) - 1)
