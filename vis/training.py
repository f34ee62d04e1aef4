"""The fit in progress, as the parts of the callbacks see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from . import keras_state

if TYPE_CHECKING:
    import keras

    from .recording import Recording


@dataclass(slots=True)
class Training:
    """One `fit`: where it stands. Epochs count from 0, as Keras counts them.

    `steps` is the number of batches of an epoch, None while nobody knows; `batch` how many of this epoch are
    done, `batches` how many the last hook stands for; `step` counts over all fits of the run.
    `broken_off`: this epoch was ended before its last batch; `validation_cut`: so was its validation.
    `stopped_before`: a stop ended an earlier fit of the script, this one ends at its first batch.
    """

    recording: Recording
    callback: keras.callbacks.Callback
    epochs: int | None = None
    steps: int | None = None
    fit: int = 1
    fit_written: bool = False
    epoch: int = 0
    batch: int = 0
    batches: int = 0
    step: int = 0
    broken_off: bool = False
    validation_cut: bool = False
    stopped_before: bool = False
    parameters: Mapping[str, object] = field(default_factory=dict)

    @property
    def bare_model(self) -> Any:
        """The model for what needs no weights; `callback.model` brings the weights up to date first (JAX)."""
        return keras_state.bare_model(self.callback)

    @property
    def model(self) -> Any:
        """The model with its weights as they are now."""
        return self.callback.model

    @property
    def position(self) -> float:
        """The epoch as a fraction: 1.5 is half of the second. A whole number while the length is unknown."""
        return self.epoch + (min(self.batch / self.steps, 1.0) if self.steps else 0.0)

    def problem(self, part: str, text: str) -> None:
        """Say what a part could not do."""
        self.recording.problem(part, text)


class Part(Protocol):
    """What `Callbacks` fans out to. Every hook may raise: training goes on, and the sentence is kept."""

    name: str

    def begin(self, training: Training) -> None: ...
    def begin_epoch(self, training: Training) -> None: ...
    def begin_batch(self, training: Training) -> None: ...
    def end_batch(self, training: Training, logs: Mapping[str, Any]) -> None: ...
    def end_epoch(self, training: Training, logs: Mapping[str, Any]) -> None: ...
    def end(self, training: Training) -> None: ...
