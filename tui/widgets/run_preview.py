"""The run under the cursor, beside the table or below it."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from ...engine.runs import Row
from ..drawing.pieces import Pieces, Styles, segments
from ..drawing.preview import preview


class RunPreview(Widget):
    """Draws `row` into whatever room it has: one line, a few, or a column at the side."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "RunPreview { padding: 0 1; }"

    row: reactive[Row | None] = reactive(None)

    def __init__(self, clock: Callable[[], float] = time.time, *, id: str | None = None) -> None:  # noqa: A002
        self._inks: Styles | None = None
        super().__init__(id=id)
        self._clock = clock
        self._lines: list[Pieces] = []

    def render_lines(self, crop: Region) -> list[Strip]:
        """All lines are of one moment."""
        self._lines = self._now()
        return super().render_lines(crop)

    def tick(self) -> None:
        """Repaint if time has changed what is said."""
        if self._now() != self._lines:
            self.refresh()

    def _now(self) -> list[Pieces]:
        size = self.content_size
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
