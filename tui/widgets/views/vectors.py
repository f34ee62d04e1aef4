"""Layers without height and width: their values as a strip."""

from __future__ import annotations

import numpy as np

from ....vis.figures import Array, Item, Prediction, Vectors
from ...drawing.canvas import Ink
from ...drawing.cells import number, steady
from ...drawing.over_steps import over_steps
from ...drawing.page import Page
from ...drawing.strip import bar, columns_of, high_of, largest, place, strip, through_time
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
        if self.way:
            self._through_time(page, which, at)
            return page
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
            across, wide = columns_of(length, width - len(str(length - 1)) - 1, room)
            rows = -(-length // across)
            self._foot(page, row + 1 + min(rows * high_of(rows, wide, room), room), index)
        place(page, 0, height - 1, bar(width, reach, signed=self.vectors.signed))
        return page

    def _through_time(self, page: Page, which: int, at: int) -> None:
        """The vector under the cursor at each step, on one range of colours."""
        key = self._item(which)
        moments: list[tuple[int, Array]] = []
        for sheet in (*self.earlier, self.sheet):
            part = sheet.part if sheet else None
            same = (
                isinstance(part, Vectors)
                and which < len(part.values)
                and part.values.shape[1:] == self.vectors.values.shape[1:]
            )
            if sheet and isinstance(part, Vectors) and same and part.items[which].image == key.image:
                moments.append((sheet.moment.step, part.values[which]))
        values = np.stack([each for _, each in moments])
        reach = range_of(values, signed=self.vectors.signed)
        self._title(page, 0, which, selected=True)
        steps = [step for step, _ in moments]
        drawn = through_time(values, steps, page.width, page.height - 2, at, reach, signed=self.vectors.signed)
        drawn.hits[drawn.hits >= 0] += which * values.shape[1]
        place(page, 0, 1, drawn, hits=True)
        place(page, 0, page.height - 1, bar(page.width, reach, signed=self.vectors.signed))

    def _history(self, which: int, at: int) -> str:
        found = [
            (float(sheet.part.values[which, at]), sheet.moment.step)
            for sheet in (*self.earlier, *([self.sheet] if self.sheet else []))
            if isinstance(sheet.part, Vectors) and sheet.part.values.shape == self.vectors.values.shape
        ]
        return over_steps([value for value, _ in found], [step for _, step in found])

    @property
    def ways(self) -> int:
        """The values wrapped to the width, and the steps below each other where there are others."""
        return 2 if self.earlier else 1

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
        said = f"{self._named(which, at)} of {self.vectors.values.shape[1]}: {number(value)}"
        return f"{said}   {self._history(which, at)}".rstrip()

    def moved(self, right: int, down: int) -> int:
        if not self.count:
            return 0
        length = self.vectors.values.shape[1]
        if self.way:
            which, at = divmod(self.cursor, length)
            which = min(max(which + down, 0), len(self.vectors.values) - 1)
            return which * length + min(max(at + right, 0), length - 1)
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
