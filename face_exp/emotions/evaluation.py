"""How well shares of expressions fit the truth: accuracy, macro-F1, recall of each, confusion, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray

BINS = 15  # of confidence, as in Guo et al. 2017
_LEAST = 1e-7  # share that a class counts with in the loss


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Of N faces. `confusion` is C×C counts (int64), rows the truth, columns what was said. `loss` the mean
    cross-entropy (natural logarithm), `calibration_error` the expected one (Guo et al. 2017, arXiv 1706.04599): how far
    confidence and accuracy lie apart in the mean, 0…1. `notes` say in words what was left out.
    """

    classes: tuple[str, ...]
    confusion: Array
    loss: float
    calibration_error: float
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.confusion) / max(len(self), 1))

    @property
    def chance(self) -> float:
        """What always naming the most frequent expression would reach."""
        return float(self.confusion.sum(axis=1).max(initial=0) / max(len(self), 1))

    @property
    def recall(self) -> Array:
        """C: the share of each expression's faces that was found; NaN where it never occurs."""
        return _ratio(np.diag(self.confusion), self.confusion.sum(axis=1))

    @property
    def precision(self) -> Array:
        """C: the share right of what was called each expression; NaN where it was never said."""
        return _ratio(np.diag(self.confusion), self.confusion.sum(axis=0))

    @property
    def macro_f1(self) -> float:
        """The mean over the expressions that occur of 2·right / (occurs + said)."""
        occurs, said = self.confusion.sum(axis=1), self.confusion.sum(axis=0)
        f1 = _ratio(2 * np.diag(self.confusion), occurs + said)[occurs > 0]
        return float(f1.mean()) if len(f1) else float("nan")

    def to_json(self) -> dict[str, Any]:
        recall, precision = ([None if np.isnan(x) else round(float(x), 6) for x in each] for each in
                             (self.recall, self.precision))  # fmt: skip
        return {
            "faces": len(self), "accuracy": self.accuracy, "macro_f1": self.macro_f1, "chance": self.chance,
            "loss": self.loss, "calibration_error": self.calibration_error, "classes": list(self.classes),
            "recall": recall, "precision": precision, "confusion": self.confusion.tolist(), "notes": list(self.notes),
        }  # fmt: skip


def evaluate(shares: Array, truth: Array, classes: Sequence[str], notes: Sequence[str] = ()) -> Evaluation:
    """Of N×C shares (rows sum to 1) and N numbers of classes, with at least one face."""
    shares, truth = np.asarray(shares, np.float64), np.asarray(truth, np.int64)
    said = shares.argmax(axis=1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, said), 1)
    loss = -np.log(np.clip(shares[np.arange(len(truth)), truth], _LEAST, 1)).mean()
    error = calibration_error(shares.max(axis=1), said == truth)
    return Evaluation(tuple(classes), confusion, float(loss), error, tuple(notes))


def calibration_error(confidence: Array, right: Array, bins: int = BINS) -> float:
    """The expected calibration error over bins of equal width (Guo et al. 2017, arXiv 1706.04599, eq. 5)."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    apart = np.bincount(place, confidence, bins) - np.bincount(place, right.astype(float), bins)
    return float(np.abs(apart).sum() / max(len(confidence), 1))


def table(found: Evaluation) -> list[str]:
    """Lines for a person: the figures, then each expression with its recall, precision and what it was taken for."""
    width = max(map(len, found.classes))
    short = [name[:5] for name in found.classes]
    occurs = found.confusion.sum(axis=1)
    lines = [
        f"{len(found):,} faces: accuracy {found.accuracy:.1%} (always the most frequent: {found.chance:.1%})",
        f"macro-F1 {found.macro_f1:.3f}, loss {found.loss:.3f}, calibration error {found.calibration_error:.3f}",
        f"  {'truth':{width}}  {'faces':>7}  recall  precision    said: " + " ".join(f"{name:>6}" for name in short),
    ]
    for number, name in enumerate(found.classes):
        counts = " ".join(f"{count:6d}" for count in found.confusion[number])
        recall, precision = _percent(found.recall[number]), _percent(found.precision[number])
        lines.append(f"  {name:{width}}  {occurs[number]:7,}  {recall:>6}  {precision:>9}          {counts}")
    return [*lines, *(f"  {note}" for note in found.notes)]


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{share:.1%}"


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
