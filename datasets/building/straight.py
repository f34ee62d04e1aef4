"""A file that is appended to past the memory of files: its bytes go to the disk as they come (O_DIRECT).

What is built may be larger than all memory, and nobody reads it meanwhile: kept there it would only push out what
others read, and each page of it has to be found, filled, and written later. It takes a third of the processor time.
"""

from __future__ import annotations

import errno
import mmap
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from .journal import Grown

_BLOCK = 4096  # bytes: places, sizes and memory are whole ones
_STAGE = 4 << 20  # bytes of one write


class Straight(Grown):
    """As `Grown`; where the file system knows no such writes, just that. What was appended is in the file after
    `flush`.
    """

    def __init__(self, path: Path, start: int = 0) -> None:
        """`start` is a multiple of a block. Raises OSError."""
        super().__init__(path, start)
        self._direct = -1
        self._stages: list[memoryview] = []
        self._held = 0  # bytes in the first stage, which are not in the file, or no whole block
        self._writing: Future[None] | None = None
        self._writer: ThreadPoolExecutor | None = None
        if hasattr(os, "O_DIRECT"):  # not on macOS
            with suppress(OSError):
                self._direct = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_DIRECT)

    @property
    def straight(self) -> bool:
        """Whether there is nothing left for the system to write."""
        return self._direct >= 0

    def append(self, data: bytes | memoryview) -> None:
        if self._direct < 0:
            super().append(data)
            return
        if not self._stages:
            self._stages = [memoryview(mmap.mmap(-1, _STAGE)) for _ in range(2)]
        view = memoryview(data).cast("B")
        while len(view):
            part = min(len(view), _STAGE - self._held)
            self._stages[0][self._held : self._held + part] = view[:part]
            self._held, self.size, view = self._held + part, self.size + part, view[part:]
            if self._held == _STAGE:
                self._hand_over()

    def _hand_over(self) -> None:
        """The stage is written while the other one is filled."""
        self._wait()
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1)
        place = self.start + self.size - _STAGE
        self._writing = self._writer.submit(self._write, self._stages[0], place)
        self._stages.reverse()
        self._held = 0

    def _wait(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            writing.result()

    def _write(self, data: memoryview, place: int) -> None:
        descriptor = self._direct
        while len(data):
            try:
                written = os.pwrite(descriptor, data, place)
            except OSError as error:
                if error.errno != errno.EINVAL or descriptor == self._descriptor:
                    raise
                written, descriptor = 0, self._descriptor  # larger blocks, or a part of one was written
            data, place = data[written:], place + written

    def flush(self) -> None:
        """All of it is in the file, which a program that is killed leaves as it is; up to a block of zeros follows."""
        self._wait()
        if self._held:
            whole = -(-self._held // _BLOCK) * _BLOCK
            self._stages[0][self._held : whole] = bytes(whole - self._held)
            self._write(self._stages[0][:whole], self.start + self.size - self._held)
            kept = self._held // _BLOCK * _BLOCK
            self._stages[0][: self._held - kept] = bytes(self._stages[0][kept : self._held])
            self._held -= kept

    def cut(self, size: int) -> None:
        self._wait()
        super().cut(size)
        self._held = 0
        if self._direct >= 0 and (begun := size % _BLOCK):
            data = os.pread(self._descriptor, begun, self.start + size - begun)
            self.size -= begun
            self.append(data)

    def sync(self) -> None:
        self.flush()
        super().sync()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.shutdown()
        if self._direct >= 0:
            os.close(self._direct)
            self._direct = -1
        super().close()
