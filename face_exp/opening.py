"""Faces out of a blob or of any known layout, cleaned as the thesis did it: what was left out is counted and said."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

import numpy as np

from ..datasets.blob import Blob, open_blob
from ..datasets.errors import BlobError
from .errors import FacesError
from .faces import Faces
from .words import WORDS, word_of

LEAST = 3  # images of a person: one for each part


def open_faces(
    source: str | PathLike[str] | Blob,
    *,
    layout: str | None = None,
    identity: str = "identity",
    expression: str = "expression",
    group: str | None = None,
    least: int = LEAST,
    people: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    size: int = 130,
    labels: str | PathLike[str] | None = None,
    say: Callable[[str], object] = print,
) -> Faces:
    """The faces of a blob, or of a layout, of which a blob is built into the cache first. Raises FacesError."""
    try:
        blob = source if isinstance(source, Blob) else open_blob(Path(source), labels=labels)
    except BlobError as error:
        raise FacesError(str(error)) from None
    people_of, said = blob.labels(identity), blob.labels(expression)
    names, words = blob.schema[identity].classes, [word_of(each) for each in blob.schema[expression].classes]
    kept = np.flatnonzero((people_of >= 0) & (said >= 0))
    shown = [word for word in WORDS if word in {words[number] for number in said[kept]}]
    there, number = np.unique(people_of[kept], return_inverse=True)
    of = np.array([shown.index(words[each] or "neutral") for each in said[kept]], np.int64)
    return Faces(
        blob.name, blob, kept, number.astype(np.int64), tuple(names[each] for each in there), of, tuple(shown),
        np.arange(len(kept)), tuple(blob.keys(kept)), digest=blob.digest,
    )  # fmt: skip
