"""What tells faces from others: their keys, the digest of their data, and that of their selection."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ..faces import Faces
from .kind import digest_of

Array: TypeAlias = np.ndarray


def keys_of(faces: Faces) -> list[str]:
    """The keys of the faces in the blob, in their order."""
    return list(faces.blob.keys([int(place) for place in faces.places]))


def data_digest(faces: Faces) -> str:
    """Of the blob: its own digest, else of its keys and of when and how large it was written."""
    blob = faces.blob
    if blob.digest:
        return blob.digest
    try:
        facts = blob.path.stat()
        written = (facts.st_size, facts.st_mtime_ns)
    except OSError:
        written = (0, 0)
    return digest_of("blob", len(blob), *written)


def selection_digest(faces: Faces) -> str:
    """Of these faces in this order, whatever is said of them: another rule for expressions changes no features."""
    return digest_of(data_digest(faces), np.asarray(faces.places, np.int64))
