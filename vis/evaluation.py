"""What a network makes of a set, in one pass over it: scores, labels, and the features of one layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
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
    `places` in the set, `features` N×F of one layer (N×0 where none was asked for), names of the `classes`. `middle` is
    the score that speaks neither for a class nor against it: ½ of a sigmoid, 0 of a logit, 1/C of a softmax.
    """

    records: RecordSet
    scores: Array
    labels: Array
    keys: tuple[str, ...]
    places: tuple[int, ...]
    features: Array
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    middle: float

    @property
    def predicted(self) -> Array:
        """The class of each record; of one score alone, whether it is above the middle."""
        if self.scores.shape[1] > 1:
            return np.argmax(self.scores, axis=1)
        return (self.scores[:, 0] > self.middle).astype(int)

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
        return replace(
            self,
            scores=self.scores[chosen],
            labels=self.labels[chosen],
            keys=tuple(self.keys[each] for each in places),
            places=tuple(self.places[each] for each in places),
            features=self.features[chosen],
            notes=(*self.notes, f"{missing} of {len(chosen)} records {why_not}: left out"),
        )


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
        logits = probe.logits_of(run)
        scores, middle = probe.probabilities_of(logits), probe.probabilities_of(ops.zeros_like(logits[:1]))
        features = _flat(run.values[layer], network.sites[layer].channels_first) if layer else scores[:, :0]
        return scores, features, middle

    reading = batches(records, probe.batch, probe.prepared, limit=limit)
    found: list[tuple[Array, Array]] = []
    middle = np.zeros((1, 1))
    labels: list[int] = []
    keys: list[str] = []
    places: list[int] = []
    for batch in reading:
        key = ("evaluation", probe.output, layer)
        scores, features, middle = network.call(key, forward, *_full(probe.filled(batch.values), probe.batch))
        found.append((scores[: len(batch.places)], features[: len(batch.places)]))
        labels += [-1 if each is None else each for each in batch.labels]
        keys += batch.keys
        places += batch.places
        probe.progress(len(places), len(reading.places))
    scores, features = (np.concatenate(column).astype(np.float64) for column in zip(*found, strict=True))
    count = max(2, scores.shape[1])
    classes = tuple((probe.labels or records.classes)[:count])
    classes += tuple(str(each) for each in range(len(classes), count))
    between = _middle(probe, float(middle[0, 0]), scores)
    notes = (*reading.notes, *_class_notes(records, scores.shape[1], between))
    return Evaluation(
        records, scores, np.array(labels, int), tuple(keys), tuple(places), features, classes, notes, between
    )


def _middle(probe: Probe, made: float, scores: Array) -> float:
    """What the head makes of a logit of 0; a guess by the scores where nobody knows what it makes of logits."""
    if probe.network.heads[probe.output].apart:
        return made
    return 0.5 if scores.shape[1] == 1 and scores.min() >= 0 and scores.max() <= 1 else 0.0


def _class_notes(records: RecordSet, scores: int, middle: float) -> Iterator[str]:
    """Where the classes of the set need not be those of the network."""
    if not records.labelled:
        return
    if scores == 1:
        yield f"the network has one score: above {middle:.3g} a record counts for class 1, else for class 0"
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
