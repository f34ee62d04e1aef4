"""Layers without height and width: their values as a strip."""

from __future__ import annotations

from ....vis.figures import Item, Prediction, Vectors
from ...drawing.canvas import Ink
from ...drawing.cells import number, steady
from ...drawing.page import Page
from ...drawing.strip import bar, columns_of, largest, place, strip
from ...figures.rasters import caption, label
from ...pixels.tone import range_of
from .base import SheetView


class VectorsView(SheetView):
    """One strip for each vector of the part; the cursor walks through all of them."""

    @property
    def vectors(self) -> Vectors:
        """The part that is shown."""
        part = self.sheet.part if self.sheet else None
        assert isinstance(part, Vectors)
        return part

    @property
    def count(self) -> int:
        return self.vectors.values.size if self.sheet and isinstance(self.sheet.part, Vectors) else 0

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        values = self.vectors.values
        if not values.size:
            page.text(1, height // 2, "there are no values", Ink.DIM)
            return page
        length = values.shape[1]
        which, at = divmod(self.cursor, length)
        reach = range_of(values, signed=self.vectors.signed)
        room, kept = self._rooms(height)
        first = min(max(which - kept + 1, 0), max(len(values) - kept, 0))
        for shown, index in enumerate(range(first, min(first + kept, len(values)))):
            row = shown * (room + 3)
            self._title(page, row, index, selected=index == which)
            mark = at if index == which else -1
            drawn = strip(values[index], width, room, mark, reach=reach, signed=self.vectors.signed)
            drawn.hits[drawn.hits >= 0] += index * length
            place(page, 0, row + 1, drawn, hits=True)
            rows = -(-length // columns_of(length, width - len(str(length - 1)) - 1, room)[0])
            self._foot(page, row + 1 + min(rows, room), index)
        place(page, 0, height - 1, bar(width, reach, signed=self.vectors.signed))
        return page

    def _rooms(self, height: int) -> tuple[int, int]:
        """Rows of each strip, and how many strips stand below each other."""
        count = len(self.vectors.values)
        kept = max(min(count, (height - 1) // 6), 1)
        return max((height - 1) // kept - 3, 1), kept

    def _item(self, which: int) -> Item:
        return self.vectors.items[which]

    def _title(self, page: Page, row: int, which: int, *, selected: bool) -> None:
        assert self.sheet is not None
        said = caption(self._item(which), self.sheet) or f"vector {which + 1}"
        page.text(0, row, steady(said, 200), Ink.SELECTED if selected else Ink.TITLE)

    def _foot(self, page: Page, row: int, which: int) -> None:
        values = self.vectors.values[which]
        tops = [f"{self._named(which, at)} {number(float(values[at]))}" for at in largest(values)]
        page.text(0, row, "largest: " + ", ".join(tops) if tops else "nothing here is a finite number", Ink.DIM)

    def _named(self, which: int, at: int) -> str:
        """The index of a value, with the name of the class where the values are the scores of a prediction."""
        assert self.sheet is not None
        image = self._item(which).image
        given = self.sheet.predictions[image] if image is not None and image < len(self.sheet.predictions) else None
        if given is None or not _is(given, at, float(self.vectors.values[which, at])):
            return str(at)
        return f"{at} ({label(at, [given])})"

    def said(self) -> str:
        if not self.count:
            return ""
        which, at = divmod(self.cursor, self.vectors.values.shape[1])
        value = float(self.vectors.values[which, at])
        return f"{self._named(which, at)} of {self.vectors.values.shape[1]}: {number(value)}"

    def moved(self, right: int, down: int) -> int:
        if not self.count:
            return 0
        length = self.vectors.values.shape[1]
        room, _ = self._rooms(self.size.height)
        across, _ = columns_of(length, self.size.width - len(str(length - 1)) - 1, room)
        which, at = divmod(self.cursor, length)
        at += down * across + right
        if down and not 0 <= at < length and 0 <= which + (1 if down > 0 else -1) < len(self.vectors.values):
            column = self.cursor % length % across
            return (which + 1) * length + min(column, length - 1) if down > 0 else which * length - 1
        return self.cursor + right + down * across if not down else which * length + min(max(at, 0), length - 1)


def _is(given: Prediction, at: int, value: float) -> bool:
    """Whether a value is the score of class `at`."""
    score = dict(zip(given.classes, given.scores, strict=False)).get(at)
    return bool(given.labels) and score is not None and abs(score - value) <= 1e-3 * max(abs(score), 1e-3)
