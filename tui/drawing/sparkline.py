"""A curve in a few cells of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇"  # not the full block: lines of a table stay apart
NAN = "×"


def sparkline(values: Sequence[float], width: int = 8) -> str:
    """At most `width` cells, oldest first, each the mean of its share of `values` between their least and greatest.

    A share that holds NaN or an infinity is `×`: a loss that broke is never smoothed away. Fewer
    values than cells give a shorter string, equal values a line at half height.
    """
    if not values or width <= 0:
        return ""
    shares = _means(values, min(width, len(values)))
    finite = [share for share in shares if share is not None]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    span = high - low
    if not math.isfinite(span):  # values at the two ends of what a float holds
        low, high = low / 2, high / 2
        span, shares = high - low, [None if share is None else share / 2 for share in shares]
    return "".join(_block(share, low, span) for share in shares)


def _means(values: Sequence[float], count: int) -> list[float | None]:
    total = len(values)
    return [_mean(values[index * total // count : (index + 1) * total // count]) for index in range(count)]


def _mean(share: Sequence[float]) -> float | None:
    if not all(map(math.isfinite, share)):
        return None
    # Held between the values: a mean of ones that is 0.9999999999999998 would draw a jagged line.
    return min(max(sum(value / len(share) for value in share), min(share)), max(share))


def _block(share: float | None, low: float, span: float) -> str:
    if share is None:
        return NAN
    if span <= 0:
        return BLOCKS[len(BLOCKS) // 2]
    return BLOCKS[min(int((share - low) / span * len(BLOCKS)), len(BLOCKS) - 1)]
