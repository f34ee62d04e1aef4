"""One record of a blob large, with all its fields beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ...datasets.blob import Blob
from ..blobs.errands import Answer, Errands
from ..blobs.tiles import three
from ..blobs.whole import Said, Whole, read_whole
from ..drawing.cells import steady
from ..figures.shots import value_at
from ..keys import bindings
from ..pixels.raster import Photo, Plane, Raster
from .one_picture import OnePicture
from .picture import PictureView
from .tile import Line

WIDE = 90  # columns from which the fields stand beside the picture
_CHANNELS = ("red", "green", "blue", "alpha")


class BlobRecord(OnePicture, can_focus=True):
    """`show(blob, place, picture)` reads a record in a thread and shows it."""

    DEFAULT_CSS = """
    BlobRecord { width: 1fr; height: 1fr; layout: horizontal; }
    BlobRecord > Vertical { width: 1fr; height: 1fr; }
    BlobRecord #record-none { height: 1fr; padding: 1 2; color: $text-error; display: none; }
    BlobRecord > VerticalScroll { width: 44; height: 1fr; padding: 0 1 0 2; }
    BlobRecord #record-fields { height: auto; }
    BlobRecord.-narrow { layout: vertical; }
    BlobRecord.-narrow > VerticalScroll { width: 1fr; height: 40%; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("blob_record")]

    class Stepped(Message):
        """Another record is to be seen: so many further."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Closed(Message):
        """All records are to be seen again."""

    class Marked(Message):
        """The record is to be marked, or no more."""

    def __init__(self, errands: Errands, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._errands = errands
        self.place: int | None = None
        self.whole: Whole | None = None
        self.channel = -1  # of colours: -1 for all together

    def compose(self) -> ComposeResult:
        with Vertical():
            yield PictureView()
            yield Static("", id="record-none", markup=False)
            yield Line(id="record-said", centre=True)
        with VerticalScroll(can_focus=False):
            yield Static("", id="record-fields", markup=False)

    def on_resize(self) -> None:
        narrow = self.size.width < WIDE
        if narrow != self.has_class("-narrow"):
            self.set_class(narrow, "-narrow")
            self._draw()

    def show(self, blob: Blob, place: int, picture: str, *, again: bool = False) -> None:
        """Show a record; `again`: it may have changed. What was seen stays until the new one is read."""
        if place == self.place and not again:
            return
        if self.cursor is not None and place != self.place:
            self.cursor = None
        self.place = place
        self._errands.ask(self, "record", lambda _: read_whole(blob, place, picture))

    def show_found(self, whole: Whole) -> None:
        """A record that was found by its key, while nobody knows its place."""
        self._errands.drop(self, "record")
        self.place, self.whole, self.cursor = None, whole, None
        self._draw()

    def on_answer(self, message: Answer) -> None:
        if message.late or not self.is_mounted:
            return
        self.whole = message.value if message.value is not None else Whole(self.place or 0, problem=message.problem)
        self._draw()

    # Drawing

    @property
    def raster(self) -> Raster | None:
        """The picture in the colours that are chosen."""
        whole = self.whole
        if whole is None or whole.values is None or not whole.values.size or whole.values.ndim not in (2, 3):
            return None
        values = whole.values
        if whole.image and values.ndim == 3:
            channels = values.shape[2]
            if self.channel >= 0 and channels > 1:
                return Plane(values[..., self.channel % channels], replace(self.tone, map="grey"), (0, 255))
            if self.tone.map and channels == 1:
                return Plane(values[..., 0], self.tone, (0, 255))
            return Photo(three(values))
        if values.dtype.kind not in "uifb":
            return None
        plane = values if values.ndim == 2 else values.mean(axis=2)
        return Plane(plane, self.tone, signed=bool((plane < 0).any()))

    def _draw(self) -> None:
        raster, whole = self.raster, self.whole
        view, none = self.query_one(PictureView), self.query_one("#record-none", Static)
        view.display, none.display = raster is not None, raster is None
        if raster is not None:
            view.show(raster, self.viewport, self.cursor)
        elif whole is not None:
            none.update(whole.problem or "This record has no picture.")
        self._say()
        if whole is not None:
            facts = facts_of(whole, narrow=self.has_class("-narrow"))
            self.query_one("#record-fields", Static).update(facts)

    def _say(self) -> None:
        raster = self.raster
        said = []
        if raster is not None:
            if self.cursor is not None:
                said.append(value_at(raster, *self.cursor))
            if self.viewport.zoom > 1:
                said.append(f"zoom {self.viewport.zoom:g}")
            if self.channel >= 0:
                said.append(_CHANNELS[self.channel] if self.channel < len(_CHANNELS) else f"channel {self.channel}")
            elif self.tone.map:
                said.append(self.tone.map)
        self.query_one("#record-said", Line).text = " · ".join(said)

    # Keys

    def action_step(self, by: int) -> None:
        self.post_message(self.Stepped(by))

    def action_all(self) -> None:
        self.post_message(self.Closed())

    def action_mark(self) -> None:
        self.post_message(self.Marked())

    def action_zoom(self, steps: int) -> None:
        at, raster = None, self.raster
        if self.cursor is not None and raster is not None:
            at = ((self.cursor[0] + 0.5) / raster.size[0], (self.cursor[1] + 0.5) / raster.size[1])
        self.viewport = self.viewport.stepped(steps, at)
        self._draw()

    def action_colours(self) -> None:
        """Of colours each channel alone, then all; of grey and of numbers the next colour map."""
        values = self.whole.values if self.whole is not None else None
        if values is None:
            return
        if self.whole is not None and self.whole.image and values.ndim == 3 and values.shape[2] > 1:
            self.channel = self.channel + 1 if self.channel + 1 < values.shape[2] else -1
            self._draw()
        else:
            super().action_colours()

    def action_arrow(self, right: int, down: int) -> None:
        """The cursor, else what is seen, else another record or the list of fields."""
        if self._moved(right, down):
            return
        if right:
            self.post_message(self.Stepped(right))
        else:
            self.query_one(VerticalScroll).scroll_relative(y=down * 3, animate=False)

    # The mouse

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()
        if message.at is not None and message.view.raster is not None:
            self.query_one("#record-said", Line).text = value_at(message.view.raster, *message.at)
        else:
            self._say()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.focus()


def facts_of(whole: Whole, *, narrow: bool = False) -> Content:
    """All fields with their values, one below the other; `narrow`: a line each where that is enough."""
    head = [
        ("record ", "$text-muted"),
        (f"{whole.place:,}" if whole.place >= 0 else "whose place is not counted yet", "bold"),
    ]
    if whole.key:
        head += [("  key " if narrow else "\nkey ", "$text-muted"), (steady(whole.key, 300), "")]
    parts: list[Content] = [Content.assemble(*head)]
    if whole.problem and not any(each.problem for each in whole.fields):
        parts.append(Content.styled(whole.problem, "$text-error"))
    for each in whole.fields:
        parts += _line(each) if narrow else [Content(""), *_field(each)]
    return Content("\n").join(parts)


def _line(said: Said) -> list[Content]:
    text = (said.text, "$text-error" if said.problem else "$text")
    head = Content.assemble(
        (f"{steady(said.name, 80)}  ", "$text-accent bold"), text, (f"  {said.note}", "$text-muted")
    )
    return [head, *(Content(each) for each in said.more)]


def _field(said: Said) -> list[Content]:
    lines = [Content.styled(steady(said.name, 80), "$text-accent bold")]
    if said.text:
        lines.append(Content.styled(said.text, "$text-error" if said.problem else "$text"))
    lines += [Content(each) for each in said.more]
    if said.note:
        lines.append(Content.styled(said.note, "$text-muted"))
    return lines
