"""The places of the keys of an LMDB, which has none: every so many-th key is remembered, in the order that it keeps.

The keys are walked once, in the background, in transactions that end soon; what was found is kept in the cache folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.files import read_json, write_json
from ..errors import BlobError, IndexingError
from .lmdb_file import LmdbFile

STEP = 128
PIECE = 1 << 16  # keys that are walked in one transaction
AT_ONCE = 0.03  # seconds of walking before anybody is told that it takes time
PATIENCE = 0.3  # seconds that who asks for a few records waits
FEW = 4096


class KeyIndex:
    """`ignored` are keys that are no records."""

    def __init__(self, file: LmdbFile, ignored: frozenset[bytes] = frozenset()) -> None:
        self._file, self._ignored = file, ignored
        self._change = threading.Condition()
        self._owner = os.getpid()
        self._works = False
        self._forget()

    def _forget(self) -> None:
        self.anchors: list[bytes] = []  # the keys of records 0, STEP, 2·STEP, …
        self.count = 0
        self.last = b""
        self.transaction = -1  # the state of the file whose keys these are
        self.done = False

    # Making it

    def start(self) -> None:
        """Walk the keys: for a moment now, the rest in the background. Raises BlobError."""
        with self._change:
            if self._load():
                return
        deadline = time.monotonic() + AT_ONCE
        while not self.done and time.monotonic() < deadline:
            self._walk()
        with self._change:
            if not self.done and not self._works:
                self._works = True
                threading.Thread(target=self._work, name="keys of an LMDB", daemon=True).start()

    def _work(self) -> None:
        try:
            while not self.done:
                self._walk()
            self._save()
        except (BlobError, OSError):
            return  # who reads next is told; of a file that was closed meanwhile nobody is
        finally:
            self._works = False

    def _walk(self) -> None:
        """The next piece of the keys."""
        with self._file.snapshot() as transaction, self._change:
            self._extend(transaction, PIECE)
            self.transaction = transaction.id()
            if self.done and self.count != self.total(transaction):
                self._forget()  # a writer was there meanwhile
            self._change.notify_all()

    def _extend(self, transaction: Any, most: int) -> None:
        """Walk the keys behind those that are known."""
        cursor = transaction.cursor()
        there = cursor.set_range(self.last) if self.count else cursor.first()
        if there and self.count and bytes(cursor.key()) == self.last:
            there = cursor.next()
        walked = 0
        for key in cursor.iternext(keys=True, values=False) if there else ():
            if walked == most:
                return
            walked += 1
            name = bytes(key)
            if name in self._ignored:
                continue
            if self.count % STEP == 0:
                self.anchors.append(name)
            self.count, self.last = self.count + 1, name
        self.done = True

    def total(self, transaction: Any) -> int:
        """How many records there are."""
        return transaction.stat()["entries"] - sum(transaction.get(name) is not None for name in self._ignored)

    def follow(self, transaction: Any) -> None:
        """Take in what a writer has added behind. Raises IndexingError where it has changed more than that."""
        with self._change:
            if not self.done:
                raise self._unknown()
            if transaction.id() <= self.transaction:
                return  # of an older state: what came since lies behind
            total, known = self.total(transaction), self.count
            if not known or transaction.get(self.last) is not None:
                self._extend(transaction, max(total - known, 0) + len(self._ignored) + 1)
            self.transaction = transaction.id()
            if self.done and self.count == total:
                return
            self._forget()
        threading.Thread(target=self.start, name="keys of an LMDB", daemon=True).start()
        raise self._unknown()

    # Asking it

    def walk(self, transaction: Any, places: Sequence[int] | np.ndarray) -> Iterator[tuple[int, Any]]:
        """For each place, in their order in the file: its number among `places`, and a cursor that stands there.

        Raises IndexingError, BlobError.
        """
        rows = np.asarray(places, dtype=np.int64)
        self._check(transaction, int(rows.max(initial=-1)))
        cursor, at = transaction.cursor(), -1
        for number in np.argsort(rows, kind="stable").tolist():
            place = int(rows[number])
            if at < 0 or place - at > STEP:
                at = place - place % STEP
                if not cursor.set_key(self.anchors[place // STEP]):
                    raise BlobError(f"{self._file.name} was written by another program: a record has moved")
            while at < place:
                if not cursor.next():
                    raise BlobError(f"{self._file.name} was written by another program: a record is gone")
                at += bytes(cursor.key()) not in self._ignored
            yield number, cursor

    def find(self, transaction: Any, key: bytes) -> int | None:
        """The place of a key; None where there is none. Raises IndexingError."""
        if key in self._ignored or transaction.get(key) is None:
            return None
        self._check(transaction, key)
        cursor, above = transaction.cursor(), bisect_right(self.anchors, key) - 1
        if above < 0 or not cursor.set_key(self.anchors[above]):
            return None
        place = above * STEP
        while bytes(cursor.key()) != key:
            if not cursor.next():
                return None
            place += bytes(cursor.key()) not in self._ignored
        return place

    def wait(self, wanted: int | bytes, patience: float | None = PATIENCE) -> None:
        """Until the walk has come to a place, or to a key; not within a transaction. Raises IndexingError."""
        if self._owner != os.getpid():
            # The thread that walked is not in this process.
            self._owner, self._change, self._works = os.getpid(), threading.Condition(), False
            if not self.done:
                self._forget()
                self.start()
        with self._change:
            if not self._change.wait_for(lambda: self._knows(wanted), patience):
                raise self._unknown()

    def _knows(self, wanted: int | bytes) -> bool:
        return self.done or (wanted < self.count if isinstance(wanted, int) else wanted <= self.last)

    def _check(self, transaction: Any, wanted: int | bytes) -> None:
        """That the places are those of this state of the file. Raises IndexingError."""
        if self.done or transaction.id() != self.transaction or not self._knows(wanted):
            self.follow(transaction)

    def _unknown(self) -> IndexingError:
        return IndexingError(
            f"the keys of {self._file.name} are still counted, {self.count} so far; until then a record is found by"
            " its key"
        )

    # Keeping it

    def _kept(self) -> Path:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        name = hashlib.sha256(os.fsencode(self._file.plain.path.resolve())).hexdigest()[:24]
        return base / "trainvis" / "blobs" / f"{name}.keys.json"

    def _state(self) -> list[int]:
        device, inode, size, changed = self._file.plain.fingerprint
        return [device, inode, size, changed]

    def _save(self) -> None:
        if self.count < PIECE:
            return  # they are walked as fast as read
        said = {"file": self._state(), "count": self.count, "transaction": self.transaction, "last": self.last.hex()}
        try:
            path = self._kept()
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, said | {"step": STEP, "anchors": [anchor.hex() for anchor in self.anchors]})
        except OSError:
            return  # without a cache folder they are walked again

    def _load(self) -> bool:
        try:
            said = read_json(self._kept()).value
            if said.get("file") != self._state() or said.get("step") != STEP:
                return False
            anchors, last = [bytes.fromhex(each) for each in said["anchors"]], bytes.fromhex(said["last"])
            count, transaction = int(said["count"]), int(said["transaction"])
        except (ValueError, TypeError, LookupError, RuntimeError, json.JSONDecodeError):
            return False
        if count < 1 or len(anchors) != -(-count // STEP):
            return False
        self.anchors, self.last, self.count, self.transaction, self.done = anchors, last, count, transaction, True
        return True
