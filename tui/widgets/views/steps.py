"""One image through convolution, ReLU and pool, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....vis.figures import Array, Item, Maps
from ...drawing.canvas import Ink
from ...drawing.cells import cut, number, steady
from ...drawing.page import Page
from ...drawing.small_pictures import shown_size
from ...drawing.strip import top_of
from ...figures.rasters import photo
from ...figures.sheet import PartFacts, Sheet
from ...figures.shots import painted
from ...pixels.raster import Raster
from ...pixels.tone import PLAIN, Tone
from .whole_figure import WholeFigure

_HEAD = 4
_ARROW = 3


class StepsView(WholeFigure):
    """A column for each step, a row for each map; the other way goes to the next image.

    The cursor counts maps of steps: the steps of a row, then the next row.
    """

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self._inputs: dict[Sheet, Sequence[Raster]] = {}

    def needs(self, parts: Sequence[PartFacts]) -> list[int]:
        return [at for at, each in enumerate(parts) if each.kind in ("maps", "table")]

    @property
    def images(self) -> int:
        """How many images went through the steps."""
        first = next(iter(self.pictures), None)
        return max((item.image or 0 for item in _items(first)), default=0) + 1 if first else 1

    @property
    def ways(self) -> int:
        return self.images

    def _of_image(self, sheet: Sheet) -> list[int]:
        """The maps of a step that are of the image shown."""
        return [at for at, item in enumerate(_items(sheet)) if (item.image or 0) == self.way]

    @property
    def rows(self) -> int:
        """How many maps the step with the most of them has."""
        return max((len(self._of_image(each)) for each in self.pictures), default=0)

    @property
    def count(self) -> int:
        return self.rows * len(self.pictures)

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        steps = self.pictures
        if not steps or width < 12 or height < _HEAD + 3:
            page.text(1, height // 2, "reading …" if not self.pieces else "there are no steps", Ink.DIM)
            return page
        high = (height - _HEAD) // min(max(self.rows, 1), 2) - 1  # two maps of each step are seen, where it has them
        wide = max(min(width // max(len(steps), 1) - _ARROW, 2 * high), 14)
        shown = max((width + _ARROW) // (wide + _ARROW), 1)
        row, column = divmod(self.cursor, len(steps))
        first = top_of(column, len(steps), shown)
        down = max(self._down(steps[first : first + shown], wide, max(high, 1)), 1)
        lines = max((height - _HEAD) // (down + 1), 1)
        top = top_of(row, self.rows, lines)
        for at in range(first, min(first + shown, len(steps))):
            left = (at - first) * (wide + _ARROW)
            self._head(page, left, wide, at, selected=at == column)
            self._column(page, left, wide, down, at, range(top, min(top + lines, self.rows)))
            if at + 1 < len(steps):
                page.text(left + wide + 1, _HEAD + down // 2, "→", Ink.DIM)
        if len(steps) > shown:
            page.text(width - 8, height - 1, f"{column + 1} of {len(steps)}", Ink.DIM)
        return page

    def _down(self, steps: Sequence[Sheet], wide: int, most: int) -> int:
        """Rows of cells that the highest picture of these steps takes."""
        sizes = [(each.facts.shape[2], each.facts.shape[1]) for each in steps if each.facts]
        return max((shown_size(size, wide, most)[1] for size in sizes), default=1)

    def _head(self, page: Page, left: int, wide: int, at: int, *, selected: bool) -> None:
        layer, what = self._names(at)
        page.text(left, 0, cut(f"{at} {what}", wide)[0], Ink.SELECTED if selected else Ink.TITLE)
        page.text(left, 1, cut(layer, wide)[0] if layer else "", Ink.DIM)
        values = self._values(at)
        maps = len(self._of_image(self.pictures[at]))
        size = f"{values.shape[1]}×{values.shape[2]}" + (f"×{maps}" if maps > 1 else "")
        page.text(left, 2, cut(size, wide)[0], Ink.DIM)
        page.text(left, 3, cut(f"{self._zeros(at):.0%} zeros", wide)[0], Ink.DIM)

    def _column(self, page: Page, left: int, wide: int, down: int, at: int, rows: range) -> None:
        sheet = self.pictures[at]
        own, found = self._of_image(sheet), self._rasters(sheet)
        row, column = divmod(self.cursor, len(self.pictures))
        for line, number_of in enumerate(rows):
            if number_of >= len(own):
                break
            top = _HEAD + line * (down + 1)
            raster = found[own[number_of]]
            self.picture(page, left, top, shown_size(raster.size, wide, down)[0], down, raster)
            marked = (number_of, at) == (row, column)
            unit = _items(sheet)[own[number_of]].unit
            name = f"map {unit[0]}" if unit else "the image"
            page.text(left, top + down, ("› " if marked else "") + name, Ink.SELECTED if marked else Ink.DIM, wide)
            page.hit(left, top, number_of * len(self.pictures) + at, wide, down + 1)

    def _rasters(self, sheet: Sheet) -> Sequence[Raster]:
        """The maps of a step; the input as it was shown to the network, where the figure has it: networks may read
        colours in another order and range.
        """
        items = _items(sheet)
        if not items or items[0].layer:
            return painted(sheet, PLAIN)
        if sheet not in self._inputs:
            self._inputs = {sheet: self._input(sheet, items)}
        return self._inputs[sheet]

    def _input(self, sheet: Sheet, items: Sequence[Item]) -> Sequence[Raster]:
        given = [sheet.inputs[item.image or 0] if (item.image or 0) < len(sheet.inputs) else None for item in items]
        plain = painted(sheet, Tone("grey"))
        return [(photo(each) if each else None) or plain[at] for at, each in enumerate(given)]

    def _names(self, at: int) -> tuple[str, str]:
        """The layer of a step and what it does."""
        item = next(iter(_items(self.pictures[at])), Item())
        return steady(item.layer, 60), steady(item.aspect or f"step {at}", 40)

    def _values(self, at: int) -> Array:
        part = self.pictures[at].part
        assert isinstance(part, Maps)
        return part.values

    def _zeros(self, at: int) -> float:
        """The share of zeros, as the table says it for the first image, else of the maps that are kept."""
        table = self.table
        if self.way == 0 and table is not None and "share of zeros" in table.columns and at < len(table.rows):
            cell = table.rows[at][table.columns.index("share of zeros")]
            if isinstance(cell, int | float):
                return float(cell)
        return float(np.mean(self._values(at)[self._of_image(self.pictures[at])] == 0))

    def said(self) -> str:
        steps = self.pictures
        if not steps or not self.count:
            return ""
        row, at = divmod(self.cursor, len(steps))
        own = self._of_image(steps[at])
        layer, what = self._names(at)
        found = [f"step {at}: {what}" + (f" of {layer}" if layer else "")]
        if row < len(own):
            values, unit = self._values(at)[own[row]], _items(steps[at])[own[row]].unit
            found.append(f"map {unit[0]}" if unit else "the image")
            found.append(f"{number(float(values.min()))} to {number(float(values.max()))}")
            found.append(f"mean {number(float(values.mean()))}, {float((values == 0).mean()):.0%} zeros")
            found += ["of its thumbnail"] if steps[at].reduced else []
        else:
            found.append("this step has no such map")
        if self.images > 1:
            found.append(f"image {self.way + 1} of {self.images}")
        return ", ".join(found)

    def moved(self, right: int, down: int) -> int:
        steps = len(self.pictures)
        if not self.count:
            return 0
        row, column = divmod(self.cursor, steps)
        return min(max(row + down, 0), self.rows - 1) * steps + min(max(column + right, 0), steps - 1)

    @property
    def page_rows(self) -> int:
        return 2


def _items(sheet: Sheet | None) -> Sequence[Item]:
    part = sheet.part if sheet else None
    return part.items if isinstance(part, Maps) else ()
