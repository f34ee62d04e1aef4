"""Histograms: one after the other, or one of them over the steps of the training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....vis.figures import Histograms, Item
from ...drawing.bars import bars, common, density, resampled
from ...drawing.canvas import Ink
from ...drawing.cells import fit, number, steady
from ...drawing.over_steps import over_steps
from ...drawing.page import Page
from ...drawing.strip import top_of
from ...figures.sheet import Sheet
from .base import SheetView

_HIGH = 3  # rows of a histogram below its title


class HistogramsView(SheetView):
    """The cursor goes from one histogram to the next; the other way shows it over the steps, latest last."""

    @property
    def part(self) -> Histograms | None:
        """The part that is shown."""
        part = self.sheet.part if self.sheet else None
        return part if isinstance(part, Histograms) else None

    @property
    def count(self) -> int:
        return len(self.part.values) if self.part else 0

    @property
    def page_rows(self) -> int:
        return max(self.size.height // (_HIGH + 2) - 1, 1)

    @property
    def ways(self) -> int:
        return 2

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        if not self.count:
            page.text(1, height // 2, "there are no histograms", Ink.DIM)
        elif self.way == 0:
            self._all(page)
        else:
            self._through_time(page)
        return page

    # All of them

    def _all(self, page: Page) -> None:
        room = _HIGH + 2
        shown = max(page.height // room, 1)
        first = top_of(self.cursor, self.count, shown)
        for at in range(first, min(first + shown + 1, self.count)):
            row = (at - first) * room
            self._title(page, row, at)
            self._bars(page, row + 1, _HIGH, at)
            page.hit(0, row, at, page.width, room)

    def _title(self, page: Page, row: int, at: int) -> None:
        selected = at == self.cursor
        said = steady(named(self._item(at)), 200) or f"histogram {at + 1}"
        facts = self._facts(at)
        room = max(page.width - len(facts) - 2, 8)
        page.text(0, row, ("› " if selected else "  ") + said, Ink.SELECTED if selected else Ink.TITLE, room)
        page.text(room + 1, row, facts, Ink.DIM)

    def _bars(self, page: Page, row: int, high: int, at: int) -> None:
        part = self.part
        assert part is not None
        edges = part.edges[at]
        low, top = number(float(edges[0])), number(float(edges[-1]))
        room = max(page.width - 18, 4)
        drawn = bars(part.values[at], room, high)
        page.text(0, row + high - 1, fit(low, 8, "right"), Ink.DIM)
        for line, text in enumerate(drawn):
            page.text(9, row + line, text, Ink.bright(0) if at == self.cursor else Ink.TEXT)
        page.text(10 + max(map(len, drawn)), row + high - 1, top, Ink.DIM)
        zero = _place(0.0, float(edges[0]), float(edges[-1]), max(map(len, drawn)))
        if zero is not None and page.free(9 + zero, row, 1):
            page.put(9 + zero, row, "0", Ink.DIM)

    def _facts(self, at: int) -> str:
        part = self.part
        assert part is not None
        said = f"{number(float(part.values[at].sum()))} values"
        if len(part.mean):
            said = f"mean {number(float(part.mean[at]))}  std {number(float(part.std[at]))}  {said}"
        return said

    def _item(self, at: int) -> Item:
        assert self.part is not None
        return self.part.items[at]

    # One of them over the steps

    def _moments(self) -> list[tuple[Sheet, Histograms, int]]:
        """The sheets that have the histogram under the cursor, oldest first, and which it is in each."""
        key = named(self._item(self.cursor))
        found = []
        for sheet in (*self.earlier, self.sheet):
            part = sheet.part if sheet else None
            if sheet is None or not isinstance(part, Histograms):
                continue
            near = self.cursor < len(part.values) and named(part.items[self.cursor]) == key
            at = self.cursor if near else next((i for i, each in enumerate(part.items) if named(each) == key), None)
            if at is not None:
                found.append((sheet, part, at))
        return found

    def _through_time(self, page: Page) -> None:
        self._title(page, 0, self.cursor)
        moments = self._moments()
        high = max(min(page.height // 3, 8), 1)
        gutter, tail = 9, 20 if page.width >= 60 else 0
        bins = max(page.width - gutter - tail, 4)
        edges = [_edges(part, at) for _, part, at in moments]
        low, top = common(edges)
        counts = np.stack(
            [
                resampled(part.values[at], each, low, top, bins)
                for each, (_, part, at) in zip(edges, moments, strict=True)
            ]
        )
        for line, text in enumerate(bars(counts[-1], bins, high)):
            page.text(gutter, 1 + line, text, Ink.bright(0))
        page.text(gutter, 1 + high, number(low), Ink.DIM)
        page.text(gutter + bins - len(number(top)), 1 + high, number(top), Ink.DIM)
        if (zero := _place(0.0, low, top, bins)) is not None and page.free(gutter + zero - 1, 1 + high, 3):
            page.text(gutter + zero, 1 + high, "0", Ink.DIM)
        page.text(0, 1 + high, "step", Ink.DIM)
        if tail:
            page.text(gutter + bins + 2, 1 + high, f"{'mean':>8} {'std':>8}", Ink.DIM)
        self._heat(page, 2 + high, gutter, counts, moments, tail)

    def _heat(
        self, page: Page, top: int, gutter: int, counts: np.ndarray, moments: Sequence[tuple[Sheet, Histograms, int]],
        tail: int,
    ) -> None:  # fmt: skip
        room = page.height - top
        kept = range(len(moments)) if len(moments) <= room else _spread(len(moments), room)
        high = max(room // max(len(moments), 1), 1)
        colours = density(counts)
        for line, at in enumerate(kept):
            sheet, part, place = moments[at]
            for row in range(top + line * high, top + (line + 1) * high):
                for column, colour in enumerate(colours[at].tolist()):
                    page.fill(gutter + column, row, " ", (colour[0], colour[1], colour[2]))
            page.text(0, top + line * high, fit(str(sheet.moment.step), gutter - 1, "right"), Ink.DIM)
            if tail and len(part.mean):
                facts = f"{number(float(part.mean[place])):>8} {number(float(part.std[place])):>8}"
                page.text(gutter + counts.shape[1] + 2, top + line * high, facts, Ink.DIM)

    def said(self) -> str:
        if not self.count or self.part is None:
            return ""
        part = self.part
        said = f"{named(self._item(self.cursor)) or 'histogram'}: {self._facts(self.cursor)}"
        if note := self._item(self.cursor).note:
            said += f", {note}"
        if len(part.mean) and self.earlier:
            moments = [(sheet, found, at) for sheet, found, at in self._moments() if len(found.std)]
            stds = [float(found.std[at]) for _, found, at in moments]
            if history := over_steps(stds, [sheet.moment.step for sheet, _, _ in moments]):
                said += f"   std {history}"
        return steady(said, 300)


def named(item: Item) -> str:
    """What was counted: `conv2d kernel`, `dense, image 2`."""
    first = " ".join(each for each in (item.layer, item.aspect) if each)
    unit = "" if item.unit is None else f"map {', '.join(map(str, item.unit))}"
    image = "" if item.image is None else f"image {item.image + 1}"
    return ", ".join(each for each in (first, unit, image) if each)


def _edges(part: Histograms, at: int) -> np.ndarray:
    """The edges of the bins; all are one number where all values are, whatever room the bins give it."""
    if len(part.std) and part.std[at] == 0:
        return np.full(len(part.edges[at]), part.mean[at], np.float64)
    return part.edges[at]


def _place(value: float, low: float, high: float, cells: int) -> int | None:
    """The cell in which a value lies, None outside and at the ends."""
    if not low < value < high:
        return None
    return min(int((value - low) / (high - low) * cells), cells - 1)


def _spread(count: int, room: int) -> list[int]:
    """`room` of `count` numbers, evenly, the last among them."""
    return sorted({round(at) for at in np.linspace(0, count - 1, max(room, 1))}) if room > 1 else [count - 1]
