"""Student's t distribution: its shares and its quantiles, with nothing but `math`.

By the incomplete beta function as a continued fraction (Press et al., *Numerical Recipes*, 3rd ed. 2007, §6.4).
"""

from __future__ import annotations

import math
from functools import lru_cache

_LAST = 300  # steps of the continued fraction: it converges in about sqrt(max(a, b))
_NEAR = 1e-15
_TINY = 1e-300


def two_sided(t: float, freedom: float) -> float:
    """The share of Student's t with so many degrees of `freedom` that lies at least as far from 0 as `t`."""
    if math.isnan(t):
        return math.nan
    return 0.0 if math.isinf(t) else _beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=1024)
def quantile(share: float, freedom: float) -> float:
    """Where `share` (between 0 and 1) of Student's t lies below."""
    if share == 0.5:
        return 0.0
    if share < 0.5:
        return -quantile(1 - share, freedom)
    low, high = 0.0, 1.0
    while two_sided(high, freedom) / 2 > 1 - share and high < 1e150:
        low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if two_sided(middle, freedom) / 2 > 1 - share else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""

    def safe(value: float) -> float:
        return value if abs(value) > _TINY else _TINY

    c = 1.0
    d = found = 1 / safe(1 - (a + b) * x / (a + 1))
    for m in range(1, _LAST):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / safe(1 + step * d)
            c = safe(1 + step / c)
            found *= c * d
        if abs(c * d - 1) < _NEAR:
            break
    return found
