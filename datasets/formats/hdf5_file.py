"""An HDF5 file of anybody's: perhaps damaged, perhaps written at this moment, perhaps made to do harm.

HDF5's library finds out where the data lie; what lies in one piece is then read without it. It takes no locks, so no
writer is kept out. Nothing leads out of the file: only hard links are followed, and no data that lie elsewhere.
"""

from __future__ import annotations

import errno
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import h5py
from h5py import h5d, h5g, h5l, h5o  # pyright: ignore[reportAttributeAccessIssue]

from ...engine.text import printable
from ..errors import BeingWrittenError, BlobError
from .at_work import flags, writer
from .plain_file import PlainFile

T = TypeVar("T")
_fstat = os.fstat

PATIENCE = 0.5  # seconds that a writer is waited for
FRESH = 0.01  # seconds: files know their time no finer
CACHE = 32 << 20  # bytes of unpacked chunks that are kept
# What h5py raises for what HDF5 or NumPy find in a damaged file.
DAMAGE = (OSError, LookupError, ValueError, TypeError, RuntimeError, ArithmeticError, MemoryError)


class Hdf5File:
    """The file, opened when it is needed, and again after a fork, or when somebody has written it."""

    def __init__(self, path: Path) -> None:
        """Raises BlobError."""
        self.path = path
        self.plain = PlainFile(path)
        self.name = self.plain.name
        self.swmr = False
        self._h5: Any = None
        self._owner = 0
        self._sets: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._seen = self.plain.fingerprint
        _OPEN.add(self)

    def close(self) -> None:
        with self._lock:
            self.release()
            self.plain.close()

    def release(self) -> None:
        """Close what HDF5's library has open of it: other parts of this program may then do with it what they like."""
        with self._lock:
            self._sets = {}
            if self._h5 is not None and self._owner == os.getpid():
                with suppress(*DAMAGE):
                    self._h5.close()
            self._h5 = None

    # Whether it stays as it is

    @property
    def changed(self) -> bool:
        """Whether it was written, or replaced, since it was looked at."""
        try:
            facts = self.path.stat()
        except OSError:  # removed; what is open stays
            return self.plain.fingerprint != self._seen
        return (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns) != self._seen

    def written(self) -> bool:
        """Whether the open file was written since it was looked at, by one whom a reader cannot follow."""
        plain, seen = self.plain, self._seen
        facts = _fstat(plain.number) if plain.is_open else plain.facts()
        if facts.st_mtime_ns == seen[3] and facts.st_size == seen[2]:
            return False
        return not (self.swmr and flags(self.plain) == (True, True))

    def steadily(self, look: Callable[[], T]) -> T:
        """What `look` finds in a file that nobody writes meanwhile. Raises BeingWrittenError, BlobError."""
        deadline = time.monotonic() + PATIENCE
        with self._lock:
            while True:
                try:
                    return self._looked(look)
                except BeingWrittenError:
                    if time.monotonic() > deadline:
                        raise
                time.sleep(0.02)

    def _looked(self, look: Callable[[], T]) -> T:
        before = self.plain  # closed with the last who reads in it
        try:
            if self.changed:
                self.plain = PlainFile(self.path)
            self.release()
            seen = self.plain.fingerprint
            try:
                self._open()
                with self.reading():
                    found = look()
            except BeingWrittenError:
                raise
            except BlobError:
                self._refuse_writer(seen)  # which is why it cannot be read
                raise
            if not self.swmr:
                self._refuse_writer(seen)
        except BaseException:
            self.release()
            self.plain = before
            raise
        self._seen = seen
        return found

    def _refuse_writer(self, seen: tuple[int, ...]) -> None:
        """Raises BeingWrittenError where somebody writes it."""
        at_work = writer(self.plain)
        fresh = 0 <= time.time() - seen[3] / 1e9 < FRESH
        if at_work is not None or fresh or self.plain.fingerprint != seen:
            by = f" by process {at_work}" if at_work else ""
            raise BeingWrittenError(
                f"{self.name} is being written at this moment{by}; it can be read once that is done"
                " (or while it goes on, if the writer uses HDF5's SWMR mode)"
            )

    # HDF5's library

    def _open(self) -> None:
        self.swmr = False
        try:
            self._h5 = self._opened(locking=False)
        except OSError as error:
            if "locking flag" in str(error):  # this program has it open otherwise
                self._h5 = self._opened()
            elif "already open for write" in str(error):
                self._h5 = self._followed()
            else:
                raise BlobError(self._said(error)) from error
        self._owner = os.getpid()
        if not self._is_ours():
            raise BeingWrittenError(f"{self.name} is being replaced at this moment")

    def _opened(self, **how: Any) -> Any:
        return h5py.File(self.path, "r", rdcc_nbytes=CACHE, rdcc_w0=1.0, **how)

    def _followed(self) -> Any:
        """A file that a writer lets others read, or that a writer left behind."""
        _, shared = flags(self.plain)
        if shared:
            try:
                file = self._opened(locking=False, swmr=True)
            except OSError as error:
                raise BeingWrittenError(f"{self.name} is being written at this moment: {self._said(error)}") from error
            self.swmr = True
            return file
        if writer(self.plain) is not None or self.written():
            raise BeingWrittenError(f"{self.name} is being written at this moment; it can be read once that is done")
        raise BlobError(
            f"{self.name} was left open by a program that was writing it and has ended, or still writes it without"
            f" locks: if nobody does, `h5clear -s {self.name}` makes it readable"
        )

    def _is_ours(self) -> bool:
        """Whether the library opened the file that we have open, and not one that has just taken its place."""
        with suppress(OSError):
            facts = self.path.stat()
            return (facts.st_dev, facts.st_ino) == self.plain.fingerprint[:2]
        return True

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Whatever goes wrong within becomes a BlobError that names the file."""
        try:
            yield
        except (BlobError, IndexError):
            raise
        except DAMAGE as error:
            raise BlobError(self._said(error)) from error

    def _said(self, error: Exception) -> str:
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.ENOENT, errno.EIO, errno.EMFILE):
            return f"{self.name} cannot be read: {os.strerror(error.errno)}"
        text = str(error)
        if "signature not found" in text:
            return f"{self.name} is no HDF5 file"
        if "truncated file" in text:
            return f"{self.name} is cut off, or is still being copied: {self.plain.size} bytes are there"
        if "filter" in text or "plugin" in text:
            return f"{self.name} is compressed in a way that HDF5 does not know here: {printable(text, 200)}"
        return f"{self.name} is damaged: HDF5 cannot read it ({printable(text, 200)})"

    @property
    def root(self) -> Any:
        """The root group, of the library. Raises BlobError."""
        with self._lock:
            if self._h5 is None or self._owner != os.getpid():
                # The parent's after a fork is left to itself.
                self._sets, self._h5 = {}, None
                self._open()
            return self._h5

    def dataset(self, path: str) -> Any:
        """A data set by the names of the hard links that lead to it, divided by `/`. Raises BlobError."""
        with self._lock, self.reading():
            root = self.root  # which forgets the others after a fork
            if path not in self._sets:
                self._sets[path] = _dataset(root, path, self.name)
            return self._sets[path]


_OPEN: weakref.WeakSet[Hdf5File] = weakref.WeakSet()


def _before_fork() -> None:
    for file in list(_OPEN):
        file._lock.acquire()  # noqa: SLF001
        _HELD.append(file)


def _after_fork() -> None:
    for file in _HELD:
        file._lock.release()  # noqa: SLF001
    _HELD.clear()


_HELD: list[Hdf5File] = []
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


def _dataset(root: Any, path: str, name: str) -> Any:
    *folders, last = path.split("/")
    group = root.id
    for each in folders:
        _check_link(group, each, name)
        group = h5g.open(group, each.encode())
    _check_link(group, last, name)
    if h5o.get_info(group, last.encode()).type != h5o.TYPE_DATASET:
        raise BlobError(f"{printable(path, 100)} of {name} is no data set")
    found = h5py.Dataset(h5d.open(group, last.encode()))
    plist = found.id.get_create_plist()
    if plist.get_external_count() or plist.get_layout() == h5d.VIRTUAL:
        raise BlobError(
            f"the data of {printable(path, 100)} lie outside of {name}: links out of a file are not followed"
        )
    return found


def _check_link(group: Any, link: str, name: str) -> None:
    shown = printable(link, 100)
    if link.encode() not in group:
        raise BlobError(f"{shown} is missing in {name}")
    if group.links.get_info(link.encode()).type != h5l.TYPE_HARD:
        raise BlobError(f"{shown} of {name} is a link to somewhere else: it is not followed")
