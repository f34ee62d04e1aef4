"""Expressions that say nothing: the same labels, dealt out to other faces. What a network gains by them is chance."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .splits import Split

Array: TypeAlias = np.ndarray


def shuffled(values: Array, split: Split, seed: int = 0) -> Array:
    """Values of faces (N, or N×C: one-hot, shares) permuted over the faces of the same part: each part keeps what it
    has, as often as it has it, and nothing of whose it is. A face of no part keeps its own.
    """
    made = np.array(values)
    random = np.random.default_rng((seed, 0x5EED))  # not the numbers that made the split
    for part in (split.train, split.validation, split.test):
        made[part] = made[random.permutation(part)]
    return made
