"""Where values lie in a chart: the rectangle of cells, the ranges of its axes, and rows of dots for values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .model import Fit
from .reduce import Columns, Floats

_HUGE = 8e307  # an axis ends here, so that its length is still a number


@dataclass(frozen=True, slots=True)
class Area:
    """Where the curves lie: a rectangle of cells and the ranges of both axes that it covers."""

    left: int
    top: int
    width: int
    height: int
    x: tuple[float, float]
    y: tuple[float, float]
    log: bool = False

    def x_at(self, column: float) -> float:
        """The x in the middle of a column of the canvas."""
        return self.x[0] + (column + 0.5 - self.left) / max(self.width, 1) * (self.x[1] - self.x[0])

    def y_at(self, row: float) -> float:
        """The y in the middle of a row of the canvas."""
        share = 1 - (row + 0.5 - self.top) / max(self.height, 1)
        low, high = self.scaled_y
        return self.unscaled(low + share * (high - low))

    @property
    def scaled_y(self) -> tuple[float, float]:
        """The range of y as distances along the axis: logarithms on a logarithmic one."""
        return self.scale(self.y[0]), self.scale(self.y[1])

    def scale(self, y: float) -> float:
        """How far along the axis y lies."""
        return float(scaled(np.array([y]), self.log)[0])

    def unscaled(self, distance: float) -> float:
        """The y that lies so far along the axis."""
        return float(10 ** min(max(distance, -320.0), 308.0)) if self.log else distance

    def column(self, x: float) -> int:
        """The column of the canvas that shows x; it may lie outside of the area."""
        share = (x - self.x[0]) / (self.x[1] - self.x[0])
        return self.left + min(math.floor(share * self.width), self.width - 1 if share <= 1 + 1e-12 else self.width)

    def row(self, y: float) -> int | None:
        """The row of the canvas that shows y; None where y is not in the range."""
        if not self.y[0] <= y <= self.y[1]:
            return None
        dots = rows_of(np.array([y]), self, self.height)
        return self.top + int(dots[0])


def y_range(reduced: Iterable[Columns], log: bool, fit: Fit) -> tuple[float, float]:
    """The range of y for some reduced curves, with a little air; never empty. On a logarithmic axis it is positive,
    unless no value is.
    """
    ends = [each for columns in reduced if (each := _ends(columns, log, fit)) is not None]
    if not ends:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if log:
        air = 10 ** (0.03 * math.log10(high / low)) if high > low else 2.0
        return max(low / air, 5e-324), min(high * air, _HUGE)
    constant = high - low <= 1e-12 * max(abs(low), abs(high))
    air = (0.1 * abs(high) or 1.0) if constant else 0.03 * (high - low)
    return max(low - air, -_HUGE), min(high + air, _HUGE)


def _ends(reduced: Columns, log: bool, fit: Fit) -> tuple[float, float] | None:
    low, high = reduced.low, reduced.high
    there = (high > 0) if log else ~np.isnan(low)
    if not there.any():
        return None
    low, high = low[there], high[there]
    if log:
        low = np.where(low > 0, low, high)
    low, high = scaled(low, log), scaled(high, log)
    ends = float(low.min()), float(high.max())
    if fit is Fit.ROBUST and reduced.real.sum() >= 20:
        ends = _without_outliers(low, high, ends)
    return (float(10 ** ends[0]), float(10 ** ends[1])) if log else ends


def _without_outliers(low: Floats, high: Floats, ends: tuple[float, float]) -> tuple[float, float]:
    """Leave out what stands alone among its neighbours, but only where it would flatten all the others.

    A loss that falls steeply at the beginning is no outlier: each of its columns has a neighbour much like it.
    """
    floor, ceiling = float(_median_of_neighbours(low).min()), float(_median_of_neighbours(high).max())
    spread = ceiling - floor
    if spread <= 0:
        return ends
    return (
        ends[0] if floor - ends[0] <= spread else floor - 0.1 * spread,
        ends[1] if ends[1] - ceiling <= spread else ceiling + 0.1 * spread,
    )


def _median_of_neighbours(values: Floats, reach: int = 4) -> Floats:
    if len(values) <= reach:
        return values
    padded = np.pad(values, reach, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.partition(windows, reach, axis=1)[:, reach]


def scaled(values: Floats, log: bool) -> Floats:
    """Values as they lie on the axis: their logarithm, far below every axis where there is none."""
    if not log:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(values)
    return np.where(values <= 0, -400.0, logs)


def rows_of(y: Floats, area: Area, rows: int) -> Floats:
    """The row (0 at the top of the area, `rows` in all) of each y, beyond the range one row outside."""
    low, high = scaled(np.array(area.y), area.log)
    span = high - low
    with np.errstate(over="ignore"):
        position = np.floor((high - scaled(y, area.log)) / span * rows)
    # The lowest value of the range lies in the last row, not below it.
    position = np.where((position == rows) & (y >= area.y[0]), rows - 1, position)
    return np.clip(position, -1, rows)


def dot_rows(reduced: Columns, area: Area, rows: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """First and last dot row of each column, first > last where nothing is to be drawn.

    Where a line runs through a column without turning, its first dot is the last one of the column before: it is left
    out, so that a slope is one dot thin as Bresenham would draw it.
    """
    missing = np.isnan(reduced.low)
    top, bottom, left, right = (
        np.where(np.isnan(values), 0, rows_of(values, area, rows)).astype(np.int32)
        for values in (reduced.high, reduced.low, reduced.left, reduced.right)
    )
    through = ~np.isnan(reduced.left) & ~np.isnan(reduced.right) & (top < bottom)
    through[:1] = False
    falls = through & (left == top) & (right == bottom)
    rises = through & (left == bottom) & (right == top)
    top, bottom = top + falls, bottom - rises
    outside = missing | (bottom < 0) | (top >= rows)
    return np.where(outside, rows + 1, np.maximum(top, 0)), np.where(outside, rows, np.minimum(bottom, rows - 1))
