"""Training progress: the value of each batch for every metric, validation, learning rate, time a step."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import keras_state
from .batch_values import BatchValues
from .ledger import open_ledgers

if TYPE_CHECKING:
    from .training import Training

_RATE_EVERY = 1.0  # seconds: a schedule computes its rate with a handful of operations


class Progress:
    """Writes a line a batch (an execution of `steps_per_execution` batches) and one for each validation.

    `step_time` is the mean time of a training step in seconds, reading of data and callbacks not counted.
    """

    name = "progress"

    def __init__(self, *, exact: bool = True) -> None:
        self._exact = exact
        self._values: BatchValues | None = None
        self._running: frozenset[str] = frozenset()
        self._step = 0
        self._began = 0.0
        self._next_rate = 0.0

    def begin(self, training: Training) -> None:
        if self._exact:
            open_ledgers(training.bare_model)
        self._values = BatchValues(training.bare_model, exact=self._exact)
        self._running = frozenset()
        self._step = training.step

    def begin_epoch(self, training: Training) -> None:  # noqa: ARG002 - every part is called alike
        self._next_rate = 0.0
        if self._values:
            self._values.begin_epoch()

    def begin_batch(self, training: Training) -> None:  # noqa: ARG002
        self._began = time.perf_counter()

    def end_batch(self, training: Training, logs: Mapping[str, Any]) -> None:
        now = time.perf_counter()
        if self._values is None:
            return
        # Not `training.batches`: after a rest the values stand for all batches since the last line.
        batches, self._step = training.step - self._step, training.step
        values = self._values.of(logs, batches, last=training.steps is None or training.batch >= training.steps)
        values["step_time"] = round((now - self._began) / training.batches, 7)
        if now >= self._next_rate:
            self._next_rate = now + _RATE_EVERY
            rate = keras_state.learning_rate(training.bare_model)
            if rate is not None:
                values["learning_rate"] = rate
        metrics = training.recording.metrics
        if self._values.running != self._running:
            self._running = self._values.running
            metrics.kinds(self._running)
        metrics.line(training.step, training.position, values, batches=batches)

    def end_epoch(self, training: Training, logs: Mapping[str, Any]) -> None:
        found = {} if training.validation_cut else _validation(logs)
        if found:
            epoch = training.position if training.broken_off else training.epoch + 1.0
            training.recording.metrics.line(training.step, epoch, found)
        training.recording.metrics.flush()

    def end(self, training: Training) -> None:
        self._values = None
        said = training.recording.metrics.problem
        if said:
            training.problem(self.name, said)


def _validation(logs: Mapping[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in logs.items():
        if name.startswith("val_") and isinstance(value, int | float):
            found[name] = float(value)
        elif name.startswith("val_"):
            found.update({f"{name}_{place}": float(item) for place, item in enumerate(list(value)[:32])})
    return found
