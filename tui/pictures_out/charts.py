"""Figures that are no pixels as charts: histograms as bars, series as lines, points as dots."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...vis.figures import Array, Histograms, Points, Series
from ..drawing import ticks
from ..drawing.cells import number, steady
from ..drawing.palette import DARK, LIGHT
from ..drawing.pens import Box, Pen, PngPen, Point
from ..figures.rasters import caption, label
from ..figures.sheet import Sheet
from .words import counted

KINDS = ("histograms", "series", "points")
_PANEL = (420, 260)  # pixels of one histogram
_WHOLE = (960, 640)
_TEXT, _SMALL = 15.0, 13.0
_MOST = 64  # histograms of one picture


class _Look:
    """Colours on a dark or a light ground."""

    def __init__(self, *, dark: bool) -> None:
        self.ground, self.ink, self.dim = (
            ("#12161b", "#d8dee6", "#8b95a1") if dark else ("#ffffff", "#1d242b", "#5c6670")
        )
        self.grid = "#2a323c" if dark else "#dfe3e6"
        self.series = DARK if dark else LIGHT


def chart(sheet: Sheet, scale: int = 1, *, dark: bool = False) -> bytes | None:
    """A PNG file, `scale` times as large; None for a part of another kind."""
    look = _Look(dark=dark)
    match sheet.part:
        case Histograms() as part if len(part.values):
            return _histograms(sheet, part, look, scale)
        case Series() as part if len(part.values):
            return _series(part, look, scale)
        case Points() as part if len(part.values) and part.values.shape[1]:
            return _points(sheet, part, look, scale)
    return None


class _Panel:
    """Axes in a part of the picture, in units that `scale` makes pixels."""

    def __init__(
        self, pen: Pen, look: _Look, scale: int, box: Box, x: tuple[float, float], y: tuple[float, float]
    ) -> None:
        self.pen, self.look, self.scale, self.box = pen, look, scale, box
        self.x, self.y = _wide(*x), _wide(*y)

    def at(self, x: float, y: float) -> Point:
        box = self.box
        across = box.left + _share(x, *self.x) * (box.right - box.left)
        down = box.bottom - _share(y, *self.y) * (box.bottom - box.top)
        return across * self.scale, down * self.scale

    def text(
        self, x: float, y: float, text: str, colour: str, size: float, anchor: str = "l", *, bold: bool = False
    ) -> None:
        self.pen.text((x * self.scale, y * self.scale), text, colour, size * self.scale, anchor, bold=bold)

    def axes(self, title: str, x_title: str = "", y_title: str = "") -> None:
        """Lines at round numbers, the numbers, the titles."""
        box, look, scale = self.box, self.look, self.scale
        made = ticks.linear(*self.y, 5)
        for value, said in zip(made.at, made.labels, strict=True):
            self.pen.line([self.at(self.x[0], value), self.at(self.x[1], value)], look.grid, scale)
            self.text(box.left - 6, self.at(self.x[0], value)[1] / scale, said, look.dim, _SMALL, "r")
        made = ticks.linear(*self.x, 5)
        for value, said in zip(made.at, made.labels, strict=True):
            self.text(self.at(value, self.y[0])[0] / scale, box.bottom + 12, said, look.dim, _SMALL, "m")
        corners = [(box.left, box.top), (box.left, box.bottom), (box.right, box.bottom)]
        self.pen.line([(x * scale, y * scale) for x, y in corners], look.dim, scale)
        self.text(box.left, box.top - 14, title, look.ink, _TEXT, bold=True)
        self.text((box.left + box.right) / 2, box.bottom + 32, x_title, look.ink, _TEXT, "m")
        self.text(box.right, box.top - 14, y_title, look.dim, _SMALL, "r")


def _wide(low: float, high: float) -> tuple[float, float]:
    """A range that is not empty."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    if _span(low, high) > 0:
        return low, high
    around = (low - 0.5, low + 0.5)
    return around if _span(*around) > 0 else (min(low, 0.0), max(high, 0.0))  # beside a huge number 0.5 is nothing


def _span(low: float, high: float) -> float:
    """Half of what lies between them, which is a number even where all of it is none."""
    return high / 2 - low / 2


def _share(value: float, low: float, high: float) -> float:
    return _span(low, value) / _span(low, high)


