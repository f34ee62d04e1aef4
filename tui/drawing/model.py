"""What a chart shows: lines, their axes and the choices a person made. Frozen; drawing it is `plot.draw`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from .reduce import Trace


class Axis(StrEnum):
    """What the x axis counts: optimiser steps, epochs, or seconds since the start of the run."""

    STEP = "step"
    EPOCH = "epoch"
    TIME = "time"


class Fit(StrEnum):
    """How the y axis chooses its range: without outliers (each marked where it leaves the chart), or all of it."""

    ROBUST = "robust"
    ALL = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One curve of a chart. Where `smooth` is there it is drawn bright and `trace`, the measured values, faint.

    `colour` counts in the palette; `dashed` and `key` (a letter at the end of the line) tell lines apart without it.
    """

    trace: Trace
    label: str
    colour: int = 0
    smooth: Trace | None = None
    dashed: bool = False
    key: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """All that a chart shows. `x` and `y` are ranges (low, high), None for what the lines need."""

    lines: Sequence[Line] = ()
    title: str = ""
    axis: Axis = Axis.STEP
    log: bool = False
    fit: Fit = Fit.ROBUST
    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None
    cursor: float | None = None
    legend_rows: int = 1
    selected: bool = False
    hint: str = ""


def extent(plot: Plot) -> tuple[float, float]:
    """The range of x that all lines together need; (0, 1) where there is no point."""
    found = [each for line in plot.lines if (each := line.trace.extent()) is not None]
    if not found:
        return 0.0, 1.0
    low, high = min(low for low, _ in found), max(high for _, high in found)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
