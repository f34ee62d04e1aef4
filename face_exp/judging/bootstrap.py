"""How sure a figure is: the bootstrap over seeds and, inside, over groups of test faces.

A resample draws as many seeds as there are, with replacement, and for each drawn seed as many groups (films,
sequences; else single images) as its test part has. Faces of one film are drawn together, for they are nearly one
picture. Efron & Tibshirani, *An Introduction to the Bootstrap* (1993); two levels: Davison & Hinkley (1997), §3.8.
Where test parts are disjoint, both levels count the chance of drawing faces, and intervals are too wide; where they
overlap, as in repeated splits of one data set, the one makes up for what the other cannot see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Statistic: TypeAlias = Callable[[Array], Array]

MOST_CLUSTERS = 200  # groups beyond that are put together at random: the spread of means stays the same


class Bootstrap:
    """Resamples that every figure of the same seeds shares, so that figures of two networks can be compared in each.

    `records` has, for each seed, the numbers of the faces tested; `group` the group of every face.
    """

    def __init__(
        self, records: Mapping[int, Array], group: Array, resamples: int = 1000, confidence: float = 0.95, seed: int = 0
    ) -> None:
        rng = np.random.default_rng([seed, 20_03])
        self.confidence = confidence
        self.seeds = tuple(sorted(records))
        self.resamples = resamples
        self._cluster: dict[int, Array] = {}
        self._weights: dict[int, Array] = {}
        self._slots: dict[int, tuple[Array, ...]] = {}
        chosen = rng.integers(0, len(self.seeds), (resamples, len(self.seeds)))
        for place, each in enumerate(self.seeds):
            names, numbers = np.unique(group[records[each]], return_inverse=True)
            count = max(min(len(names), MOST_CLUSTERS), 1)
            merged = rng.permutation(np.arange(len(names)) % count)
            cluster = np.full(len(group), -1, np.int64)
            cluster[records[each]] = merged[numbers.reshape(-1)] if len(names) else 0
            self._cluster[each] = cluster
            slots = tuple(np.argwhere(chosen == place).T)
            drawn = rng.integers(0, count, (len(slots[0]), count))
            drawn += np.arange(len(drawn))[:, None] * count
            weights = np.bincount(drawn.reshape(-1), minlength=len(drawn) * count)
            self._weights[each] = weights.reshape(len(drawn), count).astype(np.float32)
            self._slots[each] = slots

    def sums(self, seed: int, record: Array, values: Array) -> Array:
        """M×K values of the faces `record`, summed over the clusters of a seed: G×K."""
        cluster, count = self._cluster[seed][record], self._weights[seed].shape[1]
        return np.stack([np.bincount(cluster, column, count) for column in np.asarray(values, np.float64).T], axis=1)

    def replicates(self, columns: Mapping[int, Array], statistic: Statistic) -> Array:
        """The mean over seeds in each resample: B×… of `statistic`, which makes R×… out of R×K sums.

        `columns` has the G×K sums of each seed.
        """
        found: Array | None = None
        for seed in self.seeds:
            values = statistic(self._weights[seed] @ columns[seed].astype(np.float32))
            if found is None:
                found = np.full((self.resamples, len(self.seeds), *values.shape[1:]), np.nan)
            found[self._slots[seed]] = values
        assert found is not None
        filled = np.isfinite(found)
        count = filled.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(filled, found, 0).sum(axis=1) / np.where(count, count, np.nan)

    def interval(self, replicates: Array) -> tuple[Array, Array]:
        """The bounds of the middle share (percentile interval) of each column of B×… replicates."""
        tail = (1 - self.confidence) / 2
        flat = replicates.reshape(len(replicates), -1)
        found = np.full((2, flat.shape[1]), np.nan)
        for place in range(flat.shape[1]):
            values = flat[:, place][np.isfinite(flat[:, place])]
            if len(values):
                found[:, place] = np.quantile(values, [tail, 1 - tail])
        return found[0].reshape(replicates.shape[1:]), found[1].reshape(replicates.shape[1:])
