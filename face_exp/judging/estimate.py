"""A figure over the seeds of a study, and how sure it is where its faces cannot be drawn again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .paired import corrected_t


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over seeds: its mean, standard deviation, and interval; NaN where there is none."""

    mean: float
    spread: float = math.nan
    low: float = math.nan
    high: float = math.nan
    seeds: int = 0


NONE = Estimate(math.nan)


def over_seeds(values: Iterable[float], low: float = math.nan, high: float = math.nan) -> Estimate:
    """The mean and spread of those that are finite numbers, with an interval that is known already."""
    found = np.asarray(list(values), np.float64)
    found = found[np.isfinite(found)]
    if not len(found):
        return NONE
    spread = float(found.std(ddof=1)) if len(found) > 1 else math.nan
    return Estimate(float(found.mean()), spread, float(low), float(high), len(found))


def corrected(values: Iterable[float], ratio: float, confidence: float) -> Estimate:
    """A share that is no mean over faces: its interval is Student's over seeds, within 0 and 1.

    Splits of one data set share faces, so the variance is widened as that of differences is, by `ratio`, which is
    n_test / n_train (Nadeau and Bengio 2003). No interval for less than two seeds, nor where all are alike.
    """
    found = list(values)
    wide = corrected_t(found, ratio, confidence)
    if math.isnan(wide.low):
        return over_seeds(found)
    return over_seeds(found, min(max(wide.low, 0.0), 1.0), min(max(wide.high, 0.0), 1.0))
