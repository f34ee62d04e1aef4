"""A source made of columns, each of them a field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..decoding import pixels_of
from ..errors import BlobError, ImageError
from ..schema import Field, Schema
from .columns import Column, Places, Ragged
from .own import is_file, is_text, pack_text, unpack_text

Adapt = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of a file, at one moment. `adapt` makes of the numbers of a field what the schema says of them."""

    name: str
    schema: Schema
    columns: Mapping[str, Column]
    length: int
    keys: Ragged | None = None
    order: Column | None = None
    adapt: Mapping[str, Adapt] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""
    pack: Callable[[Columns, int], bytes] | None = None

    def check(self, places: Places) -> None:
        """Raises IndexError for a place that is not there."""
        if not len(places):
            return
        rows = (places[0], places[-1]) if isinstance(places, range) else places
        if not 0 <= min(rows) <= max(rows) < self.length:
            raise IndexError(f"there is no such record: there are {self.length}")

    # Names

    def key_list(self, places: Places) -> list[str]:
        self.check(places)
        if self.keys is not None and len(places) == 1:
            return [unpack_text(self.keys.raw(int(places[0])))]
        if self.keys is None:
            return [str(int(place)) for place in places]
        return [unpack_text(data) for data in self.keys.take(places)]

    def find(self, key: str) -> int | None:
        if self.keys is None:
            place = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else -1
            return place if 0 <= place < self.length and str(place) == key else None
        if self.order is not None and len(self.order) == self.length:
            return self._searched(pack_text(key))
        return self._index().get(key)

    def _searched(self, name: bytes) -> int | None:
        """By halves, in the order of the keys' bytes."""
        assert self.keys is not None
        assert self.order is not None
        low, high = 0, self.length
        while low < high:
            middle = (low + high) // 2
            place = int(self.order.take([middle])[0])
            self.check([place])
            found = self.keys.raw(place)
            if found == name:
                return place
            low, high = (middle + 1, high) if found < name else (low, middle)
        return None

    def _index(self) -> Mapping[str, int]:
        index = self.__dict__.get("_known")
        if index is None:
            index = {key: place for place, key in reversed(list(enumerate(self.key_list(range(self.length)))))}
            object.__setattr__(self, "_known", index)
        return index

    # Values

    def raw(self, place: int, name: str) -> bytes:
        if not 0 <= place < self.length:
            raise IndexError(f"there is no record {place}: there are {self.length}")
        return self.columns[name].raw(place)

    def raws(self, places: Places, name: str) -> list[bytes]:
        self.check(places)
        column = self.columns[name]
        return column.take(places) if isinstance(column, Ragged) else [column.raw(int(place)) for place in places]

    def read(self, places: Places, name: str) -> Any:
        self.check(places)
        known, column = self.schema[name], self.columns[name]
        one = isinstance(column, Ragged) and len(places) == 1
        found: Any = [column.raw(int(places[0]))] if one else column.take(places)
        if name in self.adapt:
            adapt = self.adapt[name]
            return adapt(found) if isinstance(found, np.ndarray) else [adapt(each) for each in found]
        if is_text(known):
            return [unpack_text(data) for data in found]
        if is_file(known):
            return decoded(found, places, self.name)
        return typed(found, known)


def typed(found: Any, known: Field) -> Any:
    """Numbers as the type that the schema says."""
    if not isinstance(found, np.ndarray):
        return found
    dtype = np.dtype("int64" if known.kind == "class" else known.dtype or found.dtype)
    return found.astype(dtype, copy=False)


def decoded(files: Sequence[bytes | memoryview], places: Places | Sequence[str], name: str) -> list[np.ndarray]:
    """The pixels of picture files. Raises BlobError, which says of which record."""
    found = []
    for data, place in zip(files, places, strict=True):
        try:
            found.append(pixels_of(data))
        except ImageError as error:
            raise BlobError(f"record {place} of {name}: {error}") from error
    return found
