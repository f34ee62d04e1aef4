"""The keys of a shard while it is written, and in the order of their bytes when it is done."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path

from .journal import Grown

_AT_ONCE = 1 << 16


class Keys:
    """The texts one after the other, and their lengths. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bytes = Grown(folder / "keys.bytes")
        self.lengths = Grown(folder / "keys.lengths")

    @property
    def files(self) -> tuple[Grown, Grown]:
        return self.bytes, self.lengths

    def __iter__(self) -> Iterator[bytes]:
        """Each, in the order of the records."""
        with open(self.bytes.path, "rb") as texts, open(self.lengths.path, "rb") as lengths:
            while data := lengths.read(8 * _AT_ONCE):
                for length in array("q", data):
                    yield texts.read(length)

    def in_order(self) -> Iterator[tuple[bytes, int]]:
        """Each with the number of its record, sorted on the disk. Raises sqlite3.Error."""
        path = self._folder / "order.sqlite"
        path.unlink(missing_ok=True)
        table = sqlite3.connect(path, isolation_level=None)
        try:
            table.execute("PRAGMA journal_mode=OFF")
            table.execute("PRAGMA synchronous=OFF")
            table.execute("CREATE TABLE keys (number INTEGER PRIMARY KEY, key BLOB)")
            table.execute("BEGIN")
            table.executemany("INSERT INTO keys VALUES (?,?)", enumerate(self))
            table.execute("COMMIT")
            yield from table.execute("SELECT key, number FROM keys ORDER BY key")
        finally:
            table.close()
            path.unlink()
