"""Pictures among text: two pixels a cell, on a page."""

from __future__ import annotations

import numpy as np

from ..pixels.raster import EMPTY, Photo, Raster
from ..pixels.tone import Rgb
from ..pixels.viewport import Viewport, Window, window
from .page import Page

FRAME: tuple[int, int, int] = (255, 160, 40)
_DIMMED = 0.35  # what is left of the light outside of a field


def put_pixels(page: Page, column: int, row: int, pixels: Rgb) -> None:
    """2R×C×3 pixels as R×C cells (one row of pixels more is left out); what does not fit is cut off."""
    high, wide = min(pixels.shape[0] // 2, page.height - row), min(pixels.shape[1], page.width - column)
    if high <= 0 or wide <= 0 or row < 0 or column < 0:
        return
    shown = pixels[: 2 * high, :wide].astype(np.int32)
    packed = shown[..., 0] << 16 | shown[..., 1] << 8 | shown[..., 2]
    there = (slice(row, row + high), slice(column, column + wide))
    page.chars[there] = "▀"
    page.fore[there], page.back[there] = packed[0::2], packed[1::2]


def fitted(raster: Raster, wide: int, high: int) -> Rgb:
    """A raster as large as it can be in `wide` × `high` cells, its rows even in number."""
    return _even(raster.paint(window(Viewport(), raster.size, (wide, 2 * high))), high)


def shown_size(size: tuple[int, int], wide: int, high: int) -> tuple[int, int]:
    """Columns and rows of cells that a raster of `size` takes in `wide` × `high`, without painting it."""
    seen = window(Viewport(), size, (wide, 2 * high))
    return seen.width, -(-seen.height // 2)


def field(
    picture: Rgb, box: tuple[float, float, float, float], wide: int, high: int, unit: tuple[float, float] | None = None
) -> Rgb:
    """H×W×1|3 bytes with what lies outside of `box` (top, left, bottom, right, in its pixels) dimmed, in cells.

    A box that hangs over the border shows how far: the picture then has a margin. `unit` is a place (row, column) that
    is marked.
    """
    height, width = picture.shape[:2]
    over = max(-box[0], -box[1], box[2] - height, box[3] - width, 0)
    margin = int(min(np.ceil(over), max(height, width) // 3))
    whole = np.empty((height + 2 * margin, width + 2 * margin, 3), np.uint8)
    whole[:] = EMPTY
    whole[margin : margin + height, margin : margin + width] = picture
    seen = window(Viewport(), (whole.shape[1], whole.shape[0]), (wide, 2 * high))
    pixels = Photo(whole).paint(seen).astype(np.float32)
    rows, columns = _inside(seen, box, margin)
    inside = rows[:, None] & columns[None, :]
    pixels[~inside] *= _DIMMED
    if inside.any():
        down, across = np.flatnonzero(rows), np.flatnonzero(columns)
        for row in (down[0], down[-1]):
            pixels[row, across[0] : across[-1] + 1] = FRAME
        for column in (across[0], across[-1]):
            pixels[down[0] : down[-1] + 1, column] = FRAME
    if unit is not None:
        row, column = (
            int(np.abs(edges - at - margin).argmin()) for edges, at in zip((seen.y0, seen.x0), unit, strict=True)
        )
        pixels[row, column] = FRAME
    return _even(pixels.astype(np.uint8), high)


def _inside(seen: Window, box: tuple[float, float, float, float], margin: int) -> tuple[np.ndarray, np.ndarray]:
    """Which rows and columns of the window lie in a box."""
    top, left, bottom, right = (each + margin for each in box)
    return (seen.y1 > top) & (seen.y0 < bottom), (seen.x1 > left) & (seen.x0 < right)


def _even(pixels: Rgb, high: int) -> Rgb:
    if pixels.shape[0] % 2 == 0:
        return pixels
    return np.concatenate([pixels, pixels[-1:]]) if pixels.shape[0] < 2 * high else pixels[:-1]
