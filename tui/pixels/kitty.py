"""Pictures for terminals with kitty's graphics, placed by characters: they scroll and travel through tmux as text.

The pixels are uploaded once under a number; each cell that shows a part of them holds the placeholder character, with
the row and the column of the part as combining marks, and the number as the colour (the protocol's "Unicode
placeholders", kitty 0.28 and later, Ghostty). A number of 8 bits survives where tmux has 256 colours.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache

from .png import few_png
from .tone import Rgb

PLACEHOLDER = "\U0010eeee"
LEAST_ID, MOST_ID = 16, 255  # the 16 lowest colours go under other names
_PIECE = 4096  # most bytes of base64 in one sequence
# The marks of 0, 1, 2 …: combining class 230, no decomposition, in Unicode 6.0. Written as hexadecimal ranges.
_MARKS = """
305 30D-30E 310 312 33D-33F 346 34A-34C 350-352 357 35B 363-36F 483-487 592-595 597-599 59C-5A1 5A8-5A9 5AB-5AC
5AF 5C4 610-617 657-65B 65D-65E 6D6-6DC 6DF-6E2 6E4 6E7-6E8 6EB-6EC 730 732-733 735-736 73A 73D 73F-741 743 745
747 749-74A 7EB-7F1 7F3 816-819 81B-823 825-827 829-82D 951 953-954 F82-F83 F86-F87 135D-135F 17DD 193A 1A17
1A75-1A7C 1B6B 1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1
20D4-20D7 20DB-20DC 20E1 20E7 20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3
AAB7-AAB8 AABE-AABF AAC1 FE20-FE26 10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244
"""


def _marks() -> str:
    found: list[str] = []
    for each in _MARKS.split():
        first, _, last = each.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return "".join(found)


MARKS = _marks()
MOST_CELLS = len(MARKS)  # a picture has no more columns and no more rows


def upload(pixels: Rgb, number: int, columns: int, rows: int, *, tmux: bool = False) -> str:
    """The sequence that gives H×W×3 pixels the `number` (16 to 255), to be shown on `columns` × `rows` cells.

    What had the number before is replaced. The terminal stays silent (q=2): an answer would come in as keys.
    """
    data = b64encode(few_png(pixels)).decode("ascii")
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    keys = f"a=T,U=1,f=100,q=2,i={number},c={columns},r={rows}"
    last = len(pieces) - 1
    return "".join(
        _wrapped(f"{keys + ',' if at == 0 else 'q=2,'}m={int(at < last)};{piece}", tmux)
        for at, piece in enumerate(pieces)
    )


def delete(number: int, *, tmux: bool = False) -> str:
    """The sequence that takes a picture off the screen and out of the terminal's memory."""
    return _wrapped(f"a=d,d=I,i={number},q=2", tmux)


@lru_cache(maxsize=512)
def placeholders(row: int, columns: int) -> tuple[str, ...]:
    """The characters of one row of cells, each with its place, so that any part of the row may be shown alone."""
    return tuple(PLACEHOLDER + MARKS[row] + MARKS[column] for column in range(columns))


def _wrapped(body: str, tmux: bool) -> str:
    return passed_on(f"\x1b_G{body}\x1b\\") if tmux else f"\x1b_G{body}\x1b\\"


def passed_on(sequence: str) -> str:
    """A sequence that tmux hands to the terminal outside (where allow-passthrough is on)."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"
