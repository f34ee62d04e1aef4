"""How much of the input a unit of each layer sees: drawn on the image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ....vis.figures import Array, Cell, Table
from ...drawing.canvas import Ink
from ...drawing.cells import fit, steady
from ...drawing.page import Page
from ...drawing.small_pictures import field
from ...drawing.strip import top_of
from ...pixels.raster import Photo
from .with_pictures import WithPictures

_LIST = 36  # cells of the list of layers


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table: a layer, its shape, and the field of its units as the table says it. `stride` () is none:
    all units see the same.
    """

    layer: str
    shape: tuple[int, ...]
    size: tuple[float, ...]
    stride: tuple[float, ...]
    start: tuple[float, ...]
    share: float
    exact: bool

    @property
    def places(self) -> tuple[int, int]:
        """Rows and columns of units; one of each where all see the same."""
        return (self.shape[0], self.shape[1]) if self.stride and len(self.shape) >= 2 else (1, 1)

    def box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Top, left, bottom, right of what a unit sees, in pixels of the input."""
        stride = self.stride or (0.0, 0.0)
        top, left = self.start[0] + row * stride[0], self.start[1] + column * stride[1]
        return top, left, top + self.size[0], left + self.size[1]


def fields(table: Table) -> list[Field]:
    """The rows that are about fields with two axes."""
    found = []
    for row in table.rows:
        if len(row) < 7:
            continue
        size, stride, start = (_numbers(each) for each in row[2:5])
        if len(size) == 2 and len(start) == 2 and len(stride) in (0, 2):
            shape = tuple(int(each) for each in _numbers(row[1]))
            share = float(row[5]) if isinstance(row[5], int | float) else math.nan
            found.append(Field(steady(row[0], 120), shape, size, stride, start, share, row[6] == "yes"))
    return found


def _numbers(cell: Cell) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in str(cell).split("×"))
    except ValueError:  # "all alike", "one"
        return ()


class ReceptiveView(WithPictures):
    """Up and down choose a layer, left and right one of its units; the other way takes the next image."""

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self.fields: list[Field] = []
        self._unit: tuple[float, float] = (0.5, 0.5)  # as shares, so that another layer shows the same place

    def taken(self) -> None:
        part = self.sheet.part if self.sheet else None
        self.fields = fields(part) if isinstance(part, Table) else []

    @property
    def count(self) -> int:
        return len(self.fields)

    @property
    def ways(self) -> int:
        return max(len(self._pictures()), 1)

    def _pictures(self) -> list[Array]:
        given = self.sheet.inputs if self.sheet else ()
        return [each.picture for each in given if each.picture is not None]

    def image(self) -> Array:
        """The image that is shown; grey where the figure has none."""
        known = self._pictures()
        if known:
            return known[self.way % len(known)]
        height, width = _extent(self.fields)
        return np.full((height, width, 1), 150, np.uint8)

    def unit(self) -> tuple[int, int]:
        """Row and column of the unit whose field is drawn."""
        rows, columns = self.fields[self.cursor].places
        return min(int(self._unit[0] * rows), rows - 1), min(int(self._unit[1] * columns), columns - 1)

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        if not self.fields:
            page.text(1, height // 2, "no layer has a receptive field with a height and a width", Ink.DIM)
            return page
        beside = min(_LIST, max(26, width * 2 // 5), max(width // 2, 1))
        self._list(page, beside - 2)
        here = self.fields[self.cursor]
        row, column = self.unit()
        box = here.box(row, column)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        wide, high = max(width - beside, 1), max(height, 1)
        drawn = field(self.image(), box, wide * self.grain, high * self.grain, middle)
        self.picture(page, beside, 0, wide, high, Photo(drawn))
        return page

    def _list(self, page: Page, width: int) -> None:
        first = top_of(self.cursor, self.count, page.height - 1)
        page.text(0, 0, fit("layer", width - 8) + "sees".rjust(8), Ink.DIM, width)
        for row, at in enumerate(range(first, min(first + page.height - 1, self.count)), 1):
            each = self.fields[at]
            selected = at == self.cursor
            text = ("› " if selected else "  ") + fit(each.layer, width - 10) + fit(_times(each.size), 8, "right")
            page.text(0, row, text, Ink.SELECTED if selected else Ink.TEXT, width)
            page.hit(0, row, at, width)

    def said(self) -> str:
        if not self.fields:
            return ""
        here = self.fields[self.cursor]
        share = "" if math.isnan(here.share) else f", {here.share:.1%} of the input"
        at_most = "" if here.exact else "at most "
        found = f"{here.layer}: a unit sees {at_most}{_times(here.size)} pixels{share}"
        if here.stride:
            row, column = self.unit()
            top, left, _, _ = here.box(row, column)
            found += f", stride {_times(here.stride)}; unit {row}, {column} from row {top:g}, column {left:g} on"
        else:
            found += "; all of its units see the same"
        return found

    def moved(self, right: int, down: int) -> int:
        if right and self.fields:
            rows, columns = self.fields[self.cursor].places
            row, column = self.unit()
            place = min(max(row * columns + column + right, 0), rows * columns - 1)
            self._unit = ((place // columns + 0.5) / rows, (place % columns + 0.5) / columns)
        return self.cursor + down


def _times(numbers: Sequence[float]) -> str:
    return "×".join(f"{each:g}" for each in numbers)


def _extent(found: Sequence[Field]) -> tuple[int, int]:
    """Height and width of the input, as far as the fields tell them: those that see all of it, or by their share."""
    whole = next((each.size for each in found if not each.stride), None)
    if whole is None:
        least = min((each for each in found if each.share > 0), key=lambda each: each.share, default=None)
        side = math.sqrt(math.prod(least.size) / least.share) if least else 32.0
        whole = (side, side)
    return max(min(round(whole[0]), 4096), 1), max(min(round(whole[1]), 4096), 1)
