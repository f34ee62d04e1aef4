"""Files that only grow, and whose lengths are remembered: what an interrupted build had not yet told is cut off."""

from __future__ import annotations

import os
from pathlib import Path


class Grown:
    """A file that is appended to, from `start` on. Raises OSError."""

    def __init__(self, path: Path, start: int = 0) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        self.size = 0  # without what lies before `start`
        self.start = start

    @property
    def descriptor(self) -> int:
        return self._descriptor

    def append(self, data: bytes | memoryview) -> None:
        """All of it: a disk that takes a part only, is asked again and says why."""
        place, view = self.start + self.size, memoryview(data).cast("B")
        while len(view):
            written = os.pwrite(self._descriptor, view, place)
            view, place = view[written:], place + written
        self.size = place - self.start

    def cut(self, size: int) -> None:
        """Go back to where it had this size. Raises OSError where it has not."""
        if os.fstat(self._descriptor).st_size < (self.start + size if size else 0):
            raise OSError(f"{self.path.name} is shorter than it was")
        os.ftruncate(self._descriptor, self.start + size)
        self.size = size

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)
