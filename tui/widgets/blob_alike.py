"""Records that are there twice, or look alike: groups at the left, their pictures at the right."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from ...datasets.blob import Blob
from ..blobs.counting import Alike, Progress, find_alike
from ..blobs.errands import Answer, Errands
from ..drawing.canvas import Ink
from ..drawing.cells import fit, steady
from ..drawing.page import Page
from ..drawing.strip import top_of
from ..keys import bindings
from .blob_grid import BlobGrid
from .page_view import PageView
from .tile import Line

_MOST = 60  # of a group that are shown


class _Groups(PageView):
    """The list; the owner says what stands on it."""

    can_focus = False

    def paint(self, width: int, height: int) -> Page:
        owner = next((each for each in self.ancestors if isinstance(each, BlobAlike)), None)
        return owner.paint_groups(width, height) if owner is not None else Page(width, height)

    def clicked(self, hit: int, twice: bool) -> None:
        for owner in self.ancestors:
            if isinstance(owner, BlobAlike):
                owner.go(hit)
                if twice:
                    owner.action_open()

    def wheeled(self, rows: int) -> None:
        for owner in self.ancestors:
            if isinstance(owner, BlobAlike):
                owner.action_move(rows)


class BlobAlike(Widget, can_focus=True):
    """`show(blob, picture, words)` looks for them in a thread; what was found is kept in the cache folder."""

    DEFAULT_CSS = """
    BlobAlike { width: 1fr; height: 1fr; layout: vertical; padding: 0 1; }
    BlobAlike > Horizontal { height: 1fr; }
    BlobAlike _Groups { width: 40; height: 1fr; }
    BlobAlike.-narrow _Groups { width: 26; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_alike")]

    class Opened(Message):
        """A record is to be seen among all others."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, errands: Errands, near: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands, self._near = errands, near
        self.blob: Blob | None = None
        self.found: Alike | None = None
        self.cursor = 0
        self.near_too = True
        self._said = ""
        self._fields = ("", "")

    def compose(self) -> ComposeResult:
        yield Line(id="alike-said")
        with Horizontal():
            yield _Groups()
            yield BlobGrid(self._near, id="alike-grid")

    def on_mount(self) -> None:
        self.query_one(BlobGrid).can_focus = False

    def on_resize(self) -> None:
        self.set_class(self.size.width < 90, "-narrow")

    def show(self, blob: Blob, picture: str, words: str, *, again: bool = False) -> None:
        """Look for them, unless that was done."""
        self._fields = (picture, words)
        if blob is self.blob and not again:  # a file that grows would be compared for ever
            return
        self.blob = blob
        self._said = "comparing …"
        self._errands.ask(self, "alike", lambda errand: find_alike(blob, errand))
        self._draw()

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        if message.problem:
            self._said = message.problem
        elif isinstance(message.value, Progress):
            self._said = f"comparing: {message.value.words}"
            self.query_one("#alike-said", Line).text = self._said
            return
        else:
            self.found, self._said = message.value, ""
        self._draw()

    @property
    def groups(self) -> list[tuple[str, tuple[int, ...], tuple[str, ...]]]:
        """Those that are shown."""
        every = self.found.groups if self.found is not None else ()
        return [each for each in every if self.near_too or each[0] != "look alike"]

    def _words(self) -> str:
        if self._said or self.found is None:
            return self._said
        groups = self.groups
        records = sum(len(group) for _, group, _ in groups)
        torn = sum(1 for _, _, parts in groups if len(parts) > 1)
        said = [f"{len(groups):,} groups of {records:,} records" if groups else "no two records are alike"]
        said.append("the same and those that look alike" if self.near_too else "the same bytes or pixels only")
        if torn:
            said.append(f"{torn:,} lie in several parts of the split")
        if self.found.unread:
            said.append(f"{self.found.unread:,} images cannot be read")
        return " · ".join(said)

    def paint_groups(self, width: int, height: int) -> Page:
        page = Page(width, height)
        groups = self.groups
        top = top_of(self.cursor, len(groups), height)
        for row in range(min(height, len(groups) - top)):
            word, group, parts = groups[top + row]
            chosen = top + row == self.cursor
            ink = Ink.SELECTED if chosen else Ink.TEXT
            end = page.text(0, row, f"{'▸' if chosen else ' '}{fit(word, 11)} {len(group):>3} × {group[0]:,}", ink)
            if len(parts) > 1:
                page.text(end + 1, row, steady("+".join(part[:5] for part in parts), 60), Ink.MARK)
            page.hit(0, row, top + row, width)
        return page

    def _draw(self) -> None:
        self.query_one("#alike-said", Line).text = self._words()
        self.query_one(_Groups).redraw()
        groups, grid = self.groups, self.query_one(BlobGrid)
        group = groups[self.cursor][1] if self.cursor < len(groups) else ()
        grid.display = bool(group)
        if self.blob is not None and group:
            grid.set_reactive(BlobGrid.wanted, next((each for each in (2, 6, 20, 60) if each >= len(group)), _MOST))
            grid.set_reactive(BlobGrid.cursor, 0)
            grid.show(self.blob, group[:_MOST], *self._fields)

    # Keys

    def go(self, at: int) -> None:
        """The cursor to a group."""
        self.cursor = min(max(at, 0), max(len(self.groups) - 1, 0))
        self._draw()

    def action_move(self, rows: int) -> None:
        self.go(self.cursor + rows)

    def action_near(self) -> None:
        self.near_too = not self.near_too
        self.go(0)

    def action_open(self) -> None:
        groups = self.groups
        if self.cursor < len(groups):
            self.post_message(self.Opened(groups[self.cursor][1][0]))

    def action_again(self) -> None:
        if self.blob is not None:
            self.show(self.blob, *self._fields, again=True)

    def on_blob_grid_moved(self, message: BlobGrid.Moved) -> None:
        message.stop()
