"""Dots to characters: a grid of dots becomes one character a cell, braille where the font has it.

`Glyphs` is a way to show dots: how many fit into a cell, and which character shows which pattern. Braille
packs 2×4 dots (Unicode 15, block U+2800); quadrants pack 2×2 and exist in nearly every font; `ASCII` is for
terminals and files that know nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Dots = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """`bits[row][column]` is the bit of a dot in its cell, `table[pattern]` the character that shows a pattern."""

    bits: tuple[tuple[int, ...], ...]
    table: str

    @property
    def rows(self) -> int:
        """Dots from top to bottom of a cell."""
        return len(self.bits)

    @property
    def columns(self) -> int:
        """Dots from left to right of a cell."""
        return len(self.bits[0])


BRAILLE = Glyphs(
    bits=((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80)),
    table=" " + "".join(chr(0x2800 + pattern) for pattern in range(1, 256)),
)
QUADRANT = Glyphs(bits=((1, 2), (4, 8)), table=" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")
ASCII = Glyphs(bits=((1,), (2,)), table=" '.:")
_NAMES = {"braille": BRAILLE, "quadrant": QUADRANT, "ascii": ASCII}


def named(name: str | None) -> Glyphs:
    """Glyphs by the name a person gives in $TRAINVIS_GLYPHS; braille for any other, or none."""
    return _NAMES.get((name or "").strip().lower(), BRAILLE)


def pack(dots: Dots, glyphs: Glyphs = BRAILLE) -> Bits:
    """The pattern of each cell: `dots` is bool[rows·H, columns·W], row 0 at the top; the result uint8[H, W]."""
    high, wide = dots.shape[0] // glyphs.rows, dots.shape[1] // glyphs.columns
    patterns = np.zeros((high, wide), np.uint8)
    ones = dots.view(np.uint8)
    for row, line in enumerate(glyphs.bits):
        for column, bit in enumerate(line):
            patterns |= ones[row :: glyphs.rows, column :: glyphs.columns] * np.uint8(bit)
    return patterns


def unpack(patterns: Bits, glyphs: Glyphs = BRAILLE) -> Dots:
    """The dots of uint8[H, W] patterns: the inverse of `pack`."""
    high, wide = patterns.shape
    dots = np.zeros((high * glyphs.rows, wide * glyphs.columns), np.bool_)
    for row, line in enumerate(glyphs.bits):
        for column, bit in enumerate(line):
            dots[row :: glyphs.rows, column :: glyphs.columns] = (patterns & np.uint8(bit)) != 0
    return dots


def spans(top: npt.NDArray[np.int32], bottom: npt.NDArray[np.int32], rows: int) -> Dots:
    """Vertical strokes: in column i the dots of rows top[i]..bottom[i] (inclusive); none where top > bottom."""
    row = np.arange(rows, dtype=np.int32)[:, None]
    return (row >= top) & (row <= bottom)
