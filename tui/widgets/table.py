"""A table that draws only the rows that are seen, and of these only the ones that changed.

Rows are items of any kind; a column makes a cell of an item when its row is drawn. Sorting and filtering
move indices, so a hundred thousand rows cost what their keys cost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..drawing.cells import Align, fit
from ..drawing.columns import GAP, Slot, Wish, fit_columns
from ..drawing.pieces import Cell, Pieces, Styles, pieces_of, segments
from ..keys import bindings
from .table_order import Filter, Identity, Order, Sorting

T = TypeVar("T")
GUTTER = 2  # the cursor's › and the mark's ●
_KEPT = 2000  # rows whose cells and strips are kept: scrolling back and forth makes them once


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `cell(item, now)` is what is shown, `sort(item)` what is compared (None: not known, sorts last).

    `width` cells at least and `most` where there is room; where there is none, columns of a low
    `priority` give way. `descending` is the direction that sorting by it begins with.
    """

    key: str
    title: str
    width: int
    cell: Callable[[Any, float], Cell]
    sort: Callable[[Any], Any]
    most: int = 0
    align: Align = "left"
    priority: int = 0
    descending: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """All that decides how a row looks; equal lines look the same."""

    cells: tuple[Cell, ...]
    under_cursor: bool
    marked: bool


