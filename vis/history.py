"""The weights of a network at an earlier moment, for what compares two moments of a training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

Array: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """`weights` as they were at `step`: copies, in the order of `model.weights`."""

    step: int
    weights: tuple[Array, ...]


def weights_now(model: Any, step: int) -> Earlier:
    """The weights of `model` as they are now, which is `step`."""
    # A copy: on PyTorch the array would be the weight's own memory, which training goes on writing to.
    return Earlier(step, tuple(np.array(ops.convert_to_numpy(variable.value)) for variable in model.weights))
