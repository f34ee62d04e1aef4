"""Plots as text: boxes and dots in at most 76 columns, for Markdown and the terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from ...engine.text import printable
from .figures import signed

Array: TypeAlias = np.ndarray

WIDTH = 76
Row = tuple[str, float, float, float]  # label, low, mean, high; the bounds NaN where there is no interval


def forest(
    rows: Sequence[Row], scale: float = 100, *, zero: bool = False, full: Sequence[bool] = ()
) -> tuple[str, ...]:
    """An interval each: ├──●──┤, on one axis; with `zero` a line at 0. The dot is ○ where it is not `full`."""
    rows = [row for row in rows if math.isfinite(row[2])]
    if not rows:
        return ()
    labels = max(len(row[0]) for row in rows)
    values = [scale * value for row in rows for value in row[1:] if math.isfinite(value)] + ([0.0] if zero else [])
    low, high = min(values), max(values)
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    width = WIDTH - labels - 10
    texts = [signed(scale * row[2]) if zero else f"{scale * row[2]:.1f}" for row in rows]

    dots = ["●" if each else "○" for each in full] or ["●"] * len(rows)

    def at(value: float) -> int:
        return round((scale * value - low) / (high - low) * (width - 1))

    made = [
        f"{row[0]:<{labels}}  {_interval(row, at, width, zero, dot)}  {text:>6}"
        for row, text, dot in zip(rows, texts, dots, strict=True)
    ]
    left, right = (signed(low), signed(high)) if zero else (f"{low:.1f}", f"{high:.1f}")
    axis = f"{left}{' ' * max(width - len(left) - len(right), 1)}{right}"
    if zero:
        place = at(0.0)
        if len(left) < place < width - len(right) - 1:
            axis = f"{axis[:place]}0{axis[place + 1 :]}"
    return (*made, f"{'':<{labels}}  {axis}")


def _interval(row: Row, at: Callable[[float], int], width: int, zero: bool, dot: str) -> str:
    cells = [" "] * width
    if zero:
        cells[at(0.0)] = "│"
    _, low, mean, high = row
    if math.isfinite(low) and math.isfinite(high):
        first, last = at(low), at(high)
        for place in range(first, last + 1):
            cells[place] = "┼" if cells[place] == "│" else "─"
        cells[first], cells[last] = "├", "┤"
    cells[at(mean)] = dot
    return "".join(cells)


def curves(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]], x_label: str, scale: float = 100, height: int = 12
) -> tuple[str, ...]:
    """Points of several series over the same few x, each by its letter; where two fall together, a *."""
    series = [(name, [point for point in points if math.isfinite(point[1])]) for name, points in series]
    every = sorted({x for _, points in series for x, _ in points})
    values = [scale * y for _, points in series for _, y in points]
    if not values or len(every) < 2:
        return ()
    low, high = math.floor(min(values)), math.ceil(max(values))
    high = max(high, low + 1)
    step = min((WIDTH - 12) // (len(every) - 1), 14)
    grid = [[" "] * (step * (len(every) - 1) + 5) for _ in range(height)]
    for name, points in series:
        for x, y in points:
            _put(grid, round((high - scale * y) / (high - low) * (height - 1)), every.index(x) * step + 2, name)
    made = _beside_axis(grid, low, high)
    several = "; * several" if any("*" in row for row in grid) else ""
    ticks = "".join(f"{x:^{5}g}".ljust(step) if place < len(every) - 1 else f"{x:^5g}" for place, x in enumerate(every))
    return (*made, f"      └{'─' * (step * (len(every) - 1) + 5)}", f"       {ticks.rstrip()}   {x_label}{several}")


def rates(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    x_ticks: Sequence[tuple[float, str]],
    x_label: str,
    *,
    joined: bool = False,
    diagonal: bool = False,
) -> tuple[str, ...]:
    """Shares (0 to 1, up) of several series over x from the first of the ticks to the last, in 12 lines; as `curves`.

    Points stand alone, or are `joined`; with `diagonal` a dotted line between the corners. Those outside are left out.
    """
    left, right = x_ticks[0][0], x_ticks[-1][0]

    def inside(x: float, y: float) -> bool:
        """NaN is not; what is outside by rounding alone is."""
        return -1e-6 <= (x - left) / (right - left) <= 1 + 1e-6 and -1e-6 <= y <= 1 + 1e-6

    series = [(name, [point for point in points if inside(*point)]) for name, points in series]
    series = [each for each in series if each[1]]
    if not series:
        return ()
    width, height = WIDTH - 10, 9
    grid = [[" "] * width for _ in range(height)]
    columns = np.linspace(left, right, width)
    if diagonal:
        for place in range(width):
            grid[round((1 - place / (width - 1)) * (height - 1))][place] = "·"
    for name, points in series:
        x, y = np.array(sorted(points)).T
        if joined:
            x, y = columns, np.interp(columns, x, y, left=math.nan, right=math.nan)
        across = np.rint((x - left) / (right - left) * (width - 1))
        cells = {
            (round((1 - share) * (height - 1)), int(c))
            for c, share in zip(across, y, strict=True)
            if not math.isnan(share)
        }
        for row, column in sorted(cells):
            _put(grid, row, column, name)
    labels = [" "] * (width + 3)
    for x, label in x_ticks:
        start = round((x - left) / (right - left) * (width - 1)) - (len(label) - 1) // 2
        start = min(max(start, 0), len(labels) - len(label))
        labels[start : start + len(label)] = label
    several = "; * several" if len(series) > 1 else ""
    named = f"{x_label}; {', '.join(printable(name, 1) for name, _ in series)}{several}"
    return (
        *_beside_axis(grid, 0, 100), f"      └{'─' * width}", f"       {''.join(labels).rstrip()}",
        f"       {named:^{width}}".rstrip()[:WIDTH],
    )  # fmt: skip


def _put(grid: list[list[str]], row: int, column: int, name: str) -> None:
    """The letter of a series, or a * where another one is."""
    grid[row][column] = printable(name, 1) if grid[row][column] in {" ", "·"} else "*"


def _beside_axis(grid: Sequence[Sequence[str]], low: float, high: float) -> list[str]:
    """Lines of a plot, every fourth and the last with its value."""
    made, last = [], len(grid) - 1
    for place, row in enumerate(grid):
        tick = f"{high - (high - low) * place / last:.1f}" if place % 4 == 0 or place == last else ""
        made.append(f"{tick:>5} │{''.join(row)}".rstrip())
    return made


def matrix(table: Array, names: Sequence[str]) -> tuple[str, ...]:
    """Shares of each row in percent, few classes; names of columns are cut, those of rows are whole."""
    labels = max(len(each) for each in names)
    sums = table.sum(axis=1)
    cut = [each if len(each) <= 7 else f"{each[:6]}." for each in names]
    cells = [
        [f"{100 * value / total:.0f}" if total else "–" for value in row]
        for row, total in zip(table, sums, strict=True)
    ]
    made = ["".join([" " * labels, *(f"{each:>8}" for each in cut)])]
    made += ["".join([f"{each:<{labels}}", *(f"{c:>8}" for c in row)]) for each, row in zip(names, cells, strict=True)]
    return tuple(line[:WIDTH] for line in made)
