"""All units of a layer at a glance, one of them in a frame."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import numpy as np

from ...vis.figures import Items, Maps, Vectors
from ..pixels.marked import Marked
from ..pixels.raster import Grid, Plane, Raster, columns_for
from ..pixels.tone import Array, Tone, range_of
from ..pixels.viewport import Viewport
from . import units
from .sheet import PartFacts, Sheet
from .shots import strip, thumbnails

Room: TypeAlias = tuple[tuple[int, int], float]

SMALLEST = 5  # output pixels of a map among the others of its layer
FRAMED, SQUARE = 256, 6  # so many units of a dense layer have a border between them, each so many pixels wide


def overview(sheet: Sheet, unit: int, image: int, tone: Tone, room: Room) -> tuple[Raster, int]:
    """All units of a layer on one image, the one that is looked at in a frame; and how many they are.

    A tile lies at the place of its unit: where maps are missing between others there is an empty one. `room` is in
    output pixels, with their aspect.
    """
    assert isinstance(sheet.part, Maps | Vectors)
    assert sheet.facts is not None
    return _overview(sheet.part, sheet.facts, unit, image, tone, room)


@lru_cache(maxsize=4)
def _overview(
    part: Maps | Vectors, facts: PartFacts, unit: int, image: int, tone: Tone, room: Room
) -> tuple[Raster, int]:
    """Kept: it stays as it is when one of its maps is read whole."""
    if isinstance(part, Vectors):
        values = part.values[min(image, len(part.values) - 1)]
        return _units(values, unit, tone, room, signed=part.signed), len(values)
    items = part.items
    assert isinstance(items, Items)
    numbers, rasters = units.numbers(items), thumbnails(part, facts, tone)
    if not (numbers >= 0).any():  # steps × units: one picture, a column a unit
        raster = rasters[min(image, len(rasters) - 1)]
        return Marked(raster, (unit, 0, 1, part.values.shape[1])), width_of(part)
    images = items.each.get("image", items.same.image)
    fits = numbers >= 0 if images is None else (np.asarray(images) == image) & (numbers >= 0)
    found = np.flatnonzero(fits)
    tiles: list[Raster | None] = [None] * (int(numbers[found].max(initial=-1)) + 1)
    for place in found[::-1]:  # of several frames of a map the first
        tiles[numbers[place]] = rasters[place]
    if not tiles:
        return Grid((None,), (1, 1), 1), 0
    tile = next(each for each in tiles if each is not None).size
    grid = Grid(tiles, tile, columns_for(len(tiles), tile, *room))
    return Marked(grid, (*grid.place(unit), *tile)), sum(each is not None for each in tiles)


def _units(values: Array, unit: int, tone: Tone, room: Room, *, signed: bool) -> Marked:
    """The units of a dense layer: a square for each, of many one pixel."""
    if len(values) > FRAMED:
        across = columns_for(len(values), (1, 1), *room, border=0)
        raster, across = strip(values, tone, columns=across, signed=signed)
        return Marked(raster, (unit % across, unit // across, 1, 1))
    reach = range_of(values, tone, signed=signed)
    tiles = [Plane(np.full((SQUARE, SQUARE), value), tone, reach, signed) for value in values]
    grid = Grid(tiles, (SQUARE, SQUARE), columns_for(len(tiles), (SQUARE, SQUARE), *room))
    return Marked(grid, (*grid.place(unit), SQUARE, SQUARE))


def around(marked: Raster | None, room: Room) -> Viewport:
    """What is seen of an overview: all of it, or, where its tiles were too small, those around the framed one."""
    if not isinstance(marked, Marked) or min(room[0]) < 1:
        return Viewport()
    (left, top, width, height), (across, down) = marked.box, marked.size
    scale = min(room[0][0] / (across * room[1]), room[0][1] / down)
    zoom = SMALLEST / max(min(width, height) * scale, 1e-6)
    if zoom < 1.5 or min(width, height) <= 1 or left >= across or top >= down:
        return Viewport()
    return Viewport((left + width / 2) / across, (top + height / 2) / down, zoom)


def width_of(part: Maps) -> int:
    """How many units a layer of steps × units has."""
    return int(part.values.shape[2])
