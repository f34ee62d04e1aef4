"""Cells of a picture as lines of styled text."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from ..compat import coloured
from ..pixels.blocks import Cells
from ..pixels.tone import Array


def lines(cells: Cells, plain: Style) -> list[list[Segment]]:
    """A list of segments for each row; `plain` is the style of cells without colours."""
    texts = ["".join(row) for row in cells.chars.tolist()]
    if cells.foreground is None or cells.background is None:
        return [[Segment(text, plain)] for text in texts]
    keys = (_packed(cells.foreground) << 24) | _packed(cells.background)
    begins = np.ones(keys.shape, bool)
    begins[:, 1:] = keys[:, 1:] != keys[:, :-1]
    style = _style if cells.foreground.ndim == 3 else _style_256
    made: list[list[Segment]] = []
    for text, row, begin in zip(texts, keys, begins, strict=True):
        starts = np.flatnonzero(begin)
        styles = map(style, row[starts].tolist())
        at = starts.tolist()
        made.append([Segment(text[a:b], each) for a, b, each in zip(at, [*at[1:], len(text)], styles, strict=True)])
    return made


def cost(cells: Cells) -> int:
    """About how many bytes the cells are on their way: characters, and the colours that change."""
    assert cells.foreground is not None
    assert cells.background is not None
    changes = 0
    for colours in (cells.foreground, cells.background):
        numbers = _packed(colours)
        changes += int((numbers[:, 1:] != numbers[:, :-1]).sum()) + len(numbers)
    blank = int((cells.chars == " ").sum())
    each = 15 if cells.foreground.ndim == 3 else 8
    return blank + 3 * (cells.chars.size - blank) + each * changes + 12 * len(cells.chars)


def _packed(colours: Array) -> Array:
    if colours.ndim == 2:
        return colours.astype(np.int64)
    wide = colours.astype(np.int64)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


@lru_cache(maxsize=65536)
def _style(key: int) -> Style:
    fr, fg, fb, br, bg, bb = key.to_bytes(6, "big")
    return coloured(f"38;2;{fr};{fg};{fb};48;2;{br};{bg};{bb}", _rgb(fr, fg, fb), _rgb(br, bg, bb))


def _rgb(red: int, green: int, blue: int) -> Color:
    return Color("", ColorType.TRUECOLOR, None, ColorTriplet(red, green, blue))


@lru_cache(maxsize=65536)
def _style_256(key: int) -> Style:
    front, back = key >> 24, key & 0xFF
    return coloured(f"38;5;{front};48;5;{back}", number(front), number(back))


def number(of: int) -> Color:
    """One of a terminal's 256 colours."""
    return Color.from_ansi(of)
