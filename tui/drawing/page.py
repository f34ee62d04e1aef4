"""A canvas whose cells may have colours of their own, and which knows what lies under each of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .canvas import Canvas, Ink

NOTHING = -1  # no colour of its own; nothing under a cell
Rgb = tuple[int, int, int]


class Page(Canvas):
    """`back` and `fore` are int32[H, W], 0xRRGGBB or NOTHING for what the ink says; `hits` what a click there means.

    `hits` counts what the page shows (values, cells of a matrix, nodes, …) as its maker does.
    """

    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self.fore: npt.NDArray[np.int32] = np.full((self.height, self.width), NOTHING, np.int32)
        self.back: npt.NDArray[np.int32] = np.full((self.height, self.width), NOTHING, np.int32)
        self.hits: npt.NDArray[np.int32] = np.full((self.height, self.width), NOTHING, np.int32)

    def fill(self, column: int, row: int, text: str, ground: Rgb, ink: int = Ink.TEXT) -> None:
        """Text in black or white, whichever is read better, on a ground of its own."""
        end = min(self.text(column, row, text, ink), self.width)
        if not 0 <= row < self.height or column >= end:
            return
        self.back[row, column:end] = packed(ground)
        self.fore[row, column:end] = packed(contrast(ground))

    def colour(self, column: int, row: int, colour: Rgb, room: int = 1) -> None:
        """The characters from `column` on in a colour of their own."""
        if 0 <= row < self.height:
            self.fore[row, max(column, 0) : max(column + room, 0)] = packed(colour)

    def hit(self, column: int, row: int, what: int, wide: int = 1, high: int = 1) -> None:
        """A rectangle of cells means `what`."""
        rows, columns = slice(max(row, 0), max(row + high, 0)), slice(max(column, 0), max(column + wide, 0))
        self.hits[rows, columns] = what

    def stretches(self, row: int) -> Iterator[tuple[str, int, int, int]]:
        """The row as stretches that look alike: text, ink, colour and ground, left to right."""
        looks = np.stack([self.inks[row].astype(np.int32), self.fore[row], self.back[row]])
        if not self.width:
            return
        chars = self.chars[row].tolist()
        turns = (np.flatnonzero((looks[:, 1:] != looks[:, :-1]).any(axis=0)) + 1).tolist()
        for start, end in pairwise([0, *turns, len(chars)]):
            ink, fore, back = looks[:, start].tolist()
            yield "".join(chars[start:end]), ink, fore, back

    def changed(self, before: Canvas | None) -> list[int]:
        found = set(super().changed(before))
        if isinstance(before, Page) and before.back.shape == self.back.shape:
            differs = (self.fore != before.fore).any(axis=1) | (self.back != before.back).any(axis=1)
            found.update(np.flatnonzero(differs).tolist())
        return sorted(found)


def packed(colour: Rgb) -> int:
    """0xRRGGBB."""
    red, green, blue = (int(each) for each in colour)
    return red << 16 | green << 8 | blue


def unpacked(colour: int) -> Rgb:
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255


def contrast(ground: Rgb) -> Rgb:
    """Black or white, whichever is read better on a ground (luma after ITU-R BT.601)."""
    red, green, blue = (int(each) for each in ground)
    return (0, 0, 0) if 299 * red + 587 * green + 114 * blue > 128_000 else (255, 255, 255)
