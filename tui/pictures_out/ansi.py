"""Cells as lines for a terminal: characters with SGR colours of 24 bits, of 256, or none, run by run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from ..pixels.blocks import Cells

_RESET = "\x1b[0m"


def lines(cells: Cells) -> Iterator[str]:
    """Each row of cells as text with control sequences, reset at its end; cells without colours as they are."""
    if cells.foreground is None or cells.background is None:
        yield from ("".join(chars) for chars in cells.chars)
        return
    front, back = (each if each.ndim == 3 else each[..., None] for each in (cells.foreground, cells.background))
    for chars, *sides in zip(cells.chars, front, back, strict=True):
        both = np.concatenate(sides, axis=1).astype(int)
        starts = [0, *(np.flatnonzero((both[1:] != both[:-1]).any(axis=1)) + 1).tolist(), len(chars)]
        half = both.shape[1] // 2
        parts = [
            f"\x1b[38;{_code(both[start, :half])};48;{_code(both[start, half:])}m{''.join(chars[start:stop])}"
            for start, stop in pairwise(starts)
        ]
        yield "".join(parts) + _RESET


def _code(colour: Any) -> str:
    """`2;R;G;B`, or `5;N` for one of 256."""
    return ";".join(map(str, (2, *colour) if len(colour) == 3 else (5, *colour)))
