"""A blob in several files: their records one after the other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BlobError
from ..schema import Schema
from ..source import Source
from .own import shards_of

NAMED = 5  # missing files that are named


def open_shards(path: Path, open_one: Callable[[Path], Source]) -> Source:
    """The records of all shards that the one at `path` belongs to; the missing ones are noted. Raises BlobError."""
    files = shards_of(path)
    there = [file for file in files if file.exists()]
    if not there:
        raise BlobError(f"there is no file {path}")
    missing = [file.name for file in files if file not in there]
    notes: tuple[str, ...] = ()
    if missing:
        named = ", ".join(missing[:NAMED]) + (" …" if len(missing) > NAMED else "")
        notes = (f"{len(missing)} of {len(files)} files are missing, their records are left out: {named}",)
    return Shards(path, [open_one(file) for file in there], notes)


class Shards:
    """A Source of the sources of its files."""

    def __init__(self, path: Path, parts: list[Source], notes: tuple[str, ...]) -> None:
        """Raises BlobError where they do not belong together."""
        self.path = path
        self._parts, self._notes = parts, notes
        for part in parts[1:]:
            if part.schema != parts[0].schema:
                raise BlobError(f"{part.path.name} does not belong to {parts[0].path.name}: its fields are others")
        self._count()

    def _count(self) -> None:
        self._ends = list(accumulate(map(len, self._parts)))

    @property
    def parts(self) -> list[Source]:
        return self._parts

    @property
    def digest(self) -> str:
        """Of all shards."""
        return getattr(self._parts[0], "digest", "")

    def packed(self, place: int) -> bytes:
        return self._at(place, lambda part, inside: part.packed(inside))  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def format(self) -> str:
        return f"{self._parts[0].format} in {len(self._parts)} files"

    @property
    def schema(self) -> Schema:
        return self._parts[0].schema

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._parts[0].attributes

    @property
    def statistics(self) -> Mapping[str, Any]:
        return self._parts[0].statistics

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self._notes, *dict.fromkeys(note for part in self._parts for note in part.notes))

    def __len__(self) -> int:
        return self._ends[-1]

    def key(self, place: int) -> str:
        return self._at(place, lambda part, inside: part.key(inside))

    def raw(self, place: int, field: str) -> bytes:
        return self._at(place, lambda part, inside: part.raw(inside, field))

    def raws(self, places: Sequence[int], field: str) -> list[bytes]:
        return self._gathered(places, lambda part, inside: _raws(part, inside, field))

    def _at(self, place: int, work: Callable[[Source, int], Any]) -> Any:
        if not 0 <= place < len(self):
            raise IndexError(f"there is no record {place}: there are {len(self)}")
        number = bisect_right(self._ends, place)
        return work(self._parts[number], place - (self._ends[number - 1] if number else 0))

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        return self._gathered(places, lambda part, inside: part.keys(inside))

    def read(self, places: Sequence[int], field: str) -> Sequence[Any]:
        return self._gathered(places, lambda part, inside: part.read(inside, field))

    def _gathered(self, places: Sequence[int], work: Callable[[Source, Sequence[int]], Any]) -> Any:
        """What each part gives of its places, in the order that was asked for."""
        rows = np.asarray(places, dtype=np.int64)
        if len(rows) and not 0 <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"there is no such record: there are {len(self)}")
        numbers = np.searchsorted(self._ends, rows, side="right")
        found: list[tuple[np.ndarray, Any]] = []
        for number in np.unique(numbers).tolist() or [0]:
            here = np.flatnonzero(numbers == number)
            first = self._ends[number - 1] if number else 0
            found.append((here, work(self._parts[number], (rows[here] - first).tolist())))
        if len(found) == 1:
            return found[0][1]
        if all(isinstance(values, np.ndarray) for _, values in found):
            together = np.empty((len(rows), *found[0][1].shape[1:]), found[0][1].dtype)
            for here, values in found:
                together[here] = values
            return together
        listed: list[Any] = [None] * len(rows)
        for here, values in found:
            for place, value in zip(here.tolist(), values, strict=True):
                listed[place] = value
        return listed

    def find(self, key: str) -> int | None:
        for number, part in enumerate(self._parts):
            place = part.find(key)
            if place is not None:
                return place + (self._ends[number - 1] if number else 0)
        return None

    def refresh(self) -> bool:
        changed = [part.refresh() for part in self._parts]
        self._count()
        return any(changed)

    def close(self) -> None:
        for part in self._parts:
            part.close()


def _raws(part: Any, places: Sequence[int], field: str) -> list[bytes]:
    return part.raws(places, field)
