"""Lines of x and y, as PR and ROC curves: all of them, or one alone."""

from __future__ import annotations

import os

import numpy as np

from ....vis.figures import Series
from ...drawing.braille import named
from ...drawing.canvas import Ink
from ...drawing.cells import fit, number, steady
from ...drawing.model import Axis, Fit, Line, Plot
from ...drawing.over_steps import over_steps
from ...drawing.page import Page
from ...drawing.palette import COLOURS
from ...drawing.plot import draw
from ...drawing.reduce import Trace
from ...drawing.strip import top_of
from .base import SheetView

_LIST = 28  # cells of the list of lines
_STEPS = 50  # of the cursor from one end of x to the other


class SeriesView(SheetView):
    """Up and down choose a line: the first place is all of them. Left and right move along x."""

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self._along: int | None = None

    @property
    def part(self) -> Series | None:
        """The part that is shown."""
        part = self.sheet.part if self.sheet else None
        return part if isinstance(part, Series) else None

    @property
    def count(self) -> int:
        return len(self.part.values) + 1 if self.part else 0

    def line(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """X and y of a line, without what fills it up."""
        assert self.part is not None
        x, y = self.part.values[at].astype(np.float64)
        there = np.isfinite(x)
        return x[there], y[there]

    def _reach(self) -> tuple[float, float]:
        lines = [x for at in range(self.count - 1) if len(x := self.line(at)[0])]
        ends = [end for x in lines for end in (x.min(), x.max())]
        low, high = min(ends, default=0.0), max(ends, default=1.0)
        return (float(low), float(high)) if high > low else (float(low) - 0.5, float(high) + 0.5)

    @property
    def at(self) -> float | None:
        """Where on x the cursor is."""
        if self._along is None:
            return None
        low, high = self._reach()
        return low + (high - low) * self._along / _STEPS

    def paint(self, width: int, height: int) -> Page:
        page = Page(width, height)
        part = self.part
        if part is None or not len(part.values):
            page.text(1, height // 2, "there are no lines", Ink.DIM)
            return page
        beside = _LIST if width >= 70 else 0
        chosen = range(len(part.values)) if self.cursor == 0 else [self.cursor - 1]
        lines = [Line(Trace(*_rising(*self.line(at))), self._called(at), colour=at % COLOURS) for at in chosen]
        x, y = (steady(each, 40) for each in (*part.axes, "", "")[:2])
        share = _are_shares(part)
        plot = Plot(
            lines, axis=Axis.EPOCH, fit=Fit.ALL, x=self._reach(), y=(0.0, 1.02) if share else None, cursor=self.at,
            legend_rows=0,
        )  # fmt: skip
        # Its first line, the legend, is left out: the list beside it or the title says more.
        drawn = draw(plot, width - beside, height, named(os.environ.get("TRAINVIS_GLYPHS"))).canvas
        page.chars[1:, : drawn.width], page.inks[1:, : drawn.width] = drawn.chars[1:], drawn.inks[1:]
        _relabel(page, x, width - beside)
        title = f"{y} against {x}" if x and y else part.name
        page.text(0, 0, steady(title, 200) if beside else f"{title}: {self._chosen_name()}", Ink.TITLE, width)
        if beside:
            self._list(page, width - beside + 1)
        return page

    def _chosen_name(self) -> str:
        return f"all {self.count - 1}" if self.cursor == 0 else self._called(self.cursor - 1)

    def _list(self, page: Page, column: int) -> None:
        first = top_of(self.cursor, self.count, page.height)
        for row, place in enumerate(range(first, min(first + page.height, self.count))):
            selected = place == self.cursor
            if place:
                page.text(column + 2, row, "━━", Ink.bright((place - 1) % COLOURS))
            page.text(column, row, "›" if selected else " ", Ink.SELECTED)
            score = self._score(place - 1) if place else None
            facts = "" if score is None else number(score)
            name = self._called(place - 1) if place else f"all {self.count - 1}"
            text = fit(name, _LIST - 14) + facts.rjust(7)
            page.text(column + 5, row, text, Ink.SELECTED if selected else Ink.TEXT)
            page.hit(column, row, place, _LIST)

    def _called(self, at: int) -> str:
        assert self.part is not None
        item = self.part.items[at]
        return steady(item.aspect or item.layer or f"line {at + 1}", 60)

    def _score(self, at: int) -> float | None:
        assert self.part is not None
        return self.part.items[at].score

    def said(self) -> str:
        part = self.part
        if part is None or not len(part.values):
            return ""
        x_name, y_name = (*part.axes, "x", "y")[:2]
        if self.cursor == 0:
            scores = [score for at in range(self.count - 1) if (score := self._score(at)) is not None]
            worst = min(range(self.count - 1), key=lambda at: self._score(at) or 0.0) if scores else None
            said = f"all {self.count - 1} lines"
            said += f", areas {number(min(scores))} to {number(max(scores))}" if scores else ""
            said += f", least: {self._called(worst)}" if worst is not None else ""
            return steady(said, 300)
        at = self.cursor - 1
        found = [self._called(at)]
        if (score := self._score(at)) is not None:
            found.append(f"area {number(score)}")
        x, y = self.line(at)
        if self.at is not None and len(x):
            near = int(np.abs(x - self.at).argmin())
            found.append(f"{y_name} {number(float(y[near]))} at {x_name} {number(float(x[near]))}")
        said = ", ".join(found)
        if history := self._history(at):
            said += f"   {history}"
        return steady(said, 300)

    def _history(self, at: int) -> str:
        name, found = self._called(at), []
        for sheet in (*self.earlier, self.sheet):
            part = sheet.part if sheet else None
            if sheet is None or not isinstance(part, Series):
                continue
            score = next((item.score for item in part.items if item.aspect == name), None)
            if score is not None:
                found.append((score, sheet.moment.step))
        return over_steps([value for value, _ in found], [step for _, step in found])

    def moved(self, right: int, down: int) -> int:
        if right:
            along = (0 if right > 0 else _STEPS) if self._along is None else self._along + right
            self._along = along if 0 <= along <= _STEPS else None
        return self.cursor + down

    @property
    def ways(self) -> int:
        return 2

    def action_way(self, by: int) -> None:
        """One line alone, the next one, all again."""
        self.go((self.cursor + by) % max(self.count, 1))


def _rising(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same in the order of x: a line is drawn from left to right."""
    if (np.diff(x) < 0).any():
        order = np.argsort(x, kind="stable")
        return x[order], y[order]
    return x, y


def _are_shares(part: Series) -> bool:
    """Whether all numbers lie between 0 and 1, as those of PR and ROC curves do."""
    finite = part.values[np.isfinite(part.values)]
    return bool(finite.size) and float(finite.min()) >= 0 and float(finite.max()) <= 1


def _relabel(page: Page, name: str, width: int) -> None:
    """The name of x where a chart says what it counts."""
    row = page.height - 1
    old = str(Axis.EPOCH)
    text = page.line(row)[:width]
    if (at := text.rfind(old)) >= 0:
        page.text(at, row, " " * len(old), Ink.BLANK)
        start = max(width - len(name), 0)
        if page.free(start, row, min(len(name), width)):
            page.text(start, row, name, Ink.DIM, width - start)
