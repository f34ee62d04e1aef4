"""The values of a layer without height and width, as a strip of coloured cells wrapped to the width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..pixels.tone import PLAIN, Array, Range, Tone, coloured, range_of
from .canvas import Ink
from .cells import number
from .page import Page

_WIDEST = 6


def columns_of(count: int, width: int, height: int) -> tuple[int, int]:
    """How many values stand in a row of `width` cells, and how wide each is, so that `height` rows hold all of them."""
    room = max(width, 1)
    for wide in range(_WIDEST, 0, -1):
        across = max(room // wide, 1)
        tidy = across - across % 10 if across >= 10 else across
        if -(-count // tidy) <= height:
            return tidy, wide
    return (room - room % 10 if room >= 10 else room), 1


def strip(
    values: Array, width: int, height: int, cursor: int = 0, *, tone: Tone = PLAIN, reach: Range | None = None,
    signed: bool = False,
) -> Page:  # fmt: skip
    """The values as cells, each row beginning with the number of its first; the one at `cursor` is marked.

    Where they do not fit, the rows around the cursor are shown. The hits of the page count the values.
    """
    page = Page(width, height)
    gutter = len(str(max(len(values) - 1, 0))) + 1
    across, wide = columns_of(len(values), width - gutter, height)
    colours = coloured(values, reach or range_of(values, tone, signed=signed), tone, signed=signed)
    rows = -(-len(values) // across)
    high = high_of(rows, wide, height)
    first = top_of(cursor // across, rows, height // high)
    for row in range(first, min(first + height // high, rows)):
        top = (row - first) * high
        page.text(0, top, f"{row * across:>{gutter - 1}}", Ink.DIM)
        for at in range(row * across, min((row + 1) * across, len(values))):
            column = gutter + at % across * wide
            red, green, blue = colours[at].tolist()
            for line in range(high):
                marked = at == cursor and line == (high - 1) // 2
                page.fill(column, top + line, _cell(wide, marked=marked), (red, green, blue))
            page.hit(column, top, at, wide, high)
    return page


def high_of(rows: int, wide: int, height: int) -> int:
    """Rows of cells of each value, so that they are about square where there is room."""
    return max(min(wide // 2, height // max(rows, 1)), 1)


def through_time(
    values: Array, steps: Sequence[int], width: int, height: int, cursor: int, reach: Range, *, signed: bool = False
) -> Page:
    """S×L values, a row for each step, latest last; where they do not fit the columns around the cursor are shown.

    The hits of the page count values.
    """
    page = Page(width, height)
    gutter = max([len(str(each)) for each in steps] + [4]) + 1
    room, length = max(width - gutter, 1), values.shape[1]
    wide = max(min(room // max(length, 1), _WIDEST), 1)
    left = top_of(cursor, length, room // wide)
    rows = min(len(values), max(height - 1, 0))
    high = max((height - 1) // max(rows, 1), 1) if rows == len(values) else 1
    high = min(high, max(wide // 2, 1))
    page.text(0, 0, "step".rjust(gutter - 1), Ink.DIM)
    page.text(gutter + (cursor - left) * wide, 0, "▾", Ink.SELECTED)
    for line, at in enumerate(range(len(values) - rows, len(values))):
        top = 1 + line * high
        page.text(0, top, str(steps[at]).rjust(gutter - 1), Ink.DIM)
        colours = coloured(values[at, left : left + room // wide], reach, signed=signed).tolist()
        for place, (red, green, blue) in enumerate(colours):
            for row in range(top, top + high):
                page.fill(gutter + place * wide, row, " " * wide, (red, green, blue))
            page.hit(gutter + place * wide, top, left + place, wide, high)
    return page


def _cell(wide: int, *, marked: bool) -> str:
    if not marked:
        return " " * wide
    return "◆" if wide == 1 else "[" + " " * (wide - 2) + "]"


def top_of(row: int, rows: int, height: int) -> int:
    """The first row that is seen where `row` of `rows` shall be, as far in the middle as there are rows."""
    return max(min(row - height // 2, rows - height), 0)


def largest(values: Array, most: int = 5) -> list[int]:
    """Where the `most` largest finite values are, largest first."""
    finite = np.flatnonzero(np.isfinite(values))
    order = np.argsort(-values[finite].astype(np.float64), kind="stable")
    return finite[order[:most]].tolist()


def bar(width: int, reach: Range, *, tone: Tone = PLAIN, signed: bool = False) -> Page:
    """One line: from what to what the colours reach."""
    page = Page(width, 1)
    low, high = number(reach[0]), number(reach[1])
    room = min(width - len(low) - len(high) - 2, 32)
    if room < 4:
        return page
    at = page.text(0, 0, low, Ink.DIM) + 1
    colours = coloured(np.linspace(*reach, room), reach, tone, signed=signed)
    for place, colour in enumerate(colours.tolist()):
        page.fill(at + place, 0, " ", (colour[0], colour[1], colour[2]))
    page.text(at + room + 1, 0, high, Ink.DIM)
    return page


def place(whole: Page, column: int, row: int, page: Page, *, hits: bool = False) -> None:
    """Put a page onto another one; what does not fit is cut off."""
    high, wide = min(page.height, whole.height - row), min(page.width, whole.width - column)
    if high <= 0 or wide <= 0:
        return
    there, here = (slice(row, row + high), slice(column, column + wide)), (slice(0, high), slice(0, wide))
    for name in ("chars", "inks", "fore", "back", *(["hits"] if hits else [])):
        getattr(whole, name)[there] = getattr(page, name)[here]
