"""Faces with identity and expression, as an experiment takes them: out of a blob, cleaned and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ..datasets.blob import Blob

Array: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """N faces. All arrays have N entries, in this order.

    `places` are their records in `blob`; `identity` numbers into `identities` (int64, each of them occurs);
    `expression` numbers into `expressions` (int64, the words of `expressions.WORDS` that occur, in that order); `group`
    the number of the film, sequence or session (int64, names in `groups`; each face its own where the data has none);
    `intensity` how strong the expression is, 0…1 (float64), None where the data does not say. `notes` say in words what
    was left out and why. `digest` tells these faces of this data from all others.
    """

    name: str
    blob: Blob
    places: Array
    identity: Array
    identities: tuple[str, ...]
    expression: Array
    expressions: tuple[str, ...]
    group: Array
    groups: tuple[str, ...]
    intensity: Array | None = None
    notes: tuple[str, ...] = ()
    digest: str = ""

    def __len__(self) -> int:
        return len(self.places)

    def images(self, numbers: Sequence[int] | Array) -> list[Any]:
        """The pictures of these faces, H×W×C uint8 each, as stored. Raises BlobError."""
        field = self.blob.schema.image
        assert field is not None  # checked when the faces were opened
        found = self.blob.read([int(self.places[number]) for number in numbers], [field.name])[field.name]
        return list(found)
