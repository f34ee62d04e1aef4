"""All keys that work where one is, made from the key table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.table import Table
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ..keys import TABLE, Key, shown_keys

WIDE = 60  # columns from which there is room for the ids


def places(ids: Iterable[str]) -> list[str]:
    """The places of the key table that hold any of these ids, in the table's order, `everywhere` last."""
    wanted = set(ids)
    found = [place for place, keys in TABLE.items() if place != "everywhere" and any(k.id in wanted for k in keys)]
    return [*found, "everywhere"]


def lines(place: str, remapped: Mapping[str, str], *, ids: bool = True) -> Table:
    """Key, sentence and, with `ids`, the id to remap it by, one row a key of the place."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(style="bold", width=max(len(_keys(key, remapped)) for key in TABLE[place]))
    table.add_column(ratio=1)
    if ids:
        table.add_column(style="dim", no_wrap=True)
    for key in TABLE[place]:
        table.add_row(_keys(key, remapped), key.sentence, *([key.id] if ids else []))
    return table


def _keys(key: Key, remapped: Mapping[str, str]) -> str:
    return shown_keys(remapped.get(key.id, key.keys))


class HelpScreen(ModalScreen[None]):
    """Shows the keys of the given places of the key table; above them what is looked at, where that explains itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "leave", "close"),
        Binding("j", "scroll('down')", show=False),
        Binding("k", "scroll('up')", show=False),
    ]

    def __init__(self, names: Iterable[str], remapped: Mapping[str, str], about: Content | None = None) -> None:
        super().__init__(classes="dialog")
        self._names, self._remapped, self._about = tuple(names), remapped, about

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-box help"):
            if self._about is not None and self._about.plain:
                yield Static(self._about, classes="help-place")
            for name in self._names:
                yield Static(name.replace("_", " ").upper(), classes="dialog-title help-place")
                yield Static(lines(name, self._remapped, ids=self.app.size.width >= WIDE))
        yield Static(
            Content('esc close · remap a key in the settings file: [keys] "runs.stop" = "x"'), classes="help-foot"
        )

    def action_scroll(self, where: str) -> None:
        scroll = self.query_one(VerticalScroll)
        (scroll.scroll_down if where == "down" else scroll.scroll_up)(animate=False)

    def action_leave(self) -> None:
        self.dismiss()
