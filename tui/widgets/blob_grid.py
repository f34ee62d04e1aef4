"""Records of a blob as a grid of pictures: a page at a time, a cursor, marks; the keys are in `blob_records`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from ...datasets.blob import Blob
from ..blobs.errands import Answer, Errand, Errands
from ..blobs.page import Entry, Wanted, read_page
from ..blobs.tiles import COUNTS, Sheet, row_picture, sheet
from ..drawing.cells import steady
from ..pixels.raster import Photo
from .captions import Captions, Words
from .picture import PictureView

_PATIENCE = 0.08  # seconds that an old page stays where the new one is not read yet
_LOW = 2  # rows of a picture that fill it to its edges
_LATER = 0.5  # seconds until a record is asked for again whose place is still being counted
_KEPT = 8  # pages that are kept


class GridRow(Vertical):
    """The pictures of a row, and the words below them."""

    DEFAULT_CSS = "GridRow { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.view, self.captions = PictureView(), Captions()

    def compose(self) -> ComposeResult:
        yield self.view
        yield self.captions


class BlobGrid(Widget, can_focus=True):
    """`show(blob, order)` shows the records `order` (their places), `wanted` of them at a time."""

    DEFAULT_CSS = """
    BlobGrid { width: 1fr; height: 1fr; layout: vertical; overflow: hidden; }
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)
    wanted: reactive[int] = reactive(20, repaint=False, init=False)

    class Moved(Message):
        """The cursor stands on another record, or more is known of the one it stands on."""

    class Opened(Message):
        """The record under the cursor is to be seen alone."""

    def __init__(self, errands: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands = errands
        self.blob: Blob | None = None
        self.order: Sequence[int] = ()
        self.picture, self.words = "", ""
        self.marks: set[int] = set()
        self.sheet = Sheet(1, 1, 1, 1, 0)
        self._asked: Wanted | None = None
        self._page: list[Entry] = []
        self._shown_page = -1
        self._kept: OrderedDict[Wanted, list[Entry]] = OrderedDict()
        self._shape = (1, 1)

    # What is shown

    def show(self, blob: Blob, order: Sequence[int], picture: str, words: str) -> None:
        """Other records, another field as `picture`, another one in `words`. The cursor stays where it can."""
        same = blob is self.blob and (picture, words) == (self.picture, self.words)
        self.blob, self.order, self.picture, self.words = blob, order, picture, words
        if not same:
            self.forget()
            self._shape = _shape_of(blob, picture)
        self.set_reactive(BlobGrid.cursor, min(self.cursor, max(len(order) - 1, 0)))
        self._plan()

    def forget(self) -> None:
        """What was read is true no more."""
        self._kept.clear()
        self._asked = None

    @property
    def page(self) -> int:
        """The number of the page with the cursor on it."""
        return self.cursor // self.sheet.count

    @property
    def pages(self) -> int:
        return -(-len(self.order) // self.sheet.count)

    @property
    def span(self) -> tuple[int, int]:
        """The first place of the order on the page, and the one after its last."""
        start = self.page * self.sheet.count
        return start, min(start + self.sheet.count, len(self.order))

    @property
    def place(self) -> int | None:
        """The number of the record under the cursor."""
        return int(self.order[self.cursor]) if self.cursor < len(self.order) else None

    @property
    def entries(self) -> Sequence[Entry]:
        """What has been read of the page so far."""
        return self._page

    @property
    def entry(self) -> Entry | None:
        """What is known of the record under the cursor."""
        at = self.cursor - self._shown_page * self.sheet.count
        found = self._page[at] if 0 <= at < len(self._page) else None
        return found if found is not None and found.place == self.place else None

    def chosen(self) -> list[int]:
        """The marked records, else the one under the cursor."""
        return sorted(self.marks) or ([self.place] if self.place is not None else [])

    # Laying out

    def on_resize(self) -> None:
        self._plan()

    def watch_wanted(self) -> None:
        self._plan()

    def _plan(self) -> None:
        """As many rows as the page has, and what stands on it."""
        width, height = self.size
        if not width or not height or self.blob is None:
            return
        few = next((count for count in COUNTS if count >= len(self.blob)), COUNTS[-1])  # a small set is seen large
        found = sheet(min(self.wanted, few), width, height, self._shape)
        rows = list(self.query_children(GridRow))
        changed = found != self.sheet or len(rows) < found.rows
        self.sheet = found
        if changed:
            for _ in range(found.rows - len(rows)):
                rows.append(GridRow())
                self.mount(rows[-1])
            for at, row in enumerate(rows):
                row.display = at < found.rows
                row.styles.height = found.high
                row.view.styles.height = max(found.high - found.said, 1)
                row.captions.styles.height = found.said
                row.captions.display = found.said > 0
            self._asked = None
        self.call_after_refresh(self._want)

    def _grain(self) -> tuple[float, float, float] | None:
        """Square pixels of a cell from left to right and from top to bottom; the height of a real one by its width."""
        row = next(iter(self.query_children(GridRow)), None)
        if row is None or not row.view.size:
            return None
        across, down = row.view.room
        aspect = row.view.aspect
        return across / row.view.size.width, down * aspect / row.view.size.height, aspect

    # Reading

    def _want(self) -> None:
        """Ask for the page with the cursor on it, unless it is there."""
        grain = self._grain()
        if self.blob is None or grain is None:
            return
        wanted = self._wanted(self.page, grain)
        if wanted == self._asked:
            self._draw()
            return
        self._asked = wanted
        kept = self._kept.get(wanted)
        if kept is not None:
            self._take(list(kept))
            self._look_ahead()
            return
        blob = self.blob
        self._errands.ask(self, "page", lambda errand: _read(blob, wanted, errand))
        self.set_timer(_PATIENCE, lambda: self._impatient(wanted))

    def _impatient(self, wanted: Wanted) -> None:
        if wanted == self._asked and self._shown_page != self.page:
            self._take([])

    def _wanted(self, page: int, grain: tuple[float, float, float]) -> Wanted:
        start = page * self.sheet.count
        some = self.order[start : start + self.sheet.count]
        rim = self._rim(grain)
        room = (
            max(int(self.sheet.wide * grain[0]) - rim[0], 1),
            max(int((self.sheet.high - self.sheet.said) * grain[1]) - 2 * rim[1], 1),
        )
        return Wanted(tuple(map(int, some)), self.picture, room, (self.words,) if self.words else ())

    def _rim(self, grain: tuple[float, float, float]) -> tuple[int, int]:
        """Pixels that stay free for a frame; above and below a very small picture there are none to spare."""
        low = self.sheet.high - self.sheet.said <= _LOW
        return max(int(grain[0] // 4), 1), 0 if low else max(int(grain[1] // 8), round(grain[2]))

    def on_answer(self, message: Answer) -> None:
        """Some entries of the page, or all of one that comes next."""
        if message.late:
            return
        if message.kind == "ahead":
            if message.last and not any(each.later for each in message.value[1]):
                self._keep(*message.value)
            return
        if message.problem:
            self._take([Entry(place, problem=message.problem) for place in (self._asked or Wanted(())).places])
            return
        wanted, entries = message.value
        if wanted == self._asked:
            self._take(entries)
            if message.last and any(each.later for each in entries):
                self.set_timer(_LATER, lambda: self._once_more(wanted))
            elif message.last:
                self._keep(wanted, entries)
                self._look_ahead()

    def _once_more(self, wanted: Wanted) -> None:
        """The keys of the file were still being counted: they may be now."""
        if wanted == self._asked:
            self._asked = None
            self._want()

    def _keep(self, wanted: Wanted, entries: list[Entry]) -> None:
        self._kept[wanted] = entries
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def _look_ahead(self) -> None:
        """Read the next page, then the one before, while nobody waits."""
        grain, blob = self._grain(), self.blob
        if grain is None or blob is None:
            return
        for page in (self.page + 1, self.page - 1):
            if 0 <= page < self.pages and (wanted := self._wanted(page, grain)) not in self._kept:
                self._errands.ask(self, "ahead", lambda errand, what=wanted: _read(blob, what, errand, parts=False))
                return

    # Drawing

    def _take(self, entries: list[Entry]) -> None:
        self._page, self._shown_page = entries, self.page
        self._draw()
        self.post_message(self.Moved())

    def _draw(self) -> None:
        for at in range(self.sheet.rows):
            self._draw_row(at)

    def _draw_row(self, at: int) -> None:
        rows, grain = list(self.query_children(GridRow)), self._grain()
        if at >= len(rows) or grain is None:
            return
        row, laid = rows[at], self.sheet
        first = self._shown_page * laid.count
        start = at * laid.columns
        count = max(min(laid.columns, len(self.order) - first - start), 0)
        some: list[Entry | None] = list(self._page[start : start + count])
        some += [None] * (count - len(some))
        chosen = self.cursor - first - start
        chosen = chosen if 0 <= chosen < count else -1
        marked = frozenset(i for i, each in enumerate(some) if each is not None and each.place in self.marks)
        # Of the page, not of the view: that may not have been laid out anew yet.
        room = (max(int(self.size.width * grain[0]), 1), max(int((laid.high - laid.said) * grain[1]), 1))
        made = row_picture(
            [each.picture if each is not None else None for each in some], room, (laid.wide * grain[0], room[1]),
            self._ground, left=laid.left * grain[0], rim=self._rim(grain), chosen=chosen if self._lit else None,
            marked=marked,
        )  # fmt: skip
        before = row.view.raster
        if not (count and isinstance(before, Photo) and np.array_equal(before.values, made)):
            row.view.show(Photo(made) if count else None)
        words = [self._words_of(each, i == chosen, i in marked) for i, each in enumerate(some)]
        row.captions.show(words, laid.wide, laid.left)

    @property
    def _lit(self) -> bool:
        return len(self.order) > 0

    @property
    def _ground(self) -> tuple[int, int, int]:
        ground = self.background_colors[1]
        return ground.r, ground.g, ground.b

    def _words_of(self, entry: Entry | None, chosen: bool, marked: bool) -> Words:
        if entry is None:
            return Words(("…",), "dim")
        mark = ("▸" if chosen else "") + ("●" if marked else "")
        known = entry.words.get(self.words, "")
        said = "…" if entry.later else "cannot be read" if entry.problem else known or ("?" if self.words else "")
        if entry.confidence is not None:
            said = f"{entry.guess}? {entry.confidence:.2f}"
        elif entry.changed:
            said += "*"
        look = "chosen" if chosen else "marked" if marked else "note" if entry.problem else ""
        name = steady(entry.key.rpartition("/")[2] or str(entry.place), 80)
        if not self.words and not entry.problem:
            return Words((mark + name, str(entry.place)), look)
        return Words((mark + said, name), look or ("" if entry.words.get(self.words) else "dim"))

    def redraw(self) -> None:
        """Draw again what is there: marks are others, say."""
        self._draw()

    def notify_style_update(self) -> None:
        """The theme has changed, and with it what lies between the pictures."""
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    # Moving

    def watch_cursor(self, before: int, now: int) -> None:
        if not self.is_mounted or self.blob is None:
            return
        if before // self.sheet.count == now // self.sheet.count == self._shown_page:
            for at in {before % self.sheet.count // self.sheet.columns, now % self.sheet.count // self.sheet.columns}:
                self._draw_row(at)
            self.post_message(self.Moved())
        else:
            self._want()

    def go(self, at: int) -> None:
        """The cursor to a place of the order, or the nearest that there is."""
        self.cursor = min(max(at, 0), max(len(self.order) - 1, 0))

    def step_wanted(self, by: int) -> None:
        """More pictures at a time, or fewer and larger ones."""
        now = min(range(len(COUNTS)), key=lambda at: abs(COUNTS[at] - self.wanted))
        self.wanted = COUNTS[min(max(now + by, 0), len(COUNTS) - 1)]


def _shape_of(blob: Blob, picture: str) -> tuple[int, int]:
    """Width and height of the pictures where all have the same; else a square."""
    shape = blob.schema[picture].shape if picture in blob.schema else ()
    return (shape[1], shape[0]) if len(shape) > 1 and shape[0] and shape[1] else (1, 1)


def _read(blob: Blob, wanted: Wanted, errand: Errand, *, parts: bool = True) -> Any:
    """The page, told piece by piece."""
    entries: list[Entry] = []
    for some in read_page(blob, wanted):
        entries = [*entries, *some]
        if parts and len(entries) < len(wanted.places):
            errand.tell((wanted, entries))
        else:
            errand.go_on()
    return wanted, entries
