"""Labels given on the blob screen: by digits, in a dialog, by confirming what a network suggests; with undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual import events, work

from ...datasets.errors import BlobError
from ...datasets.labels import Value
from ...datasets.schema import Field
from ..blobs import labelling
from ..blobs.errands import Answer, Errand
from ..blobs.labelling import DIGITS, Given
from ..blobs.order import suggested
from ..drawing.cells import steady
from ..widgets.tile import Line
from .blob_opened import BlobOpened

PAGES = ("records", "table", "record")  # stages where records can be labelled


class BlobLabels(BlobOpened):
    """`labelling` is the field that digits give, "" where nobody labels."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.labelling = ""
        self._given: list[Given] = []
        self._asked = 0  # labels that were given, confirmed or taken back

    def _guessed(self) -> bool:
        if self.blob is None or not self.query("#stage-records, #stage-table"):
            return False
        entry = self.page.entry
        return entry is not None and entry.confidence is not None

    def on_key(self, event: events.Key) -> None:
        """Digits give the class, where one labels."""
        if self.labelling and event.character is not None and event.character in DIGITS and self.stage in PAGES:
            event.stop()
            event.prevent_default()
            field = self._label_field()
            name = labelling.class_of(field, event.character) if field is not None else None
            if name is not None:
                self._give(name)

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
            self._do(lambda _: labelling.confirm(blob, places, field))
            self._go_on()

    def _suggested_field(self) -> str:
        label = self.blob.schema.label if self.blob is not None else None
        return self.labelling or (label.name if label is not None else "")

    def _give(self, value: Value) -> None:
        blob, field = self.blob, self.labelling
        places = self.page.chosen()
        if blob is None or not field or not places:
            return
        self._do(lambda _: labelling.give(blob, places, field, value))
        self._go_on()

    def _do(self, what: Callable[[Errand], Given | None]) -> None:
        """Each is an errand of its own kind: none may overtake another."""
        self._asked += 1
        self.near.ask(self, f"label-{self._asked}", what)

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
        if self.labelling in self.words and self.word != self.labelling:  # a field that is there only now
            self.word = self.labelling
            self.show_stage(self.stage)
        self._say_labelling()

    def action_undo(self) -> None:
        blob = self.blob
        if blob is None or not self._given:
            self._app.say("there is nothing to take back")
            return
        given = self._given.pop()
        self._do(lambda _: labelling.take_back(blob, given))
        self._app.say(f"{steady(given.field, 40)} of {len(given.keys):,} taken back")

    def action_suggested(self) -> None:
        """What a network suggests, the least certain first; again: all records."""
        blob, field = self.blob, self._suggested_field()
        if blob is None:
            return
        if self.suggests:
            self.choose((), "")
            return
        fields = [self.labelling] if self.labelling else [field, *labelling.fields_of(blob)]

        def look(_: Errand) -> tuple[str, list[int]]:
            chosen = labelling.suggested_of(blob, fields)
            return chosen, suggested(blob, chosen)

        self.near.ask(self, "suggested", look)

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
