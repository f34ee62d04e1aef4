"""The run under the cursor, beside the table or below it."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import zip_longest

from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from ...engine.runs import Row
from ..drawing.pieces import Pieces, Styles, segments
from ..drawing.preview import preview


class RunPreview(Widget):
    """Draws `row` into whatever room it has, one line, a few, or a column at the side: only lines that differ anew."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "RunPreview { padding: 0 1; }"

    row: reactive[Row | None] = reactive(None, repaint=False)

    def __init__(self, clock: Callable[[], float] = time.time, *, id: str | None = None) -> None:  # noqa: A002
        self._inks: Styles | None = None
        super().__init__(id=id)
        self._clock = clock
        self._lines: list[Pieces] = []
        self._size = Size()

    def render_lines(self, crop: Region) -> list[Strip]:
        """All lines are of one moment."""
        if self._size != self.content_size:
            self._lines = self._now()
        return super().render_lines(crop)

    def watch_row(self) -> None:
        self.tick()

    def tick(self) -> None:
        """Repaint the lines that the row or time have changed."""
        before, self._lines = self._lines, self._now()
        for y, (old, new) in enumerate(zip_longest(before, self._lines)):
            if old != new:
                self.refresh(Region(0, y, self._size.width, 1))

    def _now(self) -> list[Pieces]:
        size = self._size = self.content_size
        return [] if self.row is None else preview(self.row, self._clock(), size.width, size.height)

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        if y >= len(self._lines):
            return Strip.blank(self.content_size.width, base)
        if self._inks is None:
            self._inks = Styles(self.app.theme_variables)
        return Strip(segments(self._lines[y], self.content_size.width, self._inks, base), self.content_size.width)

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        super().notify_style_update()
        self._inks = None
