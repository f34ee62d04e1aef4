"""Pixels as characters with two colours each: half blocks, which every terminal has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .tone import Rgb


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Rows × columns of characters (`chars`, one each) with R×C×3 bytes of foreground and background."""

    chars: npt.NDArray[Any]
    foreground: Rgb
    background: Rgb


def half(pixels: Rgb) -> Cells:
    """2R×C×3 pixels as R×C cells: the upper pixel is the foreground of an upper half block."""
    rows, columns = pixels.shape[0] // 2, pixels.shape[1]
    return Cells(np.full((rows, columns), "▀"), pixels[0::2], pixels[1::2])


def padded(pixels: Rgb, width: int, height: int, ground: tuple[int, int, int]) -> Rgb:
    """The pixels in the middle of `height` × `width` others of the colour `ground`."""
    made = np.empty((height, width, 3), np.uint8)
    made[:] = ground
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    made[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return made
