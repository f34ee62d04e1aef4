"""Lines of text with colours, of which only those on the screen are ever drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..drawing.ansi import Line
from ..keys import bindings

Span = tuple[int, int, Style]


def strip_of(line: Line, over: Iterable[Span] = ()) -> Strip:
    """A line as Textual draws it; the styles of `over` lie on top of the line's own."""
    text = line.text
    layers = [*line.spans, *over]
    if not layers:
        return Strip([Segment(text)] if text else [])
    places = (place for start, end, _ in layers for place in (start, end) if place < len(text))
    segments = []
    for start, end in pairwise(sorted({0, len(text), *places})):
        styles = [style for first, last, style in layers if first <= start and end <= last]
        segments.append(Segment(text[start:end], Style.combine(styles) if styles else None))
    return Strip(segments)


class Lines(ScrollView, can_focus=True):
    """A page to read: assign `lines`. Whoever holds lines elsewhere overrides `line` and `over`."""

    DEFAULT_CSS = """
    Lines { background: $background; color: $foreground; padding: 0 0 0 1;
            scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: scroll; }
    Lines:focus { scrollbar-color: $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("lines")]

    lines: reactive[Sequence[Line]] = reactive((), repaint=False)

    def watch_lines(self) -> None:
        width = max((cell_len(line.text) for line in self.lines), default=0)
        self.virtual_size = Size(width, len(self.lines))
        self.refresh()

    def line(self, number: int) -> Line | None:
        """Line `number`, None where there is none (yet)."""
        return self.lines[number] if number < len(self.lines) else None

    def over(self, number: int, line: Line) -> Iterable[Span]:  # noqa: ARG002 (for children)
        """Styles on top of a line."""
        return ()

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width = self.scrollable_content_region.width
        line = self.line(top + y)
        if line is None:
            return Strip.blank(width, self.rich_style)
        strip = strip_of(line, self.over(top + y, line))
        return strip.crop_extend(left, left + width, self.rich_style).apply_style(self.rich_style)

    def show_line(self, number: int, above: int = 0) -> None:
        """Scroll so that `number` stands `above` lines below the upper edge."""
        self.scroll_to(y=max(number - above, 0), animate=False, immediate=True)

    def action_move(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_target_y + lines, animate=False, immediate=True)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(self.scrollable_content_region.height - 1, 1))

    def action_sideways(self, columns: int) -> None:
        self.scroll_to(x=self.scroll_target_x + columns, animate=False, immediate=True, force=True)

    def action_top(self) -> None:
        self.show_line(0)

    def action_bottom(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
