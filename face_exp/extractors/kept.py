"""Features that were computed before, in a file, as an extractor: the faces have to be those of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ...engine.text import printable
from ..errors import FacesError
from ..faces import Faces
from .keyed import data_digest, keys_of
from .kind import Extractor, digest_of
from .store import Stored, read

Array: TypeAlias = np.ndarray


class Kept(Extractor):
    """The vectors of a file, by the keys of the faces. Raises FacesError where it holds no vectors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stored: Stored = read(path)
        values = self.stored.values
        if values.ndim != 2 or not values.size:
            shape = "×".join(map(str, values.shape[1:])) or "one number"
            raise FacesError(
                f"{printable(path, 200)} holds {shape} for each face, and no vectors: these are no features"
            )
        made = self.stored.made
        self.name = f"{printable(path.name, 80)} ({printable(made.by, 120)})" if made else printable(path.name, 80)
        self.width, self.size = int(values.shape[1]), (0, 0)
        self.digest = digest_of("kept", made.extractor if made else "", *self.stored.keys, values)

    def features(self, images: Array) -> Array:
        """Raises FacesError: it has those of its own faces, and none else."""
        raise FacesError(
            f"{self.name} holds features of {len(self.stored.keys):,} faces and makes none of {len(images)} others"
        )

    def ready(self, faces: Faces, say: Callable[[str], None]) -> Array:
        """The rows of these faces. Raises FacesError where they are of another data set."""
        made = self.stored.made
        data = data_digest(faces)
        rows = {key: row for row, key in enumerate(self.stored.keys)}
        keys = keys_of(faces)
        lacking = [key for key in keys if key not in rows]
        if made is not None and made.data != data:
            raise FacesError(
                f"{self.name} holds features of another data set than {printable(faces.name, 80)} "
                f"({len(keys) - len(lacking):,} of {len(keys):,} faces are called alike): name the extractor that made "
                "them, and they are computed for this one"
            )
        if lacking:
            raise FacesError(
                f"{self.name} lacks {len(lacking):,} of the {len(keys):,} faces of {printable(faces.name, 80)}, "
                f"{printable(lacking[0], 80)} the first: it was made of fewer, or of another data set"
            )
        if made is None:
            say(f"nobody says what made {self.name}: its vectors are taken by the keys of the faces")
        return self.stored.values[[rows[key] for key in keys]].astype(np.float32, copy=False)
