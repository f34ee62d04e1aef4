"""How many pictures share a page, where each stands, and how they become one picture row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..pixels.raster import CHOSEN, EMPTY
from ..pixels.tone import Array, Rgb
from ..pixels.viewport import Window, reduced

COUNTS = (6, 20, 60, 200)  # pictures at a time
_LEAST = (4, 2)  # cells of a tile: with fewer nothing is seen
_BESIDE, _WORDS = 6, 18  # cells that are free beside a picture; of a tile whose words are to be read
_EVEN = 3.0  # from this magnification on all pixels are alike


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of `columns` × `rows` tiles of `wide` × `high` cells; the last `said` rows of each are words.

    `left` cells are free before the first column.
    """

    columns: int
    rows: int
    wide: int
    high: int
    said: int
    left: int = 0

    @property
    def count(self) -> int:
        return self.columns * self.rows


def sheet(wanted: int, width: int, height: int, shape: tuple[int, int] = (1, 1)) -> Sheet:
    """The page that shows `wanted` pictures (or as many as there is room for) of `shape` (width, height) largest.

    Its rows are full: of 20 there are 5 × 4, 10 × 2, … A cell is taken for twice as high as wide.
    """
    best: tuple[float, int] | None = None
    found = Sheet(1, 1, max(width, 1), max(height, 1), 1 if height > 2 else 0)
    for count in [wanted, *(each for each in reversed(COUNTS) if each < wanted), 2, 1]:
        for columns in range(1, count + 1):
            if count % columns:
                continue
            wide, high = (width - 1) // columns, height // (count // columns)
            if wide < _LEAST[0] or high < _LEAST[1]:
                continue
            said = 2 if high >= 9 and wide >= 12 else 1 if high > 2 else 0
            scale = min((wide - 1) / shape[0], (high - said) * 2 / shape[1])
            key = (scale, -abs(wide * shape[1] - high * 2 * shape[0]))
            if best is None or key > best:
                best = key
                # Pictures that leave much room beside them stand together in the middle.
                wide = min(wide, max(math.ceil(scale * shape[0]) + _BESIDE, _WORDS))
                found = Sheet(columns, count // columns, wide, high, said, max((width - columns * wide) // 2, 0))
        if best is not None:
            return found
    return found


def fitted(pixels: Rgb, room: tuple[int, int]) -> Rgb:
    """H×W×C bytes as large as fits into `room` (width, height), as three colours; its proportions stay."""
    height, width = pixels.shape[:2]
    if not pixels.size:
        return np.zeros((0, 0, 3), np.uint8)
    step = max(min(width // (room[0] * 8 or 1), height // (room[1] * 8 or 1)), 1)  # huge ones: not every pixel counts
    if step > 1:
        pixels = pixels[::step, ::step]
        height, width = pixels.shape[:2]
    scale = min(room[0] / width, room[1] / height)
    if scale >= _EVEN:
        scale = float(int(scale))
    across, down = max(round(width * scale), 1), max(round(height * scale), 1)
    columns, rows = _axis(width, across), _axis(height, down)
    return three(reduced(pixels, Window(*columns, *rows)))


def _axis(length: int, shown: int) -> tuple[Array, Array]:
    if shown >= length:
        at = np.minimum(((np.arange(shown) + 0.5) * length / shown).astype(np.intp), length - 1)
        return at, at + 1
    edges = np.rint(np.arange(shown + 1) * length / shown).astype(np.intp)
    return edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)


def three(pixels: Array) -> Rgb:
    """H×W×C bytes as H×W×3: grey three times, without what lies beyond colours, others as their mean."""
    channels = pixels.shape[2]
    if channels >= 3:
        return pixels[..., :3] if channels < 5 else np.repeat(_mean(pixels), 3, axis=2)
    return np.repeat(pixels if channels == 1 else _mean(pixels), 3, axis=2)


def _mean(pixels: Array) -> Array:
    return pixels.mean(axis=2, keepdims=True).astype(np.uint8)


def row_picture(
    tiles: Sequence[Rgb | None], room: tuple[int, int], step: tuple[float, float], ground: tuple[int, int, int],
    *, left: float = 0, rim: tuple[int, int] = (1, 1), chosen: int | None = None, marked: frozenset[int] = frozenset(),
    mark: tuple[int, int, int] = (90, 160, 255),
) -> Rgb:  # fmt: skip
    """A row of pictures in `room` (width, height) pixels, `step[0]` pixels each, `step[1]` high, from `left` on.

    `rim` (width, height) pixels around each stay free for a frame: the chosen one's, or that of marked ones.
    None is a picture that is not there.
    """
    made = np.empty((room[1], room[0], 3), np.uint8)
    made[:] = ground
    high = min(int(step[1]), room[1])
    for at, tile in enumerate(tiles):
        begin, end = round(left + at * step[0]), min(round(left + (at + 1) * step[0]) + rim[0], room[0])
        across = tile.shape[1] if tile is not None else end - begin - 3 * rim[0]
        end = min(begin + across + 2 * rim[0], end)
        down = min(tile.shape[0] + 2 * rim[1], high) if tile is not None else high
        if at in marked:
            made[:down, begin:end] = mark
        if at == chosen:
            made[:down, begin:end] = CHOSEN
        inner = made[rim[1] : down - rim[1], begin + rim[0] : end - rim[0]]
        if tile is None:
            inner[:] = EMPTY
        else:
            inner[: tile.shape[0], : tile.shape[1]] = tile[: inner.shape[0], : inner.shape[1]]
    return made
