"""What every extractor has, whatever it computes with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Self, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from ..faces import Faces

Array: TypeAlias = np.ndarray


class Extractor(ABC):
    """Pictures in, one vector a picture out.

    `name` says what it is to a person; `digest` tells it from all others (what is computed, with which weights, from
    which preprocessing; hexadecimal); `width` is the length of a vector; `size` height and width of the pictures that
    it takes, `channels` 1 or 3; `notes` are sentences that must be said of it; `batch` how many pictures go through
    it at once.
    """

    name: str
    digest: str
    width: int
    size: tuple[int, int]
    channels: int = 3
    notes: tuple[str, ...] = ()
    batch: int = 64
    learns: ClassVar[bool] = False  # whether it has to see faces (`fitted`) before it can be used

    @abstractmethod
    def features(self, images: Array) -> Array:
        """Vectors of N×H×W×C uint8 pictures in the size and channels that it takes: N×width float32."""

    def fitted(self, faces: Faces, numbers: Sequence[int] | Array, say: Callable[[str], None]) -> Self:
        """The same, after it has learned from these faces; itself where it learns nothing."""
        return self
