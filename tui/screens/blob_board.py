"""The blob screen: a file opened in a thread, its records, and what else can be seen of it, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from ...datasets.blob import Blob
from ...datasets.filter import Chooser, Term
from ..blobs.errands import Answer, Errand, Errands, LastOne
from ..blobs.opening import Opened, opened
from ..blobs.order import Chosen, choose, nearest, where
from ..blobs.words import plural
from ..drawing.cells import steady
from ..widgets.blob_grid import BlobGrid
from ..widgets.blob_record import BlobRecord
from ..widgets.blob_records import BlobRecords
from ..widgets.blob_table import BlobTable
from ..widgets.filter_line import FilterLine
from ..widgets.header import Header
from ..widgets.key_line import KeyLine
from ..widgets.tile import Line

if TYPE_CHECKING:
    from ..app import TrainvisApp

EVERY = 1.0  # seconds between looks at the file
ROOM_FOR_TREE = 110  # columns from which the tree is shown by itself
_PLACEHOLDER = "filters: text  label:cat,dog  label:?  split:test  group:film  age>30  -label:cat  record>1000"
STAGES = ("records", "table", "record", "counts", "alike", "data")


class BlobBoard(Screen[None]):
    """What is shown of the file at `path`, and where it comes from; `BlobScreen` says what keys do to it."""

    DEFAULT_CSS = """
    BlobBoard #blob-body { height: 1fr; }
    BlobBoard #blob-tree-room { width: 36; height: 1fr; display: none; padding: 0 2 0 1; }
    BlobBoard #blob-stages { width: 1fr; height: 1fr; }
    BlobBoard #blob-words { height: 1fr; padding: 1 2; color: $text-muted; }
    BlobBoard > Line { padding: 0 1; }
    BlobBoard > FilterLine { display: none; }
    BlobBoard > FilterLine.-shown { display: block; }
    BlobBoard #blob-label { display: none; background: $panel; color: $text; }
    """
    AUTO_FOCUS = ""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path.parent if path.name == "data.mdb" else path  # an LMDB that is a folder
        self.found: Opened | None = None
        self.stage = "records"
        self.pictures: list[str] = []
        self.words: list[str] = []
        self.picture, self.word = "", ""
        self.terms: tuple[Term, ...] = ()
        self.line = ""
        self.suggests = False
        self.order: Sequence[int] | Any = ()
        self._chosen: Chosen | None = None
        self._chooser: Chooser | None = None
        self._problem = ""  # what the last look at the file said
        self._settled = True
        self._stamp = 0  # how much stands in the side labels
        # What is seen, what is chosen and what is counted wait for each other in no way.
        self.near, self.far, self.slow = Errands("blob"), Errands("blob-filter"), Errands("blob-count")

    # What there is

    @property
    def _app(self) -> TrainvisApp:
        return cast("TrainvisApp", self.app)

    @property
    def blob(self) -> Blob | None:
        return self.found.blob if self.found is not None else None

    @property
    def page(self) -> BlobRecords | BlobTable:
        """The records, as pictures or as a table: they share cursor and marks."""
        if self.stage == "table" or not (self.picture or self.query("#stage-records")):
            return self.query_one("#stage-table", BlobTable)
        return self.query_one("#stage-records", BlobRecords)

    def compose(self) -> ComposeResult:
        yield Header("BLOB", steady(self.path.name, 80))
        yield FilterLine(placeholder=_PLACEHOLDER)
        with Horizontal(id="blob-body"):
            yield Container(id="blob-tree-room")
            with Container(id="blob-stages"):
                yield Static("", id="blob-words", markup=False)
        yield Line(id="blob-label")
        yield Line(id="blob-where")
        yield Line(id="blob-what")
        yield KeyLine()

    def on_mount(self) -> None:
        self.near.start()
        self.far.start()
        self.slow.start()
        path = self.path
        self.near.ask(self, "open", lambda _: opened(path))
        self.set_timer(0.3, self._say_opening)
        self.set_interval(EVERY, self.look_again)

    def on_unmount(self) -> None:
        blob = self.blob
        threads = (self.near, self.far, self.slow)
        last = LastOne(len(threads), blob.close if blob is not None else lambda: None)
        for each in threads:
            each.stop(last)

    def _say_opening(self) -> None:
        if self.found is None:
            self._say_words("opening …")

    def _say_words(self, text: str) -> None:
        words = self.query_one("#blob-words", Static)
        words.display = bool(text)
        words.update(text)

    @property
    def in_tree(self) -> bool:
        """Whether the keys belong to the tree."""
        return self.focused is not None and any(each.id == "blob-tree-room" for each in self.focused.ancestors)

    # What threads bring

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        if message.problem and message.kind in ("look", "choose"):
            self._settled = True
            if message.kind == "choose":
                self._app.say(message.problem, "warning")
            else:
                self._problem = message.problem
            self.say_where()
            return
        handler = getattr(self, f"take_{message.kind}", None)
        if handler is not None:
            self.call_later(handler, message)

    # Stages

    async def turn_to(self, stage: str) -> None:
        """Show another stage, which is there when this ends."""
        holder = self.query_one("#blob-stages", Container)
        name = f"stage-{stage}"
        before = self.stage
        self.stage = stage
        if not holder.query(f"#{name}"):
            made = self._make(stage, name)
            if made is None:
                self.stage = before
                return
            await holder.mount(made)
        for child in holder.children:
            child.display = child.id == name
        self.show_stage(before)
        target = holder.query_one(f"#{name}")
        if target.can_focus and not self.in_tree:
            target.focus()
        self.refresh_bindings()

    def _make(self, stage: str, name: str) -> Widget | None:
        """A stage, made when it is first looked at."""
        match stage:
            case "records":
                return BlobRecords(self.near, id=name)
            case "table":
                return BlobTable(self.near, id=name)
            case "record":
                return BlobRecord(self.near, id=name)
            case "counts":
                from ..widgets.blob_counts import BlobCounts

                return BlobCounts(self.slow, id=name)
            case "alike":
                from ..widgets.blob_alike import BlobAlike

                return BlobAlike(self.slow, self.near, id=name)
        return None

    def show_stage(self, before: str) -> None:
        """Hand over to the stage what it shows."""
        blob = self.blob
        if blob is None:
            return
        if self.stage in ("records", "table"):
            page = self.page
            for other in self.query("#stage-records, #stage-table").results():
                if other is not page and before in ("records", "table", "record"):
                    page.marks = cast("Any", other).marks
                    page.set_reactive(type(page).cursor, cast("Any", other).cursor)
            page.show(blob, self.order, self.picture, self.word)
        elif self.stage == "record" and self.page.place is not None:
            self.query_one(BlobRecord).show(blob, self.page.place, self.picture)
        self._show_counts()
        self.say_where()

    def _show_counts(self, *, relabelled: bool = False) -> None:
        blob = self.blob
        if relabelled:
            for counts in cast("Any", self.query("#stage-counts")):
                counts.relabel()
        for stage in cast("Any", self.query(f"#stage-{self.stage}")):
            if blob is not None and self.stage == "counts":
                stage.show(blob)
            elif blob is not None and self.stage == "alike":
                stage.show(blob, self.picture, self.word)

    # Which records

    def choose(self, terms: tuple[Term, ...], line: str) -> None:
        """Only the records that pass."""
        blob = self.blob
        self.terms, self.line, self.suggests = terms, line, False
        if blob is None:
            return
        if self._chooser is None:
            self._chooser = Chooser(blob)
        if not terms:
            self.far.drop(self, "choose")
            self._chosen, self._settled = None, True
            self.set_order(range(len(blob)))
            return
        self._chosen, self._settled = None, False
        self._ask_chosen()

    def _ask_chosen(self) -> None:
        chooser, terms, before = self._chooser, self.terms, self._chosen
        if chooser is None:
            return

        def look(errand: Errand) -> Chosen:
            return choose(chooser, terms, errand, before)

        self.far.ask(self, "choose", look)

    def take_choose(self, message: Answer) -> None:
        """Some of the records that pass, or all of them."""
        self._problem = ""
        self._chosen, self._settled = message.value, message.last
        self.set_order(message.value.places)

    def set_order(self, order: Any, place: int | None = None) -> None:
        """Look at these records; the cursor stays on its record where that is among them."""
        pages = self.query("#stage-records, #stage-table")
        if place is None and pages:
            place = self.page.place
        self.order = order
        blob = self.blob
        for page in cast("Any", pages):
            at = where(order, place) if place is not None else None
            if at is None:
                at = nearest(order, place or 0) if not self.suggests else 0
            page.set_reactive(type(page).cursor, at)
        if blob is not None and self.stage in ("records", "table"):
            self.page.show(blob, order, self.picture, self.word)
        elif self.stage == "record":
            self.show_record()
        self.say_where()

    def show_record(self, *, again: bool = False) -> None:
        """The record under the cursor large."""
        blob, place = self.blob, self.page.place
        if blob is not None and place is not None and self.query(BlobRecord):
            self.query_one(BlobRecord).show(blob, place, self.picture, again=again)

    # What is said

    def say_where(self) -> None:
        """The line of where one is, and the one of what the cursor stands on; counts say themselves what they are."""
        blob = self.blob
        for line in self.query("#blob-where, #blob-what"):
            line.display = self.stage not in ("counts", "alike", "data") or self.blob is None
        if blob is None or not self.query("#stage-records, #stage-table"):
            return
        page = self.page
        start, stop = page.span
        total, whole = len(self.order), len(blob)
        said = [f"{start:,}–{max(stop - 1, 0):,} of {plural(whole, 'record')}"] if total else []
        if self.suggests:
            said = [f"{start:,}–{max(stop - 1, 0):,} of {plural(total, 'suggestion')}, the least certain first"]
        elif self.terms:
            passing = f"{total:,}{'' if self._settled else ' so far'} of {plural(whole, 'record')} pass"
            said = [f"{start + 1:,}–{stop:,}: {passing}" if total else passing]
        if self.stage == "record":
            what = "suggestion" if self.suggests else "record"
            said = [f"number {page.cursor + 1:,} of {plural(total, what)}{' that pass' if self.terms else ''}"]
        if self.stage == "records" and page.pages > 1:
            said.append(f"page {page.page + 1:,} of {page.pages:,}")
        if self.stage == "table" and not self.picture:
            said.append("no field is a picture; t is the tree")
        if page.marks:
            said.append(f"{len(page.marks):,} marked")
        said += [steady(each, 120) for each in ((self._problem,) if self._problem else blob.notes)]
        self.query_one("#blob-where", Line).text = " · ".join(said)
        self.query_one("#blob-what", Line).text = self._what()
        if self.query_one(FilterLine).has_class("-shown"):
            self.query_one(FilterLine).count = f"{total:,} of {whole:,}"

    def _what(self) -> str:
        """The record under the cursor in words."""
        blob, page = self.blob, self.page
        if page.place is None or blob is None:
            return "no record passes the filter: / edits it, esc clears it" if self.terms and self._settled else ""
        entry = page.entry
        said = [f"record {page.place:,}"]
        if entry is not None:
            said.append(steady(entry.key, 120))
            said += [f"{name} {text or '?'}" for name, text in entry.words.items()]
            if entry.confidence is not None:
                said.append(f"a network says {entry.guess}, {entry.confidence:.0%}")
            if entry.problem:
                said.append(entry.problem)
        return " · ".join(said)

    def say_header(self) -> None:
        """Name, format and number of records."""
        blob = self.blob
        said = [steady(self.path.name, 80)]
        if blob is not None:
            said += [steady(blob.format, 60), plural(len(blob), "record")]
        self.query_one(Header).detail = " · ".join(said)

    def look_again(self) -> None:
        """Whether the file is another one now."""

    # Messages of the stages

    def on_blob_grid_moved(self, message: BlobGrid.Moved) -> None:
        message.stop()
        self.say_where()
