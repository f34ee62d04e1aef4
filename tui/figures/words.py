"""What stands beside a picture: the prediction, statistics of a map and its layer, what the figure says of itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from rich.cells import cell_len

from ...vis.figures import Array, Prediction
from ..drawing.cells import duration, fit, number, size, steady
from ..drawing.sparkline import BLOCKS
from .sheet import Sheet

_EIGHTHS = " ▏▎▍▌▋▊▉█"
# Lines of pieces, each with how it looks: "title", "", "dim", "warn" or "bar".
Lines: TypeAlias = list[tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the finite numbers: lowest, highest, mean, standard deviation, share of zeros; `odd` counts what is none."""

    low: float
    high: float
    mean: float
    std: float
    zeros: float
    counts: tuple[int, ...]
    odd: int = 0


def statistics(values: Array, bins: int = 24) -> Statistics | None:
    """None where nothing is finite."""
    flat = values.ravel()
    finite = flat[np.isfinite(flat)] if flat.dtype.kind == "f" else flat
    if not finite.size:
        return None
    low, high = float(finite.min()), float(finite.max())
    wide = finite.astype(np.float64)
    with np.errstate(all="ignore"):
        scaled = (wide - low) * (bins / ((high - low) or 1.0))
        counts = np.bincount(np.clip(np.nan_to_num(scaled), 0, bins - 1).astype(np.intp), minlength=bins)
        mean, std = float(wide.mean()), float(wide.std())
    zeros = 1.0 - np.count_nonzero(finite) / finite.size
    return Statistics(low, high, mean, std, zeros, tuple(counts.tolist()), flat.size - finite.size)


def histogram(counts: Sequence[int], width: int) -> str:
    """Counts as blocks, of the logarithm: a map that is mostly 0 shows its other numbers too."""
    if not counts or width < 1:
        return ""
    groups = np.add.reduceat(np.asarray(counts), np.arange(width) * len(counts) // width).tolist()
    high = math.log1p(max(groups)) or 1.0
    heights = [min(int(math.log1p(n) / high * len(BLOCKS)), len(BLOCKS) - 1) for n in groups]
    return "".join(BLOCKS[height] if n else " " for n, height in zip(groups, heights, strict=True))


def bar(share: float, width: int) -> str:
    """A share of 1 as a bar of at most `width` cells, to an eighth of a cell; NaN (a network gone wrong) has none."""
    eighths = 0 if math.isnan(share) else round(min(max(share, 0.0), 1.0) * width * 8)
    return ("█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")).ljust(width)


def class_name(prediction: Prediction, at: int) -> str:
    """The label of the class with the rank `at`, else its number."""
    if at < len(prediction.labels) and prediction.labels[at]:
        return steady(prediction.labels[at], 60)
    return f"class {prediction.classes[at]}"


def percent(share: float) -> str:
    """`97.8 %`; `100 %` only for what is all of it."""
    if 0.9995 <= share < 1:
        return "99.9 %"
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{share * 100:.1f} %" if 0 < share < 1 else f"{share * 100:.0f} %"


def prediction_lines(prediction: Prediction | None, width: int) -> Lines:
    """The best classes with a bar for the confidence of each; scores that are none have no bar."""
    if prediction is None or not prediction.classes:
        return []
    names = [class_name(prediction, at) for at in range(min(len(prediction.classes), 5))]
    longest = min(max(map(cell_len, names)), max(width - 15, 6))
    lines: Lines = [(("Prediction" + (f" {steady(prediction.output, 30)}" if prediction.output else ""), "title"),)]
    for name, score in zip(names, prediction.scores, strict=False):
        if prediction.confidence:
            shown = (bar(score, max(width - longest - 9, 3)), "bar"), (f" {percent(score):>7}", "")
        else:
            shown = ((number(score), ""),)
        lines.append(((f"{fit(name, longest)} ", ""), *shown))
    return lines


def prediction_words(prediction: Prediction | None, most: int = 2) -> str:
    """The same in a few words: `six 99.9 %, five <0.1 %`."""
    if prediction is None:
        return ""
    said = [
        f"{class_name(prediction, at)} {percent(score) if prediction.confidence else number(score)}"
        for at, score in enumerate(prediction.scores[:most])
        if at < len(prediction.classes)
    ]
    return ", ".join(said)


def statistics_lines(found: Statistics | None, width: int) -> Lines:
    """Range, mean, share of zeros, and a small histogram."""
    if found is None:
        return [(("no finite number", "warn"),)]
    lines: Lines = [
        ((f"{number(found.low)} … {number(found.high)}", ""),),
        ((f"mean {number(found.mean)}  std {number(found.std)}", ""),),
    ]
    if found.zeros:
        lines.append(((f"{percent(found.zeros)} zeros", ""),))
    if found.odd:
        lines.append(((f"{found.odd:,} are no numbers", "warn"),))
    lines.append(((histogram(found.counts, min(max(width, 1), len(found.counts))), "bar"),))
    return lines


def layer_words(layer: Mapping[str, object]) -> list[str]:
    """What the figure's own table says of the layer: `18.8 % dark (12 of 64)`, `18.8 % dead (12)`."""
    units = layer.get("units")
    if not isinstance(units, int) or units < 1:
        return []
    dark, dead = layer.get("dark"), layer.get("dead")
    words: list[str] = []
    if isinstance(dark, int) and dark:
        words.append(f"{percent(dark / units)} dark ({dark} of {units})")
    if isinstance(dead, int) and dead:
        words.append(f"{percent(dead / units)} dead ({dead})")
    return words


def figure_lines(sheet: Sheet) -> Lines:
    """What the figure cost, how large it is, and its notes."""
    lines: Lines = []
    cost = sheet.cost
    if cost.seconds:
        compiled = f", {duration(cost.compile_seconds)} compiling" if cost.compile_seconds >= 0.1 else ""
        lines.append(((f"took {_seconds(cost.seconds)}{compiled}", "dim"),))
    if sheet.entry is not None and sheet.entry.size:
        lines.append(((f"{size(sheet.entry.size)} on disk", "dim"),))
    lines += [((steady(note, 400), "dim"),) for note in sheet.notes]
    return [(("Figure", "title"),), *lines] if lines else []


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s" if seconds < 100 else duration(seconds)
