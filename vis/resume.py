"""Going on from the network of another run: `$TRAINVIS_RESUME` names it where a run was resumed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import keras_state

if TYPE_CHECKING:
    from .training import Training


class Resume:
    """Gives the first fit the weights and the optimiser's state of `path` as soon as the network is built."""

    name = "resume"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._loaded = False

    @classmethod
    def wanted(cls) -> Resume | None:
        """What `$TRAINVIS_RESUME` asks for, once in a process."""
        path = os.environ.pop("TRAINVIS_RESUME", "")
        return cls(Path(path)) if path else None

    def begin(self, training: Training) -> None:
        self._load(training)

    def begin_epoch(self, training: Training) -> None: ...

    def begin_batch(self, training: Training) -> None: ...

    def end_batch(self, training: Training, logs: Mapping[str, Any]) -> None:  # noqa: ARG002 - every part alike
        if not self._loaded:
            self._load(training)

    def end_epoch(self, training: Training, logs: Mapping[str, Any]) -> None: ...

    def end(self, training: Training) -> None: ...

    def _load(self, training: Training) -> None:
        if not keras_state.is_built(training.bare_model):
            return
        self._loaded = True  # an attempt that fails is not repeated at each batch
        try:
            model = training.model
            if model.optimizer is not None and not model.optimizer.built:
                model.optimizer.build(model.trainable_variables)  # or its state is passed over
            model.load_weights(self.path)
        except (OSError, ValueError, TypeError, KeyError) as error:
            first = str(error).strip().partition("\n")[0]
            training.problem(self.name, f"the network {self.path} does not fit this one, training began anew: {first}")
