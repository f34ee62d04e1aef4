"""An LMDB of anybody's, read in short transactions: what a writer frees meanwhile is not held back.

LMDB maps its file into memory, so a file that somebody cuts off in the very moment of a read ends this program; it is
looked at before each transaction whether it has the length that it says.
"""

from __future__ import annotations

import os
import struct
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lmdb

from ...engine.text import printable
from ..errors import BlobError
from .plain_file import PlainFile

UNPROTECTED = "not protected from a writer: {} may not be written, so no writer sees that somebody reads"
MAGIC = 0xBEEFC0DE
_ROOM = 1 << 40  # bytes of address space: a file may grow so far without being opened again
META = struct.Struct("<16xIIQQ" + "I2HQQQQQ" * 2 + "QQ")


@dataclass(frozen=True, slots=True)
class Head:
    """What the newest of its two first pages says of an LMDB."""

    page: int
    length: int  # bytes that are in use
    transaction: int


def head(file: PlainFile) -> Head | None:
    """None where the file is no LMDB of this kind of machine. Raises BlobError where it is cut off."""
    found = _meta(file, 0)
    if found is None or not 256 <= found.page <= 1 << 16:
        return None
    other = _meta(file, found.page)
    newest = found if other is None or other.transaction < found.transaction else other
    if newest.length > file.size:
        raise BlobError(f"{file.name} is cut off: {file.size} of {newest.length} bytes are there")
    return newest


def _meta(file: PlainFile, place: int) -> Head | None:
    if file.size < place + META.size:
        return None
    values = META.unpack(file.read(place, META.size))
    page, last = values[4], values[20]
    if values[0] != MAGIC or values[1] != 1 or last >= 2**48:
        return None
    return Head(page, (last + 1) * page, values[21])


