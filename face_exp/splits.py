"""Which faces a network learns from, which it is chosen by, and which it is tested on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray

SHARES = (0.7, 0.2, 0.1)  # of training, validation and test, as in the thesis


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Numbers of faces (int64, ascending), disjoint. `notes` say in words what the parts lack."""

    train: Array
    validation: Array
    test: Array
    notes: tuple[str, ...] = ()
