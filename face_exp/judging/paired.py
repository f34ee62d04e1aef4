"""Two networks compared over the same splits: the corrected resampled t-test, Holm, and what could have been shown.

Splits of one data set share most of their training faces, so differences between them vary too little, and the plain
paired t-test finds what is not there. Nadeau & Bengio, "Inference for the generalization error", *Machine Learning* 52
(2003), widen the variance from 1/J to 1/J + n_test/n_train. Holm, "A simple sequentially rejective multiple test
procedure", *Scandinavian Journal of Statistics* 6 (1979), keeps the chance of any false claim among several at a level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .power import needed
from .student import quantile, two_sided


@dataclass(frozen=True, slots=True)
class Paired:
    """A mean difference over J seeds. `error` is its corrected standard error, `t` and `p` (two-sided) of the test,
    `low` and `high` its interval; NaN, with `why` in words, where there is nothing to test by.
    """

    differences: tuple[float, ...]
    mean: float
    spread: float = math.nan
    error: float = math.nan
    freedom: int = 0
    t: float = math.nan
    p: float = math.nan
    low: float = math.nan
    high: float = math.nan
    why: str = ""


def corrected_t(differences: Sequence[float], ratio: float, confidence: float = 0.95, finest: float = 0.0) -> Paired:
    """Test whether the mean of `differences` (one a seed) is 0. `ratio` is n_test / n_train.

    `finest` is the step in which a difference can change, 1 / n_test for accuracies: a spread below what rounding to
    it leaves (finest / √12) is taken as that, else two seeds of one difference by chance would prove anything.
    """
    values = np.asarray(differences, np.float64)
    values = values[np.isfinite(values)]
    count = len(values)
    if count < 2:
        mean = float(values[0]) if count else math.nan
        seeds = "one seed has" if count else "no seed has"
        return Paired(tuple(values.tolist()), mean, why=f"{seeds} both: a test takes two or more")
    mean, spread = float(values.mean()), float(values.std(ddof=1))
    error = math.sqrt(1 / count + ratio) * max(spread, finest / math.sqrt(12))
    if error <= 1e-12:  # with floats, equal differences are equal but for rounding
        return Paired(
            tuple(values.tolist()), mean, spread, 0.0, count - 1, why="it is the same at every seed: nothing to test by"
        )
    t = mean / error
    wide = quantile((1 + confidence) / 2, count - 1) * error
    return Paired(
        tuple(values.tolist()), mean, spread, error, count - 1, t, two_sided(t, count - 1), mean - wide, mean + wide
    )


def holm(p: Sequence[float]) -> list[float]:
    """The p-values adjusted for their number, in their order; those that are NaN were no test, and are not counted."""
    made = sorted((value, place) for place, value in enumerate(p) if not math.isnan(value))
    adjusted = [math.nan] * len(p)
    highest = 0.0
    for rank, (value, place) in enumerate(made):
        highest = max(highest, min((len(made) - rank) * value, 1.0))
        adjusted[place] = highest
    return adjusted


def smallest(error: float, freedom: int, level: float, power: float) -> float:
    """The smallest true difference that a two-sided test at `level` finds with this `power`: by the noncentral t
    distribution, with the `error` that was seen taken for the true one. NaN where there was no test.
    """
    if not freedom or math.isnan(error):
        return math.nan
    return needed(freedom, level, power) * error
