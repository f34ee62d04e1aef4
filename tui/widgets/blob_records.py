"""The keys of a page of records."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType

from ..keys import bindings
from .blob_grid import BlobGrid, GridRow
from .picture import PictureView


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

    # The mouse

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        message.stop()
        grain = self._grain()
        for at, row in enumerate(self.query_children(GridRow)):
            if row.view is message.view and grain is not None:
                column = int((message.at[0] / grain[0] - self.sheet.left) // self.sheet.wide)
                if 0 <= column < self.sheet.columns:
                    self.go(self._shown_page * self.sheet.count + at * self.sheet.columns + column)
                    if message.twice:
                        self.post_message(self.Opened())

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        """The wheel goes through the pages."""
        message.stop()
        self.go(self.cursor - message.steps * self.sheet.count)

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.go(self.cursor + self.sheet.count)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.go(self.cursor - self.sheet.count)
