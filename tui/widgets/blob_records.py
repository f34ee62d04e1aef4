"""The keys of a page of records."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from ..keys import bindings
from .blob_grid import BlobGrid


class BlobRecords(BlobGrid):
    """A grid of records that keys walk through."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_records")]

    def action_move(self, right: int, down: int) -> None:
        """Downwards as far as there is a record in that column; then the page turns."""
        self.go(self.cursor + right + down * self.sheet.columns)

    def action_page(self, pages: int) -> None:
        self.go(self.cursor + pages * self.sheet.count)

    def action_edge(self, end: int) -> None:
        self.go(len(self.order) - 1 if end else 0)

    def action_count(self, by: int) -> None:
        self.step_wanted(by)

    def action_open(self) -> None:
        if self.place is not None:
            self.post_message(self.Opened())

    def action_mark(self) -> None:
        """Mark the record, or take its mark away, and go on to the next."""
        if self.place is not None:
            self.marks ^= {self.place}
            at = self.cursor
            self.go(at + 1)
            if self.cursor == at:
                self.redraw()
            self.post_message(self.Moved())

    def action_mark_page(self) -> None:
        start, stop = self.span
        page = {int(place) for place in self.order[start:stop]}
        self.marks = self.marks - page if page <= self.marks else self.marks | page
        self.redraw()
        self.post_message(self.Moved())

    def action_mark_none(self) -> None:
        self.marks.clear()
        self.redraw()
        self.post_message(self.Moved())
