"""Tables and layer graphs as pictures of the text that is printed of them, painted cell by cell."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from ...vis.figures import Graph, Table
from ..drawing import screenshot
from ..figures.sheet import Sheet
from . import words

KINDS = ("table", "graph")
_SIZE = 15  # pixels of the font
_WIDE = 200  # cells; where a table is wider, its columns at the right are left out
_MOST = 400  # rows
_LARGEST = 16_000  # pixels of a side, as of every picture
_THEMES = {
    dark: TerminalTheme(ground, ink, [ink] * 8, [ink] * 8)
    for dark, ground, ink in ((True, (18, 22, 27), (216, 222, 230)), (False, (255, 255, 255), (29, 36, 43)))
}
_STRONG, _WEAK = Style(bold=True), Style(dim=True)


def text_picture(sheet: Sheet, scale: int = 1, *, dark: bool = False) -> bytes | None:
    """A PNG file; None for a part of another kind. Raises PictureError where this machine has no monospace font."""
    if not isinstance(sheet.part, Table | Graph) or sheet.facts is None:
        return None
    font = screenshot.font(_SIZE * scale)
    count, what = words.rows(sheet)
    most = min(_MOST, _LARGEST // font.height - 6)
    titles, *rows = words.lines(sheet, min(_WIDE, _LARGEST // font.width - 4), slice(0, most))
    lines = [
        (words.part_words(sheet.facts, sheet.ask.part), _STRONG),
        (words.title(sheet), _WEAK),
        ("", None),
        (titles, _STRONG),
        *((row, None) for row in rows),
    ]
    if most < count:
        lines.append((f"… {count - most:,} more {what}s", _WEAK))
    return _png(lines, font, dark=dark)


def _png(lines: Sequence[tuple[str, Style | None]], font: screenshot.Font, *, dark: bool) -> bytes:
    edge = [[Segment(" ")]]
    rows = [*edge, *([Segment(f"  {text}  ", style)] for text, style in lines), *edge]
    target = io.BytesIO()
    Image.fromarray(screenshot.painted(rows, _THEMES[dark], font)).save(target, "PNG", optimize=True)
    return target.getvalue()
