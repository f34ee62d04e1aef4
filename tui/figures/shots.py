"""What a panel of pictures shows: a title, some pictures with a caption each, or words instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ...vis.figures import Maps, Pictures, Vectors
from ..drawing.cells import number
from ..pixels.raster import EMPTY, Photo, Plane, Raster
from ..pixels.tone import Array, Range, Tone, coloured, range_of
from .rasters import rasters
from .sheet import Ask, PartFacts, Sheet
from .units import squared
from .words import percent, statistics

_NOTHING = Ask(Path(), "")


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


class Painted(Sequence[Raster]):
    """`rasters`, each made when it is first asked for and kept: of the hundreds of a layer the unit view shows nine.

    Those that are not whole in the sheet are the ones of `thumbnails`, where these are given.
    """

    def __init__(
        self, sheet: Sheet, tone: Tone, reach: Range | None, thumbnails: Sequence[Raster] | None = None
    ) -> None:
        assert isinstance(sheet.part, Maps | Pictures)
        self._sheet, self._part, self._tone, self._thumbnails = sheet, sheet.part, tone, thumbnails
        if reach is None and tone.per == "layer" and isinstance(sheet.part, Maps):
            reach = range_of(sheet.part.values, tone, signed=sheet.part.signed)
        self._reach = reach
        self._made: dict[int, Raster] = {}

    def __len__(self) -> int:
        return len(self._part.values)

    def __getitem__(self, place: Any) -> Any:
        if self._thumbnails is not None and place not in self._sheet.full:
            return self._thumbnails[place]
        if place not in self._made:
            self._made[place] = self._one(int(place))
        return self._made[place]

    def _one(self, place: int) -> Raster:
        if not 0 <= place < len(self):
            raise IndexError(place)
        only = replace(
            self._part, values=self._part.values[place : place + 1], items=self._part.items[place : place + 1]
        )
        full = {0: self._sheet.full[place]} if place in self._sheet.full else {}
        return rasters(replace(self._sheet, part=only, full=full), self._tone, self._reach)[0]


@lru_cache(maxsize=8)
def painted(sheet: Sheet, tone: Tone, reach: Range | None = None) -> Sequence[Raster]:
    """The rasters of a sheet; of vectors one for each."""
    part = sheet.part
    if isinstance(part, Vectors):
        return tuple(strip(each, tone, reach, signed=part.signed)[0] for each in part.values)
    if not isinstance(part, Maps | Pictures) or sheet.facts is None:
        return ()
    return Painted(sheet, tone, reach, thumbnails(part, sheet.facts, tone, reach))


@lru_cache(maxsize=8)
def thumbnails(part: Maps | Pictures, facts: PartFacts, tone: Tone, reach: Range | None = None) -> Sequence[Raster]:
    """The same of what was read of a part first: they stay the same while others of its maps are read whole."""
    return Painted(Sheet(_NOTHING, parts=(facts,), part=part), tone, reach)


def forget_painted() -> None:
    """Keep nothing of what was painted."""
    painted.cache_clear()
    thumbnails.cache_clear()


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
