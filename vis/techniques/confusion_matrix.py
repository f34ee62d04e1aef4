"""How often each class is taken for each other one, over a set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..evaluation import evaluated
from ..figures import Figure, Matrix, Table
from ..probe import Probe


@dataclass(frozen=True, slots=True)
class Options:
    """At most `limit` records of the set, evenly spread; None: all."""

    limit: int | None = None


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """C×C counts, rows the true class, columns the predicted one, and a table of recall and precision per class."""
    found = evaluated(probe, options.limit).labelled()
    counts = np.zeros((len(found.classes), len(found.classes)), np.int64)
    np.add.at(counts, (found.labels, found.predicted), 1)
    right, rows, columns = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    table = Table(
        ("class", "records", "right", "recall", "precision"),
        tuple(
            (
                name,
                int(rows[place]),
                int(right[place]),
                _share(right[place], rows[place]),
                _share(right[place], columns[place]),
            )
            for place, name in enumerate(found.classes)
        ),
        "per class",
    )
    note = f"{right.sum()} of {counts.sum()} records are classified right ({right.sum() / counts.sum():.1%})"
    matrix = Matrix(
        counts.astype(np.float32), found.classes, found.classes, "confusion", ("true class", "predicted class")
    )
    return probe.figure("confusion_matrix", [matrix, table], (*found.notes, note), options)


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
