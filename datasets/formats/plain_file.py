"""A file that is read at offsets, without a map: what shrinks or is damaged gives an error, never a signal."""

from __future__ import annotations

import os
import stat
import time
import weakref
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ...engine.text import printable
from ..errors import BlobError

_pread = os.pread
GAP = 4 << 10  # bytes that are read along rather than skipped
_FAR = 1 << 62
RUN = 16 << 20  # bytes of one read
SLOW = 5e-5  # seconds of a read that memory would not take


class PlainFile:
    """An ordinary file, open for reading. All reads say where, so forks and threads may share it."""

    def __init__(self, path: Path) -> None:
        """Raises BlobError where it is not there, may not be read, or is no ordinary file."""
        self.path = path
        self.name = printable(path.name, 100)
        try:
            # Not blocking, for a FIFO would wait for ever.
            self.number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise BlobError(f"there is no file {printable(path, 200)}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise BlobError(f"{printable(path, 200)} cannot be read: {why}") from error
        self._finish()

    def _finish(self) -> None:
        self._slow = False  # whether what was read last came from the disk
        self.is_open = True
        self._closed = weakref.finalize(self, os.close, self.number)
        if not stat.S_ISREG(self.facts().st_mode):
            self.close()
            raise BlobError(f"{printable(self.path, 200)} is no ordinary file")

    @classmethod
    def of(cls, number: int, path: Path) -> PlainFile:
        """An open file, which is closed with this; `path` is what it is called."""
        made = cls.__new__(cls)
        made.path, made.name, made.number = path, printable(path.name, 100), number
        made._finish()  # noqa: SLF001
        return made

    def close(self) -> None:
        self.is_open = False
        self._closed()

    def facts(self) -> os.stat_result:
        """Raises BlobError where it is closed."""
        if not self.is_open:
            raise BlobError(f"{self.name} is closed")
        return os.fstat(self.number)

    @property
    def size(self) -> int:
        return self.facts().st_size

    @property
    def fingerprint(self) -> tuple[int, int, int, int]:
        """Differs once somebody has written it."""
        facts = self.facts()
        return (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns)

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes. Raises BlobError where the file has not so many."""
        if not self.is_open:
            raise BlobError(f"{self.name} is closed")
        if 0 <= size <= RUN and 0 <= offset < _FAR:
            try:
                data = _pread(self.number, size, offset)
                if len(data) == size:
                    return data
            except OSError:
                pass
        return self._patiently(offset, size)

    def _patiently(self, offset: int, size: int) -> bytes:
        """As `read`, what is large, or did not come at once."""
        if offset < 0 or size < 0 or offset >= _FAR:
            raise BlobError(f"{self.name} is damaged: it points outside itself")
        try:
            # What the file says of sizes allocates nothing that it does not hold.
            data = os.pread(self.number, size, offset) if size <= RUN or offset + size <= self.size else b""
            if len(data) == size:
                return data
            while 0 < len(data) < size:
                more = os.pread(self.number, size - len(data), offset + len(data))
                if not more:
                    break
                data += more
        except OSError as error:
            raise BlobError(f"{self.name} cannot be read: {error.strerror}") from error
        if len(data) < size:
            raise BlobError(f"{self.name} is cut off: it ends at {self.size} bytes, {offset + size} were looked for")
        return data

    def ranges(self, starts: np.ndarray, ends: np.ndarray) -> list[bytes]:
        """The bytes of many ranges, in their order, read in the order of the file; neighbours in one read."""
        count = len(starts)
        if not self.is_open:
            raise BlobError(f"{self.name} is closed")
        if not count:
            return []
        if count == 1:
            return [self.read(int(starts[0]), int(ends[0]) - int(starts[0]))]
        if (starts[1:] == ends[:-1]).all() and int(ends[-1]) - int(starts[0]) <= RUN:
            first = int(starts[0])
            data = self.read(first, int(ends[-1]) - first)
            cuts = zip((starts - first).tolist(), (ends - first).tolist(), strict=True)
            return [data[start:end] for start, end in cuts]
        order = np.argsort(starts, kind="stable")
        if self._slow and hasattr(os, "posix_fadvise"):  # not on macOS
            # The disk reads all of them at once, not one after the other.
            for start, size in zip(starts.tolist(), (ends - starts).tolist(), strict=True):
                os.posix_fadvise(self.number, start, size, os.POSIX_FADV_WILLNEED)
        began, number = time.perf_counter(), self.number
        sorted_starts, sorted_ends = starts[order], ends[order]
        apart = np.flatnonzero(sorted_starts[1:] - np.maximum.accumulate(sorted_ends)[:-1] > GAP) + 1
        firsts, lasts, places = sorted_starts.tolist(), sorted_ends.tolist(), order.tolist()
        found: list[bytes] = [b""] * count
        bounds = [0, *apart.tolist(), count]
        for at, after in pairwise(bounds):
            first, last = firsts[at], lasts[at]
            if after == at + 1 and last - first <= RUN:
                try:
                    data = os.pread(number, last - first, first)
                except OSError:
                    data = b""
                found[places[at]] = data if len(data) == last - first else self.read(first, last - first)
            else:
                self._run(firsts[at:after], lasts[at:after], places[at:after], found)
        self._slow = time.perf_counter() - began > (len(bounds) - 1) * SLOW
        return found

    def _run(self, firsts: list[int], lasts: list[int], places: list[int], found: list[bytes]) -> None:
        """Neighbours in one read, as long as it is not too long."""
        at = 0
        while at < len(firsts):
            first, last, after = firsts[at], lasts[at], at + 1
            while after < len(firsts) and lasts[after] - first <= RUN:
                last = max(last, lasts[after])
                after += 1
            data = self.read(first, last - first)
            for each in range(at, after):
                found[places[each]] = data[firsts[each] - first : lasts[each] - first]
            at = after

    def rows(self, offset: int, places: Sequence[int] | np.ndarray, size: int) -> np.ndarray:
        """Rows of `size` bytes each, of a table that begins at `offset`: N×size uint8."""
        if not size or not len(places):
            return np.empty((len(places), size), np.uint8)
        first, last, count = int(places[0]), int(places[-1]), len(places)
        rows = places if isinstance(places, range) and places.step == 1 else np.asarray(places, dtype=np.int64)
        if isinstance(rows, range) or (last - first == count - 1 and (np.diff(rows) == 1).all()):
            data = self.read(offset + first * size, count * size)
            return np.frombuffer(bytearray(data), np.uint8).reshape(count, size)
        starts = offset + rows * size
        if size <= 64 and len(rows) > 1 and (int(rows.max()) - int(rows.min())) * size <= max(GAP, len(rows) * 1024):
            first = int(rows.min())  # a short table is read whole rather than row by row
            span = self.rows(offset, np.arange(first, int(rows.max()) + 1), size)
            return span[rows - first]
        data = b"".join(self.ranges(starts, starts + size))
        return np.frombuffer(bytearray(data), np.uint8).reshape(len(rows), size)
