"""What a network that was trained on other data says of the expressions of faces."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..faces import Faces

if TYPE_CHECKING:
    from ..expressions import ExpressionSet

Array: TypeAlias = np.ndarray


def predicted(
    network: str | os.PathLike[str], faces: Faces, expression_set: ExpressionSet, say: Callable[[str], None] = print
) -> Array:
    """N×C float32: the share that a network gives each class of the set, for each of the N faces, in their order.

    `network` is a .keras or .h5 file (with the JSON file beside it that names its classes), or the folder of a run:
    its best network, else its last. Shares of classes that the set merges are added; those of classes that it does not
    have are taken out and the rest made to sum to 1, which is said. Kept in the cache, and found there again for the
    same network and faces. Raises FacesError where the words of the two cannot be mapped.
    """
    raise NotImplementedError
