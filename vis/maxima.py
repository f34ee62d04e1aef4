"""The largest activations of feature maps over a set, in one pass over it: which records have them.

Only the maximum of each map is taken in the network, which costs next to nothing beside its forward pass; where in an
image it lies is asked afterwards, of the few images that are among the largest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from .network import NetworkError, Site
from .probe import Probe
from .projection import check, logits_at, units_of
from .sets import Reading, as_set, batches

Array: TypeAlias = np.ndarray


class Largest:
    """The `top` largest values of each of C maps so far, with the number of the record of each (−1: none yet).

    Of equal values those of the earlier records stay, so that the order of the set decides and not chance.
    """

    def __init__(self, maps: int, top: int) -> None:
        self.values = np.full((maps, top), -np.inf)
        self.records = np.full((maps, top), -1, np.int64)

    def add(self, values: Array, records: Sequence[int]) -> None:
        """N×C values of N records. What is no number counts for nothing."""
        new = np.where(np.isnan(values), -np.inf, values).T.astype(np.float64)
        better = np.flatnonzero((new > self.values[:, -1:]).any(axis=1))
        if not len(better):
            return
        every = np.concatenate([self.values[better], new[better]], axis=1)
        numbers = np.broadcast_to(np.asarray(records, np.int64), (len(better), len(records)))
        whose = np.concatenate([self.records[better], numbers], axis=1)
        order = np.argsort(-every, axis=1, kind="stable")[:, : self.values.shape[1]]
        self.values[better] = np.take_along_axis(every, order, axis=1)
        self.records[better] = np.take_along_axis(whose, order, axis=1)


def maxima(
    probe: Probe, sites: Sequence[Site], top: int, limit: int | None = None
) -> tuple[dict[str, Largest], Reading]:
    """The `top` largest activations of every map of these layers over `probe.records`, by path of the layer.

    A layer that makes probabilities is asked for its logits. Raises NetworkError where there is no set.
    """
    reading = _reading(probe, limit)
    found = {site.path: Largest(site.units, top) for site in sites}
    function = _function(probe, sites)
    key = ("maxima", *(site.path for site in sites))
    done = 0
    for batch in reading:
        inputs = filled_up(probe.filled(batch.values), probe.batch)
        largest = probe.network.call(key, function, *inputs)
        for site, values in zip(sites, largest, strict=True):
            found[site.path].add(values[: len(batch.places)], batch.places)
        done += len(batch.places)
        probe.progress(done, len(reading.places))
    return found, reading


def _reading(probe: Probe, limit: int | None) -> Reading:
    if probe.records is None:
        raise NetworkError("this searches a whole set and none is given: records=(x, y), or --set FOLDER")
    return batches(as_set(probe.records), probe.batch, probe.prepared, limit=limit)


def _function(probe: Probe, sites: Sequence[Site]) -> Any:
    network = probe.network
    taps = [site.path for site in sites]
    linear = [path for site in sites for path in logits_at(probe, site)]
    for site in sites:
        check(site)

    def function(*inputs: Any) -> Any:
        run = network.run(inputs, taps=taps, linear=linear, stop=True)
        count = inputs[0].shape[0]
        return [ops.max(units_of(run.values[site.path], site, count), axis=1) for site in sites]

    return function


def filled_up(inputs: Sequence[Array], size: int) -> list[Array]:
    """A last, smaller batch filled up to the size of the others, so that nothing is compiled for it alone."""
    lacking = size - len(inputs[0])
    if lacking <= 0:
        return list(inputs)
    return [np.concatenate([each, np.repeat(each[-1:], lacking, axis=0)]) for each in inputs]
