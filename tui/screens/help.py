"""All keys that work where one is, made from the key table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from ..keys import TABLE, Key, shown_keys


def places(ids: Iterable[str]) -> list[str]:
    """The places of the key table that hold any of these ids, in the table's order, `everywhere` last."""
    wanted = set(ids)
    found = [place for place, keys in TABLE.items() if place != "everywhere" and any(k.id in wanted for k in keys)]
    return [*found, "everywhere"]


def page(names: Iterable[str], remapped: Mapping[str, str]) -> Content:
    """The help: a heading a place, then key, sentence and the id to remap it by."""
    parts: list[Content] = []
    for name in names:
        parts.append(Content.styled(f"\n{name.upper()}\n", "bold $accent"))
        width = max(len(_keys(key, remapped)) for key in TABLE[name]) + 2
        parts += [_line(key, remapped, width) for key in TABLE[name]]
    return Content("").join(parts)


def _keys(key: Key, remapped: Mapping[str, str]) -> str:
    return shown_keys(remapped.get(key.id, key.keys))


def _line(key: Key, remapped: Mapping[str, str], width: int) -> Content:
    return Content.assemble(
        (_keys(key, remapped).ljust(width), "bold"), key.sentence, "  ", (key.id, "$text-disabled"), "\n"
    )


class HelpScreen(ModalScreen[None]):
    """Shows the keys of the given places of the key table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "leave", "close"),
        Binding("j", "scroll('down')", show=False),
        Binding("k", "scroll('up')", show=False),
    ]

    def __init__(self, names: Iterable[str], remapped: Mapping[str, str]) -> None:
        super().__init__(classes="dialog")
        self._names, self._remapped = tuple(names), remapped

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog-box help"):
            yield Static(page(self._names, self._remapped))
        yield Static(
            Content('esc close · remap a key in the settings file: [keys] "runs.stop" = "x"'), classes="help-foot"
        )

    def action_scroll(self, where: str) -> None:
        scroll = self.query_one(VerticalScroll)
        (scroll.scroll_down if where == "down" else scroll.scroll_up)(animate=False)

    def action_leave(self) -> None:
        self.dismiss()
