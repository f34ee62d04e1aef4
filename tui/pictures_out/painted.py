"""The maps and pictures of a sheet as one raster: a single one, or several in a grid, with the range of the colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ...vis.figures import Array, Maps, Matrix, Pictures, Vectors
from ..figures.rasters import rasters
from ..figures.sheet import Sheet
from ..pixels.raster import Grid, Plane, Raster, columns_for
from ..pixels.tone import PLAIN, Range, Rgb, Tone, range_of
from ..pixels.viewport import Viewport, window


@dataclass(frozen=True, slots=True, eq=False)
class Painting:
    """`raster` shows `tiles` pictures; `reach` is the range of its colours, None where each map has its own or a
    picture has no range. `map` names the colour map, "" where there is none.
    """

    raster: Raster
    tiles: int
    map: str = ""
    reach: Range | None = None
    signed: bool = False

    def pixels(self, scale: int = 1) -> Rgb:
        """Every pixel, `scale` times magnified."""
        width, height = self.raster.size
        seen = window(Viewport(), (width, height), (width, height))
        found = self.raster.paint(seen)
        return found if scale == 1 else found.repeat(scale, axis=0).repeat(scale, axis=1)


def painted(
    sheet: Sheet,
    chosen: Sequence[int] = (),
    tone: Tone = PLAIN,
    reach: Range | None = None,
    columns: int | None = None,
) -> Painting | None:
    """The items `chosen` (none: all) as one picture; None for a part that can be no picture of pixels.

    Of vectors each is a row, of a matrix each number a pixel. `reach` overrules the range; `columns` is how many lie
    side by side, else they come as near to a square as they can.
    """
    part = sheet.part
    if isinstance(part, Vectors | Matrix) and part.values.size:
        signed = isinstance(part, Vectors) and part.signed
        plane = Plane(part.values, tone, reach, signed)
        return Painting(plane, 1, tone.named(signed), plane.range, signed)
    if not isinstance(part, Maps | Pictures) or not len(part.values):
        return None
    chosen = tuple(chosen) or tuple(range(len(part.values)))
    if reach is None and isinstance(part, Maps) and (tone.per == "layer" or len(chosen) == 1):
        reach = spread((values_of(sheet, at) for at in chosen), tone, signed=part.signed)
    made = rasters(sheet, tone, reach)
    tiles = [made[at] for at in chosen]
    size = tiles[0].size
    across = columns or columns_for(len(tiles), size, (1600, 1200))
    raster = tiles[0] if len(tiles) == 1 else Grid(tiles, size, max(min(across, len(tiles)), 1))
    if not isinstance(tiles[0], Plane):
        return Painting(raster, len(tiles))
    signed = tiles[0].signed
    return Painting(raster, len(tiles), tone.named(signed), reach, signed)


def values_of(sheet: Sheet, at: int) -> Array:
    """The numbers of an item as far as they were read: whole where they were wanted whole."""
    found = sheet.full.get(at)
    return sheet.part.values[at] if found is None else found  # type: ignore[union-attr, index]


def spread(values: Iterable[Array], tone: Tone = PLAIN, *, signed: bool = False) -> Range:
    """The range that all these maps need together."""
    flat = [np.ravel(each if each.ndim == 2 or each.shape[2] in (3, 4) else each.mean(axis=2)) for each in values]
    return range_of(np.concatenate(flat) if flat else np.zeros(0), tone, signed=signed)
