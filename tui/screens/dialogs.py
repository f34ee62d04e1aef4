"""Small questions on top of a screen; each returns a value through `push_screen_wait` or a callback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from ...engine.text import printable
from ..widgets.options import Options


class Ask(ModalScreen["str | None"]):
    """One line of text; None where the person left with escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "cancel")]

    def __init__(
        self,
        title: str,
        text: str = "",
        value: str = "",
        suggestions: Sequence[str] = (),
        keys: str = "enter keep · esc leave it as it was",
    ) -> None:
        super().__init__(classes="dialog")
        self._title, self._text, self._value = title, text, value
        self._suggestions, self._keys = suggestions, keys

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box"):
            yield Static(Content(printable(self._title)), classes="dialog-title")
            if self._text:
                yield Static(Content(printable(self._text)), classes="dialog-text")
            yield Input(printable(self._value), compact=True, select_on_focus=False)
            yield Static(Content(self._keys), classes="dialog-keys")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if self.is_active:  # of two enters in one packet the second would close the screen below
            self.dismiss(event.value)

    def action_leave(self) -> None:
        self.dismiss(None)


class Write(ModalScreen["str | None"]):
    """Several lines of text; None where the person left with escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel", priority=True),
        Binding("ctrl+s", "keep", "keep", priority=True),
    ]

    def __init__(self, title: str, value: str = "") -> None:
        super().__init__(classes="dialog")
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box"):
            yield Static(Content(printable(self._title)), classes="dialog-title")
            lines = "\n".join(printable(line) for line in self._value.splitlines())
            yield TextArea(lines, compact=True, tab_behavior="focus")
            yield Static(Content("ctrl+s keep · esc leave it as it was"), classes="dialog-keys")

    def action_keep(self) -> None:
        self.dismiss(self.query_one(TextArea).text)

    def action_leave(self) -> None:
        self.dismiss(None)


class Confirm(ModalScreen[bool]):
    """A question answered with y or n; enter and escape are no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape,q,enter", "answer(False)", "no"),
    ]

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__(classes="dialog")
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box"):
            yield Static(Content(printable(self._title)), classes="dialog-title")
            if self._text:
                yield Static(Content(printable(self._text)), classes="dialog-text")
            yield Static(Content("y yes · n no"), classes="dialog-keys")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class Choose(ModalScreen["str | None"]):
    """One of several: `options` are (value, label) pairs; None where the person left with escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "cancel"),
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
    ]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], value: str = "") -> None:
        super().__init__(classes="dialog")
        self._title, self._options, self._value = title, tuple(options), value

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box"):
            yield Static(Content(printable(self._title)), classes="dialog-title")
            yield Options(*(Option(Content(printable(label))) for _, label in self._options), compact=True)
            yield Static(Content("enter choose · esc leave"), classes="dialog-keys")

    def on_mount(self) -> None:
        values = [value for value, _ in self._options]
        if self._value in values:
            self.query_one(Options).highlighted = values.index(self._value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if self.is_active:
            self.dismiss(self._options[event.option_index][0])

    def action_step(self, rows: int) -> None:
        choices = self.query_one(Options)
        if rows > 0:
            choices.action_cursor_down()
        else:
            choices.action_cursor_up()

    def action_leave(self) -> None:
        self.dismiss(None)
