"""Which records are looked at, and in which order: all, those that pass a filter, those a network is unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...datasets.blob import Blob
from ...datasets.errors import BlobError
from ...datasets.filter import Chooser, Term
from .errands import Errand


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """`places` of the records that pass so far, of the first `of` records. `whole`: all have been looked at."""

    places: Sequence[int] | np.ndarray
    of: int
    whole: bool = True


def choose(chooser: Chooser, terms: tuple[Term, ...], errand: Errand, before: Chosen | None = None) -> Chosen:
    """The records that pass; `before` are those found when there were fewer."""
    found: list[np.ndarray] = [np.asarray(before.places, np.int64)] if before is not None else []
    start = looked = before.of if before is not None else 0
    told = 0
    for piece in chooser.passing(terms, start):
        found.append(piece[0])
        looked = piece[1]
        total = sum(map(len, found))
        if total >= 2 * told + 1:  # each time twice as many: a long list is not put together a thousand times
            told = total
            errand.tell(Chosen(np.concatenate(found), looked, whole=False))
        errand.go_on()
    places = np.concatenate(found) if found else np.zeros(0, np.int64)
    return Chosen(places, looked)


def suggested(blob: Blob, field: str) -> list[int]:
    """The records of which a network said what `field` is and nobody has confirmed it, the least certain first.

    Raises BlobError where there is none.
    """
    changes = blob.side_labels.suggestions(field) if blob.side_labels is not None else []
    places = [place for each in changes if (place := blob.find(each.key)) is not None]
    if not places:
        raise BlobError(
            f"no network has suggested {field} of a record: trainvis blob label {blob.name} --model M.keras"
        )
    return places


def nearest(order: Sequence[int], place: int) -> int:
    """Where in a rising order a record stands, or the next one that is there."""
    if isinstance(order, range):
        return min(place, max(len(order) - 1, 0))
    return min(int(np.searchsorted(np.asarray(order), place)), max(len(order) - 1, 0))


def where(order: Sequence[int], place: int) -> int | None:
    """Where a record stands in an order, which need not rise."""
    if isinstance(order, range):
        return place if place in order else None
    found = np.flatnonzero(np.asarray(order) == place)
    return int(found[0]) if len(found) else None
