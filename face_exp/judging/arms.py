"""An arm of a study: one network with one set of expressions from one source, over all its seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from ..scores import PARTS, Predictions, Scores
from . import measures
from .bootstrap import Bootstrap
from .estimate import NONE, Estimate, corrected, over_seeds
from .facts import FacesFacts
from .options import Options
from .verified import verified

Array: TypeAlias = np.ndarray

_SHARES: tuple[str, ...] = ("accuracy", "top-5", "loss")
_MOST_CLASSES = 200  # for the interval of macro-F1


class Arm(NamedTuple):
    """As `Head`, but for the seed."""

    net: str
    expressions: str = ""
    source: str = ""

    @classmethod
    def of(cls, scores: Scores) -> Arm:
        return cls(scores.head.net, scores.head.expressions, scores.head.source)

    @property
    def id(self) -> str:
        return "-".join(each for each in self if each)


@dataclass(frozen=True, slots=True)
class OfExpression:
    """A figure of the faces of one expression; `faces` how many of them were tested, over all seeds."""

    name: str
    faces: int
    estimate: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What an arm shows. `estimates` by (part, target, measure); `by_expression`, `confusion` (C×C faces, truth in
    rows, all seeds) and `calibration` (bins×3) by target, of the test part; `roc` FAR × TAR, the mean over seeds, of
    those of the `compared` ones that had pairs of one person and of two.
    """

    arm: Arm
    seeds: tuple[int, ...]
    accuracy: Mapping[int, float]  # of identity in the test part, by seed; empty where it names no identity
    estimates: Mapping[tuple[str, str, str], Estimate]
    by_expression: Mapping[str, tuple[OfExpression, ...]]
    confusion: Mapping[str, Array]
    calibration: Mapping[str, Array]
    classes: Mapping[str, tuple[str, ...]]
    roc: Array | None
    replicates: Array | None = field(default=None, repr=False)
    compared: int = 0  # seeds whose test faces were compared pair by pair

    def get(self, measure: str, target: str = "identity", part: str = "test") -> Estimate:
        return self.estimates.get((part, target, measure), NONE)


