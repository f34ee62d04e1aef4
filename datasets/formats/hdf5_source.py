"""The records of an HDF5 file, ours or anybody's, while others may write it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BeingWrittenError, BlobError
from ..schema import Schema
from .array_columns import Bytes
from .columns import Stored
from .hdf5_file import Hdf5File
from .table_source import Columns

T = TypeVar("T")

ATTEMPTS = 4


class Hdf5Source:
    """A Source whose columns `look` finds. What it knows is of one moment; `refresh` looks again."""

    def __init__(self, file: Hdf5File, form: str, look: Callable[[Hdf5File], Columns]) -> None:
        """Raises BlobError."""
        self.format = form
        self._file, self._look = file, look
        self._note = ""
        self._now = self._looked()

    def _looked(self) -> Columns:
        found = self._file.steadily(self._columns)
        parts = [*found.columns.values(), found.keys, found.order]
        if not self._file.swmr and not any(part.library for part in parts if part is not None):
            self._file.release()  # all the rest is read without HDF5's library
        self._note = ""
        return found

    def _columns(self) -> Columns:
        found = self._look(self._file)
        return _as_far_as_written(self._file, found) if self._file.swmr else found

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def schema(self) -> Schema:
        return self._now.schema

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._now.attributes

    @property
    def statistics(self) -> Mapping[str, Any]:
        return self._now.statistics

    @property
    def notes(self) -> tuple[str, ...]:
        live = self._note or ("another program is writing it; `refresh` follows" if self._file.swmr else "")
        return (*self._now.notes, live) if live else self._now.notes

    @property
    def digest(self) -> str:
        return self._now.digest

    def packed(self, place: int) -> bytes:
        """Raises BlobError where it is no blob of ours."""
        if self._now.pack is None:
            raise BlobError(f"{self._file.name} is no blob of trainvis's: its records have no digest")
        pack = self._now.pack
        return self._read(lambda now: pack(now, place))

    @property
    def columns(self) -> Columns:
        """What is known of the file now."""
        return self._now

    def __len__(self) -> int:
        return self._now.length

    def key(self, place: int) -> str:
        return self._read(lambda now: now.key_list([place]))[0]

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        return self._read(lambda now: now.key_list(places))

    def find(self, key: str) -> int | None:
        return self._read(lambda now: now.find(key))

    def raw(self, place: int, field: str) -> bytes:
        now, file = self._now, self._file
        column = now.columns[field]
        if not 0 <= place < now.length:
            raise IndexError(f"there is no record {place}: there are {now.length}")
        try:
            found = column.raw(place)
            if not file.written():
                return found
        except BlobError:
            pass
        return self._read(lambda now: now.raw(place, field))

    def raws(self, places: Sequence[int], field: str) -> list[bytes]:
        return self._read(lambda now: now.raws(places, field))

    def read(self, places: Sequence[int], field: str) -> Sequence[Any]:
        return self._read(lambda now: now.read(places, field))

    def _read(self, work: Callable[[Columns], T]) -> T:
        """What `work` reads while nobody writes, or where a writer lets others follow. Raises BlobError."""
        for attempt in range(ATTEMPTS):
            now = self._now
            try:
                found = work(now)
                if not self._file.written():
                    return found
            except BlobError:
                # In the midst of a writer's change, or of another thread's look.
                if not (self._file.swmr or self._file.written() or now is not self._now) or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(0.005)
            if self._file.written():
                self._now = self._looked()
        raise BeingWrittenError(f"{self._file.name} is being written at this moment; it can be read once that is done")

    def refresh(self) -> bool:
        """Raises BlobError where the file is damaged or gone; while it is being written the last state stays."""
        if not self._file.changed:
            return False
        before = self._now
        try:
            self._now = self._looked()
        except BeingWrittenError as error:
            said, self._note = self._note, str(error)
            return said != self._note
        return before.length != self._now.length or not self._file.swmr

    def close(self) -> None:
        self._file.close()


def _as_far_as_written(file: Hdf5File, found: Columns) -> Columns:
    """Without the records whose last chunk a writer has announced and not written yet."""
    length = found.length
    for column in (*found.columns.values(), found.keys):
        for part in (column, getattr(column, "ends", None)):
            if not isinstance(part, (Stored, Bytes)):
                continue
            stored = file.dataset(part.path)
            rows = stored.chunks[0] if stored.chunks else 0
            while rows and length and not _is_there(stored, (length - 1) // rows * rows):
                length = (length - 1) // rows * rows
    return replace(found, length=length)


def _is_there(stored: Any, row: int) -> bool:
    place = (row, *[0] * (len(stored.shape) - 1))
    return stored.id.get_chunk_info_by_coord(place).byte_offset is not None
