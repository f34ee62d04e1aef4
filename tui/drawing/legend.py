"""Title and legend of a chart: a swatch, a name and a value for each line, and letters where the lines end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.cells import cell_len

from ...engine.text import printable
from .canvas import Canvas, Ink

_LONGEST_LABEL = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """What the legend says of one line. `at` is where on the x axis the value was measured, "" for the last one."""

    key: str
    label: str
    value: str
    at: str
    colour: int
    dashed: bool
    odd: str = ""
    note: str = ""

    def parts(self, shared: str) -> list[tuple[str, int]]:
        """Texts and their inks, left to right; `at` is left out where it is `shared` by the whole legend."""
        swatch = "╌╌" if self.dashed else "━━"
        bright = Ink.bright(self.colour)
        # A letter without a name stands for a run listed elsewhere, and needs all the room for its value.
        parts = [(" ".join(part for part in (self.key, swatch if self.label or not self.key else "") if part), bright)]
        label = printable(self.label, _LONGEST_LABEL)
        parts += [(text, ink) for text, ink in ((label, int(Ink.TEXT)), (self.value, bright)) if text]
        if self.at and self.at != shared:
            parts.append((f"at {self.at}", int(Ink.DIM)))
        if self.odd:
            parts.append((self.odd, int(Ink.MARK)))
        if self.note:
            parts.append((self.note, int(Ink.DIM)))
        return parts


class Titled(Protocol):
    """What of a plot the header shows."""

    @property
    def legend_rows(self) -> int: ...
    @property
    def selected(self) -> bool: ...
    @property
    def axis(self) -> str: ...


def legend(canvas: Canvas, title: str, entries: Sequence[Entry], plot: Titled) -> int:
    """Write title and legend from the top left; the number of rows taken, at least one, at most `legend_rows`."""
    rows = max(1, min(plot.legend_rows, canvas.height // 4))
    ink = Ink.SELECTED if plot.selected else Ink.TITLE
    column = canvas.text(0, 0, title, ink, max(canvas.width * 2 // 3, 8))
    shared = next((entry.at for entry in entries if entry.at), "")
    if shared:
        column = canvas.text(column + 1, 0, f"{plot.axis} {shared}", Ink.DIM)
    row, indent = 0, 2 if title else 0
    for done, entry in enumerate(entries):
        parts = entry.parts(shared)
        needed = sum(cell_len(text) + 1 for text, _ in parts) - 1
        start = column + 2 if column else 0
        rest = len(f"+{len(entries) - done}") + 2 if row == rows - 1 and done < len(entries) - 1 else 0
        if start + needed + rest > canvas.width and row < rows - 1:
            row, start = row + 1, indent
        if start + needed + rest > canvas.width:
            column = _shortened(canvas, start, row, parts, len(entries) - done)
            break
        for text, part in parts:
            column = canvas.text(start, row, text, part)
            start = column + 1
    return row + 1


def _shortened(canvas: Canvas, column: int, row: int, parts: list[tuple[str, int]], left: int) -> int:
    """The last entry that fits only in part: cut if it is the only one left, else a count of those left out."""
    if left > 1:
        return canvas.text(column, row, f"+{left}", Ink.DIM)
    for text, ink in parts:
        if column >= canvas.width:
            break
        column = canvas.text(column, row, text, ink) + 1
    return column


def place_keys(canvas: Canvas, column: int, top: int, bottom: int, ends: Sequence[tuple[str, float, int]]) -> None:
    """Write each line's letter (key, row, colour) beside its end: in the order of the ends, one a row, top..bottom."""
    ordered = sorted((end for end in ends if end[0]), key=lambda end: end[1])
    if len(ordered) > bottom - top + 1:
        # Too many for the height: training alone, in small letters.
        ordered = [end for end in ordered if end[0].islower()]
    for (key, _, colour), row in zip(ordered, spread([end[1] for end in ordered], top, bottom), strict=False):
        canvas.text(column, row, key, Ink.bright(colour), 2)


def spread(wanted: Sequence[float], top: int, bottom: int) -> list[int]:
    """Rows near the ascending `wanted`, each once, within top..bottom; [] where there are more than rows."""
    if len(wanted) > bottom - top + 1:
        return []
    rows: list[int] = []
    for index, row in enumerate(wanted):
        first, last = top + index, bottom - (len(wanted) - 1 - index)
        rows.append(max(min(round(row), last), first, rows[-1] + 1 if rows else first))
    return _settled(rows, wanted, top)


def _settled(rows: list[int], wanted: Sequence[float], top: int) -> list[int]:
    """Pushing down alone leaves a crowd too low: each touching group moves up until it stands about its ends."""
    settled: list[int] = []
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and rows[end] == rows[end - 1] + 1:
            end += 1
        group = range(start, end)
        low = settled[-1] + 1 if settled else top
        off = round(sum(rows[each] - wanted[each] for each in group) / len(group))
        shift = min(max(off, 0), rows[start] - low)
        settled += [rows[each] - shift for each in group]
        start = end
    return settled