class Arms:
    """Makes `Seen` out of heads; resamples are made once for all arms of the same part and seeds.

    `ratio` is n_test / n_train, for intervals of figures that cannot be resampled.
    """

    def __init__(self, scores: Sequence[Scores], faces: FacesFacts, options: Options, ratio: float) -> None:
        self.faces, self.ratio = faces, ratio
        self.resamples, self.confidence, self.seed = options.resamples, options.confidence, options.seed
        self.records: dict[tuple[str, int], Array] = {}
        for each in scores:
            for part, targets in each.predictions.items():
                for found in targets.values():
                    key = part, each.head.seed
                    known = self.records.get(key, np.zeros(0, np.int64))
                    if not np.array_equal(known, found.record):  # heads of a seed share their split, mostly
                        self.records[key] = np.union1d(known, found.record)
        self._bootstraps: dict[tuple[str, tuple[int, ...]], Bootstrap] = {}

    def seen(self, arm: Arm, heads: Sequence[Scores], *, thorough: bool = True) -> Seen:
        """One arm; not `thorough`: intervals in the test part only, none of macro-F1, and nothing of pairs."""
        heads = sorted(heads, key=lambda each: each.head.seed)
        seeds = tuple(each.head.seed for each in heads)
        estimates: dict[tuple[str, str, str], Estimate] = {}
        by_expression: dict[str, tuple[OfExpression, ...]] = {}
        confusion: dict[str, Array] = {}
        calibration: dict[str, Array] = {}
        classes: dict[str, tuple[str, ...]] = {}
        replicates: Array | None = None
        for part in PARTS:
            for target in ("identity", "expression"):
                found = {
                    each.head.seed: each.predictions[part][target]
                    for each in heads
                    if target in each.predictions.get(part, {}) and len(each.predictions[part][target])
                }
                if not found:
                    continue
                names = self._names(arm, target, found)
                made, of_words, again = self._faces(part, found, self._words(arm, target), len(names), thorough)
                estimates |= {(part, target, name): each for name, each in made.items()}
                if part == "test":
                    classes[target], by_expression[target] = names, of_words
                    confusion[target] = sum(
                        (measures.confusion(each, len(names)) for each in found.values()),
                        np.zeros((len(names), len(names)), np.int64),
                    )
                    tables = [measures.calibration(each) for each in found.values()]
                    calibration[target] = np.sum(tables, axis=0)
                    estimates[part, target, "calibration error"] = corrected(
                        map(measures.calibration_error, tables), self.ratio, self.confidence
                    )
                    if target == "identity":
                        replicates = again
        estimates["train", "identity", "accuracy"] = over_seeds(
            math.nan if each.train_accuracy is None else each.train_accuracy for each in heads
        )
        estimates["", "", "seconds"] = self._seconds([each.seconds for each in heads])
        estimates["", "", "parameters"] = over_seeds(float(each.parameters) for each in heads)
        of_pairs, roc, compared = verified(heads if thorough else (), self.ratio, self.confidence)
        estimates |= {("test", "pairs", name): each for name, each in of_pairs.items()}
        right = {
            each.head.seed: measures.accuracy(each.predictions["test"]["identity"])
            for each in heads
            if len(each.predictions.get("test", {}).get("identity", ()))
        }
        return Seen(
            arm, seeds, right, estimates, by_expression, confusion, calibration, classes, roc, replicates, compared
        )

    def _names(self, arm: Arm, target: str, found: Mapping[int, Predictions]) -> tuple[str, ...]:
        known = self.faces.identities
        if target == "expression":
            of_set = self.faces.sets.get(arm.expressions)
            known = of_set.classes if of_set is not None else ()
        needed = 1 + max(int(max(each.truth.max(), each.predicted.max())) for each in found.values())
        return (*known, *(str(number) for number in range(len(known), needed)))

    def _words(self, arm: Arm, target: str) -> tuple[tuple[str, ...], Array]:
        """Names and numbers of the expressions that figures are told apart by."""
        if target == "expression" and arm.expressions in self.faces.sets:
            chosen = self.faces.sets[arm.expressions]
            return chosen.classes, chosen.of
        return self.faces.expressions, self.faces.expression

    def _faces(
        self,
        part: str,
        found: Mapping[int, Predictions],
        words: tuple[tuple[str, ...], Array],
        classes: int,
        thorough: bool,
    ) -> tuple[dict[str, Estimate], tuple[OfExpression, ...], Array | None]:
        """Figures that are means over faces, with intervals out of the same resamples."""
        names, of = words
        tables = {seed: _columns(each, of[each.record], len(names)) for seed, each in found.items()}
        exact = np.stack([_shares(table.sum(axis=0)[None])[0] for table in tables.values()])
        low = high = np.full(exact.shape[1], np.nan)
        again = None
        f1 = [measures.macro_f1(each, classes) for each in found.values()]
        bounds = (math.nan, math.nan)
        if len(found) > 1 and self.resamples and (thorough or part == "test"):
            bootstrap = self._bootstrap(part, tuple(sorted(found)))
            sums = {seed: bootstrap.sums(seed, found[seed].record, table) for seed, table in tables.items()}
            replicates = bootstrap.replicates(sums, _shares)
            low, high = bootstrap.interval(replicates)
            again = replicates[:, 0]
            if part == "test" and classes <= _MOST_CLASSES and thorough:
                sums = {
                    seed: bootstrap.sums(seed, each.record, measures.class_counts(each, classes))
                    for seed, each in found.items()
                }
                drawn = bootstrap.replicates(sums, measures.f1_of)
                # A resample lacks faces of rare classes, so its macro-F1 is too low: the interval is moved by that.
                low_f1, high_f1 = bootstrap.interval(drawn - measures.mean(drawn) + measures.mean(np.array(f1)))
                bounds = (float(low_f1), float(high_f1))
        made = [over_seeds(exact[:, place], low[place], high[place]) for place in range(exact.shape[1])]
        tested = np.sum([np.bincount(of[each.record], minlength=len(names)) for each in found.values()], axis=0)
        by_word = tuple(
            OfExpression(name, int(tested[place]), made[3 + place]) for place, name in enumerate(names) if tested[place]
        )
        figures: dict[str, Estimate] = dict(zip(_SHARES, made, strict=False))
        figures["macro-F1"] = over_seeds(f1, *bounds)
        return figures, by_word, again

    def _bootstrap(self, part: str, seeds: tuple[int, ...]) -> Bootstrap:
        if (part, seeds) not in self._bootstraps:
            records = {seed: self.records[part, seed] for seed in seeds}
            self._bootstraps[part, seeds] = Bootstrap(
                records, self.faces.group, self.resamples, self.confidence, self.seed
            )
        return self._bootstraps[part, seeds]

    def _seconds(self, values: Sequence[float]) -> Estimate:
        """A time has no groups of faces: its bootstrap is over seeds alone."""
        made = over_seeds(values)
        if made.seeds < 2 or not self.resamples:
            return made
        rng = np.random.default_rng(self.seed)
        drawn = rng.choice(np.asarray(values), (self.resamples, len(values))).mean(axis=1)
        tail = (1 - self.confidence) / 2
        low, high = np.quantile(drawn, [tail, 1 - tail])
        return Estimate(made.mean, made.spread, float(low), float(high), made.seeds)


def _columns(found: Predictions, words: Array, count: int) -> Array:
    """M×K: faces, right, in the first five, losses that are numbers, their sum, and right and faces by expression."""
    right = found.truth == found.predicted
    loss = np.asarray(found.loss, np.float64)
    finite = np.isfinite(loss)
    one = (words[:, None] == np.arange(count)).astype(np.float64)
    first = np.stack(
        [np.ones(len(found)), right, found.rank < 5, finite, np.where(finite, loss, 0)], axis=1, dtype=np.float64
    )
    return np.concatenate([first, one * right[:, None], one], axis=1)


def _shares(sums: Array) -> Array:
    """R×(3 + E) accuracy, top-5, loss and accuracy by expression, of R×K sums of `_columns`."""
    words = (sums.shape[1] - 5) // 2
    upper = np.concatenate([sums[:, [1, 2, 4]], sums[:, 5 : 5 + words]], axis=1)
    lower = np.concatenate([sums[:, [0, 0, 3]], sums[:, 5 + words :]], axis=1)
    return np.divide(upper, lower, out=np.full(upper.shape, np.nan), where=lower > 0, dtype=np.float64)
