"""What all views of figure parts have in common: a page of cells, a cursor on it, and what lies under it in words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...drawing.canvas import Ink
from ...drawing.cells import steady
from ...drawing.page import NOTHING, Page, unpacked
from ...figures.sheet import Sheet
from ...keys import bindings
from .. import inks


class SheetView(Widget, can_focus=True):
    """`show(sheet)` shows its part. Children draw it (`paint`), say what is under the cursor, and move that."""

    DEFAULT_CSS = "SheetView { width: 1fr; height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("views")]
    ALLOW_SELECT = False

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
        self._page: Page | None = None
        self._styles: dict[int, Style] = {}
        self._looks: dict[tuple[int, int, int], Style] = {}
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
        before, self._page = self._page, None
        if before is None or not self.size:
            self.refresh()
        else:
            changed = self.drawn().changed(before)
            self.refresh(*(Region(0, row, self.size.width, 1) for row in changed)) if changed else None
        said = self.said() if self.sheet is not None and not self.sheet.problem else ""
        if said != self._last_said:
            self._last_said = said
            self.post_message(self.Said(said, self))

    def drawn(self) -> Page:
        """The page, painted where it is not."""
        width, height = self.size
        if self._page is None or (self._page.width, self._page.height) != (width, height):
            sheet = self.sheet
            if sheet is None or sheet.problem or not self.has_part(sheet):
                self._page = Page(width, height)
                lines = textwrap.wrap(steady(sheet.problem, 1000), max(width - 2, 1)) if sheet is not None else []
                for row, line in enumerate(lines, max((height - len(lines)) // 2, 0)):
                    self._page.text(1, row, line, Ink.DIM)
            else:
                self._page = self.paint(width, height)
        return self._page

    def render_line(self, y: int) -> Strip:
        page = self.drawn()
        if y >= page.height:
            return Strip.blank(self.size.width, self._look(0, NOTHING, NOTHING))
        return Strip([Segment(text, self._look(*look)) for text, *look in page.stretches(y)], page.width)

    def _look(self, ink: int, fore: int, back: int) -> Style:
        found = self._looks.get((ink, fore, back))
        if found is None:
            if not self._styles:
                self._styles = inks.styles(self.app.current_theme, self.app.theme_variables, self.background_colors[1])
            found = self._styles[ink]
            if fore != NOTHING or back != NOTHING:
                found += Style(color=_colour(fore), bgcolor=_colour(back))
            if len(self._looks) > 65536:
                self._looks.clear()
            self._looks[ink, fore, back] = found
        return found

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._styles.clear()
        self._looks.clear()
        super().notify_style_update()

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

    def on_click(self, event: events.Click) -> None:
        page = self.drawn()
        if event.widget not in (None, self):  # a place on something that lies over the page
            return
        if event.x < page.width and event.y < page.height and (hit := int(page.hits[event.y, event.x])) != NOTHING:
            event.stop()
            self.go(hit)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -3)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        event.prevent_default()
        self.go(self.moved(0, rows))


def _colour(packed: int) -> Color | None:
    return None if packed == NOTHING else Color.from_triplet(ColorTriplet(*unpacked(packed)))
