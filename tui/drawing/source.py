"""Source code, differences and facts as lines. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.style import Style

from .ansi import Line, Span
from .cells import steady

HIGHLIGHTED = 200_000  # characters of a source that are coloured
WIDTH = 2_000  # characters of one line of it that are kept
LINES = 20_000

TITLE = Style(bold=True, underline=True)
LABEL = Style(dim=True)
BAD = Style(color="red", bold=True)
_NUMBER = Style(dim=True)
_DIFF = {
    "+++": Style(bold=True),
    "---": Style(bold=True),
    "diff": Style(bold=True),
    "@@": Style(color="cyan"),
    "+": Style(color="green"),
    "-": Style(color="red"),
}


def title(text: str) -> Line:
    return Line(steady(text), ((0, len(steady(text)), TITLE),))


@lru_cache(maxsize=8)
def python_lines(code: str, dark: bool = True) -> tuple[Line, ...]:
    """Python source with line numbers, coloured by the theme's sixteen colours."""
    pieces = _coloured(code, dark) if len(code) <= HIGHLIGHTED else ((code, None),)
    rows = _rows(pieces)
    more = len(rows) - LINES
    if more > 0:
        rows = [*rows[:LINES], [(f"… {more:,} more lines", LABEL)]]
    gutter = len(str(len(rows)))
    return tuple(_numbered(number, gutter, row) for number, row in enumerate(rows, 1))


def _coloured(code: str, dark: bool) -> Iterable[tuple[str, Style | None]]:
    from pygments.lexers.python import PythonLexer
    from rich.syntax import Syntax

    theme = Syntax.get_theme("ansi_dark" if dark else "ansi_light")
    for token, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        yield text, theme.get_style_for_token(token)


def _rows(pieces: Iterable[tuple[str, Style | None]]) -> list[list[tuple[str, Style | None]]]:
    rows: list[list[tuple[str, Style | None]]] = [[]]
    for text, style in pieces:
        first, *rest = text.split("\n")
        rows[-1].append((first, style))
        rows.extend([(line, style)] for line in rest)
    if len(rows) > 1 and not any(text for text, _ in rows[-1]):
        rows.pop()
    return rows


def _numbered(number: int, gutter: int, row: Iterable[tuple[str, Style | None]]) -> Line:
    text = f"{number:>{gutter}}  "
    spans: list[Span] = [(0, len(text), _NUMBER)]
    indent = len(text)
    for piece, style in row:
        written = steady(piece.expandtabs(4), WIDTH)
        if style and written:
            spans.append((len(text), len(text) + len(written), style))
        text += written
        if len(text) > WIDTH + indent:
            break
    return Line(text, tuple(spans))


def diff_lines(text: str) -> tuple[Line, ...]:
    """A difference as git writes it; its signs stay, so that nothing is colour-only."""
    rows = text.split("\n")
    if rows and not rows[-1]:
        rows.pop()
    lines = [_diff_line(row) for row in rows[:LINES]]
    if len(rows) > LINES:
        lines.append(Line(f"… {len(rows) - LINES:,} more lines"))
    return tuple(lines)


def _diff_line(row: str) -> Line:
    text = steady(row.expandtabs(4), WIDTH)
    style = next((style for start, style in _DIFF.items() if text.startswith(start)), None)
    return Line(text, ((0, len(text), style),) if style and text else ())


def fact_lines(facts: Iterable[tuple[str, str | Sequence[str]]], width: int, label: int = 13) -> list[Line]:
    """Labels at the left, values wrapped beside them; several values one below the other."""
    lines: list[Line] = []
    for name, value in facts:
        values = [value] if isinstance(value, str) else value
        rows = [row for one in values for row in wrapped(one, max(width - label - 1, 10))]
        for place, row in enumerate(rows):
            head = f"{steady(name) if place == 0 else '':<{label}} "
            lines.append(Line(head + row, ((0, label, LABEL),) if place == 0 else ()))
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Text of a person or of data on lines of at most `width` characters; its own line ends stay."""
    rows = [row for line in text[:20_000].splitlines() or [""] for row in _wrap(steady(line, 4_000), width)]
    return rows[:200]


def _wrap(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, max(width, 1), break_on_hyphens=False) or [""]
