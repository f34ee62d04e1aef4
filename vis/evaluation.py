"""What a network makes of a set, in one pass over it: scores, labels, and the features of one layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from ..engine.text import printable
from .network import NetworkError
from .probe import Probe
from .sets import RecordSet, as_set, batches

Array: TypeAlias = np.ndarray

_EPSILON = 1e-3  # how far the scores of a row may be from adding up to one


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """N records of a set: `scores` N×C as the network gives them, `labels` N (−1 where there is none), `keys`,
    `places` in the set, `features` N×F of one layer (N×0 where none was asked for), names of the `classes`.
    """

    records: RecordSet
    scores: Array
    labels: Array
    keys: tuple[str, ...]
    places: tuple[int, ...]
    features: Array
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def predicted(self) -> Array:
        """The class of each record; of one score alone, whether it is above a half (or, no probability, above 0)."""
        if self.scores.shape[1] > 1:
            return np.argmax(self.scores, axis=1)
        column = self.scores[:, 0]
        return (column > (0.5 if column.min() >= 0 and column.max() <= 1 else 0.0)).astype(int)

    def of_class(self, class_: int) -> Array:
        """The score of a class for each record; a single score counts for class 1, its complement for class 0."""
        if self.scores.shape[1] > 1:
            return self.scores[:, class_]
        return self.scores[:, 0] if class_ == 1 else -self.scores[:, 0]

    def labelled(self) -> Evaluation:
        """The records that have a label the network knows. Raises NetworkError where none has."""
        known = (self.labels >= 0) & (self.labels < max(len(self.classes), 1))
        if not known.any():
            raise NetworkError(
                "no record of the set has a label that is a class of this network: nothing to compare with"
            )
        left = self.kept(known, "have no label that is a class of this network")
        finite = np.isfinite(left.scores).all(axis=1)
        if not finite.any():
            raise NetworkError("the scores of the network are no finite numbers (NaN or infinity): nothing to compare")
        return left.kept(np.asarray(finite), "get scores that are no finite numbers (NaN or infinity)")

    def kept(self, chosen: Array, why_not: str) -> Evaluation:
        """The `chosen` records (N bool); a note says of the others that they `why_not`."""
        missing = int((~chosen).sum())
        if not missing:
            return self
        places = np.flatnonzero(chosen)
        return Evaluation(
            self.records, self.scores[chosen], self.labels[chosen], tuple(self.keys[each] for each in places),
            tuple(self.places[each] for each in places), self.features[chosen], self.classes,
            (*self.notes, f"{missing} of {len(chosen)} records {why_not}: left out"),
        )  # fmt: skip


def evaluated(probe: Probe, limit: int | None = None, layer: str | None = None) -> Evaluation:
    """One pass over `probe.records`. Raises NetworkError where there is no set, ImageError where it cannot be read.

    `layer` is the path of a layer whose output is kept, its mean over height and width where it has them. A probe
    that keeps its `passes` is spared a second one.
    """
    if probe.records is None:
        raise NetworkError("this looks at a whole set and none is given: records=(x, y), or --set FOLDER")
    if probe.passes is None:
        return _passed(probe, limit, layer)
    if (limit, layer) not in probe.passes:
        probe.passes[limit, layer] = _passed(probe, limit, layer)
    return probe.passes[limit, layer]


def _passed(probe: Probe, limit: int | None, layer: str | None) -> Evaluation:
    network, records = probe.network, as_set(probe.records, probe.labels)

    def forward(*inputs: Any) -> Any:
        run = network.run(inputs, logits=True, taps=(layer,) if layer else ())
        scores = probe.probabilities_of(probe.logits_of(run))
        return scores, _flat(run.values[layer], network.sites[layer].channels_first) if layer else scores[:, :0]

    reading = batches(records, probe.batch, probe.prepared, limit=limit)
    found: list[tuple[Array, Array]] = []
    labels: list[int] = []
    keys: list[str] = []
    places: list[int] = []
    for batch in reading:
        key = ("evaluation", probe.output, layer)
        found.append(network.call(key, forward, *_full(probe.filled(batch.values), probe.batch)))
        scores, features = found[-1]
        found[-1] = scores[: len(batch.places)], features[: len(batch.places)]
        labels += [-1 if each is None else each for each in batch.labels]
        keys += batch.keys
        places += batch.places
        probe.progress(len(places), len(reading.places))
    scores, features = (np.concatenate(column).astype(np.float64) for column in zip(*found, strict=True))
    count = max(2, scores.shape[1])
    classes = tuple((probe.labels or records.classes)[:count])
    classes += tuple(str(each) for each in range(len(classes), count))
    notes = (*reading.notes, *_class_notes(records, scores.shape[1]))
    return Evaluation(records, scores, np.array(labels, int), tuple(keys), tuple(places), features, classes, notes)


def _class_notes(records: RecordSet, scores: int) -> Iterator[str]:
    """Where the classes of the set need not be those of the network."""
    if not records.labelled:
        return
    if scores == 1:
        yield "the network has one score: where it is large a record counts for class 1, where it is small for class 0"
    elif records.classes and len(records.classes) != scores:
        first = f"its classes count as the first {len(records.classes)} of the network, in this order: "
        yield (
            f"the set has {len(records.classes)} classes, the network tells {scores} apart: "
            f"{first if len(records.classes) < scores else ''}{printable(', '.join(records.classes), 200)}"
        )


def _full(inputs: tuple[Array, ...], size: int) -> list[Array]:
    """A last, smaller batch filled up to the size of the others: nothing is compiled for it alone."""
    lacking = size - len(inputs[0])
    return [np.concatenate([each, np.repeat(each[-1:], lacking, axis=0)]) if lacking > 0 else each for each in inputs]


def _flat(value: Any, channels_first: bool) -> Any:
    rank = len(value.shape)
    if rank == 4:
        return ops.mean(value, axis=(2, 3) if channels_first else (1, 2))
    return value if rank == 2 else ops.reshape(value, (value.shape[0], -1))


def are_probabilities(scores: Array) -> bool:
    """Whether each row of N×C scores adds up to one, none below zero."""
    return bool((scores >= -_EPSILON).all() and (np.abs(scores.sum(axis=1) - 1) < _EPSILON).all())
