"""What the cells of a picture hold: blocks, letters, or places for the pixels of the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from . import ascii as letters
from . import quadrant
from .blocks import Cells, half, half_256
from .modes import PIXELS
from .tone import Rgb

_BLOCKS = {"quadrant": (2, 2), "half": (1, 2)}  # pixels of a cell, where they are blocks
_LEAST_BLOCKS, _LEAST_PIXELS = 8, 48  # of the longer side of one of many pictures


@dataclass(frozen=True, slots=True)
class Form:
    """`name` of a mode, or of blocks in place of one; blocks in `colors` "256" or all; `light`: in few bytes."""

    name: str
    colors: str = "truecolor"
    light: bool = False

    @property
    def pixels(self) -> bool:
        """Whether the terminal is sent pixels, not characters."""
        return self.name in PIXELS

    @property
    def block(self) -> tuple[int, int]:
        """Output pixels across and down in a cell, where it is sent no pixels."""
        return _BLOCKS.get(self.name, (1, 1))

    @property
    def aspect(self) -> float:
        """Height of an output pixel by its width: characters are taken for twice as high as wide."""
        return 2.0 if self.name in ("quadrant", "ascii", "off") else 1.0

    @property
    def least(self) -> int:
        """Output pixels that the longer side of one of many pictures has to have, to be seen."""
        return _LEAST_PIXELS if self.pixels else _LEAST_BLOCKS

    def cells(self, pixels: Rgb, ground: tuple[int, int, int]) -> Cells:
        """Pixels that fill whole cells, as characters and colours on a `ground`."""
        few = self.colors == "256"
        if self.name == "half":
            return half_256(pixels) if few else half(pixels)
        if self.name == "ascii":
            return letters.shades(pixels, light=sum(ground) > 384)
        return quadrant.quadrants_256(pixels) if few else quadrant.quadrants(pixels)
