"""A network cut in two: what stays as it is, and what is trained with a head on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..faces import Faces
from .kind import Extractor

if TYPE_CHECKING:
    import keras

Array: TypeAlias = np.ndarray


def trunk(extractor: Extractor, tune: str) -> Trunk:
    """The network of an extractor, cut as `tune` says: `from:LAYER` (this layer and all after it are trained), `whole`
    (all of it, from its weights), `scratch` (all of it, from new weights).

    Raises FacesError: the extractor is no network that can be trained, or there is no such layer, or the part after it
    reads more than its input (the nearest layers where it can be cut are named).
    """
    raise NotImplementedError


class Trunk:
    """The two parts. `name` says it to a person; `width` is the length of the vector that the tail makes; `shape` is
    that of what the tail takes for one face; `digest` tells the frozen part from all others; `scratch` whether the
    tail begins with new weights.
    """

    name: str
    digest: str
    width: int
    shape: tuple[int, ...]
    scratch: bool

    def inputs(self, faces: Faces, cache: Path | None = None, say: Callable[[str], None] = print) -> Array:
        """What the tail takes of all faces, N×…, kept like features; the pictures (uint8) where nothing is frozen."""
        raise NotImplementedError

    def tail(self, seed: int, scratch: bool | None = None) -> keras.Model:
        """A copy of its own of the part that is trained, `inputs` → N×width: with the weights of the network, or new
        ones that the seed determines (`scratch`; None: as the trunk says).
        """
        raise NotImplementedError
