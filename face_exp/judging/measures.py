"""Figures of one head's predictions, each a short closed form; where there is nothing to count, NaN."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ..scores import Predictions

Array: TypeAlias = np.ndarray

BINS = 15  # of the calibration error, as in Guo et al. (2017)


def mean(values: Array) -> float:
    """Their mean, those left out that are no finite numbers."""
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else float("nan")


def accuracy(found: Predictions) -> float:
    """Share of faces named rightly."""
    return mean(found.truth == found.predicted)


def top(found: Predictions, count: int = 5) -> float:
    """Share of faces whose truth is among the `count` likeliest classes."""
    return mean(found.rank < count)


def macro_f1(found: Predictions, classes: int) -> float:
    """The mean F1 of the classes that occur, as truth or as prediction."""
    return float(f1_of(class_counts(found, classes).sum(axis=0)[None])[0])


def class_counts(found: Predictions, classes: int) -> Array:
    """M×3C: for each face a 1 where it was hit, where its truth is, where its prediction is."""
    rows, made = np.arange(len(found)), np.zeros((len(found), 3, classes))
    made[rows, 0, found.truth] = found.truth == found.predicted
    made[rows, 1, found.truth] = 1
    made[rows, 2, found.predicted] = 1
    return made.reshape(len(found), 3 * classes)


def f1_of(sums: Array) -> Array:
    """Macro-F1 of R×3C sums of `class_counts`: 2·hits / (truths + predictions), over classes that occur."""
    hits, truths, named = np.split(np.asarray(sums, np.float64), 3, axis=1)
    there = truths + named > 0
    each = np.divide(2 * hits, truths + named, out=np.zeros_like(hits), where=there)
    count = there.sum(axis=1)
    return each.sum(axis=1) / np.where(count, count, np.nan)


def calibration(found: Predictions, bins: int = BINS) -> Array:
    """bins×3: faces, their summed confidence, those named rightly, by confidence in equal steps from 0 to 1."""
    confidence = np.asarray(found.confidence, np.float64)
    good = np.isfinite(confidence)
    confidence, right = confidence[good], (found.truth == found.predicted)[good]
    place = np.maximum(np.ceil(np.clip(confidence, 0, 1) * bins).astype(np.int64) - 1, 0)
    return np.stack([np.bincount(place, weights, bins) for weights in (np.ones(len(place)), confidence, right)], axis=1)


def calibration_error(table: Array) -> float:
    """Expected calibration error of such a table: the mean |accuracy − confidence| over faces.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    faces = table[:, 0].sum()
    return float(np.abs(table[:, 1] - table[:, 2]).sum() / faces) if faces else float("nan")


def confusion(found: Predictions, classes: int) -> Array:
    """C×C: faces by truth (row) and prediction (column)."""
    return np.bincount(found.truth.astype(np.int64) * classes + found.predicted, minlength=classes**2).reshape(
        classes, classes
    )