class Table(ScrollView, Generic[T], can_focus=True, inherit_bindings=False):
    """A virtual table with a header and a first column that stay, a cursor row, marks, sorting and filtering.

    `identity(item)` names an item across updates: the cursor and the marks stay with it wherever it
    goes. `text(item)` is what the words of a filter are looked up in. `moved()` is called where another item is under
    the cursor, or the one that is there changed: at once, so that what it draws is in the same frame.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("table")]
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Table { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
            scrollbar-gutter: stable; }
    """

    class Used(Message):
        """Somebody did something to the table."""

        def __init__(self, table: Table[Any]) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> Table[Any]:
            return self.table

    class Opened(Used):
        """The row under the cursor was clicked twice."""

    class HeaderClicked(Used):
        """A column's title was clicked."""

        def __init__(self, table: Table[Any], key: str) -> None:
            super().__init__(table)
            self.key = key

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        identity: Identity,
        text: Callable[[T], str] = str,
        clock: Callable[[], float] = time.time,
        moved: Callable[[], object] = lambda: None,
        id: str | None = None,  # noqa: A002 (Textual's name)
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.order: Order[T] = Order(identity, text)
        self.cursor = 0
        self.sorted_by: tuple[str, bool] | None = None
        self.marks: dict[Hashable, None] = {}
        self.empty: tuple[Pieces, ...] = ()  # what stands there when no row is shown
        self._clock = clock
        self._moved = moved
        self._wanted: Hashable = None  # stays with the cursor's item while a filter hides it
        self._shift = 0
        self._slots: tuple[Slot, ...] = ()
        self._drawn: list[_Line] = []
        self._makers: list[Callable[[Any, float], Cell]] = []
        self._cells: dict[Hashable, tuple[T, tuple[Cell, ...]]] = {}
        self._strips: dict[_Line, Strip] = {}
        self._inks: Styles | None = None
        self._base: Style | None = None

    # What is shown

    def set_items(self, items: Sequence[T]) -> None:
        """Take new items: the cursor and the marks stay with theirs, only rows that look different are repainted."""
        with_cursor = self._offset_of_cursor()
        self.order.replace(items)
        self.marks = {mark: None for mark in self.marks if self.order.item(mark) is not None}
        self._settle(with_cursor)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; the sort order stays, also where its column is no longer shown."""
        self.columns = tuple(columns)
        self._shift = min(self._shift, max(len(self.columns) - 2, 0))
        self._lay_out()

    def say_when_empty(self, lines: Sequence[Pieces]) -> None:
        """The lines that stand in an empty table."""
        if tuple(lines) != self.empty:
            self.empty = tuple(lines)
            if not self.order.shown:
                self.refresh()

    def sort(self, column: Column | None, *, descending: bool = False) -> None:
        """Sort by a column, shown or not; None keeps the order in which the items came."""
        with_cursor = self._offset_of_cursor()
        self.sorted_by = None if column is None else (column.key, descending)
        self.order.sort(None if column is None else Sorting(column.sort, descending))
        self._settle(with_cursor)
        self.refresh(Region(0, 0, self.size.width, 1))

    def filter(self, chosen: Filter) -> None:
        """Show the rows that pass."""
        with_cursor = self._offset_of_cursor()
        self.order.filter(chosen)
        self._settle(with_cursor)

    @property
    def current(self) -> T | None:
        """The item under the cursor, None in an empty table."""
        return self.order.at(self.cursor) if self.cursor < len(self.order) else None

    def marked(self) -> list[T]:
        """The marked items that are shown, in the order in which they were marked."""
        found = [(self.order.find(mark), self.order.item(mark)) for mark in self.marks]
        return [item for position, item in found if position is not None and item is not None]

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor, and go to the next one."""
        if self.current is None:
            return
        identity = self.order.id_at(self.cursor)
        if identity in self.marks:
            del self.marks[identity]
        else:
            self.marks[identity] = None
        self._repaint()
        self.move_to(self.cursor + 1)

    def mark_none(self) -> None:
        """Unmark all, also those that a filter hides."""
        self.marks.clear()
        self._repaint()

    def go_to(self, identity: Hashable) -> None:
        """Put the cursor on an item, or keep it for the moment when the item comes."""
        position = self.order.find(identity)
        if position is None:
            self._wanted = identity
        else:
            self.move_to(position)

    def repaint_changed(self) -> None:
        """Repaint the rows that time has made look different from what stands on the screen."""
        self._repaint(anew=True)

    def _repaint(self, *, anew: bool = False) -> None:
        before, self._drawn = self._drawn, self._lines(anew=anew)
        if bool(before) != bool(self._drawn):
            self.refresh()
        for y in range(max(len(before), len(self._drawn))):
            if y >= len(before) or y >= len(self._drawn) or before[y] != self._drawn[y]:
                self.refresh(Region(0, y + 1, self._width, 1))

    # The cursor

    def move_to(self, position: int) -> None:
        """Put the cursor on a row and bring it into view."""
        self.cursor = max(min(position, len(self.order) - 1), 0)
        if len(self.order):
            self._wanted = self.order.id_at(self.cursor)
        self._into_view()
        self._repaint()
        self._moved()

    def action_cursor_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_cursor_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        self.move_to(self.cursor - self._page())

    def action_page_down(self) -> None:
        self.move_to(self.cursor + self._page())

    def action_top(self) -> None:
        self.move_to(0)

    def action_bottom(self) -> None:
        self.move_to(len(self.order) - 1)

    def action_scroll_columns(self, by: int) -> None:
        last = max(len(self.columns) - 2, 0)
        if self._hidden_right() or by < 0:
            self._shift = max(min(self._shift + by, last), 0)
            self._lay_out()

    @property
    def _width(self) -> int:
        """The cells beside the scroll bar."""
        return self.scrollable_content_region.width

    def _page(self) -> int:
        return max(self.size.height - 1, 1)

    def _into_view(self) -> None:
        # Half a page at once: a terminal is sent every row that moves, over a slow line too long for each key.
        top, page = round(self.scroll_y), self._page()
        if not top <= self.cursor < top + page:
            self._scroll_to_row(max(self.cursor - page // 2, 0))

    def _scroll_to_row(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, immediate=True, force=True)

    def _offset_of_cursor(self) -> int:
        return self.cursor - round(self.scroll_y)

    def _settle(self, offset: int) -> None:
        """After the rows changed: the cursor is with its item again, on the same line of the screen where it can."""
        at_top = round(self.scroll_y) == 0
        found = None if self._wanted is None else self.order.find(self._wanted)
        self.cursor = max(min(self.cursor if found is None else found, len(self.order) - 1), 0)
        if self._wanted is None and len(self.order):
            self._wanted = self.order.id_at(self.cursor)
        self.virtual_size = Size(self._width, len(self.order) + 1)
        if not at_top:
            self._scroll_to_row(max(self.cursor - offset, 0))
        self._into_view()
        self._repaint()
        self._moved()

    # Drawing

    def _lay_out(self) -> None:
        wishes = [Wish(each.key, each.width, each.most, each.priority) for each in self.columns]
        self._slots = fit_columns(wishes, self._width, self._shift, GUTTER)
        columns = {column.key: column.cell for column in self.columns}
        self._makers = [columns[slot.key] for slot in self._slots]
        self._strips.clear()
        self._drawn = self._lines(anew=True)
        self.refresh()

    def _lines(self, *, anew: bool = False) -> list[_Line]:
        """The rows in view. Cells are kept while their item is the same object; `anew` makes them for this moment."""
        top = round(self.scroll_y)
        if anew or len(self._cells) > _KEPT:
            self._cells.clear()
        return [self._line(position) for position in range(top, min(top + self._page(), len(self.order)))]

    def _line(self, position: int) -> _Line:
        item, identity = self.order.at(position), self.order.id_at(position)
        kept = self._cells.get(identity)
        if kept is None or kept[0] is not item:
            now = self._clock()
            kept = self._cells[identity] = (item, tuple([cell(item, now) for cell in self._makers]))
        return _Line(kept[1], position == self.cursor, identity in self.marks)

    def render_line(self, y: int) -> Strip:
        """The header, or a row of those that are in view."""
        if y == 0:
            return self._header()
        if y > len(self._drawn):
            return self._below(y)
        line = self._drawn[y - 1]
        strip = self._strips.get(line)
        if strip is None:
            if len(self._strips) >= _KEPT:
                self._strips.clear()
            strip = self._strips[line] = self._strip(line)
        return strip

    def _below(self, y: int) -> Strip:
        width, base = self._width, self._plain()
        if self.order.shown or not 0 <= y - 2 < len(self.empty):
            return Strip.blank(width, base)
        return Strip([Segment("  ", base), *segments(self.empty[y - 2], max(width - 2, 0), self._styles(), base)])

    def _strip(self, line: _Line) -> Strip:
        styles = self._styles()
        base = self._plain() + styles["cursor"] if line.under_cursor else self._plain()
        made = [
            Segment("›" if line.under_cursor else " ", base + styles["accent"]),
            Segment("●" if line.marked else " ", base + styles["warn"]),
        ]
        aligns: dict[str, Align] = {column.key: column.align for column in self.columns}
        x = GUTTER
        for slot, cell in zip(self._slots, line.cells, strict=True):
            if slot.x > x:
                made.append(Segment(" " * (slot.x - x), base))
            inner = base + styles["bold"] if slot.x == GUTTER and line.under_cursor else base
            made += segments(pieces_of(cell), slot.width, styles, inner, aligns[slot.key])
            x = slot.x + slot.width
        return Strip(made).adjust_cell_length(self._width, base)

    def _header(self) -> Strip:
        base = self._plain() + self._styles()["head"]
        made: list[Segment] = []
        x = 0
        titles = {column.key: column for column in self.columns}
        for slot in self._slots:
            made.append(Segment(" " * (slot.x - x), base))
            column = titles[slot.key]
            made.append(Segment(fit(self._title(column, slot.width), slot.width, column.align), base))
            x = slot.x + slot.width
        strip = Strip(made).adjust_cell_length(self._width, base)
        note = self._more(self._width - x)
        return Strip([*strip.crop(0, self._width - len(note)), Segment(note, base)], self._width)

    def _more(self, room: int) -> str:
        """How many columns are out of sight to the right, as far as there is room to say it."""
        hidden = self._hidden_right()
        return next((note for note in (f" +{hidden} ›", " ›") if hidden and len(note) <= room), "")

    def _title(self, column: Column, width: int) -> str:
        if self.sorted_by is None or self.sorted_by[0] != column.key:
            return column.title
        arrow = "▼" if self.sorted_by[1] else "▲"
        return f"{fit(column.title, width - 1).rstrip()}{arrow}"

    def _hidden_right(self) -> int:
        return max(len(self.columns) - self._shift - len(self._slots), 0)

    def _plain(self) -> Style:
        # Textual adds up the styles of all ancestors each time it is asked.
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def _styles(self) -> Styles:
        if self._inks is None:
            self._inks = Styles(self.app.theme_variables)
        return self._inks

    # Textual

    def notify_style_update(self) -> None:
        """Another theme: other styles."""
        super().notify_style_update()
        self._inks = self._base = None
        self._strips.clear()

    def on_resize(self) -> None:
        self.virtual_size = Size(self._width, len(self.order) + 1)
        self._lay_out()
        self._into_view()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The rows in view are other ones."""
        if round(old_value) != round(new_value):
            self._drawn = self._lines()
        super().watch_scroll_y(old_value, new_value)

    def on_click(self, event: events.Click) -> None:
        if event.y == 0:
            slot = next((slot for slot in self._slots if slot.x <= event.x < slot.x + slot.width + GAP), None)
            if slot is not None:
                self.post_message(self.HeaderClicked(self, slot.key))
            return
        row = event.y - 1 + round(self.scroll_y)
        if row >= len(self.order):
            return
        self.move_to(row)
        if event.chain == 2:
            self.post_message(self.Opened(self))
