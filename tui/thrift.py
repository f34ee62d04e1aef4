"""The same picture in fewer bytes: a slow line carries what a terminal could have remembered.

Textual opens each run of cells with its whole style and closes it with a reset. Here only what changes from one run to
the next is sent (ECMA-48, SGR): a chart shrinks to a third. Nothing else is touched, and what is drawn is the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What is drawn between two resets of this spelling, which Textual never uses, is as short as it can be already.
DONE = "\x1b[m"
_SGR = re.compile("\x1b\\[([\\d;]*)m")
# Where the cursor goes is the same in every style, so a style need not be changed for it.
_MOVES = re.compile("(?:\r?\n|\x1b\\[\\d+;\\d+H)*")
# What shows on a blank: underline, blink and reverse, strike, double underline, frames and overlines.
_SHOWS_ON_BLANKS = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
_PLAIN = (frozenset[str](), "", "")

Style = tuple[frozenset[str], str, str]  # flags, foreground, background


def thrifty(sequence: str) -> str:
    """`sequence` with the same effect on a terminal whose style is plain, which it is again afterwards."""
    if DONE not in sequence:
        return _shortened(sequence)
    pieces = sequence.split(DONE)
    return "".join(piece + DONE if at % 2 else _shortened(piece) for at, piece in enumerate(pieces))


def _shortened(sequence: str) -> str:
    if sequence.count("\x1b[0m") < 2:
        return sequence
    pieces = _SGR.split(sequence)
    parts = [pieces[0]]
    wanted, sent = _PLAIN, _PLAIN
    for at in range(1, len(pieces), 2):
        wanted = _after(wanted, pieces[at])
        text = pieces[at + 1]
        if not text:
            continue
        if wanted != sent and _MOVES.fullmatch(text) is None:
            target = _on_blanks(sent, wanted) if text.isspace() and text.isprintable() else wanted
            if target != sent:
                parts.append(_change(sent, target))
                sent = target
        parts.append(text)
    if wanted != sent:
        parts.append(_change(sent, wanted))
    return "".join(parts)


@lru_cache(4096)
def _after(style: Style, codes: str) -> Style:
    """The style after a terminal in `style` has read `codes`."""
    flags, foreground, background = style
    numbers = codes.split(";") if codes else ["0"]
    at = 0
    while at < len(numbers):
        code = numbers[at]
        length = 1
        if code in ("", "0"):
            flags, foreground, background = _PLAIN
        elif code in ("38", "48"):
            length = 5 if numbers[at + 1 : at + 2] == ["2"] else 3
            color = ";".join(numbers[at : at + length])
            foreground, background = (color, background) if code == "38" else (foreground, color)
        elif code == "39":
            foreground = ""
        elif code == "49":
            background = ""
        elif code[0] in "39" and len(code) == 2:
            foreground = code
        elif code[:-1] in ("4", "10") and len(code) > 1:
            background = code
        else:
            flags |= {code}
        at += length
    return flags, foreground, background


@lru_cache(4096)
def _on_blanks(sent: Style, wanted: Style) -> Style:
    """A style that looks as `wanted` on blanks and is nearest to `sent`: they have no foreground."""
    if (sent[0] | wanted[0]) & _SHOWS_ON_BLANKS:
        return wanted
    return sent[0], sent[1], wanted[2]


@lru_cache(4096)
def _change(sent: Style, wanted: Style) -> str:
    """The shortest sequence from one style to another; a flag can only be taken away by beginning anew."""
    codes: list[str] = []
    if not sent[0] <= wanted[0] or wanted == _PLAIN:
        sent = _PLAIN
        codes.append("0")
    codes += sorted(wanted[0] - sent[0])
    for before, after, none in ((sent[1], wanted[1], "39"), (sent[2], wanted[2], "49")):
        if before != after:
            codes.append(after or none)
    return f"\x1b[{';'.join(codes)}m"
