"""Pixels as characters with two colours each: half blocks, which every terminal has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .tone import Array, Rgb


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Rows × columns of characters (`chars`, one each) with a foreground and a background.

    Colours are R×C×3 bytes, or R×C numbers of the 256 colours of a terminal, or None for those the terminal has.
    """

    chars: npt.NDArray[Any]
    foreground: Array | None
    background: Array | None


def half(pixels: Rgb) -> Cells:
    """2R×C×3 pixels as R×C cells: the upper pixel is the foreground of an upper half block; of one colour, a blank."""
    upper, lower = pixels[0::2], pixels[1::2]
    return Cells(_halves((upper == lower).all(axis=2)), upper, lower)


def half_256(pixels: Rgb) -> Cells:
    """As `half` with the nearest of 256 colours: half the bytes, a tenth on a line that compresses."""
    numbers = nearest_256(pixels)
    upper, lower = numbers[0::2], numbers[1::2]
    return Cells(_halves(upper == lower), upper, lower)


def _halves(flat: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    return np.where(flat, " ", "▀")


def padded(pixels: Rgb, width: int, height: int, ground: tuple[int, int, int], cell: tuple[int, int] = (1, 1)) -> Rgb:
    """The pixels in the middle of `height` × `width` others of the colour `ground`.

    They begin with a cell of so many pixels (width, height): a picture whose edge lies within cells loses there.
    """
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    made = np.empty((height, width, 3), np.uint8)
    made[:] = ground
    left, top = margins((pixels.shape[1], pixels.shape[0]), (width, height), cell)
    made[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return made


def margins(shown: tuple[int, int], room: tuple[int, int], cell: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """What is left of and above a picture of `shown` (width, height) pixels in the middle of `room`, in whole cells."""
    left, top = ((whole - part) // 2 for whole, part in zip(room, shown, strict=True))
    return left - left % cell[0], top - top % cell[1]


# The 256 colours of xterm: 16 that everybody sets as he likes (never used here), a cube of 6×6×6, 24 greys.
_STEPS = np.array([0, 95, 135, 175, 215, 255], np.int32)
_NEAREST = np.abs(np.arange(256)[:, None] - _STEPS).argmin(axis=1).astype(np.int32)


def nearest_256(pixels: Rgb) -> npt.NDArray[np.uint8]:
    """…×3 bytes as numbers (16 to 255) of the nearest of a terminal's 256 colours."""
    wide = pixels.astype(np.int32)
    cube = _NEAREST[pixels]
    to_cube = ((_STEPS[cube] - wide) ** 2).sum(axis=-1)
    grey = np.clip((wide.sum(axis=-1) // 3 - 3) // 10, 0, 23)
    to_grey = (((8 + 10 * grey)[..., None] - wide) ** 2).sum(axis=-1)
    found = 16 + 36 * cube[..., 0] + 6 * cube[..., 1] + cube[..., 2]
    return np.where(to_grey < to_cube, 232 + grey, found).astype(np.uint8)


def colours_256() -> Rgb:
    """256×3 bytes: what the numbers of `nearest_256` look like (the first 16 are black)."""
    made = np.zeros((256, 3), np.uint8)
    made[16:232] = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS, indexing="ij"), axis=-1).reshape(-1, 3)
    made[232:] = (8 + 10 * np.arange(24))[:, None]
    return made
