"""Precision against recall, and the true against the false positive rate (ROC), of each class over a set.

Davis and Goadrich 2006, doi:10.1145/1143844.1143874. Average precision is the sum of precision over the steps in
recall, without interpolation; the area under the ROC is that of its straight lines, which counts a tie half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..evaluation import Evaluation, evaluated
from ..figures import Figure, Item, Series, Table
from ..probe import Probe

_NAMED = 12  # classes in a note
_POINTS = 512  # of a curve that is kept; more are seen by nobody


@dataclass(frozen=True, slots=True)
class Options:
    """At most `limit` records of the set, evenly spread; None: all."""

    limit: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Of one class: 2×L recall and precision, 2×L false and true positive rate, and the two areas."""

    precision_recall: np.ndarray
    roc: np.ndarray
    average_precision: float
    area: float


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """Two series with a line for each class that has records of its own and of others, and a table of the areas."""
    found = evaluated(probe, options.limit).labelled()
    curves: dict[int, Curves] = {}
    none: list[str] = []
    for class_, name in enumerate(found.classes):
        positive = found.labels == class_
        if positive.any() and not positive.all():
            curves[class_] = curves_of(found.of_class(class_), positive)
        else:
            none.append(f"{name} (all of the records)" if positive.all() else name)
    notes = list(found.notes)
    if none:
        more = f" and {len(none) - _NAMED} more" if len(none) > _NAMED else ""
        notes.append(
            f"classes without records of their own and of others have no curve: {', '.join(none[:_NAMED])}{more}"
        )
    parts = [_series(found, curves, True), _series(found, curves, False), _table(found, curves)] if curves else []
    return probe.figure("precision_recall", parts, notes, options)


def curves_of(scores: np.ndarray, positive: np.ndarray) -> Curves:
    """The curves of N scores, of which some are of records that are `positive`. Equal scores are one threshold."""
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], positive[order].astype(np.float64)
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    true, taken = np.cumsum(hits)[last], last + 1.0
    recall, precision = true / hits.sum(), true / taken
    false_rate = (taken - true) / (len(hits) - hits.sum())
    average = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    roc = np.stack([np.append(0.0, false_rate), np.append(0.0, recall)])
    area = float(np.sum(np.diff(roc[0]) * (roc[1, 1:] + roc[1, :-1]) / 2))
    return Curves(np.stack([recall, precision]), roc, average, area)


def _series(found: Evaluation, curves: dict[int, Curves], recall: bool) -> Series:
    lines = [_thinned(each.precision_recall if recall else each.roc) for each in curves.values()]
    longest = max(line.shape[1] for line in lines)
    values = np.full((len(lines), 2, longest), np.nan, np.float32)
    for place, line in enumerate(lines):
        values[place, :, : line.shape[1]] = line
    items = tuple(
        Item(target=class_, aspect=found.classes[class_], score=each.average_precision if recall else each.area)
        for class_, each in curves.items()
    )
    if recall:
        return Series(values, items, "precision and recall", ("recall", "precision"))
    return Series(values, items, "ROC", ("false positive rate", "true positive rate"))


def _thinned(line: np.ndarray) -> np.ndarray:
    if line.shape[1] <= _POINTS:
        return line
    return line[:, np.unique(np.linspace(0, line.shape[1] - 1, _POINTS).astype(int))]


def _table(found: Evaluation, curves: dict[int, Curves]) -> Table:
    rows = tuple(
        (found.classes[class_], int((found.labels == class_).sum()), each.average_precision, each.area)
        for class_, each in curves.items()
    )
    return Table(("class", "records", "average precision", "area under ROC"), rows, "per class")
