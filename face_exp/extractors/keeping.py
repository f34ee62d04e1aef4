"""Features of faces: computed once, kept in a blob, and found again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ..faces import Faces
from .kind import Extractor

Array: TypeAlias = np.ndarray


def features_of(
    faces: Faces,
    extractor: Extractor,
    cache: Path | None = None,
    say: Callable[[str], None] = print,
    train: Sequence[int] | Array | None = None,
) -> Array:
    """The vectors of all faces in their order, N×D float32, read where they are kept, else computed and kept.

    `cache` is the folder for them, that of the user's cache unless told. `train` are the numbers of the faces that an
    extractor which learns (`pca:N`, `Extractor.learns`) may see; without them it sees all, which is said. Raises
    FacesError, BlobError.
    """
    raise NotImplementedError
