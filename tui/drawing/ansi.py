"""One line of a script's output, as bytes → harmless text with colours. Pure.

A line is what stands between two newlines. Of everything that steers a terminal only colours and
weights (SGR) are understood and kept as styles; a carriage return and backspaces are collapsed to what
a person would see in the end; each other control character and escape sequence is dropped (ECMA-48).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rich.color import Color
from rich.style import Style

from .cells import steady

LENGTH = 10_000  # characters of one line that are shown
TAB = 8

Span = tuple[int, int, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """Text without any control character; `spans` are (start, end, style) in characters, in order."""

    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Pen:
    """What SGR sequences have set so far; colours as SGR means them: an index 0-255, or (r, g, b)."""

    foreground: int | tuple[int, int, int] | None = None
    background: int | tuple[int, int, int] | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = Pen()

_TOKEN = re.compile(
    r"(?:\x1b\[|\x9b)(?P<sgr>[0-9;:]*)m"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # any other CSI
    # Operating system commands and other strings; one without an end loses its introducer only,
    # so that it cannot hide the text behind it.
    r"|(?:\x1b[PX^_\]]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[PX^_\]]"
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SGR = re.compile(rb"\x1b\[[0-9;:]*m")


def last_frame(data: bytes) -> bytes:
    """What is left of a line whose progress bar went back to its beginning: the text after the last CR.

    Carriage returns and colours at the very end overwrite nothing, the frame before them stays.
    """
    if b"\r" not in data:
        return data
    while data.endswith((b"\r", b"m")):
        shorter = data.rstrip(b"\r")
        escape = shorter.rfind(b"\x1b[", -32)
        if escape >= 0 and _SGR.fullmatch(shorter, escape):
            shorter = shorter[:escape]
        if shorter == data:
            break
        data = shorter
    return data[data.rfind(b"\r") + 1 :]


def parse(data: bytes, limit: int = LENGTH) -> Line:
    """The line as it is shown: at most `limit` characters, with "…" where more was cut off."""
    text = last_frame(data).decode("utf-8", "replace")
    if _CONTROL.search(text) is None:
        return Line(_cut(steady(text, limit + 1), limit))
    return _overwrite(text, limit) if "\b" in text else _append(text, limit)


def _append(text: str, limit: int) -> Line:
    """Pieces one behind the other: what a line without backspaces is."""
    pieces: list[str] = []
    spans: list[Span] = []
    pen, cursor = PLAIN, 0
    for match in _TOKEN.finditer(text):
        if match["sgr"] is not None:
            pen = _turn(pen, match["sgr"])
            continue
        written = _written(match, cursor, limit)
        if not written:
            continue
        if pen != PLAIN:
            spans.append((cursor, min(cursor + len(written), limit), style(pen)))
        pieces.append(written)
        cursor += len(written)
        if cursor > limit:
            break
    return Line(_cut("".join(pieces), limit), tuple(spans))


def _written(match: re.Match[str], cursor: int, limit: int) -> str:
    if match["text"] is not None:
        return steady(match["text"], limit + 1)
    return " " * (TAB - cursor % TAB) if match["control"] == "\t" else ""


def _overwrite(text: str, limit: int) -> Line:
    """Characters and pens in cells, as a terminal does, with a cursor that backspaces move left."""
    cells: list[str] = []
    pens: list[Pen] = []
    pen, cursor = PLAIN, 0
    for match in _TOKEN.finditer(text):
        if cursor > limit:
            break
        if match["sgr"] is not None:
            pen = _turn(pen, match["sgr"])
        elif match["control"] == "\b":
            cursor = max(cursor - 1, 0)
        else:
            written = _written(match, cursor, limit)
            cells[cursor : cursor + len(written)] = written
            pens[cursor : cursor + len(written)] = [pen] * len(written)
            cursor += len(written)
    shown = _cut("".join(cells), limit)
    return Line(shown, tuple(_spans(pens[: len(shown)])))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _spans(pens: list[Pen]) -> list[Span]:
    spans: list[Span] = []
    start = 0
    for place in range(1, len(pens) + 1):
        if place == len(pens) or pens[place] != pens[start]:
            if pens[start] != PLAIN:
                spans.append((start, place, style(pens[start])))
            start = place
    return spans


@lru_cache(maxsize=1024)
def style(pen: Pen) -> Style:
    """The pen as Rich draws it."""
    # Black and white on no ground of their own are the theme's ink: one of them is its paper.
    ink = pen.background is None and pen.foreground in (0, 7, 15) and not pen.reverse
    return Style(
        color=None if ink else _color(pen.foreground),
        bgcolor=_color(pen.background),
        bold=pen.bold or None,
        dim=pen.dim or None,
        italic=pen.italic or None,
        underline=pen.underline or None,
        reverse=pen.reverse or None,
        strike=pen.strike or None,
    )


def _color(value: int | tuple[int, int, int] | None) -> Color | None:
    match value:
        case None:
            return None
        case int():
            return Color.from_ansi(value)
        case red, green, blue:
            return Color.from_rgb(red, green, blue)


# Blinking (5, 6) and concealing (8) are left out on purpose: one disturbs, the other hides.
_ATTRIBUTES: dict[int, dict[str, object]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    9: {"strike": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
    29: {"strike": False},
    39: {"foreground": None},
    49: {"background": None},
}


@lru_cache(maxsize=4096)
def _turn(pen: Pen, parameters: str) -> Pen:
    """The pen after one SGR sequence, its parameters separated by `;` or (ITU T.416) by `:`."""
    codes = [int(word) if word and len(word) < 4 else 0 for word in re.split("[;:]", parameters)][:32]
    place = 0
    while place < len(codes):
        code = codes[place]
        place += 1
        if code in (38, 48):
            color, taken = _extended(codes[place:], colons=":" in parameters)
            place += taken
            if color is not None:
                pen = replace(pen, foreground=color) if code == 38 else replace(pen, background=color)
        elif code == 0:
            pen = PLAIN
        elif code in _ATTRIBUTES:
            pen = replace(pen, **_ATTRIBUTES[code])
        else:
            pen = _sixteen(pen, code)
    return pen


def _sixteen(pen: Pen, code: int) -> Pen:
    for first, bright in ((30, 0), (90, 8)):
        if first <= code < first + 8:
            return replace(pen, foreground=code - first + bright)
        if first + 10 <= code < first + 18:
            return replace(pen, background=code - first - 10 + bright)
    return pen


def _extended(codes: list[int], colons: bool) -> tuple[int | tuple[int, int, int] | None, int]:
    """The colour behind 38 or 48, and how many parameters it took."""
    match codes:
        case [5, index, *_]:
            return (index if index < 256 else None), 2
        case [2, _, red, green, blue, *_] if colons and max(red, green, blue) < 256:
            return (red, green, blue), 5
        case [2, red, green, blue, *_]:
            return ((red, green, blue) if max(red, green, blue) < 256 else None), 4
        case _:
            return None, len(codes)
