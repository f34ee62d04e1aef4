"""Curves onto a canvas: lines as dots, marks for what no line can show, the cross under the cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .area import Area, dot_rows
from .braille import Bits, Glyphs, pack, spans
from .canvas import Canvas, Ink
from .model import Line, Plot
from .reduce import Columns


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """One stroke of a line, reduced to the columns of a chart; `faint` where a smoothed line lies above it."""

    line: Line
    ink: int
    faint: bool
    columns: Columns


def paint(canvas: Canvas, area: Area, strokes: list[Stroke], glyphs: Glyphs) -> None:
    shape = (area.height, area.width)
    patterns, inks, faint = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.bool_)
    for stroke in strokes:
        bits = _bits(stroke, area, glyphs)
        hit = bits != 0
        # A bright line pushes the faint band aside in its cells; lines of one kind share a cell, the later colours it.
        kept = np.where(faint & (not stroke.faint), 0, patterns)
        patterns = np.where(hit, kept | bits, patterns)
        inks = np.where(hit, np.uint8(stroke.ink), inks)
        faint = np.where(hit, stroke.faint, faint)
    inside = (slice(area.top, area.top + area.height), slice(area.left, area.left + area.width))
    canvas.chars[inside] = np.array(list(glyphs.table))[patterns]
    canvas.inks[inside] = inks


def _bits(stroke: Stroke, area: Area, glyphs: Glyphs) -> Bits:
    rows = area.height * glyphs.rows
    top, bottom = dot_rows(stroke.columns, area, rows)
    top = np.where(_lead(stroke.columns), rows + 1, top)
    if stroke.line.dashed and not stroke.faint:
        top = np.where(_gaps(stroke.columns, bottom - top), rows + 1, top)
    return pack(spans(top, bottom, rows), glyphs)


def _gaps(reduced: Columns, tall: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Columns that a dashed line leaves out: never one with a spike, nor a measured point of a thin series."""
    gap = np.arange(len(reduced.low)) % 6 >= 4
    thin = reduced.real.sum() * 3 < len(reduced.real)
    return gap & np.where(reduced.real, (not thin) & (tall <= 1), True)


def marks(canvas: Canvas, area: Area, strokes: list[Stroke], glyphs: Glyphs) -> None:
    """What no line can show: values beyond the range, lone points, NaN and infinities, each at its x."""
    bottom = area.top + area.height - 1
    for stroke in strokes:
        reduced, ink = stroke.columns, Ink.bright(stroke.line.colour)
        with np.errstate(invalid="ignore"):
            above, below = reduced.high > area.y[1], reduced.low < area.y[0]
        lone = _lone(reduced)
        if lone.sum() <= area.width // 4:
            for column in np.flatnonzero(lone):
                if (row := area.row(float(reduced.high[column]))) is not None:
                    canvas.put(area.left + int(column) // glyphs.columns, row, "•", ink)
        _mark(canvas, area, above, area.top, "▴", ink, glyphs)
        _mark(canvas, area, below, bottom, "▾", ink, glyphs)
    for stroke in strokes:
        _mark(canvas, area, stroke.columns.up, area.top, "↑", Ink.MARK, glyphs)
        _mark(canvas, area, stroke.columns.down, bottom, "↓", Ink.MARK, glyphs)
        _mark(canvas, area, stroke.columns.nan, bottom, "×", Ink.MARK, glyphs)


def _lone(reduced: Columns) -> npt.NDArray[np.bool_]:
    """Columns with a measured point that no line reaches: also one that lies just on a column's edge."""
    at_edge = np.concatenate([[False], _lead(reduced)[:-1]])
    return reduced.real & np.isnan(reduced.right) & (np.isnan(reduced.left) | at_edge)


def _lead(reduced: Columns) -> npt.NDArray[np.bool_]:
    """Columns that a curve only touches, at their right edge, where its first point lies: the next one shows it."""
    return np.isnan(reduced.left) & ~reduced.real & ~np.isnan(reduced.right)


def _mark(
    canvas: Canvas, area: Area, where: npt.NDArray[np.bool_], row: int, char: str, ink: int, glyphs: Glyphs
) -> None:
    if not where.any():
        return
    for column in np.unique(np.flatnonzero(where) // glyphs.columns):
        canvas.put(area.left + int(column), row, char, ink)


def crosshair(canvas: Canvas, area: Area, plot: Plot) -> None:
    assert plot.cursor is not None
    if not area.x[0] <= plot.cursor <= area.x[1]:
        return
    at = area.column(plot.cursor)
    for row in range(area.top, area.top + area.height):
        if canvas.chars[row, at] in " ·":
            canvas.put(at, row, "│", Ink.CURSOR)
    for line in plot.lines:
        index = line.trace.nearest(plot.cursor)
        if index is None:
            continue
        x, y = line.trace.point(index)
        row = area.row(y) if math.isfinite(y) else None
        if row is not None and area.x[0] <= x <= area.x[1]:
            canvas.put(area.column(x), row, "●", Ink.bright(line.colour))


def centred(canvas: Canvas, area: Area, text: str) -> None:
    column = area.left + max((area.width - len(text)) // 2, 0)
    canvas.text(column, area.top + area.height // 2, text, Ink.DIM, area.width)
