"""What was met before: millions of names, a bounded memory."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import blake2b
from typing import Literal, Self

from ..errors import SourceError

_HELD = 200_000  # names that are held in memory; what is more goes to a file that vanishes by itself


class Seen:
    """Remembers names, and with each a value to compare. `add` raises SourceError where no disk has room for them."""

    def __init__(self) -> None:
        self._held: dict[bytes, bytes] = {}
        self._kept: sqlite3.Connection | None = None

    def add(self, name: str, value: str = "") -> Literal["new", "same", "other"]:
        """Whether the name is new, was met with the same value, or with another; the first value counts."""
        key, digest = _digest(name), _digest(value)
        before = self._held.get(key)
        if before is None and self._kept is not None:
            row = self._kept.execute("SELECT value FROM seen WHERE name = ?", (key,)).fetchone()
            before = row[0] if row else None
        if before is not None:
            return "same" if before == digest else "other"
        self._held[key] = digest
        if len(self._held) >= _HELD:
            self._spill()
        return "new"

    def _spill(self) -> None:
        try:
            self._keep()
        except sqlite3.Error as error:
            raise SourceError(f"the names that were met do not fit into the temporary folder: {error}") from None

    def _keep(self) -> None:
        if self._kept is None:
            self._kept = sqlite3.connect("", check_same_thread=False)
            self._kept.execute("PRAGMA journal_mode = OFF")
            self._kept.execute("CREATE TABLE seen (name BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        with closing(self._kept.cursor()) as cursor:
            cursor.executemany("INSERT INTO seen VALUES (?, ?)", sorted(self._held.items()))
        self._held.clear()

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()
