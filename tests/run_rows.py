"""Rows of runs for tests of what shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stage import NOW, over

from trainvis.engine.runs import MetricSummary, Row, Snapshot
from trainvis.engine.status import Done

ROOT = Path("/runs")


def metric(*values: float) -> MetricSummary:
    finite = [value for value in values if value - value == 0.0] or [float("nan")]
    return MetricSummary(values[-1], min(finite), max(finite), tuple(values))


def row(id: str, /, **fields: Any) -> Row:  # noqa: A002
    """A run that is done, two hours old; every field can be given."""
    common = {
        "status": over(Done()),
        "tags": ("mnist",),
        "script": "/home/me/digits.py",
        "owner": "me",
        "created": NOW - 7200,
        "started": NOW - 7200,
        "ended": NOW - 3600,
        "epoch": 10.0,
        "epochs": 10,
        "metrics": {"loss": metric(2.0, 1.0, 0.5), "val_accuracy": metric(0.1, 0.9, 0.8)},
        "parameters": {"lr": 0.001},
    }
    return Row(ROOT / id, id, **{**common, **fields})


def snapshot_of(*rows: Row, problem: str | None = None) -> Snapshot:
    return Snapshot(ROOT, NOW, rows, problem)
