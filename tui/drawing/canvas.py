"""A rectangle of terminal cells: one character and one ink in each, drawn on in order, read out row by row."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len

from ...engine.text import printable


class Ink(IntEnum):
    """What a cell shows, not its colour: the theme decides that. From `SERIES` on, two inks a colour of the palette."""

    BLANK = 0
    TEXT = 1
    DIM = 2
    TITLE = 3
    GRID = 4
    CURSOR = 5
    MARK = 6
    SELECTED = 7
    SERIES = 16

    @staticmethod
    def bright(colour: int) -> int:
        return int(Ink.SERIES) + 2 * colour

    @staticmethod
    def faint(colour: int) -> int:
        return int(Ink.SERIES) + 2 * colour + 1


class Canvas:
    """`chars` is U1[H, W] ("" continues a wide character at its left), `inks` uint8[H, W] of `Ink`."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self.chars: npt.NDArray[np.str_] = np.full((self.height, self.width), " ", "<U1")
        self.inks: npt.NDArray[np.uint8] = np.zeros((self.height, self.width), np.uint8)

    def put(self, column: int, row: int, char: str, ink: int) -> None:
        """One character of width 1; outside of the canvas nothing happens."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self.chars[row, column] = char
            self.inks[row, column] = ink

    def text(self, column: int, row: int, text: str, ink: int, room: int | None = None) -> int:
        """Write from `column` on at most `room` cells, the last one "…" if it does not fit; the next free column."""
        if not 0 <= row < self.height:
            return column
        stop = min(self.width, self.width if room is None else column + room)
        clean = printable(text)
        cut = cell_len(clean) > stop - column
        for char in clean:
            wide = cell_len(char)
            if wide == 0:
                continue
            if cut and column + wide > stop - 1:
                self.put(column, row, "…", ink)
                return min(column + 1, stop)
            self.put(column, row, char, ink)
            if wide == 2:
                self.put(column + 1, row, "", ink)
            column += wide
        return column

    def free(self, column: int, row: int, room: int) -> bool:
        """Whether `room` cells from `column` on are inside and blank."""
        inside = column >= 0 and column + room <= self.width and 0 <= row < self.height
        return inside and bool((self.chars[row, column : column + room] == " ").all())

    def line(self, row: int) -> str:
        """The text of a row."""
        return "".join(self.chars[row].tolist())

    def runs(self, row: int) -> Iterator[tuple[str, int]]:
        """The row as stretches of one ink, left to right."""
        inks = self.inks[row]
        if not len(inks):
            return
        chars = self.chars[row].tolist()
        turns = [0, *(np.flatnonzero(inks[1:] != inks[:-1]) + 1).tolist(), len(chars)]
        for start, end in pairwise(turns):
            yield "".join(chars[start:end]), int(inks[start])

    def changed(self, before: Canvas | None) -> list[int]:
        """The rows that differ from another canvas: all of them where its size differs."""
        if before is None or before.chars.shape != self.chars.shape:
            return list(range(self.height))
        differs = (self.chars != before.chars).any(axis=1) | (self.inks != before.inks).any(axis=1)
        return np.flatnonzero(differs).tolist()

    def __str__(self) -> str:
        return "\n".join(self.line(row).rstrip() for row in range(self.height))
