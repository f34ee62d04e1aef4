"""One class of many, narrowed by typing; what is typed and is none of them is a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ...engine.text import one_line, printable
from ..widgets.options import Options

_MOST = 500  # classes that are offered at once


class ChooseClass(ModalScreen["str | None"]):
    """The name of a class of `field`; None where the person left with escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel"),
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, field: str, classes: Sequence[str]) -> None:
        super().__init__(classes="dialog")
        self._field, self._names = field, tuple(classes)
        self.shown: list[str] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog-box"):
            yield Static(Content(f"Which {printable(self._field, 40)}?"), classes="dialog-title")
            yield Input(placeholder="type a part of its name, or a new one", compact=True)
            yield Options(compact=True)
            yield Static(Content("enter choose · esc leave"), classes="dialog-keys")

    def on_mount(self) -> None:
        self.query_one(Options).can_focus = False
        self.query_one(Input).focus()
        self._narrow("")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value.strip())

    def _narrow(self, typed: str) -> None:
        folded = typed.casefold()
        found = [each for each in self._names if folded in each.casefold()]
        found.sort(key=lambda each: not each.casefold().startswith(folded))
        self.shown = found[:_MOST]
        choices = self.query_one(Options)
        choices.clear_options()
        choices.add_options([Option(Content(printable(each, 200))) for each in self.shown])
        if typed and typed not in self.shown:
            self.shown.append(one_line(typed))
            choices.add_option(Option(Content(f"{printable(typed, 200)}   (new)")))
        choices.highlighted = 0 if self.shown else None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose(self.query_one(Options).highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_index)

    def _choose(self, at: int | None) -> None:
        if self.is_active and at is not None and at < len(self.shown):
            self.dismiss(self.shown[at])

    def action_step(self, rows: int) -> None:
        choices = self.query_one(Options)
        if self.shown:
            choices.highlighted = min(max((choices.highlighted or 0) + rows, 0), len(self.shown) - 1)

    def action_leave(self) -> None:
        self.dismiss(None)
