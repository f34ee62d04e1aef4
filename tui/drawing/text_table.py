"""A table as lines of text: columns by what they need and what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from . import cells
from .cells import Align
from .columns import Wish, fit_columns

_ANY_WIDTH = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its cells as harmless text. Below `least` cells it is left out rather than cut further.

    Where the terminal is too narrow for all, those of low `priority` go first.
    """

    title: str
    cells: tuple[str, ...]
    priority: int
    align: Align = "left"
    least: int = _ANY_WIDTH

    @property
    def most(self) -> int:
        return max(cells.cell_len(text) for text in (self.title, *self.cells))


def lines(
    table: Sequence[Column], width: int | None, paint: Callable[[int, str], str] = lambda _, text: text
) -> Iterator[str]:
    """The table as lines of at most `width` cells, the titles first; `paint` colours the status of a row."""
    by_key = {str(place): column for place, column in enumerate(table)}
    wishes = [Wish(key, column.least, column.most, column.priority) for key, column in by_key.items()]
    slots = fit_columns(wishes, _ANY_WIDTH if width is None else width)
    for number in range(-1, len(table[0].cells) if table else -1):
        parts = []
        for slot in slots:
            column = by_key[slot.key]
            text = cells.fit(column.title if number < 0 else column.cells[number], slot.width, column.align)
            parts.append(paint(number, text) if number >= 0 and column.title == "status" else text)
        yield "  ".join(parts).rstrip()
