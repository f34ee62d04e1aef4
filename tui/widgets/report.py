"""The report of a study on its run screen: its Markdown as the command prints it, broken anew for each width."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.reactive import reactive
from textual.worker import get_current_worker

from ...engine.files import modified
from ...engine.runs import Row
from ..drawing.ansi import Line, parse
from ..keys import bindings
from .lines import Lines

_WIDEST = 110  # columns: lines of text that are longer are hard to read
_LARGEST = 2_000_000  # characters of a report that are shown


class Report(Lines):
    """Shows the file at `path`; reads it in a thread, again when it has changed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("report")]

    row: reactive[Row | None] = reactive(None, repaint=False)

    def __init__(self, path: Path, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._path = path
        self._shown: tuple[float | None, int, bool] | None = None

    def watch_row(self) -> None:
        self._read()

    def on_resize(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="report")
    def _read(self) -> None:
        width = min(self.scrollable_content_region.width, _WIDEST)
        wanted = (modified(self._path), width, self.app.current_theme.dark)
        if width < 2 or wanted == self._shown:
            return
        worker = get_current_worker()
        lines = read(self._path, width)
        if not worker.is_cancelled:
            self._shown = wanted
            self.app.call_from_thread(setattr, self, "lines", lines)

    def action_section(self, direction: int) -> None:
        starts = [number for number, line in enumerate(self.lines) if _is_heading(line)]
        top = self.scroll_offset.y
        place = bisect_right(starts, top) if direction > 0 else bisect_left(starts, top) - 1
        if 0 <= place < len(starts):
            self.show_line(starts[place])


def read(path: Path, width: int) -> tuple[Line, ...]:
    """The lines of a report; where it cannot be read, the sentence that says so."""
    from ..report_text import drawn

    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_LARGEST)
    except OSError as error:
        return (Line(f"{path.name} cannot be read: {error.strerror}"),)
    return tuple(parse(line.encode()) for line in drawn(text, width, colored=True).split("\n"))


def _is_heading(line: Line) -> bool:
    """A bold line from its first letter to its last."""
    end = len(line.text.rstrip())
    return any(start == 0 and last >= end and style.bold for start, last, style in line.spans) and end > 0