class LmdbFile:
    """One environment for all in this process who read a file: LMDB allows no second. `open_lmdb` gives it."""

    def __init__(self, path: Path) -> None:
        """`path` is the file itself, or the folder that holds its data.mdb. Raises BlobError."""
        self.path = path
        self.subdir = path.is_dir()
        self.name = printable(path.name, 100)
        self.protected = True
        self._env: Any = None
        self._owner = 0
        self._users = 0
        self._readers: weakref.WeakSet[object] = weakref.WeakSet()
        self._lock = threading.RLock()
        self._gate = threading.Condition(self._lock)
        self._tables: dict[str, Any] = {}
        self._length = (-1, 0)
        self._open()
        _OPEN.add(self)

    # Opening

    def _open(self) -> None:
        self.plain = PlainFile(self.path / "data.mdb" if self.subdir else self.path)
        found = head(self.plain)
        if found is None:
            raise BlobError(f"{self.name} is no LMDB, or one of another kind of machine")
        self._tables, self._length = {}, (-1, 0)
        self._heads = 2 * found.page  # bytes that LMDB looks at when a transaction begins
        self._env = self._opened()
        self._owner = os.getpid()

    def _opened(self) -> Any:
        settings: dict[str, Any] = {"subdir": self.subdir, "readonly": True, "create": False, "max_dbs": 16}
        # Spare transactions would be ended by a forked child, and with them the parent's slots among the readers.
        settings |= {"max_spare_txns": 0, "readahead": False, "meminit": False}
        problem: Exception | None = None
        for lock, room in ((True, _ROOM), (False, _ROOM), (True, self.plain.size), (False, self.plain.size)):
            try:
                env = lmdb.open(str(self.path), lock=lock, map_size=room, **settings)
            except (lmdb.Error, OSError, MemoryError) as error:
                if "already open" in str(error):
                    raise BlobError(
                        f"{self.name} is open in this program already, by other means than trainvis's: close it first"
                    ) from error
                problem = problem or error
                continue
            self.protected = lock
            return env
        raise BlobError(f"{self.name} cannot be read: LMDB says {printable(problem, 200)}") from problem

    def reopen(self) -> None:
        """Raises BlobError."""
        with self._gate:
            self._gate.wait_for(lambda: not self._users)
            self._shut()
            self._open()

    def _shut(self) -> None:
        # After a fork this frees the child's copy; the parent's slot among the readers stays.
        if self._env is not None:
            with suppress(lmdb.Error):
                self._env.close()
        self._env = None

    def enter(self, reader: object) -> None:
        """Keep it open for this one."""
        self._readers.add(reader)

    def leave(self, reader: object) -> None:
        """Close it, if nobody else has it open."""
        with _ONE:
            self._readers.discard(reader)
            if not self._readers:
                for key in [key for key, file in _SHARED.items() if file is self]:
                    del _SHARED[key]
                self._close()

    def _close(self) -> None:
        with self._gate:
            self._gate.wait_for(lambda: not self._users)
            self._shut()
            self.plain.close()

    @property
    def replaced(self) -> bool:
        """Whether another file has taken its place."""
        with suppress(OSError):
            facts = self.plain.path.stat()
            return (facts.st_dev, facts.st_ino) != self.plain.fingerprint[:2]
        return False

    # Reading

    @contextmanager
    def snapshot(self, *tables: str) -> Iterator[Any]:
        """A transaction in which these databases may be read: what is read in it is of one moment, and its buffers
        end with it. Raises BlobError.
        """
        with self._gate:
            if self._env is None and self._owner:
                raise BlobError(f"{self.name} is closed")
            if self._owner != os.getpid():
                self._shut()
                self._open()
            for name in tables:
                self._find(name)
            transaction = self._begun()
            self._users += 1
        try:
            self._check_length(transaction)
            yield transaction
        except (lmdb.Error, OSError) as error:
            raise BlobError(f"{self.name} cannot be read: LMDB says {printable(error, 200)}") from error
        finally:
            transaction.abort()
            with self._gate:
                self._users -= 1
                if not self._users:
                    self._gate.notify_all()

    def one(self, table: str, key: bytes, cut: Callable[[memoryview], bytes] = bytes) -> bytes | None:
        """What `cut` makes of one value of a database: what a snapshot would give, for less. Raises BlobError."""
        with self._lock:
            found = self._tables.get(table)
            if found is not None and self._env is not None and self._owner == os.getpid():
                transaction = self._begun()
                try:
                    self._check_length(transaction)
                    if self._tables.get(table) is found:  # it may have been opened again
                        data = transaction.get(key, None, found)
                        return None if data is None else cut(data)
                except lmdb.Error as error:
                    raise BlobError(f"{self.name} cannot be read: LMDB says {printable(error, 200)}") from error
                finally:
                    transaction.abort()
        with self.snapshot(table) as transaction:
            data = transaction.get(key, db=self.table(table)) if self.table(table) is not None else None
            return None if data is None else cut(data)

    def _begun(self) -> Any:
        """A new transaction."""
        if os.lseek(self.plain.number, 0, os.SEEK_END) < self._heads:
            raise BlobError(f"{self.name} is cut off: {self.plain.size} bytes are there")
        try:
            return self._env.begin(buffers=True)
        except lmdb.ReadersFullError:
            self._env.reader_check()  # those who were killed leave their slots
        except lmdb.MapResizedError:
            self._gate.wait_for(lambda: not self._users)
            self._shut()
            self._open()
        except (lmdb.Error, OSError) as error:
            raise BlobError(f"{self.name} cannot be read: LMDB says {printable(error, 200)}") from error
        try:
            return self._env.begin(buffers=True)
        except (lmdb.Error, OSError) as error:
            raise BlobError(f"{self.name} cannot be read: LMDB says {printable(error, 200)}") from error

    def _check_length(self, transaction: Any) -> None:
        number, length = transaction.id(), self._length
        if number != length[0]:
            info = self._env.info()
            length = (number, (info["last_pgno"] + 1) * self._env.stat()["psize"])
            self._length = length
        # Nothing else reads at the descriptor's own place, and `fstat` takes three times as long.
        if os.lseek(self.plain.number, 0, os.SEEK_END) < length[1]:
            raise BlobError(f"{self.name} is cut off: {self.plain.size} of {length[1]} bytes are there")

    def _find(self, name: str) -> None:
        if name not in self._tables:
            # Not in the transaction that it is wanted for: with that it would end.
            with suppress(lmdb.NotFoundError, lmdb.IncompatibleError):
                self._tables[name] = self._env.open_db(name.encode(), create=False)

    def table(self, name: str) -> Any:
        """One of the databases of a snapshot; None where there is none by this name."""
        return self._tables.get(name)

    @property
    def notes(self) -> tuple[str, ...]:
        return () if self.protected else (UNPROTECTED.format(self.name),)


_OPEN: weakref.WeakSet[LmdbFile] = weakref.WeakSet()
_SHARED: weakref.WeakValueDictionary[tuple[int, int], LmdbFile] = weakref.WeakValueDictionary()
_ONE = threading.Lock()


def open_lmdb(path: Path) -> LmdbFile:
    """The environment of a file, one for all who read it in this process. Raises BlobError."""
    with _ONE:
        try:
            facts = (path / "data.mdb" if path.is_dir() else path).stat()
        except OSError as error:
            raise BlobError(f"{printable(path, 200)} cannot be read: {error.strerror}") from error
        found = _SHARED.get((facts.st_dev, facts.st_ino))
        if found is None:
            found = LmdbFile(path)
            _SHARED[facts.st_dev, facts.st_ino] = found
        return found


def _before_fork() -> None:
    # A child can only let go of an environment that nobody is reading in: they end in a moment.
    _ONE.acquire()
    for file in list(_OPEN):
        file._gate.acquire()  # noqa: SLF001
        file._gate.wait_for(lambda file=file: not file._users, 10)  # noqa: SLF001
        _HELD.append(file)


def _after_fork() -> None:
    for file in _HELD:
        file._gate.release()  # noqa: SLF001
    _HELD.clear()
    _ONE.release()


_HELD: list[LmdbFile] = []
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
