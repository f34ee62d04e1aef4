"""What a panel of pictures shows: a title, some pictures with a caption each, or words instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ...vis.figures import Maps, Vectors
from ..drawing.cells import number
from ..pixels.raster import EMPTY, Photo, Plane, Raster
from ..pixels.tone import Array, Range, Tone, coloured, range_of
from .rasters import rasters
from .sheet import Sheet
from .units import squared
from .words import percent, statistics


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture: what it is painted from and the words below it."""

    raster: Raster
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """`place` says what the panel is for, `title` what it shows now; `words` stand where there is no picture."""

    place: str
    title: str = ""
    shots: Sequence[Shot] = field(default=(), compare=False)
    caption: str = ""
    words: str = ""


@lru_cache(maxsize=8)
def painted(sheet: Sheet, tone: Tone, reach: Range | None = None) -> tuple[Raster, ...]:
    """`rasters`, kept: one unit on costs no new look at all maps of a layer. Of vectors one for each."""
    if isinstance(sheet.part, Vectors):
        part = sheet.part
        return tuple(strip(each, tone, reach, signed=part.signed)[0] for each in part.values)
    return rasters(sheet, tone, reach)


def strip(
    values: Array, tone: Tone, reach: Range | None = None, columns: int = 0, *, signed: bool = False
) -> tuple[Photo, int]:
    """A vector as a picture with one pixel a value, row by row, and in how many columns; about a square if 0."""
    columns = columns or squared(len(values))
    rows = max(-(-len(values) // columns), 1)
    made = np.empty((rows * columns, 3), np.uint8)
    made[:] = EMPTY
    made[: len(values)] = coloured(values, reach or range_of(values, tone, signed=signed), tone, signed=signed)
    return Photo(made.reshape(rows, columns, 3)), columns


def extent(sheet: Sheet, place: int, tone: Tone) -> Range | None:
    """From what to what the numbers of one map or vector reach; None for pictures, which have colours."""
    part = sheet.part
    if not isinstance(part, Maps | Vectors) or not 0 <= place < len(part.values):
        return None
    return range_of(sheet.full.get(place, part.values[place]), tone, signed=part.signed)


def summed_up(values: Array) -> str:
    """`0 to 2.31 · mean 0.21 · 35.0 % zeros` of one map."""
    found = statistics(values)
    if found is None:
        return "no finite number"
    said = [f"{number(found.low)} to {number(found.high)}", f"mean {number(found.mean)}"]
    if found.zeros >= 0.001:
        said.append(f"{percent(found.zeros)} zeros")
    if found.odd:
        said.append(f"{found.odd:,} are no numbers")
    return " · ".join(said)


def value_at(raster: Raster, x: int, y: int) -> str:
    """What lies under a pixel: its place and its numbers."""
    found = raster.numbers(x, y)
    return f"({y}, {x}) {' '.join(number(each) for each in found)}" if found else ""


def plane_of(values: Array, tone: Tone, reach: Range | None = None, *, signed: bool = False) -> Plane:
    """A map of its own."""
    return Plane(values, tone, reach or range_of(values, tone, signed=signed), signed)
