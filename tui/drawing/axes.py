"""The axes of a chart: rules, ticks, labels and a dotted line at each labelled height."""

from __future__ import annotations

import numpy as np

from . import ticks
from .area import Area
from .canvas import Canvas, Ink
from .model import Axis


def y_ticks(area: Area) -> ticks.Ticks:
    """Ticks of the y axis, as many as the height has room for."""
    most = max(2, min(2 * area.height // 5 + 1, 9))
    if area.height < 3:
        most = 1
    make = ticks.logarithmic if area.log else ticks.linear
    made = make(*area.y, most)
    # One label alone says nothing of the scale; two more may be one too many for the height, and are left out then.
    return made if len(made.at) >= 2 or area.height < 3 else make(*area.y, most + 2)


def axes(canvas: Canvas, area: Area, made: ticks.Ticks, kind: Axis, *, rule: bool, labels: bool) -> None:
    if area.left:
        for row in range(area.top, area.top + area.height):
            canvas.put(area.left - 1, row, "│", Ink.GRID)
        _y_labels(canvas, area, made)
    base = area.top + area.height
    if rule:
        for column in range(area.left, area.left + area.width):
            canvas.put(column, base, "─", Ink.GRID)
        if area.left:
            canvas.put(area.left - 1, base, "└", Ink.GRID)
    if labels:
        _x_labels(canvas, area, base, rule, kind)


def _y_labels(canvas: Canvas, area: Area, y_ticks: ticks.Ticks) -> None:
    taken: set[int] = set()
    for value, label in zip(y_ticks.at, y_ticks.labels, strict=True):
        row = area.row(value)
        if row is None or row in taken:
            continue
        taken.add(row)
        canvas.text(max(area.left - 1 - len(label), 0), row, label, Ink.DIM, min(len(label), area.left - 1))
        canvas.put(area.left - 1, row, "┤", Ink.GRID)
        inside = slice(area.left, area.left + area.width)
        blank = canvas.chars[row, inside] == " "
        blank &= np.arange(area.width) % 2 == 1
        canvas.chars[row, inside][blank] = "·"
        canvas.inks[row, inside][blank] = Ink.GRID


def x_ticks(axis: Axis, low: float, high: float, most: int) -> ticks.Ticks:
    """Ticks of the x axis, as its kind is read."""
    if axis is Axis.TIME:
        return ticks.durations(low, high, most)
    return ticks.linear(low, high, most, whole=axis is Axis.STEP)


def _x_labels(canvas: Canvas, area: Area, base: int, rule: bool, axis: Axis) -> None:
    row = base + rule
    made = x_ticks(axis, *area.x, max(1, min(area.width // 10, 12)))
    name = str(axis)
    end = area.left + area.width
    room = end - len(name) - 1 if area.width > 24 else end
    if area.width > 24:
        canvas.text(end - len(name), row, name, Ink.GRID)
    for value, label in zip(made.at, made.labels, strict=True):
        column = area.column(value)
        if rule:
            canvas.put(column, base, "┴", Ink.GRID)
        start = max(column - len(label) // 2, 0)
        if start + len(label) <= room and canvas.free(max(start - 1, 0), row, len(label)):
            canvas.text(start, row, label, Ink.DIM)


def x_text(axis: Axis, x: float) -> str:
    """A position on the x axis as a person reads it."""
    match axis:
        case Axis.TIME:
            return ticks.duration(x) if abs(x) >= 10 else f"{x:.2f}s"
        case Axis.EPOCH:
            return f"{x:.4g}"
        case _:
            return ticks.whole(x)
