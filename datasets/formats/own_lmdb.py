"""Our own LMDB blobs, as `own` describes them."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BeingWrittenError, BlobError
from ..schema import Field, Schema
from .lmdb_file import LmdbFile
from .lmdb_places import SLOW, LmdbPlaces
from .own import (
    ABOUT,
    COLUMN_ROWS,
    COLUMNS,
    KEYS,
    RECORDS,
    About,
    column_key,
    in_columns,
    is_file,
    is_fixed,
    is_text,
    name_key,
    number_key,
    numbers_of,
    stored_dtype,
    unpack_numbers,
    unpack_text,
)
from .table_source import decoded, typed

_clock = time.perf_counter
_number = struct.Struct(">Q").pack  # `number_key`, without the call
PIECES = 256  # records that cost as much one by one as a piece of a column


def about_of(file: LmdbFile) -> About | None:
    """What a blob of ours says of itself; None where it is none. Raises BlobError."""
    with file.snapshot(RECORDS) as transaction:
        said = transaction.get(ABOUT.encode())
        if file.table(RECORDS) is None and transaction.get(RECORDS.encode()) is None:
            return None
        if said is None or file.table(RECORDS) is None:  # which may have come a moment ago
            raise BeingWrittenError(f"{file.name} is only begun: it does not say yet what is in it")
        try:
            return About.from_bytes(bytes(said))
        except BlobError as error:
            raise BlobError(f"{file.name}: {error}") from error


class OwnLmdb:
    """A Source. `refresh` finds the records that a writer added; the schema stays what it was."""

    format = "LMDB blob"

    def __init__(self, file: LmdbFile, about: About) -> None:
        self._file, self._about = file, about
        file.enter(self)
        self._length = self._counted()
        self._slow = False  # whether what was read last came from the disk
        self._places: LmdbPlaces | None = None
        self._head = struct.Struct(f"<{1 + len(about.schema)}I")
        self._numbers = {name: number for number, name in enumerate(about.schema.names)}
        self._cuts = {known.name: self._cut(known) for known in about.schema}

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def about(self) -> About:
        return self._about

    @property
    def digest(self) -> str:
        return self._about.digest

    @property
    def schema(self) -> Schema:
        return self._about.schema

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._about.attributes

    @property
    def statistics(self) -> Mapping[str, Any]:
        return self._about.statistics

    @property
    def notes(self) -> tuple[str, ...]:
        return self._file.notes

    def __len__(self) -> int:
        return self._length

    def _counted(self) -> int:
        with self._file.snapshot(RECORDS) as transaction:
            return transaction.stat(self._file.table(RECORDS))["entries"]

    # Names

    def key(self, place: int) -> str:
        return self.keys([place])[0]

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        if len(places) > PIECES and len(places) == self._length and places == range(self._length):
            return self._all_keys()
        return [unpack_text(data) for data in self._pieces(places, -1)]

    def _all_keys(self) -> list[str]:
        """From the database of keys, which is small; those that are not in it as they are from their records."""
        found: list[str | None] = [None] * self._length
        with self._file.snapshot(KEYS) as transaction:
            table = self._file.table(KEYS)
            for name, number in transaction.cursor(db=table) if table is not None else ():
                place = int.from_bytes(number, "big")
                if name[0] and place < self._length:
                    found[place] = unpack_text(name)
        return [self.key(place) if name is None else name for place, name in enumerate(found)]

    def find(self, key: str) -> int | None:
        with self._file.snapshot(KEYS) as transaction:
            table = self._file.table(KEYS)
            data = transaction.get(name_key(key), db=table) if table is not None else None
            if data is None:
                return None
            place = int.from_bytes(data, "big")
        # A writer commits both together; what is not counted yet is not there yet.
        return place if place < self._length and self.key(place) == key else None

    # Values

    def packed(self, place: int) -> bytes:
        """The record as it stands in the file, of which the digest is made."""
        with self._file.snapshot(RECORDS) as transaction:
            return bytes(self._record(transaction, place))

    def raw(self, place: int, field: str) -> bytes:
        cut = self._cuts[field]
        if not 0 <= place < self._length:
            raise IndexError(f"there is no record {place}: there are {self._length}")
        began = _clock()
        if self._slow:
            self._hint([place])
        try:
            data = self._file.one(RECORDS, _number(place), cut)
        except (ValueError, struct.error):
            data = None
        self._slow = _clock() - began > SLOW
        if data is None:
            raise BlobError(f"record {place} of {self._file.name} is damaged: it is missing, or cut off")
        return data

    def _hint(self, places: Sequence[int]) -> None:
        """What was read last came from the disk: it shall have these before LMDB asks for them, page by page."""
        if self._places is None:
            self._places = LmdbPlaces(self._file, RECORDS)
        self._places.hint(places)

    def _cut(self, known: Field) -> Callable[[memoryview], bytes]:
        """What takes the value of a field out of a packed record, without a shape before it. It raises ValueError,
        struct.error.
        """
        unpack, size, number = self._head.unpack_from, self._head.size, self._numbers[known.name] + 1
        shape = 0 if is_text(known) or is_file(known) or is_fixed(known) else 4 * len(known.shape)

        def cut(data: memoryview) -> bytes:
            lengths = unpack(data)
            if size + sum(lengths) != len(data):
                raise ValueError("it is cut off")
            start = size + sum(lengths[:number])
            return data[start + shape : start + lengths[number]].tobytes()

        return cut

    def raws(self, places: Sequence[int], field: str) -> list[bytes]:
        known, found = self.schema[field], self._pieces(places, self._numbers[field])
        plain = is_text(known) or is_file(known) or is_fixed(known)
        return found if plain else [data[4 * len(known.shape) :] for data in found]

    def read(self, places: Sequence[int], field: str) -> Sequence[Any]:
        known = self.schema[field]
        if in_columns(known) and len(places) > PIECES:
            found = self._column(known, places)
            if found is not None:
                return typed(found, known)
        if len(places) == 1 and (is_text(known) or is_file(known)):
            data = [self.raw(int(places[0]), field)]
        else:
            data = self._pieces(places, self._numbers[field])
        if is_text(known):
            return [unpack_text(each) for each in data]
        if is_file(known):
            return decoded(data, places, self._file.name)
        try:
            if is_fixed(known):
                dtype = stored_dtype(known)
                shape = (len(data), *(size or 0 for size in known.shape))
                return typed(numbers_of(b"".join(data), dtype, shape).astype(dtype.newbyteorder("=")), known)
            return [unpack_numbers(known, each) for each in data]
        except ValueError as error:
            raise BlobError(f"a record of {self._file.name} is damaged: {error}") from error

    def _column(self, known: Field, places: Sequence[int]) -> np.ndarray | None:
        """The values in the database of columns, where it has all of them."""
        rows = np.asarray(places, dtype=np.int64)
        found = np.empty(len(rows), stored_dtype(known))
        pieces = rows // COLUMN_ROWS
        with self._file.snapshot(COLUMNS) as transaction:
            table = self._file.table(COLUMNS)
            for piece in np.unique(pieces).tolist() if table is not None else ():
                data = transaction.get(column_key(known.name, piece * COLUMN_ROWS), db=table)
                values = np.frombuffer(data or b"", found.dtype)
                here = pieces == piece
                inside = rows[here] - piece * COLUMN_ROWS
                if int(inside.max()) >= len(values):
                    return None
                found[here] = values[inside]
        return found if table is not None else None

    def _pieces(self, places: Sequence[int], field: int) -> list[bytes]:
        """The packed values of a field, by its number; of -1 the keys."""
        found: list[bytes] = []
        head, size = self._head, self._head.size
        began = _clock()
        if self._slow and len(places) <= PIECES:
            self._hint(places)
        with self._file.snapshot(RECORDS) as transaction:
            for place, data in self._stored(transaction, places):
                lengths = head.unpack_from(data) if len(data) >= size else ()
                if not lengths or size + sum(lengths) != len(data):
                    raise BlobError(f"record {place} of {self._file.name} is damaged: it is cut off")
                start = size + sum(lengths[: field + 1])
                found.append(bytes(data[start : start + lengths[field + 1]]))
        self._slow = _clock() - began > SLOW * len(places)
        return found

    def _stored(self, transaction: Any, places: Sequence[int]) -> Iterator[tuple[int, memoryview]]:
        """The places and their records: those in a row are walked along, others found one by one."""
        if isinstance(places, range) and places.step == 1 and len(places) > 1:
            self._record(transaction, places[-1])
            cursor = transaction.cursor(db=self._file.table(RECORDS))
            if cursor.set_key(number_key(places[0])):
                yield from zip(places, cursor.iternext(keys=False), strict=False)
                return
        get, table, length = transaction.get, self._file.table(RECORDS), self._length
        for place in places:
            data = get(number_key(place), db=table) if 0 <= place < length else None
            yield place, self._record(transaction, place) if data is None else data

    def _record(self, transaction: Any, place: int) -> memoryview:
        if not 0 <= place < self._length:
            raise IndexError(f"there is no record {place}: there are {self._length}")
        data = transaction.get(number_key(place), db=self._file.table(RECORDS))
        if data is None:
            raise BlobError(f"{self._file.name} is damaged: record {place} is missing")
        return data

    def refresh(self) -> bool:
        if self._file.replaced:
            self._file.reopen()
            about = about_of(self._file)
            if about is None:
                raise BlobError(f"{self._file.name} is another file now, and no blob of ours")
            self.__init__(self._file, about)
            return True
        before, self._length = self._length, self._counted()
        self._places = None
        return self._length != before

    def close(self) -> None:
        self._file.leave(self)
