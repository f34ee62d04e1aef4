"""Records of a blob as a table: a row for each, a column for each field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.reactive import reactive

from ...datasets.blob import Blob
from ..blobs.errands import Answer, Errands
from ..blobs.page import Entry, Wanted, read_page
from ..drawing.canvas import Ink
from ..drawing.page import Page
from ..drawing.rows import rows
from ..keys import bindings
from .blob_grid import BlobGrid
from .page_view import PageView

_MORE = 1  # screens above and below that are read too


class BlobTable(PageView):
    """As `BlobGrid`: `show(blob, order)`, a cursor, marks; it posts the same messages."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_records")]

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    def __init__(self, errands: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands = errands
        self.blob: Blob | None = None
        self.order: Sequence[int] = ()
        self.marks: set[int] = set()
        self.column = 0
        self._entries: dict[int, Entry] = {}
        self._asked: tuple[int, ...] = ()

    def show(self, blob: Blob, order: Sequence[int], picture: str = "", words: str = "") -> None:  # noqa: ARG002
        """Other records; the cursor stays where it can."""
        if blob is not self.blob:
            self._entries.clear()
        self.blob, self.order, self._asked = blob, order, ()
        self.set_reactive(BlobTable.cursor, min(self.cursor, max(len(order) - 1, 0)))
        self._want()
        self.redraw()

    def forget(self) -> None:
        """What was read is true no more."""
        self._entries.clear()
        self._asked = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that have a column."""
        return self.blob.schema.names if self.blob is not None else ()

    @property
    def place(self) -> int | None:
        return int(self.order[self.cursor]) if self.cursor < len(self.order) else None

    @property
    def entry(self) -> Entry | None:
        return self._entries.get(self.place) if self.place is not None else None

    @property
    def span(self) -> tuple[int, int]:
        """What is seen of the order."""
        height = max(self.size.height - 1, 1)
        top = max(min(self.cursor - height // 2, len(self.order) - height), 0)
        return top, min(top + height, len(self.order))

    @property
    def page(self) -> int:
        return self.cursor // max(self.size.height - 1, 1)

    @property
    def pages(self) -> int:
        return -(-len(self.order) // max(self.size.height - 1, 1))

    def chosen(self) -> list[int]:
        """The marked records, else the one under the cursor."""
        return sorted(self.marks) or ([self.place] if self.place is not None else [])

    # Reading

    def on_resize(self) -> None:
        self._want()
        self.post_message(BlobGrid.Moved())  # other rows are seen

    def _want(self) -> None:
        if self.blob is None or not self.size.height:
            return
        start, stop = self.span
        if all(int(self.order[at]) in self._entries for at in range(start, stop)):
            return
        more = (stop - start) * _MORE
        wanted = tuple(int(self.order[at]) for at in range(max(start - more, 0), min(stop + more, len(self.order))))
        if wanted == self._asked:
            return
        self._asked, blob, names = wanted, self.blob, self.names
        self._errands.ask(
            self, "page", lambda _: [each for some in read_page(blob, Wanted(wanted, words=names)) for each in some]
        )

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        if message.value is not None:
            if len(self._entries) > 10_000:
                self._entries.clear()
            self._entries |= {entry.place: entry for entry in message.value if not entry.later}
            if any(entry.later for entry in message.value):
                self._asked = ()
                self.set_timer(0.5, self._want)
                self.redraw()
                return
        self.redraw()
        self._want()
        self.post_message(BlobGrid.Moved())

    # Drawing

    def paint(self, width: int, height: int) -> Page:
        start, stop = self.span
        titles = ("record", "key", *self.names)
        cells = [self._cells(int(self.order[at])) for at in range(start, stop)]
        page = rows(titles, cells, width, height, (self.cursor - start, self.column))
        if not len(self.order):
            page.text(1, 1, "no record", Ink.DIM)
        for at in range(start, stop):
            if int(self.order[at]) in self.marks and at - start + 1 < height:
                page.text(0, at - start + 1, "●", Ink.SELECTED)
        return page

    def _cells(self, place: int) -> tuple[str, ...]:
        entry = self._entries.get(place)
        if entry is None:
            return (f"  {place}", "…", *([""] * len(self.names)))
        said = [entry.words.get(name, "cannot be read" if entry.problem else "") for name in self.names]
        return (f"  {place}", entry.key, *said)

    def redraw(self) -> None:
        """Draw again what differs."""
        if self.is_mounted:
            super().redraw()

    # Keys and the mouse

    def watch_cursor(self) -> None:
        if self.is_mounted:
            self._want()
            self.redraw()
            self.post_message(BlobGrid.Moved())

    def go(self, at: int) -> None:
        """The cursor to a place of the order, or the nearest that there is."""
        self.cursor = min(max(at, 0), max(len(self.order) - 1, 0))

    def clicked(self, hit: int, twice: bool) -> None:
        row, self.column = divmod(hit, len(self.names) + 2)
        self.go(self.span[0] + row)
        if twice:
            self.action_open()

    def wheeled(self, rows: int) -> None:
        self.go(self.cursor + rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's)
        """Rows are not larger or smaller."""
        return action != "count"

    def action_move(self, right: int, down: int) -> None:
        """Up and down over records, sideways over fields."""
        self.column = min(max(self.column + right, 0), len(self.names) + 1)
        self.go(self.cursor + down)
        self.redraw()

    def action_page(self, pages: int) -> None:
        self.go(self.cursor + pages * max(self.size.height - 1, 1))

    def action_edge(self, end: int) -> None:
        self.go(len(self.order) - 1 if end else 0)

    def action_open(self) -> None:
        if self.place is not None:
            self.post_message(BlobGrid.Opened())

    def action_mark(self) -> None:
        if self.place is not None:
            self.marks ^= {self.place}
            self.go(self.cursor + 1)
            self.redraw()
            self.post_message(BlobGrid.Moved())

    def action_mark_page(self) -> None:
        start, stop = self.span
        page = {int(self.order[at]) for at in range(start, stop)}
        self.marks = self.marks - page if page <= self.marks else self.marks | page
        self.redraw()

    def action_mark_none(self) -> None:
        self.marks.clear()
        self.redraw()
