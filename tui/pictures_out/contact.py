"""A contact sheet for a terminal: pictures of any sizes in rows, with words below each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..blobs.tiles import three
from ..drawing.cells import fit
from ..pixels.raster import BORDER, EMPTY, Photo
from ..pixels.tone import Array, Rgb
from ..pixels.viewport import Viewport, window
from .layout import Way, lines

_BLOCKS = ("half", "quadrant", "ascii")
_GAP = 1  # cells between two pictures


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """`pixels` H×W×C bytes, None where there is no picture; `words` are lines below it."""

    pixels: Array | None
    words: tuple[str, ...] = ()


def contact(tiles: Sequence[Tile], width: int, way: Way, cells: int, most: int = 40) -> Iterator[str]:
    """Lines for a terminal `width` cells wide; each picture is at most `cells` wide and half as many rows high.

    `most` rows are on the screen at once.
    """
    cells = max(min(cells, width), 1)
    across = max((width + _GAP) // (cells + _GAP), 1)
    for start in range(0, len(tiles), across):
        row = tiles[start : start + across]
        yield from _row([tile.pixels for tile in row], way, cells, most)
        for at in range(max((len(tile.words) for tile in row), default=0)):
            said = (tile.words[at] if at < len(tile.words) else "" for tile in row)
            yield (" " * _GAP).join(fit(text, cells) for text in said).rstrip()
        if start + across < len(tiles):
            yield ""


def _row(pictures: Sequence[Array | None], way: Way, cells: int, most: int) -> Iterator[str]:
    right, down = way.grain
    room = (cells * right, max(cells // 2, 1) * down)
    aspect = 2 * right / down if way.name in _BLOCKS else 1.0
    painted = [None if picture is None else _painted(picture, room, aspect) for picture in pictures]
    high = max((each.shape[0] for each in painted if each is not None), default=down)
    canvas = np.empty((-(-high // down) * down, (len(painted) * (cells + _GAP) - _GAP) * right, 3), np.uint8)
    canvas[:] = BORDER
    for at, each in enumerate(painted):
        left = at * (cells + _GAP) * right
        if each is None:
            canvas[:, left : left + room[0]] = EMPTY
        else:
            canvas[: each.shape[0], left : left + each.shape[1]] = each
    yield from lines(canvas, way, most)


def _painted(picture: Array, room: tuple[int, int], aspect: float) -> Rgb:
    if not picture.size:
        return np.full((room[1], room[0], 3), EMPTY, np.uint8)
    photo = Photo(three(picture))
    return photo.paint(window(Viewport(), photo.size, room, aspect))
