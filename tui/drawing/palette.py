"""The colours of curves: eight that stay apart for colour-blind eyes, and which run gets which.

Hues after Okabe & Ito (2008), "Color Universal Design", made lighter for dark and darker for light backgrounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zlib import crc32

DARK = ("#56b4f0", "#f0a030", "#3fc79a", "#f2799f", "#e8dc5a", "#b79cf2", "#ff8355", "#9fd3d6")
LIGHT = ("#0b63b0", "#b35c00", "#007f5c", "#b3296b", "#7d6c00", "#6a45c0", "#c0380b", "#2f7478")
ANSI = ("bright_blue", "bright_yellow", "bright_green", "bright_magenta", "bright_cyan", "bright_red", "blue", "yellow")
COLOURS = len(DARK)


def assigned(ids: Iterable[str], before: Mapping[str, int] | None = None) -> dict[str, int]:
    """A colour for each id: the one it had in `before`, else the one its name hashes to, else the next one free.

    The order of `ids` does not matter, so that a run keeps its colour from one day to the next.
    """
    wanted = sorted(set(ids))
    given = {name: colour for name, colour in (before or {}).items() if name in wanted}
    for name in wanted:
        if name not in given:
            first = crc32(name.encode("utf-8", "surrogateescape")) % COLOURS
            turns = [(first + turn) % COLOURS for turn in range(COLOURS)]
            uses = list(given.values())
            given[name] = min(turns, key=uses.count)
    return given


def letter(index: int) -> str:
    """A mark for the index-th run of a chart: a to z, then over again; its validation has the capital."""
    return "abcdefghijklmnopqrstuvwxyz"[index % 26]
