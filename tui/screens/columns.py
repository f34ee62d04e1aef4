"""The chooser of columns: which are shown, in which order, and by which the table is sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ..drawing.cells import steady
from ..drawing.pieces import Cell
from ..keys import bindings
from ..widgets.key_line import KeyLine
from ..widgets.table import Column, Table
from ..widgets.table_order import Filter

Sorted = tuple[str, bool]  # a column's key, and whether descending


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen: keys of columns in their order, () for the default ones, and the sort order."""

    keys: tuple[str, ...]
    sorting: Sorted | None


@dataclass(frozen=True, slots=True)
class _Choice:
    key: str
    title: str
    sentence: str
    descending: bool
    shown: bool
    sorting: bool | None = None  # None: not sorted by it


class ColumnsScreen(ModalScreen["Chosen | None"]):
    """`columns` are all there could be, `keys` those that are shown; None where the person left with escape."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("columns")]
    AUTO_FOCUS = "#columns-table"
    DEFAULT_CSS = """
    ColumnsScreen #columns-box { width: 76; height: 90%; max-height: 36; max-width: 100%; padding: 0 1;
        background: $panel; }
    ColumnsScreen Input { background: $surface; }
    ColumnsScreen Table { background: $panel; }
    """

    def __init__(self, columns: Sequence[Column], keys: Sequence[str], sorting: Sorted | None) -> None:
        super().__init__(classes="dialog")
        shown = [column for key in keys for column in columns if column.key == key]
        hidden = [column for column in columns if column.key not in keys]
        self._choices = [
            _Choice(
                column.key, steady(column.title.strip(), 40), column.sentence, column.descending, column.key in keys
            )
            for column in (*shown, *hidden)
        ]
        self._sort_by(sorting)

    def compose(self) -> ComposeResult:
        with Vertical(id="columns-box"):
            yield Static(Content("Columns"), classes="dialog-title")
            yield Input(placeholder="/ finds a column", id="columns-search", select_on_focus=False, compact=True)
            yield Table[_Choice](_COLUMNS, identity=_key, text=_text, id="columns-table")
            yield KeyLine()

    def on_mount(self) -> None:
        self._table.set_items(self._choices)

    @property
    def _table(self) -> Table[_Choice]:
        return self.query_one("#columns-table", Table)

    def action_show_or_hide(self) -> None:
        choice = self._table.current
        if choice is not None and choice.key != "name":
            self._change(replace(choice, shown=not choice.shown))

    def action_move(self, by: int) -> None:
        """Move the column among those that are shown."""
        choice = self._table.current
        if choice is None or not choice.shown:
            return
        at = self._choices.index(choice)
        others = range(at + by, len(self._choices) if by > 0 else -1, by)
        to = next((index for index in others if self._choices[index].shown), None)
        if to is not None and "name" not in (choice.key, self._choices[to].key):
            self._choices.insert(to, self._choices.pop(at))
            self._table.set_items(list(self._choices))

    def action_sort_by(self) -> None:
        choice = self._table.current
        if choice is not None:
            self._sort_by((choice.key, choice.descending if choice.sorting is None else not choice.sorting))
            self._table.set_items(list(self._choices))

    def action_search(self) -> None:
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._table.filter(Filter(words=tuple(event.value.casefold().split())))

    def on_input_submitted(self) -> None:
        self._table.focus()

    def action_default(self) -> None:
        self.dismiss(Chosen((), self._sorting()))

    def action_keep(self) -> None:
        keys = tuple(choice.key for choice in self._choices if choice.shown and choice.key != "name")
        self.dismiss(Chosen(keys, self._sorting()))

    def action_leave(self) -> None:
        self.dismiss(None)

    def on_table_opened(self) -> None:
        self.action_show_or_hide()

    def _change(self, choice: _Choice) -> None:
        self._choices = [choice if other.key == choice.key else other for other in self._choices]
        self._table.set_items(self._choices)

    def _sort_by(self, sorting: Sorted | None) -> None:
        self._choices = [
            replace(choice, sorting=sorting[1] if sorting and sorting[0] == choice.key else None)
            for choice in self._choices
        ]

    def _sorting(self) -> Sorted | None:
        return next(((choice.key, choice.sorting) for choice in self._choices if choice.sorting is not None), None)


def _key(choice: _Choice) -> str:
    return choice.key


def _text(choice: _Choice) -> str:
    return f"{choice.title} {choice.sentence}".casefold()


def _choice(choice: _Choice, _now: float) -> Cell:
    arrow = "" if choice.sorting is None else (" ▼" if choice.sorting else " ▲")
    box = "[x] " if choice.shown else "[ ] "
    return ((box, "accent" if choice.shown else "dim"), (choice.title, ""), (arrow, "accent"))


_COLUMNS = (
    Column("choice", "    column", 24, _choice, lambda choice: choice.title),
    Column("sentence", "what it shows", 12, lambda choice, _: ((choice.sentence, "dim"),), lambda _: None, most=60),
)
