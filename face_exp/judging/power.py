"""How surely a two-sided t-test finds a true difference: the noncentral t distribution, by an integral.

The mean of the differences is normal around the truth, its estimated standard error is the true one times the root of
a χ²/freedom; the test finds the truth where their quotient is beyond the critical value. Johnson, Kotz and
Balakrishnan, *Continuous Univariate Distributions* vol. 2 (2nd ed. 1995), chapter 31.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from .student import quantile

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_FAR = 8.0  # standard deviations, beyond which a normal distribution has nothing


def power(shift: float, freedom: int, level: float) -> float:
    """How often a test at `level` finds a true difference of `shift` true standard errors, in either direction."""
    critical = max(quantile(1 - level / 2, freedom), 1e-300)  # at a level of 1 it is 0: everything is found

    def found(error: float) -> float:
        """How often the mean is beyond `critical` times this estimated error, times the density of the error."""
        density = (
            math.log(2) + freedom / 2 * math.log(freedom / 2) - math.lgamma(freedom / 2)
            + (freedom - 1) * math.log(error) - freedom * error**2 / 2
        )  # fmt: skip
        return (_above(critical * error - shift) + _above(critical * error + shift)) * math.exp(density)

    wide = 10 / math.sqrt(2 * freedom)
    low, high = max(0.0, 1 - wide), 1 + wide  # where errors are
    # The normal distribution falls from 1 to 0 around shift / critical, perhaps steeply: that part stands by itself.
    edges = [low, *(min(max((shift + far) / critical, low), high) for far in (-_FAR, _FAR))]
    total = 0.0
    for start, end in pairwise(edges):
        half = (end - start) / 2
        if half > 0:
            total += half * sum(w * found(start + half * (1 + x)) for x, w in zip(_NODES, _WEIGHTS, strict=True))
    return float(total)


@lru_cache(maxsize=256)
def needed(freedom: int, level: float, least: float) -> float:
    """The smallest true difference, in true standard errors, that a test at `level` finds with the power `least`."""
    low, high = 0.0, 1.0
    while power(high, freedom, level) < least and high < 1e9:
        low, high = high, 2 * high
    while high - low > 1e-9 * max(high, 1.0):
        middle = (low + high) / 2
        low, high = (middle, high) if power(middle, freedom, level) < least else (low, middle)
    return high


def _above(value: float) -> float:
    """The share of a normal distribution above."""
    return math.erfc(value / math.sqrt(2)) / 2
