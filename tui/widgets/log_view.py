"""The output of a script, of any size: its tail at once, followed while it grows, searched while one reads."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from .. import compat
from ..drawing.ansi import Line
from ..keys import bindings
from .lines import Lines, Span
from .log_reader import Finds, LogReader, LogState, Page

BUSY_RETRY = 0.05  # seconds until a state that waits for a slow terminal is offered again
_FOUND = Style(color="black", bgcolor="#e8b75a", reverse=False, dim=False)
_FOUND_HERE = _FOUND + Style(bgcolor="#7fc8f8", bold=True, underline=True)


class LogView(Lines):
    """Shows the file at `path`; `state` says how it stands, `following` whether the end stays in view."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("output")]

    state: reactive[LogState] = reactive(LogState(), repaint=False)
    following: reactive[bool] = reactive(True, repaint=False)
    here: reactive[int] = reactive(-1, repaint=False)  # the line of the match one is at

    class Looked(Message):
        """The reader found the file changed."""

        def __init__(self, state: LogState) -> None:
            super().__init__()
            self.state = state

    class Asked(Message):
        """A key whose answer needs more than this widget: `what` is search, save or copy."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    class Said(Message):
        """A word after an action."""

        def __init__(self, text: str, warning: bool = False) -> None:
            super().__init__()
            self.text = text
            self.warning = warning

    def __init__(self, path: Path, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.path = path
        self.reader = LogReader(path, lambda state: self.post_message(self.Looked(state)))
        self._page: Page | None = None
        self._held: LogState | None = None
        self._needle: re.Pattern[str] | None = None
        self._jump = ""  # where to go once the thread knows: top, match, traceback

    def on_mount(self) -> None:
        self.reader.start()

    def on_unmount(self) -> None:
        self.reader.close()

    # New states come in

    def on_log_view_looked(self, message: Looked) -> None:
        """Show the state, unless the terminal still swallows the last frame: then the newest waits."""
        message.stop()
        waiting, self._held = self._held, message.state
        if waiting is None:
            self._show_held()

    def _show_held(self) -> None:
        if self._held is None:
            return
        if compat.busy(self.app):
            self.set_timer(BUSY_RETRY, self._show_held)
            return
        found, self._held = self._held, None
        if found == self.state:
            self._late_page()
        self.state = found

    def watch_state(self, before: LogState, now: LogState) -> None:
        """Keep what one reads in its place, or the end in view, and repaint no more than changed."""
        top = self.scroll_offset.y
        if now.generation != before.generation:
            self._page = None
            top += now.shift
            self.here = -1
        if now.lines != before.lines or now.generation != before.generation:
            self.virtual_size = Size(self.virtual_size.width, now.lines)
            self.show_line(self.max_scroll_y if self.following else top)
        if now.size != before.size or now.generation != before.generation:
            self._fetch()
        if now.finds != before.finds:
            self.refresh()
        self._keep_promise()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Following ends when one scrolls up and begins again at the end."""
        super().watch_scroll_y(old_value, new_value)
        self.following = round(new_value) >= self.max_scroll_y
        self._fetch()

    def on_resize(self) -> None:
        if self.following:
            super().action_bottom()
        self._fetch()

    # Lines

    def _fetch(self) -> None:
        """Get the lines in view; what the disk does not give at once comes with a later message."""
        height = self.scrollable_content_region.height
        if not height:
            return
        page = self.reader.page(self.scroll_offset.y, height)
        if page is not None:
            self._take(page)

    def _late_page(self) -> None:
        page = self.reader.late_page()
        if page is not None:
            self._take(page)

    def _take(self, page: Page) -> None:
        before, self._page = self._page, page
        width = max((cell_len(line.text) for line in page.lines), default=0)
        if width > self.virtual_size.width:
            self.virtual_size = Size(width, self.virtual_size.height)
        if before is None or before.first != page.first:
            self.refresh()
            return
        old = before.lines
        for place in range(max(len(old), len(page.lines))):
            if old[place : place + 1] != page.lines[place : place + 1]:
                self.refresh_line(page.first + place)

    def line(self, number: int) -> Line | None:
        """A line in view, None where the thread has not read it yet."""
        page = self._page
        if page is None or not page.first <= number < page.first + len(page.lines):
            return None
        return page.lines[number - page.first]

    def over(self, number: int, line: Line) -> Iterable[Span]:
        """The matches of the search, the one that one is at in its own way; the head of a traceback jumped to."""
        if self._needle is None:
            return ((0, len(line.text), _FOUND_HERE),) if number == self.here else ()
        style = _FOUND_HERE if number == self.here else _FOUND
        return [(match.start(), match.end(), style) for match in self._needle.finditer(line.text)]

    # Search

    def search(self, text: str) -> None:
        """Look for `text` from where one is; "" ends the search."""
        self._needle = re.compile(re.escape(text), re.IGNORECASE if text.islower() else 0) if text else None
        self._jump = "match" if text else ""
        self.here = -1
        self.reader.search(text)
        self.refresh()

    def watch_here(self) -> None:
        self.refresh()

    def _keep_promise(self) -> None:
        """Go where a key asked to go, as soon as the thread knows where that is."""
        state = self.state
        if self._jump == "top" and state.whole:
            self._jump = ""
            self.show_line(0)
        elif self._jump == "match" and state.finds is not None:
            self._go_to_nearest(state.finds)
        elif self._jump == "traceback" and state.traceback is not None:
            self._go_to_traceback(state.traceback)

    def _go_to_nearest(self, finds: Finds) -> None:
        """The first match in view or below; where there is none, the last above."""
        place = bisect_left(finds.lines, self.scroll_offset.y, 0, finds.count)
        if place < finds.count or finds.done:
            self._jump = ""
            if finds.count:
                self._go_to(finds.lines[min(place, finds.count - 1)])
            else:
                self.post_message(self.Said(f"“{finds.text}” is not in the output", warning=True))

    def _go_to_traceback(self, finds: Finds) -> None:
        if finds.count:
            self._go_to(finds.lines[0], above=0)
        elif finds.done:
            self.post_message(self.Said("there is no traceback in the output"))
        if finds.count or finds.done:
            self._jump = ""

    def _go_to(self, line: int, above: int | None = None) -> None:
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        self.here = line
        if above is not None or not top <= line < top + height:
            self.show_line(line, height // 3 if above is None else above)

    # Keys

    def action_top(self) -> None:
        self._jump = "top"
        self._keep_promise()

    def action_bottom(self) -> None:
        self._jump = ""
        super().action_bottom()
        self.following = True

    def action_search(self) -> None:
        self.post_message(self.Asked("search"))

    def action_save(self) -> None:
        self.post_message(self.Asked("save"))

    def action_copy(self) -> None:
        self.post_message(self.Asked("copy"))

    def action_match(self, direction: int) -> None:
        """The next or previous matching line, beginning again at the other end."""
        finds = self.state.finds
        if finds is None:
            self.post_message(self.Asked("search"))
            return
        if not finds.count:
            return
        if self.here < 0:
            self._go_to_nearest(finds)
            return
        if direction > 0:
            place = bisect_right(finds.lines, self.here, 0, finds.count)
        else:
            place = bisect_left(finds.lines, self.here, 0, finds.count) - 1
        self._go_to(finds.lines[place % finds.count])

    def action_traceback(self) -> None:
        self._jump = "traceback"
        self.reader.find_traceback()
        self._keep_promise()

    def action_frames(self) -> None:
        frames = not self.state.frames
        self.reader.show_frames(frames)
        word = "every frame of progress bars" if frames else "only the last frame of progress bars"
        self.post_message(self.Said(f"{word} is shown"))
