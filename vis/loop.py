"""`log(step=…, epoch=…, loss=…)`: metrics from any training loop, without a framework.

from trainvis.vis import log
for step, batch in enumerate(batches):
    log(step=step, loss=train(batch))
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from ..engine.errors import TrainvisError
from . import ending, recording
from .rank import rank
from .recording import Recording

_RETRY_EVERY = 10.0  # seconds between two attempts to make a run directory


def log(
    values: Mapping[str, Any] | None = None, /, *, step: int | None = None, epoch: float | None = None, **metrics: Any
) -> None:
    """Record the values of named metrics, as keywords or as a mapping, at `step` and `epoch` (a fraction).

    Numbers, and whatever turns into one: NumPy, TensorFlow, PyTorch and JAX scalars. Without `step` each call is
    the next one; a step that goes back begins another fit, and the file counts on. Without `epoch` the last one
    stands. Never raises: what cannot be recorded is said in one line on stderr.
    """
    with _lock:
        loop = _loop()
        if loop is not None:
            loop.record(step, epoch, {**(values or {}), **metrics})


class _Loop:
    """The training loop that calls `log`: `offset` maps its steps to those of the file, which never restart."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.offset = recording.step
        self.step = 0
        self.epoch = 0.0
        self.begun = False

    def record(self, step: int | None, epoch: float | None, given: Mapping[str, Any]) -> None:
        ending.goes_on()
        try:
            self._go_to(step, epoch)
            values = {
                name: number for name, value in given.items() if (number := self._number(name, value)) is not None
            }
            self.recording.step = self.offset + self.step
            if values:
                self.recording.metrics.line(self.recording.step, self.epoch, values)
        except Exception as error:  # noqa: BLE001 - a logger must never kill a training
            self.recording.problem("log", f"{type(error).__name__}: {error}")

    def _go_to(self, step: int | None, epoch: float | None) -> None:
        wanted = self.step + 1 if step is None else int(step)
        if not self.begun or wanted < self.step:
            self.offset = self.recording.step
            self.recording.metrics.fit()
            self.begun = True
        self.step = wanted
        if epoch is not None:
            self.epoch = float(epoch)

    def _number(self, name: str, value: Any) -> float | None:
        try:
            item = getattr(value, "item", None)
            number: Any = item() if callable(item) else value
            return float(number)
        except Exception as error:  # noqa: BLE001 - frameworks raise errors of their own for what is no scalar
            self.recording.problem("log", f"{name} is no number and is left out ({type(error).__name__})")
            return None


_lock = threading.RLock()
_current: _Loop | None = None
_next_try = 0.0


def _loop() -> _Loop | None:
    global _current, _next_try  # noqa: PLW0603 - like sys.stdout, there is one for a process
    if _current is not None and _current.recording.is_open():
        return _current
    if rank() != 0 or time.monotonic() < _next_try:
        return None
    try:
        _current = _Loop(recording.own())
    except (TrainvisError, OSError) as error:
        _next_try = time.monotonic() + _RETRY_EVERY
        recording.complain(f"log: nothing is recorded: {error}")
        return None
    return _current
