"""Smoothing that does not lie: a debiased exponential moving average that skips what is not a number.

m[i] = w·m[i-1] + (1-w)·y[i] from m[-1] = 0, shown as m[i] / (1 - w**(i+1)) (Kingma & Ba 2015, section 3), so that
the first values are means of what there is and no pull towards zero. NaN, infinities and what is too large to be added
up are left out and stay gaps. Computed in float64 and kept in float32: seven digits are more than a chart shows, and
eight curves of a million points take half the memory.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from .reduce import Floats, Growing

# Within a block the recursion is a cumulative sum of y / w**k; beyond this ratio it would lose digits.
_RATIO = 1e4
_HUGE = 1e38
_AT_ONCE = 1 << 15  # values: what is computed between two of them stays in the processor's cache
_SETTLED = 2.0**-53  # a power of the weight from which on 1 - w**n is 1


class Smoothed:
    """The average of a growing series, at the cost of what is new. `weight` in [0, 1): 0 changes nothing."""

    def __init__(self, weight: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"a smoothing weight lies in [0, 1), not {weight}")
        self.weight = weight
        self._values = Growing(np.float32)
        self._mean = 0.0
        self._count = 0

    @property
    def values(self) -> npt.NDArray[np.float32]:
        """float32[N]: as long as what was fed, NaN where that was not finite."""
        return self._values.values

    def extend(self, y: Floats) -> None:
        """Take `y`, float64[N], which begins with the values that were taken already."""
        self._values.reserve(len(y))
        for begin in range(len(self._values), len(y), _AT_ONCE):
            self._append(y[begin : begin + _AT_ONCE])

    def _append(self, new: Floats) -> None:
        there = np.abs(new) < _HUGE  # false for NaN
        shown = np.full(len(new), np.nan)
        if there.any():
            shown[there] = self._feed(new[there])
        self._values.append(shown)

    def _feed(self, y: Floats) -> Floats:
        if self.weight == 0:
            return y
        means = recursion(y, self.weight, self._mean)
        first = self._count + 1
        self._mean = float(means[-1])
        self._count += len(y)
        if self.weight**first < _SETTLED:
            return means
        counts = np.arange(first, self._count + 1)
        return means / -np.expm1(counts * math.log(self.weight))


def recursion(y: Floats, weight: float, before: float) -> Floats:
    """m[i] = weight·m[i-1] + (1-weight)·y[i] with m[-1] = `before`, for 0 < weight < 1, without a loop over i."""
    block = max(1, min(len(y), int(math.log(_RATIO) / -math.log(weight))))
    blocks = -(-len(y) // block)
    padded = np.zeros(blocks * block)
    padded[: len(y)] = y
    powers = weight ** np.arange(block)
    inside = (1 - weight) * powers * np.cumsum(padded.reshape(blocks, block) / powers, axis=1)
    carried = _carry(inside[:, -1], weight**block, before)
    return (inside + carried[:, None] * (weight * powers)).ravel()[: len(y)]


def _carry(sums: Floats, ratio: float, before: float) -> Floats:
    """The mean at the end of the block before each block: c[j] = ratio·c[j-1] + sums[j-1], c[0] = before."""
    if len(sums) <= 256:
        carried = np.empty(len(sums))
        for index, total in enumerate(sums):
            carried[index] = before
            before = ratio * before + float(total)
        return carried
    carried = np.zeros(len(sums))
    carried[0] = before
    carried[1:] = sums[:-1]
    # A ratio of at most some 1/_RATIO is forgotten, to the last digit of a double, after five blocks.
    total, factor = carried.copy(), ratio
    for back in range(1, max(2, math.ceil(math.log(1e-17) / math.log(ratio)))):
        total[back:] += factor * carried[:-back]
        factor *= ratio
    return total
