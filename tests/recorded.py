"""Runs with metrics on disk, and waiting for a screen, for the tests of curves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import seen
from textual.pilot import Pilot

from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row
from trainvis.engine.status import Done, Finished

OVER = Finished(Done(), 0.0, 1.0)


def write(root: Path, name: str = "digits", steps: int = 200, **more: float) -> MetricWriter:
    """A run with loss and accuracy a step, validation every fifty, ten steps an epoch."""
    writer = MetricWriter(RunDir.create(root, name, 1.7e9))
    writer.fit(steps // 10, 10, 32, {}, {})
    add(writer, 1, steps, **more)
    return writer


def add(writer: MetricWriter, first: int, last: int, **more: float) -> None:
    for step in range(first, last + 1):
        values = {"loss": 2.0 * 0.99**step, "accuracy": 1 - 0.9 * 0.99**step, **more}
        writer.line(step, step / 10, values, time=1.7e9 + step)
        if step % 50 == 0:
            writer.line(step, step / 10, {"val_loss": 2.2 * 0.99**step}, time=1.7e9 + step)


def closed(writer: MetricWriter) -> Row:
    writer.close()
    return row(writer)


def row(writer: MetricWriter, status: Any = OVER) -> Row:
    return Row(writer.run.path, writer.run.id, name=writer.run.id.split("-")[0], status=status)


async def until(pilot: Pilot[None], condition: Callable[[], object], what: str = "the condition") -> None:
    """As `seen.until`, and what follows from the condition has been drawn too."""
    await seen.until(pilot, condition, what)
    await pilot.pause()
