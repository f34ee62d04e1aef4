"""Pieces of text with a named style, and the styles those names have in a theme.

A cell or a line is a tuple of pieces; what draws them asks the styles. A style never says anything
alone: the word or the glyph beside it does.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from .cells import Align, cut, fit

Piece = tuple[str, str]
Pieces = tuple[Piece, ...]
Cell = str | Pieces

_ON_DARK = ("#8ab4f8", "#81c995", "#fdd663", "#f28b82", "#c58af9", "#78d9ec", "#fcad70", "#ff8bcb")
_ON_LIGHT = ("#1a56b0", "#1e7a3c", "#8a6100", "#b3261e", "#6b2fb3", "#0b7285", "#a8480f", "#ad1a72")
CHIPS = len(_ON_DARK)


@lru_cache(maxsize=1024)
def chip(tag: str) -> str:
    """The style of a tag: the same tag has the same colour on every screen and every machine."""
    return f"chip{zlib.crc32(tag.encode('utf-8', 'replace')) % CHIPS}"


class Styles:
    """The styles of a theme, made from its variables (`App.theme_variables`).

    Names: good, bad, warn, accent, spark, dim, bold, head, cursor, chip0 … chip7; "" and unknown ones are plain text.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._plain = Style()
        back, fore = (Color.parse(variables[name]) for name in ("background", "foreground"))
        self._named = {
            "good": _ink(variables, "success"),
            "bad": _ink(variables, "error"),
            "warn": _ink(variables, "warning"),
            "accent": _ink(variables, "accent"),
            "bold": Style(bold=True),
        }
        # A theme of the terminal's own sixteen colours has none to mix.
        if back.ansi is not None or fore.ansi is not None:
            self._named |= {
                "dim": Style(dim=True),
                "spark": _ink(variables, "accent"),
                "head": Style(bold=True),
                "cursor": Style(reverse=True),
            }
            self._named |= {f"chip{index}": Style(color=f"color({index % 6 + 1})") for index in range(CHIPS)}
        else:
            self._named |= _mixed(back, fore, Color.parse(variables["accent"]))

    def __getitem__(self, name: str) -> Style:
        return self._named.get(name, self._plain)


def _ink(variables: Mapping[str, str], name: str) -> Style:
    return Style(color=Color.parse(variables[name]).rich_color)


def _mixed(back: Color, fore: Color, accent: Color) -> dict[str, Style]:
    hues = [Color.parse(hue) for hue in (_ON_DARK if back.brightness < 0.5 else _ON_LIGHT)]
    chips = {
        f"chip{index}": Style(color=hue.rich_color, bgcolor=back.blend(hue, 0.14).rich_color)
        for index, hue in enumerate(hues)
    }
    dim = Style(color=back.blend(fore, 0.6).rich_color)
    spark = Style(color=back.blend(accent, 0.7).rich_color)
    head = Style(color=back.blend(fore, 0.75).rich_color, bold=True)
    return {
        **chips,
        "dim": dim,
        "spark": spark,
        "head": head,
        "cursor": Style(bgcolor=back.blend(accent, 0.22).rich_color),
    }


def pieces_of(cell: Cell) -> Pieces:
    """A cell that is a bare text, as its one piece."""
    return ((cell, ""),) if isinstance(cell, str) else cell


def segments(pieces: Pieces, width: int, styles: Styles, base: Style, align: Align = "left") -> list[Segment]:
    """Pieces as segments that take exactly `width` cells; what does not fit is cut with `…`."""
    if len(pieces) == 1 and styles[pieces[0][1]].bgcolor is None:
        text, name = pieces[0]
        return [Segment(fit(text, width, align), base + styles[name])]
    made: list[Segment] = []
    left = width
    for index, (text, name) in enumerate(pieces):
        if left <= 0:
            break
        shown, length = cut(text, left)
        if length == left and shown == text and any(more.strip() for more, _ in pieces[index + 1 :]):
            shown, length = cut(text + " ", left)  # it just fits, but then nothing would say that there is more
        made.append(Segment(shown, base + styles[name]))
        left -= length
    if left > 0:
        blank = Segment(" " * left, base)
        made = [blank, *made] if align == "right" else [*made, blank]
    return made
