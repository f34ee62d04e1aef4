"""What all views of figure parts have in common: a page of cells, a cursor on it, and what lies under it in words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ...drawing.canvas import Ink
from ...drawing.cells import steady
from ...drawing.page import Page
from ...figures.sheet import Sheet
from ...keys import bindings
from ..page_view import PageView


class SheetView(PageView):
    """`show(sheet)` shows its part. Children draw it (`paint`), say what is under the cursor, and move that."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("views")]

    class Said(Message):
        """What lies under the cursor of `view`, in words; "" nothing."""

        def __init__(self, text: str, view: SheetView) -> None:
            super().__init__()
            self.text, self.view = text, view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, classes=classes)
        self.sheet: Sheet | None = None
        self.earlier: tuple[Sheet, ...] = ()
        self.cursor = 0
        self.way = 0
        self._last_said: str | None = None

    def show(self, sheet: Sheet, earlier: Sequence[Sheet] = ()) -> None:
        """Show a sheet; `earlier` are those of other steps, oldest first, for what changes over steps.

        The cursor stays where it is while the steps go by, as far as the new sheet reaches.
        """
        turned = self.sheet is None or self.place(sheet) != self.place(self.sheet)
        self.sheet, self.earlier = sheet, tuple(earlier)
        if turned:
            self.cursor = 0
            self.turned()
        self.taken()
        self.cursor = min(max(self.cursor, 0), max(self.count - 1, 0))
        self.redraw()

    # What children give

    def has_part(self, sheet: Sheet) -> bool:
        """Whether there is anything to paint."""
        return sheet.part is not None

    def place(self, sheet: Sheet) -> tuple[object, ...]:
        """Of what a sheet is: the same at other steps."""
        return sheet.ask.run, sheet.ask.name, sheet.facts.name if sheet.facts else sheet.ask.part

    def turned(self) -> None:
        """Another figure, or another part of it, is shown; `taken` comes next."""

    def taken(self) -> None:
        """Another sheet is there."""

    @property
    def count(self) -> int:
        """How many places the cursor has."""
        return 0

    @property
    def ways(self) -> int:
        """In how many ways the view can show its part; a key goes from one to the next."""
        return 1

    def paint(self, width: int, height: int) -> Page:
        """The page, of exactly this size. Its `hits` are places of the cursor."""
        return Page(width, height)

    def said(self) -> str:
        """What lies under the cursor, in words."""
        return ""

    def moved(self, right: int, down: int) -> int:
        """The place so many steps away from the cursor; it may lie outside of all places."""
        return self.cursor + right + down

    @property
    def page_rows(self) -> int:
        """How far a page key goes down."""
        return max(self.size.height - 2, 1)

    # Drawing

    def redraw(self) -> None:
        """Draw again the rows that differ, and say what is under the cursor."""
        super().redraw()
        said = self.said() if self.sheet is not None and not self.sheet.problem else ""
        if said != self._last_said:
            self._last_said = said
            self.post_message(self.Said(said, self))

    def whole(self, width: int, height: int) -> Page:
        sheet = self.sheet
        if sheet is not None and not sheet.problem and self.has_part(sheet):
            return self.paint(width, height)
        page = Page(width, height)
        lines = textwrap.wrap(steady(sheet.problem, 1000), max(width - 2, 1)) if sheet is not None else []
        for row, line in enumerate(lines, max((height - len(lines)) // 2, 0)):
            page.text(1, row, line, Ink.DIM)
        return page

    # Keys and the mouse

    def go(self, place: int) -> None:
        """The cursor to a place, or the nearest there is."""
        self.cursor = min(max(place, 0), max(self.count - 1, 0))
        self.redraw()

    def action_step(self, right: int, down: int) -> None:
        self.go(self.moved(right, down))

    def action_page(self, pages: int) -> None:
        self.go(self.moved(0, pages * self.page_rows))

    def action_end(self, end: int) -> None:
        self.go(0 if end < 0 else self.count - 1)

    def action_way(self, by: int) -> None:
        self.way = (self.way + by) % max(self.ways, 1)
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's)
        """A view that shows its part in one way has no key for others."""
        return action != "way" or self.ways > 1

    def clicked(self, hit: int, twice: bool) -> None:  # noqa: ARG002 (one click is enough)
        self.go(hit)

    def wheeled(self, rows: int) -> None:
        self.go(self.moved(0, rows))
