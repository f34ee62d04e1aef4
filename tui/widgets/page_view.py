"""A widget that draws a page of cells: only the rows that differ are drawn again."""

from __future__ import annotations

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ..drawing.page import NOTHING, Page, unpacked
from . import inks


class PageView(Widget, can_focus=True):
    """Children `paint` the page, whose hits say what a click there means (`clicked`), and `redraw` when it differs."""

    DEFAULT_CSS = "PageView { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, classes=classes)
        self._page: Page | None = None
        self._styles: dict[int, Style] = {}
        self._looks: dict[tuple[int, int, int], Style] = {}

    def paint(self, width: int, height: int) -> Page:
        """The page, of exactly this size."""
        return Page(width, height)

    def whole(self, width: int, height: int) -> Page:
        """What stands there: the page, or what is said in its place."""
        return self.paint(width, height)

    def clicked(self, hit: int, twice: bool) -> None:
        """A cell was clicked; `hit` is what the page says of it."""

    def wheeled(self, rows: int) -> None:
        """The wheel was turned."""

    def redraw(self) -> None:
        """Draw again the rows that differ."""
        before, self._page = self._page, None
        if before is None or not self.size:
            self.refresh()
        elif changed := self.drawn().changed(before):
            self.refresh(*(Region(0, row, self.size.width, 1) for row in changed))

    def drawn(self) -> Page:
        """The page, painted where it is not."""
        width, height = self.size
        if self._page is None or (self._page.width, self._page.height) != (width, height):
            self._page = self.whole(width, height)
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

    def on_click(self, event: events.Click) -> None:
        page = self.drawn()
        if event.widget not in (None, self):  # a place on something that lies over the page
            return
        if event.x < page.width and event.y < page.height and (hit := int(page.hits[event.y, event.x])) != NOTHING:
            event.stop()
            self.clicked(hit, event.chain == 2)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.wheeled(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.wheeled(-3)


def _colour(packed: int) -> Color | None:
    return None if packed == NOTHING else Color.from_triplet(ColorTriplet(*unpacked(packed)))
