"""The images that a network gets most wrong: each with its class, what was predicted instead, and the score."""

from __future__ import annotations

from collections.abc import Sequence

from ....vis.figures import Item, Pictures
from ...drawing.canvas import Ink
from ...drawing.cells import cut, number, steady
from ...drawing.page import Page
from ...drawing.small_pictures import shown_size
from ...drawing.strip import top_of
from ...figures.sheet import PartFacts, Sheet
from ...figures.shots import painted
from ...pixels.tone import PLAIN
from .whole_figure import WholeFigure

_LEAST, _MOST = 14, 44  # cells across a picture
_CAPTION = 2


class WorstView(WholeFigure):
    """Pictures in rows, worst first; the cursor goes from one to the next."""

    def needs(self, parts: Sequence[PartFacts]) -> list[int]:
        return [at for at, each in enumerate(parts) if each.kind in ("pictures", "table")][:2]

    @property
    def shown(self) -> Sheet | None:
        """The pictures."""
        return next(iter(self.pictures), None)

    @property
    def count(self) -> int:
        sheet = self.shown
        return len(sheet.part.values) if sheet and isinstance(sheet.part, Pictures) else 0

    def _grid(self, width: int, height: int) -> tuple[int, int, int]:
        """Columns, and the cells across and down of a picture: as large as all of them fit, or else rows scroll."""
        sheet = self.shown
        assert sheet is not None
        assert sheet.facts is not None
        size = (sheet.facts.shape[2], sheet.facts.shape[1])
        for wide in range(_MOST, _LEAST - 1, -1):
            columns = max((width + 2) // (wide + 2), 1)
            down = max(shown_size(size, wide, height)[1], 1)
            if -(-self.count // columns) * (down + _CAPTION + 1) <= height + 1:
                return columns, wide, down
        return (
            max((width + 2) // (_LEAST + 4), 1),
            _LEAST + 2,
            max(shown_size(size, _LEAST + 2, height - _CAPTION)[1], 1),
        )

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        sheet = self.shown
        if sheet is None or not self.count or width < 4 or height < 4:
            page.text(1, height // 2, "reading …" if sheet is None else "there are no pictures", Ink.DIM)
            return page
        columns, wide, down = self._grid(width, height)
        room = down + _CAPTION + 1
        rows = -(-self.count // columns)
        first = top_of(self.cursor // columns, rows, max((height + 1) // room, 1))
        found = painted(sheet, PLAIN)
        for at in range(first * columns, self.count):
            row, column = (at // columns - first) * room, at % columns * (wide + 2)
            if row >= height:
                break
            self.picture(page, column, row, wide, down, found[at])
            ink = Ink.SELECTED if at == self.cursor else Ink.TEXT
            for line, text in enumerate(self._caption(at, marked=at == self.cursor), row + down):
                page.text(column, line, cut(text, wide)[0].center(wide), ink if line == row + down else Ink.DIM, wide)
            page.hit(column, row, at, wide, room - 1)
        return page

    def _item(self, at: int) -> Item:
        sheet = self.shown
        assert sheet is not None
        assert isinstance(sheet.part, Pictures)
        return sheet.part.items[at]

    def names(self, at: int) -> tuple[str, str]:
        """The class of an image, and the one that was predicted."""
        table, item = self.table, self._item(at)
        if table is not None and at < len(table.rows) and len(table.rows[at]) >= 3:
            return steady(table.rows[at][1], 60), steady(table.rows[at][2], 60)
        return (f"class {item.unit[0]}" if item.unit else "?"), f"class {item.target}"

    def _caption(self, at: int, *, marked: bool) -> tuple[str, str]:
        true, guess = self.names(at)
        score = self._item(at).score
        first = f"{true} ✔" if true == guess else f"{true} → {guess}"
        return (f"› {first}" if marked else first), f"#{at + 1}  {number(score)}"

    def said(self) -> str:
        if not self.count:
            return ""
        item, (true, guess) = self._item(self.cursor), self.names(self.cursor)
        taken = "classified right, yet its class" if true == guess else f"taken for {guess}; its class"
        return steady(f"record {item.record}: {true}, {taken} has the score {number(item.score)}", 300)

    def moved(self, right: int, down: int) -> int:
        if not self.count:
            return 0
        columns, _, _ = self._grid(*self.size)
        return self.cursor + right + down * columns if down else self.cursor + right

    @property
    def page_rows(self) -> int:
        return 2
