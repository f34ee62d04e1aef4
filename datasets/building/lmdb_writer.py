"""A shard as LMDB: records appended in batches, the map grown before it is full."""

from __future__ import annotations

import os
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import lmdb

from ..formats.own import (
    ABOUT,
    COLUMN_ROWS,
    COLUMNS,
    KEYS,
    RECORDS,
    About,
    column_key,
    column_pieces,
    in_columns,
    name_key,
    number_key,
    unpack_text,
)  # fmt: skip
from ..schema import Schema
from .chunk import Chunk
from .keys import Keys
from .outline import Outline

FIRST_MAP = 1 << 28  # bytes; it grows
_BATCH = 96 << 20  # bytes of a transaction, which are in memory until it ends
_PAGE = 4096
_TREE = 1 << 22  # bytes that the pages above the values may take, of one batch


class LmdbWriter:
    """Takes chunks, and makes a file of them. Raises lmdb.Error, OSError."""

    packed = True

    def __init__(self, folder: Path, outline: Outline) -> None:
        del outline  # the records come packed
        self._path = folder / "data"
        self._keys = Keys(folder)
        self.records = 0
        # Each transaction is on the disk when it ends: at this size that costs next to nothing.
        self._env = lmdb.open(
            str(self._path), subdir=False, map_size=FIRST_MAP, max_dbs=3, readahead=False, lock=False, mode=0o666
        )
        self._env.set_mapsize(max(FIRST_MAP, self.size + _BATCH + _TREE))
        self._table = self._env.open_db(RECORDS.encode())
        self._transaction: lmdb.Transaction | None = None
        self._held = 0

    @property
    def size(self) -> int:
        return (self._env.info()["last_pgno"] + 1) * _PAGE

    def add(self, chunk: Chunk, view: memoryview) -> None:
        if chunk.records:
            # A value takes whole pages; a small one lies with others.
            need = chunk.used + chunk.records * (_PAGE + 64)
            if self._held + need > _BATCH:
                self.commit()
            transaction = self._begun(need)
            ends = list(accumulate(chunk.lengths))
            first = self.records
            with transaction.cursor(self._table) as cursor:
                cursor.putmulti(
                    (
                        (number_key(first + number), view[end - length : end])
                        for number, (end, length) in enumerate(zip(ends, chunk.lengths, strict=True))
                    ),
                    append=True,
                )
            self._held += need
        self._keys.bytes.append(chunk.keys[0])
        self._keys.lengths.append(memoryview(chunk.key_lengths))
        self.records += chunk.records

    def _begun(self, need: int) -> lmdb.Transaction:
        if self._transaction is None:
            self._fit(max(_BATCH, need) + _TREE)
            self._transaction = self._env.begin(write=True)
        return self._transaction

    def _fit(self, more: int) -> None:
        """The map has room for so many bytes more."""
        size = self._env.info()["map_size"]
        if self.size + more > size:
            self._env.set_mapsize(max(self.size + more, size + min(size, 1 << 34)))

    # What an interrupted build goes on with

    def state(self) -> dict[str, Any]:
        return {"records": self.records, "sizes": {file.path.name: file.size for file in self._keys.files}}

    def restore(self, state: dict[str, Any] | None) -> None:
        """Back to a state, None that of the beginning."""
        sizes, self.records = state["sizes"] if state else {}, state["records"] if state else 0
        for file in self._keys.files:
            file.cut(sizes.get(file.path.name, 0))
        self._fit(_BATCH + _TREE)
        with self._env.begin(write=True) as transaction:
            with transaction.cursor(self._table) as cursor:
                found = cursor.set_range(number_key(self.records))
                while found:
                    found = cursor.delete()
            kept = transaction.stat(self._table)["entries"]
        if kept < self.records:
            raise lmdb.Error(f"{self.records - kept} records are not there any more")

    def commit(self) -> None:
        if self._transaction is not None:
            transaction, self._transaction, self._held = self._transaction, None, 0
            try:
                transaction.commit()
            except lmdb.Error as error:
                self._raise_full(error)
                raise

    def _raise_full(self, error: lmdb.Error) -> None:
        """LMDB calls a disk that takes only a part of what is written an error of the disk. Raises OSError."""
        if not hasattr(os, "posix_fallocate"):
            return
        descriptor = os.open(self._path, os.O_RDWR)
        try:
            size = os.fstat(descriptor).st_size
            try:
                os.posix_fallocate(descriptor, size, _BATCH)
            except OSError as why:
                raise why from error
            finally:
                os.ftruncate(descriptor, size)
        finally:
            os.close(descriptor)

    def sync(self) -> None:
        self.commit()
        for file in self._keys.files:
            file.sync()

    def close(self) -> None:
        if self._transaction is not None:
            self._transaction.abort()
            self._transaction = None
        self._env.close()
        for file in self._keys.files:
            file.close()

    # The end

    def finish(self, about: About) -> Path:
        """The file, whole. Raises lmdb.Error, OSError, sqlite3.Error."""
        self.commit()
        self._fit(_TREE)
        names = self._env.open_db(KEYS.encode())
        self._drop(names)
        self._transaction, held = None, 0
        hashed: list[tuple[bytes, bytes]] = []
        for key, number in self._keys.in_order():
            name = name_key(unpack_text(key))
            if name != key:
                hashed.append((name, number_key(number)))
                continue
            need = 2 * (len(name) + 32)
            if self._transaction is not None and held + need > _BATCH:
                self.commit()
                held = 0
            self._begun(0).put(name, number_key(number), db=names, append=True)
            held += need
        for name, number in hashed:
            self._begun(0).put(name, number, db=names)
        self._write_columns(about.schema)
        said = about.to_bytes()
        self.commit()
        self._fit(len(said) + _TREE)
        with self._env.begin(write=True) as transaction:
            transaction.put(ABOUT.encode(), said)
        self._env.sync(True)
        return self._path

    def _write_columns(self, schema: Schema) -> None:
        """Classes and numbers of all records once more, in pieces: who counts labels does not read all pictures."""
        self.commit()
        columns = self._env.open_db(COLUMNS.encode())
        self._drop(columns)
        for first in range(0, self.records if any(map(in_columns, schema)) else 0, COLUMN_ROWS):
            with self._env.begin(buffers=True) as transaction, transaction.cursor(self._table) as cursor:
                cursor.set_key(number_key(first))
                pieces = column_pieces(islice(cursor.iternext(keys=False), COLUMN_ROWS), schema)
            self._fit(sum(map(len, pieces.values())) + _TREE)
            with self._env.begin(write=True) as transaction:
                for name, values in pieces.items():
                    transaction.put(column_key(name, first), values, db=columns)

    def _drop(self, names: Any) -> None:
        """What an interrupted end had written."""
        with self._env.begin(write=True) as transaction:
            transaction.drop(names, delete=False)
