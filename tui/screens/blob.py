"""The blob screen: any data set as pictures, filtered, counted, labelled, while somebody else may be writing it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from textual import events, work
from textual.binding import BindingType

from ...datasets.errors import BlobError
from ...datasets.filter import complete, parse
from ...datasets.labels import Value
from ...datasets.schema import Field
from ...engine.errors import QueryError
from ..blobs import labelling
from ..blobs.errands import Answer
from ..blobs.labelling import DIGITS, Given
from ..blobs.order import suggested, where
from ..drawing.cells import steady
from ..keys import bindings
from ..widgets.blob_grid import BlobGrid
from ..widgets.blob_record import BlobRecord
from ..widgets.filter_line import FilterLine
from ..widgets.tile import Line
from .blob_opened import BlobOpened

_PAGES = ("records", "table", "record")  # stages where records can be labelled


class BlobScreen(BlobOpened):
    """The file at `path`, whatever it is."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob"), *bindings("blob_label")]

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.labelling = ""  # the field that digits give
        self._given: list[Given] = []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While one labels, digits and v belong to that."""
        if action in ("value", "unknown"):
            return bool(self.labelling)
        if action == "confirm":
            return self.is_mounted and self.stage in _PAGES and self._guessed()
        if action in ("stage", "table") and self.labelling:
            return False
        if self.blob is None and action not in ("back", "tree", "focus_on"):
            return False
        return super().check_action(action, parameters)

    def _guessed(self) -> bool:
        if self.blob is None or not self.query("#stage-records, #stage-table"):
            return False
        entry = self.page.entry
        return entry is not None and entry.confidence is not None

    def on_key(self, event: events.Key) -> None:
        """Digits give the class, where one labels."""
        if self.labelling and event.character is not None and event.character in DIGITS and self.stage in _PAGES:
            event.stop()
            event.prevent_default()
            field = self._label_field()
            name = labelling.class_of(field, event.character) if field is not None else None
            if name is not None:
                self._give(name)

    # Where one can go

    async def action_stage(self, stage: str) -> None:
        if stage == "records" and not self.picture:
            stage = "table"
        await self.turn_to(stage)

    async def action_table(self) -> None:
        if self.picture:
            await self.turn_to("records" if self.stage == "table" else "table")

    async def action_back(self) -> None:
        """Out of labelling, one record, another stage, the filter; then out of the screen."""
        if self.labelling:
            self.labelling = ""
            self._say_labelling()
        elif self.stage == "record" or (self.stage not in _PAGES and self.blob is not None):
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
            self.near.ask(self, "find", lambda _: (text, blob.find(text)))

    def take_find(self, message: Answer) -> None:
        """A key was looked up."""
        if message.problem:
            self._app.say(message.problem, "warning")
            return
        text, place = message.value
        if place is None:
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
        if self.stage not in _PAGES:
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

    # Labels

    @work
    async def action_label(self) -> None:
        """Begin to label; while one does, choose another field."""
        blob = self.blob
        if blob is None:
            return
        fields = labelling.fields_of(blob)
        label = blob.schema.label
        if not self.labelling and label is not None:
            self._begin(label.name)
            return
        from .dialogs import Ask, Choose

        new = "\0new"
        options = [(name, name) for name in fields] + [(new, "a new field …")]
        name = await self.app.push_screen_wait(Choose("Which field?", options, self.labelling)) if fields else new
        if name == new:
            name = await self.app.push_screen_wait(
                Ask("A new field", "its name: expression, say", keys="enter go on · esc leave")
            )
        if name and name.strip():
            self._begin(name.strip())

    def _begin(self, field: str) -> None:
        self.labelling = field
        if field in self.words:
            self.word = field
            self.show_stage(self.stage)
        self._say_labelling()

    def _label_field(self) -> Field | None:
        blob = self.blob
        if blob is None or not self.labelling:
            return None
        return blob.schema[self.labelling] if self.labelling in blob.schema else Field(self.labelling, "class")

    def _say_labelling(self) -> None:
        line, field = self.query_one("#blob-label", Line), self._label_field()
        line.display = field is not None
        if field is not None:
            line.place = f" {steady(field.name, 40)}:"
            classes = labelling.classes_line(field, max(self.size.width - len(field.name) - 36, 20))
            line.text = f"{classes or 'v gives a value'}   ⌫ unknown   e another field"
        self.refresh_bindings()

    @work
    async def action_value(self) -> None:
        """Any class, or a new one; a number; a text."""
        from .choose_class import ChooseClass
        from .dialogs import Ask

        field = self._label_field()
        if field is None:
            return
        if field.kind == "class":
            text = await self.app.push_screen_wait(ChooseClass(field.name, field.classes))
        else:
            text = await self.app.push_screen_wait(
                Ask(field.name, "nothing typed: nobody knows it", keys="enter give · esc leave")
            )
        if text is not None:
            try:
                self._give(labelling.value_of(field, text))
            except BlobError as error:
                self._app.say(str(error), "warning")

    def action_unknown(self) -> None:
        self._give(None)

    def action_confirm(self) -> None:
        """What the network says is right."""
        blob, field = self.blob, self._suggested_field()
        places = self.page.chosen()
        if blob is not None and field:
            self.near.ask(self, f"label-{len(self._given)}", lambda _: labelling.confirm(blob, places, field))
            self._go_on()

    def _suggested_field(self) -> str:
        label = self.blob.schema.label if self.blob is not None else None
        return self.labelling or (label.name if label is not None else "")

    def _give(self, value: Value) -> None:
        blob, field = self.blob, self.labelling
        places = self.page.chosen()
        if blob is None or not field or not places:
            return
        # Each is an errand of its own kind: none may overtake another.
        self.near.ask(self, f"label-{id(places)}", lambda _: labelling.give(blob, places, field, value))
        self._go_on()

    def _go_on(self) -> None:
        """The next record; the marks have had their use."""
        page = self.page
        if page.marks:
            page.action_mark_none()
        else:
            page.go(page.cursor + 1)
            self.show_record()

    def on_answer(self, message: Answer) -> None:
        if message.kind.startswith("label-") and self.is_mounted:
            self._labelled(message)
        else:
            super().on_answer(message)

    def _labelled(self, message: Answer) -> None:
        if message.problem:
            self._app.say(message.problem, "error")
            return
        if isinstance(message.value, Given):
            self._given.append(message.value)
            if len(message.value.keys) > 1:
                given = message.value
                self._app.say(f"{steady(given.field, 40)} of {len(given.keys):,} records given; ctrl+z takes it back")
        self.changed()
        self._say_labelling()

    def action_undo(self) -> None:
        blob = self.blob
        if blob is None or not self._given:
            self._app.say("there is nothing to take back")
            return
        given = self._given.pop()
        self.near.ask(self, f"label-undo-{len(self._given)}", lambda _: labelling.take_back(blob, given))
        self._app.say(f"{steady(given.field, 40)} of {len(given.keys):,} taken back")

    def action_suggested(self) -> None:
        """What a network suggests, the least certain first; again: all records."""
        blob, field = self.blob, self._suggested_field()
        if blob is None:
            return
        if self.suggests:
            self.choose((), "")
            return
        field = field or next(iter(labelling.fields_of(blob)), "")
        self.near.ask(self, "suggested", lambda _: (field, suggested(blob, field)))

    def take_suggested(self, message: Answer) -> None:
        """The records in the order of doubt."""
        if message.problem:
            self._app.say(message.problem, "warning")
            return
        field, places = message.value
        self.suggests, self.terms, self.line = True, (), ""
        self._begin(field)
        self.set_order(places, -1)
        self.page.go(0)
        self.say_where()


def _following(names: list[str], now: str) -> str:
    if not names:
        return ""
    return names[(names.index(now) + 1) % len(names)] if now in names else names[0]
