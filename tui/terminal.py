"""What the terminal can do, found out before Textual starts. Standard library only.

Colours are not forwarded over SSH in an environment variable, so the terminal itself is asked: one write, one round
trip, read until the answer that every terminal gives (device attributes). tmux answers for itself and not for the
terminal outside, so there `tmux display -p` is asked instead.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terminal:
    """`colors`: truecolor, 256, 16 or none; `why`: how that is known. `problem`: why the application cannot run here.

    `outside`: tmux, screen or "". `cell`: width and height of a character in pixels. `round_trip`: seconds.
    """

    name: str = ""
    version: str = ""
    outside: str = ""
    colors: str = "truecolor"
    why: str = "assumed"
    kitty: bool = False
    sixel: bool = False
    synchronized: bool = False
    cell: tuple[int, int] | None = None
    round_trip: float | None = None
    problem: str = ""


def look(color: str = "auto") -> Terminal:
    """The terminal of this process; `color` (auto, truecolor, 256, 16, none) overrules what it says of colours."""
    name = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return Terminal(name, problem="trainvis-tui needs a terminal; use `trainvis ls`")
    if color != "auto":
        return Terminal(name, colors=color, why="asked for with --color")
    return Terminal(name)