def _histograms(sheet: Sheet, part: Histograms, look: _Look, scale: int) -> bytes:
    count = min(len(part.values), _MOST)
    across = math.ceil(math.sqrt(count))
    width, height = _PANEL
    whole = (width * across, height * math.ceil(count / across))
    pen = PngPen(whole[0] * scale, whole[1] * scale, Box(0, 0, *whole), look.ground)
    for at in range(count):
        left, top = at % across * width, at // across * height
        counts, edges = counted(part.values[at]), part.edges[at].astype(float)
        box = Box(left + 62, top + 34, left + width - 18, top + height - 34)
        panel = _Panel(
            pen, look, scale, box, (float(edges[0]), float(edges[-1])), (0.0, float(counts.max(initial=0.0)) or 1.0)
        )
        item = part.items[at]
        words = ", ".join(word for word in (steady(item.layer, 40), caption(item, sheet)) if word)
        mean = f"mean {number(float(part.mean[at]))}" if len(part.mean) else ""
        std = f" ± {number(float(part.std[at]))}" if len(part.std) else ""
        panel.axes(words, "", mean + std)
        for low, high, value in zip(edges[:-1], edges[1:], counts, strict=True):
            if value > 0 and math.isfinite(low) and math.isfinite(high):
                corners = [panel.at(low, 0), panel.at(low, value), panel.at(high, value), panel.at(high, 0)]
                pen.polygon(corners, look.series[0])
    return pen.finish()


def _series(part: Series, look: _Look, scale: int) -> bytes:
    pen, box = _whole(look, scale, len(part.values))
    panel = _Panel(pen, look, scale, box, _reach(part.values[:, 0]), _reach(part.values[:, 1]))
    panel.axes(steady(part.name, 60), part.axes[0], part.axes[1])
    for at, (x, y) in enumerate(part.values.astype(float)):
        colour = look.series[at % len(look.series)]
        there = np.isfinite(x) & np.isfinite(y)
        pen.line([panel.at(*each) for each in zip(x[there], y[there], strict=True)], colour, 2.0 * scale)
        score = part.items[at].score
        words = steady(part.items[at].aspect, 30) + (f" {number(score)}" if score is not None else "")
        _legend(panel, at, words, colour)
    return pen.finish()


def _points(sheet: Sheet, part: Points, look: _Look, scale: int) -> bytes:
    """The first two axes; a colour for each class, as long as there are so many colours."""
    targets = [item.target for item in part.items]
    classes = sorted({target for target in targets if target is not None})
    pen, box = _whole(look, scale, len(classes))
    x = part.values[:, 0].astype(float)
    y = part.values[:, 1].astype(float) if part.values.shape[1] > 1 else np.zeros(len(x))
    panel = _Panel(pen, look, scale, box, _reach(x), _reach(y))
    shares = [f" ({100 * share:.0f} %)" for share in part.shares[:2]] + ["", ""]
    names = [steady(name, 40) + share for name, share in zip((*part.axes[:2], "", "")[:2], shares, strict=False)]
    panel.axes(steady(part.name, 60), *names)
    for at, target in enumerate(targets):
        if math.isfinite(x[at]) and math.isfinite(y[at]):
            colour = look.series[classes.index(target) % len(look.series)] if target is not None else look.series[0]
            across, down = panel.at(x[at], y[at])
            turns = [math.tau * turn / 8 for turn in range(8)]
            pen.polygon([(across + 3 * scale * math.cos(t), down + 3 * scale * math.sin(t)) for t in turns], colour)
    for at, target in enumerate(classes):
        _legend(panel, at, label(target, sheet.predictions), look.series[at % len(look.series)])
    return pen.finish()


def _whole(look: _Look, scale: int, entries: int) -> tuple[PngPen, Box]:
    """A pen for one chart, and the box of its axes; a legend stands at the right."""
    width, height = _WHOLE
    height = max(height, 80 + entries * 20)
    box = Box(80, 44, width - (190 if entries else 30), height - 56)
    return PngPen(width * scale, height * scale, Box(0, 0, width, height), look.ground), box


def _legend(panel: _Panel, at: int, words: str, colour: str) -> None:
    x, y, scale = panel.box.right + 16, panel.box.top + 8 + at * 20, panel.scale
    panel.pen.line([(x * scale, y * scale), ((x + 18) * scale, y * scale)], colour, 3.0 * scale)
    panel.text(x + 26, y, words, panel.look.ink, _SMALL)


def _reach(values: Array | Sequence[float]) -> tuple[float, float]:
    finite = np.asarray(values, float)
    finite = finite[np.isfinite(finite)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
