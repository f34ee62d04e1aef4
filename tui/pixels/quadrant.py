"""Pixels as quadrant blocks: four pixels a cell in two colours, chosen so that least is lost."""

from __future__ import annotations

import numpy as np

from .blocks import Cells, nearest_256
from .tone import Array, Rgb

# By which of upper left (1), upper right (2), lower left (4) and lower right (8) are in the foreground.
GLYPHS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_TABLE = np.array(list(GLYPHS))
# The ways to part four pixels in two: the first one is always in the foreground, else each would come twice.
_MASKS = np.array([15, 1, 3, 5, 7, 9, 11, 13])
_MEMBERS = ((_MASKS[:, None] >> np.arange(4)) & 1).astype(np.float32)


def quadrants(pixels: Rgb) -> Cells:
    """2R×2C×3 pixels as R×C cells. A cell of at most two colours is exact; else each part has its mean."""
    chars, foreground, background = _parted(pixels)
    return Cells(chars, foreground, background)


def quadrants_256(pixels: Rgb) -> Cells:
    """As `quadrants` with the nearest of 256 colours."""
    chars, foreground, background = _parted(pixels)
    front, back = nearest_256(foreground), nearest_256(background)
    return Cells(np.where(front == back, " ", chars), front, back)


def _parted(pixels: Rgb) -> tuple[Array, Rgb, Rgb]:
    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    four = pixels.reshape(rows, 2, columns, 2, 3).transpose(0, 2, 1, 3, 4).reshape(-1, 4, 3).astype(np.float32)
    # What is lost is the sum of squares minus what the two means keep: |sum|² / count of each part.
    front = np.matmul(_MEMBERS, four)  # cells × masks × 3
    back = four.sum(axis=1)[:, None] - front
    counts = _MEMBERS.sum(axis=1)
    kept = (front**2).sum(axis=2) / counts + (back**2).sum(axis=2) / np.maximum(4 - counts, 1)
    best = (kept + (_MASKS == 15) * 0.5).argmax(axis=1)  # of one colour: a blank
    cell = np.arange(len(best))
    count = counts[best][:, None]
    foreground = (front[cell, best] / count + 0.5).astype(np.uint8)
    background = (back[cell, best] / np.maximum(4 - count, 1) + 0.5).astype(np.uint8)
    flat = (best == 0) | (foreground == background).all(axis=1)
    background[flat] = foreground[flat]
    chars = np.where(flat, " ", _TABLE[_MASKS[best]])
    shape = (rows, columns)
    return chars.reshape(shape), foreground.reshape(*shape, 3), background.reshape(*shape, 3)
