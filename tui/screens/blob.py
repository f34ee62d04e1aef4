"""The blob screen: any data set as pictures, filtered, counted, labelled, while somebody else may be writing it."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType

from ...datasets.blob import Blob
from ...datasets.filter import complete, parse
from ...engine.errors import QueryError
from ..blobs.errands import Answer
from ..blobs.order import where
from ..blobs.whole import Whole, read_whole
from ..drawing.cells import steady
from ..keys import bindings
from ..widgets.blob_grid import BlobGrid
from ..widgets.blob_record import BlobRecord
from ..widgets.filter_line import FilterLine
from .blob_labels import PAGES, BlobLabels


class BlobScreen(BlobLabels):
    """The file at `path`, whatever it is."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob"), *bindings("blob_label")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While one labels, digits and v belong to that."""
        if action in ("value", "unknown"):
            return bool(self.labelling)
        if action == "confirm":
            return self.is_mounted and self.stage in PAGES and self._guessed()
        if action in ("stage", "table") and self.labelling:
            return False
        if self.blob is None and action not in ("back", "tree", "focus_on"):
            return False
        return super().check_action(action, parameters)

    # Where one can go

    async def action_stage(self, stage: str) -> None:
        if stage == "records" and not self.picture:
            stage = "table"
        await self.turn_to(stage)

    async def action_table(self) -> None:
        if self.picture:
            await self.turn_to("records" if self.stage == "table" else "table")
        else:
            self._app.say("no field can be shown as pictures")

    async def action_back(self) -> None:
        """Out of labelling, one record, another stage, the filter; then out of the screen."""
        if self.labelling:
            self.labelling = ""
            self._say_labelling()
        elif self.stage == "record" or (self.stage not in PAGES and self.blob is not None):
            await self.turn_to("records" if self.picture else "table")
        elif self.suggests:
            self.choose((), "")
        elif self.terms:
            self.query_one(FilterLine).clear()
            self._hide_filter()
            self.choose((), "")
        else:
            self.dismiss()

    async def on_blob_grid_opened(self, message: BlobGrid.Opened) -> None:
        message.stop()
        await self.turn_to("record")

    async def on_blob_record_closed(self, message: BlobRecord.Closed) -> None:
        message.stop()
        await self.turn_to("records" if self.picture else "table")

    async def on_blob_alike_opened(self, message: Any) -> None:
        """A record of a group, among all others."""
        message.stop()
        await self.turn_to("records" if self.picture else "table")
        self.go_to(message.place)
        await self.turn_to("record")

    async def on_blob_counts_asked(self, message: Any) -> None:
        """The records of a class."""
        message.stop()
        await self.turn_to("records" if self.picture else "table")
        name = f'"{message.name}"' if re.search(r"[\s,]", message.name) else message.name
        self.filter_by(f"{message.field}:{name}")

    def on_blob_record_stepped(self, message: BlobRecord.Stepped) -> None:
        message.stop()
        self.page.go(self.page.cursor + message.by)
        self.show_record()
        self.say_where()

    def on_blob_record_marked(self, message: BlobRecord.Marked) -> None:
        message.stop()
        self.page.action_mark()
        self.show_record()
        self.say_where()

    def action_words(self) -> None:
        """The next field in words below the pictures."""
        self.word = _following(self.words, self.word)
        self._app.say(f"below the pictures: {steady(self.word or 'keys', 80)}")
        self.show_stage(self.stage)

    def action_picture(self) -> None:
        if len(self.pictures) < 2:
            self._app.say("there is one field of pictures at most")
            return
        self.picture = _following(self.pictures, self.picture)
        self._app.say(f"pictures of {steady(self.picture, 80)}")
        self.show_stage(self.stage)
        self.show_record(again=True)

    @work
    async def action_jump(self) -> None:
        """Go to a record by its number or its key."""
        from .dialogs import Ask

        blob = self.blob
        if blob is None:
            return
        text = await self.app.push_screen_wait(
            Ask("Go to a record", f"its number, 0 to {len(blob) - 1:,}, or its key", keys="enter go · esc leave")
        )
        if text is None or not text.strip():
            return
        text = text.strip()
        plain = text.replace(",", "").replace(" ", "")
        if plain.isdecimal() and int(plain) < len(blob):
            self.go_to(int(plain))
        else:
            picture = self.picture
            self.near.ask(self, "find", lambda _: _found(blob, text, picture))

    async def take_find(self, message: Answer) -> None:
        """A key was looked up."""
        if message.problem:
            self._app.say(message.problem, "warning")
            return
        text, place, whole = message.value
        if whole is not None:
            await self.turn_to("record")
            self.query_one(BlobRecord).show_found(whole)
        elif place is None:
            self._app.say(f"no record has the key {steady(text, 80)}", "warning")
        else:
            self.go_to(place)

    def go_to(self, place: int) -> None:
        """The cursor to a record; one that the filter hides is shown among all."""
        at = where(self.order, place)
        if at is None:
            self._app.say(f"record {place:,} is not among those shown: the filter is cleared")
            self.query_one(FilterLine).clear()
            self._hide_filter()
            self.choose((), "")
            at = place
        self.page.go(at)
        self.show_record()
        self.say_where()

    # The filter

    def action_filter(self) -> None:
        line = self.query_one(FilterLine)
        line.add_class("-shown")
        line.take_keys()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Choose with each letter; a line that is not finished leaves the last choice in force."""
        blob, line = self.blob, self.query_one(FilterLine)
        if blob is None:
            return
        try:
            terms = parse(message.text, blob.schema)
        except QueryError as error:
            fitting = tuple(complete(message.text, line.position, blob.schema))
            if fitting:
                line.show_fitting(fitting)
            else:
                line.show_error(str(error), error.position)
            return
        line.show_fitting(tuple(complete(message.text, line.position, blob.schema)) if message.text.strip() else ())
        if terms != self.terms or self.suggests:
            self.choose(terms, message.text)

    async def on_filter_line_left(self) -> None:
        if not self.query_one(FilterLine).text.strip():
            self._hide_filter()
        if self.stage not in PAGES:
            await self.turn_to("records" if self.picture else "table")
        else:
            self.query_one(f"#stage-{self.stage}").focus()

    def _hide_filter(self) -> None:
        self.query_one(FilterLine).remove_class("-shown")

    def filter_by(self, text: str) -> None:
        """Put a filter into the line, as if it had been typed."""
        line = self.query_one(FilterLine)
        line.add_class("-shown")
        line.query_one("#filter-input").value = text  # type: ignore[attr-defined]

    def action_part(self) -> None:
        """Only train, then validation, test, all again."""
        blob = self.blob
        if blob is None or not blob.groups:
            self._app.say("it was not split into parts")
            return
        terms = [term for term in self.line.split() if not term.startswith("split:")]
        now = next((term.partition(":")[2] for term in self.line.split() if term.startswith("split:")), "")
        part = _following(["", *blob.groups], now)
        self.filter_by(" ".join([*terms, *([f"split:{part}"] if part else [])]))
        if not part and not terms:
            self._hide_filter()


def _found(blob: Blob, text: str, picture: str) -> tuple[str, int | None, Whole | None]:
    """The place of a key; where it is not known yet, the record itself. Raises BlobError."""
    record = blob.by_key(text)
    if record is None or record.place >= 0:
        return text, None if record is None else record.place, None
    return text, None, read_whole(blob, -1, picture, record)


def _following(names: list[str], now: str) -> str:
    if not names:
        return ""
    return names[(names.index(now) + 1) % len(names)] if now in names else names[0]
