"""Which faces a network learns from, which it is chosen by, and which it is tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .faces import Faces

Array: TypeAlias = np.ndarray

SHARES = (0.7, 0.2, 0.1)  # of training, validation and test, as in the thesis


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Numbers of faces (int64, ascending), disjoint. `notes` say in words what the parts lack."""

    train: Array
    validation: Array
    test: Array
    notes: tuple[str, ...] = ()


def split(faces: Faces, by: str = "image", seed: int = 0, shares: Sequence[float] = SHARES) -> Split:
    """Parts of the faces, the same for the same seed. Every person of validation and test is also in training.

    `by` image: all shuffled, as in the thesis. `stratified`: the shares of each person in each part are within one face
    of `shares`, spread over that person's expressions. `group`: a whole film, sequence or session into one part.
    Raises FacesError where these faces cannot be split so.
    """
    count = len(faces)
    random = np.random.default_rng(seed)
    order = random.permutation(count)
    ends = np.rint(np.cumsum(shares) * count).astype(np.int64)
    return Split(np.sort(order[: ends[0]]), np.sort(order[ends[0] : ends[1]]), np.sort(order[ends[1] :]))
