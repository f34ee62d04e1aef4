"""A chart as numbers: lines, a window, a size in cells in; a canvas and the places of things out.

Layout, from the top: title and legend, the area with the labels of the y axis at its left, the x axis, its labels.
What a small size has no room for is left out in the order x axis, y axis, title.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from . import axes, ticks
from .area import Area, rows_of, y_range
from .braille import BRAILLE, Glyphs
from .canvas import Canvas, Ink
from .legend import Entry, legend, place_keys
from .model import Axis, Fit, Line, Plot, extent
from .paint import Stroke, centred, crosshair, marks, paint
from .reduce import Trace, columns

__all__ = ["Area", "Axis", "Drawn", "Fit", "Line", "Plot", "draw", "extent", "text_plot"]

GUTTER = 7


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn chart: the canvas and where its area is (None where there was no room)."""

    canvas: Canvas
    area: Area | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """How many cells each part takes of `width` × `height`; `rule` is the line of the x axis."""

    width: int
    height: int
    header: int
    gutter: int
    rule: bool
    labels: bool
    keys: int

    @property
    def area(self) -> tuple[int, int]:
        """Columns and rows left for the curves."""
        wide = self.width - self.gutter - self.keys
        return max(wide, 1), max(self.height - self.header - self.rule - self.labels, 1)


def draw(plot: Plot, width: int, height: int, glyphs: Glyphs = BRAILLE) -> Drawn:
    """The chart on a canvas of `width` × `height` cells. Any size works; small ones show less."""
    canvas = Canvas(width, height)
    if width < 2 or height < 1:
        return Drawn(canvas, None)
    entries = [_entry(line, plot) for line in plot.lines]
    header = legend(canvas, plot.title, entries, plot) if height >= 3 else 0
    frame = _frame(plot, width, height, header)
    area, strokes = _measure(plot, frame, glyphs)
    y_ticks = axes.y_ticks(area)
    widest = max((len(label) for label in y_ticks.labels), default=0) + 1
    if frame.gutter and widest > frame.gutter:
        frame = replace(frame, gutter=min(widest, width // 2))
        area, strokes = _measure(plot, frame, glyphs)
        y_ticks = axes.y_ticks(area)
    if not any(len(line.trace) for line in plot.lines):
        centred(canvas, area, plot.hint or "no values yet")
        return Drawn(canvas, None)
    paint(canvas, area, strokes, glyphs)
    axes.axes(canvas, area, y_ticks, plot.axis, rule=frame.rule, labels=frame.labels)
    marks(canvas, area, strokes, glyphs)
    if plot.cursor is not None:
        crosshair(canvas, area, plot)
    if frame.keys:
        bottom = area.top + area.height - 1
        place_keys(canvas, area.left + area.width, area.top, bottom, _ends(plot, area))
    return Drawn(canvas, area)


def _frame(plot: Plot, width: int, height: int, header: int) -> _Frame:
    return _Frame(
        width,
        height,
        header,
        gutter=GUTTER if width >= 20 else 0,
        rule=height - header >= 6,
        labels=height - header >= 4,
        keys=2 if width >= 24 and any(line.key for line in plot.lines) else 0,
    )


def _measure(plot: Plot, frame: _Frame, glyphs: Glyphs) -> tuple[Area, list[Stroke]]:
    x = plot.x or extent(plot)
    wide, high = frame.area
    edges = np.linspace(x[0], x[1], wide * glyphs.columns + 1)
    strokes = [
        Stroke(line, Ink.faint(line.colour), True, reduced)
        for line in plot.lines
        if line.smooth is not None
        for reduced in columns(line.trace, edges, log=plot.log)
    ]
    strokes += [
        Stroke(line, Ink.bright(line.colour), False, reduced)
        for line in plot.lines
        for reduced in columns(line.smooth or line.trace, edges, log=plot.log)
    ]
    y = plot.y or y_range([stroke.columns for stroke in strokes], plot.log, plot.fit)
    log = plot.log and y[0] > 0
    return Area(frame.gutter, frame.header, wide, high, x, y, log), strokes


def _entry(line: Line, plot: Plot) -> Entry:
    trace = line.trace
    index = _last_finite(trace) if plot.cursor is None else trace.nearest(plot.cursor)
    value, at = "", ""
    if index is not None:
        x, y = trace.point(index)
        value = ticks.short(y)
        if plot.cursor is not None:
            at = axes.x_text(plot.axis, x)
            if line.smooth is not None and np.isfinite(y):
                value += f" ≈{ticks.short(float(line.smooth.y[index]))}"
    return Entry(line.key, line.label, value, at, line.colour, line.dashed, odd_text(trace), line.note)


def odd_text(trace: Trace) -> str:
    """How many values of a curve are no numbers: "3 nan 1 inf", "" where all are."""
    counts = {"nan": len(trace.pyramid.nan), "inf": len(trace.pyramid.up), "−inf": len(trace.pyramid.down)}
    return " ".join(f"{ticks.short(count)} {kind}" for kind, count in counts.items() if count)


def _last_finite(trace: Trace) -> int | None:
    # The end of a run that diverged may be long: look back in growing stretches.
    size, back = len(trace), 16
    while size:
        start = max(size - back, 0)
        finite = np.flatnonzero(np.isfinite(trace.y[start:]))
        if len(finite):
            return start + int(finite[-1])
        if start == 0:
            return None
        back *= 8
    return None


def _ends(plot: Plot, area: Area) -> list[tuple[str, float, int]]:
    """Key, row and colour of each line where it leaves the window at its right."""
    found = []
    for line in plot.lines:
        value = last_before(line, area.x[1])
        if value is not None:
            row = area.top + rows_of(np.array([value]), area, area.height * 8)[0] / 8 - 0.5
            found.append((line.key, float(row), line.colour))
    return found


def last_before(line: Line, x: float) -> float | None:
    """The last finite value of a line, as it is drawn bright, up to about `x`."""
    trace = line.smooth or line.trace
    index = trace.nearest(x)
    while index is not None and index >= 0:
        start = max(index - 4096, 0)
        finite = np.flatnonzero(np.isfinite(trace.y[start : index + 1]))
        if len(finite):
            return float(trace.y[start + finite[-1]])
        index = start - 1
    return None


def text_plot(
    series: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    width: int = 80,
    height: int = 20,
    title: str = "",
    *,
    axis: Axis = Axis.STEP,
    log: bool = False,
    glyphs: Glyphs = BRAILLE,
) -> str:
    """A chart as plain text of `height` lines: `series` gives for each name its x and its y, of equal length.

    Names that begin with `val_` are dashed; where several others share a chart, letters mark the ends of the lines.
    """
    plain = [name for name in series if not name.startswith("val_")]
    lines = [
        Line(Trace(np.asarray(x), np.asarray(y)), name, dashed=name.startswith("val_"), key=_letter(plain, name))
        for name, (x, y) in series.items()
    ]
    plot = Plot(lines, title, axis, log, Fit.ALL, legend_rows=max(height // 5, 1))
    return str(draw(plot, width, height, glyphs).canvas)


def _letter(names: list[str], name: str) -> str:
    if len(names) < 2 or name not in names:
        return ""
    return chr(ord("a") + names.index(name) % 26)
