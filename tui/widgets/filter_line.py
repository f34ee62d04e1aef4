"""The filter line: what is typed, how many rows pass, and below it the error at its place or the words that fit."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from ...engine.text import printable
from ..drawing.cells import steady
from ..keys import bindings

PLACEHOLDER = "filters: text  tag:mnist  status:running  since:7d  loss<0.1  best(val_accuracy)>0.9  param.lr=0.1"
_PROMPT = "/ "


class _Line(Input):
    """The input; keys that are not text belong to the filter line around it."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def on_paste(self, event: events.Paste) -> None:
        event.text = printable(event.text.splitlines()[0]) if event.text else ""


class FilterLine(Widget):
    """Posts `Changed` with each letter and `Left` when the keys go back to the table.

    The owner answers `Changed` by setting `count`, and `error` with `position` or the lines that would complete it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("filter")]
    DEFAULT_CSS = """
    FilterLine { height: auto; padding: 0 1; }
    FilterLine Horizontal { height: 1; }
    FilterLine #filter-prompt { width: 2; color: $accent; }
    FilterLine Input { width: 1fr; background: $background; }
    FilterLine #filter-count { width: auto; padding-left: 2; color: $text-muted; }
    FilterLine #filter-hint { height: 1; display: none; text-wrap: nowrap; text-overflow: ellipsis; }
    FilterLine.-hint #filter-hint { display: block; }
    """

    class Changed(Message):
        """Another text stands in the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The keys belong to the table again."""

    count: reactive[str] = reactive("", layout=False)

    def __init__(self, value: str = "", *, placeholder: str = PLACEHOLDER, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first, self._placeholder = value, placeholder
        self._error: tuple[str, int] | None = None
        self._lines: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(_PROMPT, id="filter-prompt", markup=False)
            yield _Line(
                self._first, placeholder=self._placeholder, id="filter-input", select_on_focus=False, compact=True
            )
            yield Static("", id="filter-count", markup=False)
        yield Static("", id="filter-hint", markup=False)

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._input.value

    @property
    def position(self) -> int:
        """Where the next letter goes."""
        return self._input.cursor_position

    @property
    def _input(self) -> _Line:
        return self.query_one(_Line)

    def take_keys(self) -> None:
        """Begin to type, at once: `Widget.focus` comes after the keys that are already waiting."""
        self.screen.set_focus(self._input)

    def clear(self) -> None:
        self._input.value = ""

    def watch_count(self) -> None:
        if self.is_mounted:
            self.query_one("#filter-count", Static).update(self.count)

    def show_error(self, sentence: str, position: int) -> None:
        """Say what is wrong below the letter where it goes wrong."""
        self._error, self._lines = (sentence, position), ()
        self._show_hint()

    def show_fitting(self, lines: tuple[str, ...] = ()) -> None:
        """No error; `lines` are this one with the word at the cursor completed."""
        self._error, self._lines = None, lines
        self._show_hint()

    def _show_hint(self) -> None:
        self.query_one("#filter-hint", Static).update(self._hint())
        self.set_class(self._error is not None or (bool(self._lines) and self._input.has_focus), "-hint")

    def _hint(self) -> Content:
        if self._error is None:
            return self._listed()
        sentence, position = self._error
        before = cell_len(self.text[:position]) + len(_PROMPT) - self._input.scroll_offset.x
        room = max(self.size.width - 2, 1)
        text = f"▲ {printable(sentence)}"
        if before + cell_len(text) > room:  # no room to the right of the place: the sentence ends at it
            left = f"{printable(sentence)} ▲"
            before, text = (before + 1 - cell_len(left), left) if before + 1 >= cell_len(left) else (0, text)
        return Content.assemble((" " * max(before, 0), ""), (text, "$text-error"))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_blurred(self) -> None:
        self._show_hint()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        self.post_message(self.Left())

    def action_leave(self) -> None:
        self.clear()
        self.post_message(self.Left())

    def action_complete(self) -> None:
        """Put in what all lines that fit have in common up to the cursor."""
        value, position = self.text, self.position
        after = value[position:]
        begun = [line[: len(line) - len(after)] for line in self._lines if line.endswith(after)]
        common = _beginning(begun)
        if len(common) > position:
            self._input.value = common + after
            self._input.cursor_position = len(common)

    def _listed(self) -> Content:
        """The words that would complete the one at the cursor, as many as there is room for."""
        start, after = word_start(self.text, self.position), len(self.text) - self.position
        room, pieces = self.size.width - 2 - len(_PROMPT), [" " * len(_PROMPT)]
        for line in self._lines:
            word = f"{steady(line[start : len(line) - after], 40)}  "
            if (room := room - cell_len(word)) < 1:
                pieces.append("…")
                break
            pieces.append(word)
        return Content.assemble(("".join(pieces), "$text-muted"))


def _beginning(words: list[str]) -> str:
    """What all words begin with, letter by letter."""
    first, last = min(words, default=""), max(words, default="")
    same = next((index for index, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first[: min(same, len(last))]


def word_start(text: str, position: int) -> int:
    """Where the word begins that ends at `position`: after a blank or a parenthesis outside quotes."""
    quoted = text[:position].count('"') % 2 == 1
    if quoted:
        return text.rindex('"', 0, position)
    return max((text.rfind(mark, 0, position) for mark in " ("), default=-1) + 1
