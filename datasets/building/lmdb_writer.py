"""A shard as LMDB, at the speed of the disk.

The records and the pages of their tree are appended to a plain file, past what LMDB would have to copy twice. In the
end it becomes that of a database, and LMDB itself writes the small ones beside it: keys, columns, what the blob says
of itself.
"""

from __future__ import annotations

import os
from itertools import accumulate, pairwise
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
    stored_dtype,
    unpack_text,
)  # fmt: skip
from .chunk import Chunk
from .journal import Grown
from .keys import Keys
from .lmdb_tree import PAGE, START, Tree, adopt
from .outline import Outline

FIRST_MAP = 1 << 28  # bytes; it grows
_BATCH = 96 << 20  # bytes of a transaction, which are in memory until it ends
_TREE = 1 << 22  # bytes that the pages above the values may take, of one batch


class LmdbWriter:
    """Takes chunks, and makes a file of them. Raises lmdb.Error, OSError."""

    packed = True

    def __init__(self, folder: Path, outline: Outline) -> None:
        self._schema = outline.schema
        self._path = folder / "data"
        self._columns = {
            known.name: Grown(folder / f"{at}.column") for at, known in enumerate(self._schema) if in_columns(known)
        }
        self._keys = Keys(folder)
        self._tree = Tree(self._path, folder / "leaves")
        self.records = 0
        self._env: Any = None  # once the records are written
        self._transaction: lmdb.Transaction | None = None

    @property
    def size(self) -> int:
        return self._tree.pages.size

    def add(self, chunk: Chunk, view: memoryview) -> None:
        ends = list(accumulate(chunk.lengths, initial=0))
        records = [view[start:end] for start, end in pairwise(ends)]
        for number, record in enumerate(records, self.records):
            self._tree.append(number, record)
        if self._columns:
            for name, values in column_pieces(records, self._schema).items():
                self._columns[name].append(values)
        self._keys.bytes.append(chunk.keys[0])
        self._keys.lengths.append(memoryview(chunk.key_lengths))
        self.records += chunk.records

    # What an interrupted build goes on with

    @property
    def _files(self) -> tuple[Grown, ...]:
        return (*self._keys.files, *self._columns.values(), *self._tree.files)

    def state(self) -> dict[str, Any]:
        sizes = {file.path.name: file.size for file in self._files}
        return {"records": self.records, "sizes": sizes, "overflow": self._tree.overflow}

    def restore(self, state: dict[str, Any] | None) -> None:
        """Back to a state, None that of the beginning."""
        said = state or {"records": 0, "sizes": {}, "overflow": 0}
        self.records, self._tree.overflow = said["records"], said["overflow"]
        for file in self._files:
            file.cut(said["sizes"].get(file.path.name, 0))

    def commit(self) -> None:
        """What was written is there, should the program end."""
        self._tree.end_leaf()
        self._tree.pages.flush()

    def sync(self) -> None:
        """It is there too, should the power fail."""
        self.commit()
        for file in self._files:
            file.sync()

    def close(self) -> None:
        if self._transaction is not None:
            self._transaction.abort()
            self._transaction = None
        if self._env is not None:
            self._env.close()
            self._env = None
        for file in self._files:
            file.close()

    # The end

    def finish(self, about: About) -> Path:
        """The file, whole. Raises lmdb.Error, OSError, sqlite3.Error."""
        self._adopt()
        names = self._env.open_db(KEYS.encode())
        held = 0
        hashed: list[tuple[bytes, bytes]] = []
        for key, number in self._keys.in_order():
            name = name_key(unpack_text(key))
            if name != key:
                hashed.append((name, number_key(number)))
                continue
            need = 2 * (len(name) + 32)
            if self._transaction is not None and held + need > _BATCH:
                self._commit()
                held = 0
            self._begun().put(name, number_key(number), db=names, append=True)
            held += need
        for name, number in hashed:
            self._begun().put(name, number, db=names)
        self._write_columns()
        said = about.to_bytes()
        self._fit(len(said) + _TREE)
        with self._env.begin(write=True) as transaction:
            transaction.put(ABOUT.encode(), said)
        self._env.sync(True)
        return self._path

    def _adopt(self) -> None:
        """The tree becomes that of a database: LMDB makes a file with an empty one, whose first pages are copied."""
        depth, branches, leaves, root = self._tree.finish()
        self._tree.pages.flush()
        size = START + self._tree.pages.size
        empty = self._path.with_name("empty")
        empty.unlink(missing_ok=True)
        with lmdb.open(str(empty), subdir=False, map_size=1 << 20, max_dbs=1, lock=False) as env:
            env.open_db(RECORDS.encode())
        head = bytearray(empty.read_bytes())
        empty.unlink()
        facts = (0, 0, depth, branches, leaves, self._tree.overflow, self.records, root)
        adopt(head, RECORDS.encode(), facts, size)
        descriptor = os.open(self._path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        try:
            os.pwrite(descriptor, head, 0)
        finally:
            os.close(descriptor)
        # Each transaction is on the disk when it ends: the last one is the only one that need be.
        self._env = lmdb.open(
            str(self._path), subdir=False, map_size=size + max(FIRST_MAP, _BATCH + _TREE), max_dbs=3,
            readahead=False, lock=False, sync=False,
        )  # fmt: skip

    def _begun(self) -> lmdb.Transaction:
        if self._transaction is None:
            self._fit(_BATCH + _TREE)
            self._transaction = begun = self._env.begin(write=True)
            return begun
        return self._transaction

    def _fit(self, more: int) -> None:
        """The map has room for so many bytes more."""
        info = self._env.info()
        used = (info["last_pgno"] + 1) * PAGE
        if used + more > info["map_size"]:
            self._env.set_mapsize(used + more + min(used, 1 << 34))

    def _commit(self) -> None:
        if self._transaction is not None:
            transaction, self._transaction = self._transaction, None
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

    def _write_columns(self) -> None:
        """Classes and numbers of all records once more, in pieces: who counts labels does not read all pictures."""
        self._commit()
        columns = self._env.open_db(COLUMNS.encode())
        for name, file in self._columns.items():
            size = stored_dtype(self._schema[name]).itemsize * COLUMN_ROWS
            for place in range(0, file.size, size):
                values = os.pread(file.descriptor, size, place)
                self._fit(len(values) + _TREE)
                with self._env.begin(write=True) as transaction:
                    transaction.put(column_key(name, place // size * COLUMN_ROWS), values, db=columns)
