"""What every extractor has, whatever it computes with."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

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
    batch: int = 32
    learns: ClassVar[bool] = False  # whether it has to see faces (`fitted`) before it can be used

    @abstractmethod
    def features(self, images: Array) -> Array:
        """Vectors of N×H×W×C uint8 pictures in the size and channels that it takes: N×width float32."""

    def fitted(self, faces: Faces, numbers: Sequence[int] | Array, say: Callable[[str], None]) -> Self:  # noqa: ARG002
        """The same, after it has learned from these faces; itself where it learns nothing."""
        return self

    def ready(self, faces: Faces, say: Callable[[str], None]) -> Array | None:  # noqa: ARG002
        """The vectors of these faces where it has them already, None where they are to be computed."""
        return None


def digest_of(*parts: Any) -> str:
    """A digest of texts, numbers and arrays, in this order."""
    made = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            made.update(f"{part.dtype}{part.shape}".encode())
            made.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data if part.size else b"")
        else:
            made.update(str(part).encode("utf-8", "backslashreplace"))
        made.update(b"\0")
    return made.hexdigest()
