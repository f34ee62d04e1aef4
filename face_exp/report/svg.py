"""Plots as SVG for a page: no script, no font, no colour of its own but by the classes that the page's style sheet has.

Lengths are those of the viewBox; every text that comes from data is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from ...engine.text import printable
from .figures import signed

Array: TypeAlias = np.ndarray
Row = tuple[str, float, float, float]  # label, low, mean, high
Series = tuple[str, Sequence[tuple[float, float, float, float]]]  # name, (x, low, y, high) each

_WIDE = 720


def text(x: float, y: float, words: object, anchor: str = "start", kind: str = "") -> str:
    """One line of escaped text."""
    kinds = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kinds}>{escaped(words)}</text>'


def escaped(words: object) -> str:
    return html.escape(printable(words))


def page(width: float, height: float, parts: Sequence[str], title: str) -> str:
    """The whole picture, with a title for those who do not see it."""
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" role="img" '
        f'aria-label="{escaped(title)}"><title>{escaped(title)}</title>{"".join(parts)}</svg>'
    )


def forest(rows: Sequence[Row], title: str, unit: str, *, zero: bool = False, full: Sequence[bool] = ()) -> str:
    """Intervals under each other on one axis, in percent; with `zero` a line at 0. A dot is hollow where not `full`."""
    rows = [row for row in rows if math.isfinite(row[2])]
    if not rows:
        return ""
    left, right, top, step = 36 + 7 * max(8, *(min(len(row[0]), 36) for row in rows)), 84, 12, 26
    values = [100 * value for row in rows for value in row[1:] if math.isfinite(value)] + ([0.0] if zero else [])
    ticks = nice(min(values), max(values))
    at = _scale(ticks[0], ticks[-1], left, _WIDE - right)
    bottom = top + step * len(rows)
    parts = [_line(at(tick), top, at(tick), bottom, "grid") for tick in ticks]
    parts += [text(at(tick), bottom + 18, f"{tick:g}".replace("-", "−"), "middle", "dim") for tick in ticks]
    if zero:
        parts.append(_line(at(0), top, at(0), bottom, "zero"))
    for place, (label, low, mean, high) in enumerate(rows):
        y = top + step * (place + 0.5)
        parts.append(text(left - 12, y + 4, printable(label, 36), "end"))
        if math.isfinite(low) and math.isfinite(high):
            parts.append(_line(at(100 * low), y, at(100 * high), y, "bar s0"))
            parts += [_line(at(100 * edge), y - 5, at(100 * edge), y + 5, "bar s0") for edge in (low, high)]
        kind = "dot" if not full or full[place] else "hollow"
        parts.append(f'<circle cx="{at(100 * mean):.1f}" cy="{y:.1f}" r="4.5" class="{kind} s0"/>')
        parts.append(text(_WIDE - right + 14, y + 4, signed(100 * mean) if zero else f"{100 * mean:.1f}"))
    parts.append(text((left + _WIDE - right) / 2, bottom + 38, unit, "middle", "dim"))
    return page(_WIDE, bottom + 46, parts, title)


def curves(
    series: Sequence[Series],
    title: str,
    axes: tuple[str, str],
    *,
    size: tuple[int, int] = (_WIDE, 360),
    x_ticks: Sequence[tuple[float, str]] | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    diagonal: bool = False,
    level: tuple[str, float] | None = None,
    dots: bool = True,
) -> str:
    """Lines with their intervals; each is named at its end, and has its own dash. `level` is a dashed line across."""
    series = [(name, [point for point in points if math.isfinite(point[2])]) for name, points in series]
    series = [each for each in series if each[1]]
    if not series:
        return ""
    width, height = size
    left, right, top, bottom = 56, 150 if len(series) > 1 or level else 24, 14, height - 48
    if bounds is None:
        xs = [point[0] for _, points in series for point in points]
        ys = [y for _, points in series for point in points for y in point[1:] if math.isfinite(y)]
        ys += [level[1]] if level else []
        y_ticks = nice(min(ys), max(ys))
        bounds = min(xs), max(xs), y_ticks[0], y_ticks[-1]
    else:
        y_ticks = nice(bounds[2], bounds[3])
    across, up = _scale(bounds[0], bounds[1], left + 8, width - right), _scale(bounds[2], bounds[3], bottom, top)
    parts = [_line(left, up(tick), width - right + 8, up(tick), "grid") for tick in y_ticks]
    parts += [text(left - 8, up(tick) + 4, f"{tick:g}", "end", "dim") for tick in y_ticks]
    marks = x_ticks or [(tick, f"{tick:g}") for tick in nice(bounds[0], bounds[1])]
    parts += [text(across(x), bottom + 18, label, "middle", "dim") for x, label in marks]
    if diagonal:
        parts.append(_line(across(bounds[0]), up(bounds[2]), across(bounds[1]), up(bounds[3]), "zero"))
    names: list[tuple[float, str, str]] = []
    bars = dots and any(math.isfinite(low) for _, points in series for _, low, _, _ in points)
    if level:
        parts.append(_line(left, up(level[1]), width - right + 8, up(level[1]), "zero"))
        names.append((up(level[1]), level[0], "dim"))
    for place, (name, points) in enumerate(series):
        kind = f"s{place % 6}"
        shift = (place - (len(series) - 1) / 2) * (5 if bars else 0)  # intervals of the same x stand beside each other
        path = " ".join(f"{across(x) + shift:.1f},{up(y):.1f}" for x, _, y, _ in points)
        parts.append(f'<polyline points="{path}" class="line {kind} d{place % 4}"/>')
        for x, low, y, high in points if dots else ():
            if math.isfinite(low) and math.isfinite(high):
                parts.append(_line(across(x) + shift, up(low), across(x) + shift, up(high), f"thin {kind}"))
            parts.append(f'<circle cx="{across(x) + shift:.1f}" cy="{up(y):.1f}" r="4" class="dot {kind}"/>')
        names.append((up(points[-1][2]), name, kind))
    if right > 24:
        for y, (_, name, kind) in zip(
            _apart([each[0] for each in sorted(names)], 16, top, bottom), sorted(names), strict=True
        ):
            parts.append(text(width - right + 16, y + 4, printable(name, 20), "start", f"name {kind}"))
    parts.append(text((left + width - right) / 2, height - 8, axes[0], "middle", "dim"))
    parts.append(
        f'<text transform="translate(14 {(top + bottom) / 2:.0f}) rotate(-90)" text-anchor="middle" class="dim">'
        f"{escaped(axes[1])}</text>"
    )
    return page(width, height, parts, title)


def heat(table: Array, names: Sequence[str], title: str, axes: tuple[str, str]) -> str:
    """Shares of each row (truth) by column (prediction); numbers in the cells where they have room."""
    count = len(table)
    sums = table.sum(axis=1, keepdims=True)
    shares = np.divide(table, sums, out=np.zeros(table.shape), where=sums > 0)
    few = count <= 12
    cell = 58 if few else max(5, min(14, 560 // max(count, 1)))
    left, top = (120 if few else 30), (34 if few else 14)
    size = cell * count
    parts = [f'<rect x="{left}" y="{top}" width="{size}" height="{size}" class="frame"/>']
    for row, column in np.argwhere(shares > 0):
        share = float(shares[row, column])
        x, y = left + cell * column, top + cell * row
        parts.append(
            f'<rect x="{x}" y="{y}" width="{cell}" height="{cell}" class="heat" '
            f'fill-opacity="{0.06 + 0.94 * share:.2f}">'
            f"<title>{escaped(names[row])} → {escaped(names[column])}: {share:.1%}</title></rect>"
        )
        if few:
            strong = " strong" if share > 0.5 else ""
            parts.append(text(x + cell / 2, y + cell / 2 + 4, f"{100 * share:.0f}", "middle", f"cell{strong}"))
    if few:
        for place, name in enumerate(names):
            parts.append(text(left - 8, top + cell * (place + 0.5) + 4, printable(name, 14), "end"))
            parts.append(text(left + cell * (place + 0.5), top - 8, printable(name, 10), "middle", "small"))
    parts.append(text(left + size / 2, top + size + 22, axes[1], "middle", "dim"))
    parts.append(
        f'<text transform="translate(14 {top + size / 2:.0f}) rotate(-90)" text-anchor="middle" class="dim">'
        f"{escaped(axes[0])}</text>"
    )
    return page(left + size + 20, top + size + 34, parts, title)


def nice(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`."""
    if not high > low:
        low, high = low - 0.5, high + 0.5
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    return [round(step * place, 10) for place in range(first, math.ceil(high / step - 1e-9) + 1)]


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / ((high - low) or 1) * (end - start)


def _line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" class="{kind}"/>'


def _apart(places: Sequence[float], least: float, top: float, bottom: float) -> list[float]:
    """The same ascending places, moved so that no two are nearer than `least`, from `top` to `bottom` if they fit."""
    made: list[float] = []
    for place in places:
        made.append(max(place, made[-1] + least) if made else max(place, top))
    over = max(made[-1] - places[-1], 0) / 2 if made else 0.0
    over = max(over, made[-1] - bottom) if made else 0.0
    return [place - min(over, made[0] - top) for place in made]
