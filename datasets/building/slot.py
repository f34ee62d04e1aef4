"""Memory that a worker writes and the builder reads: nothing of a picture goes through a pipe."""

from __future__ import annotations

import mmap
import os
import tempfile
from contextlib import suppress

SIZE = 8 << 20  # bytes at first; a larger record makes it grow


class Slot:
    """A piece of shared memory in a file without a name."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.view = memoryview(b"")
        self._map: mmap.mmap | None = None
        self.fit(os.fstat(descriptor).st_size)

    @classmethod
    def made(cls) -> Slot:
        """A new one. Raises OSError."""
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("trainvis")
        else:  # macOS
            with tempfile.TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, SIZE)
        return cls(descriptor)

    def fit(self, size: int) -> None:
        """As the other side made it larger."""
        if size != len(self.view):
            self._release()
            self._map = mmap.mmap(self.descriptor, size)
            self.view = memoryview(self._map)

    def grow(self, size: int) -> None:
        """Room for so many bytes; what was in it is lost. Raises OSError."""
        size = -(-size // SIZE) * SIZE
        if size > len(self.view):
            os.ftruncate(self.descriptor, size)
            self.fit(size)

    def close(self) -> None:
        self._release()
        os.close(self.descriptor)

    def _release(self) -> None:
        with suppress(BufferError):  # somebody still looks at it: it goes with the last who does
            self.view.release()
            if self._map is not None:
                self._map.close()
        self._map = None
