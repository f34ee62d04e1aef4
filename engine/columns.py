"""The metrics of a run as columns of numbers, read while they grow.

Small amounts are parsed where they are asked for. A large file is parsed by processes of their own, which stream
columns back: the thread that draws keeps the interpreter for itself, and two cores halve the wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .column_frames import read_frame
from .column_store import Curves, Fit, Series, Store
from .column_stream import PIECE, pieces
from .metric_lines import Block, parse
from .tail import Tail

__all__ = ["Curves", "Fit", "Reader", "Series", "coarse"]

APART = 4 << 20  # bytes from which on processes of their own parse
_HERE = 256 << 10  # bytes parsed at once where they are asked for: few milliseconds of the interpreter
_MOST_PARTS = 4  # processes for one file
_HEAD, _TAIL = 64 << 10, 64 << 10  # of a huge file, for its first picture
_WINDOW = 4  # neighbouring lines of a sample


class Reader:
    """Reads `metrics.jsonl` on and on. To be used by one thread; `close` it.

    `problem` says why the file cannot be read, `behind` how many bytes of it wait to be read.
    """

    def __init__(self, path: str | os.PathLike[str], *, apart: int = APART) -> None:
        self.path = Path(path)
        self._tail = Tail(self.path)
        self._store = Store()
        self._apart = apart
        self._stream: _Stream | None = None
        self._distrusted = False
        self._restarted = False

    @property
    def problem(self) -> str | None:
        return self._tail.problem

    @property
    def behind(self) -> int:
        return self._tail.behind

    def more(self, patience: float = 0.25) -> Curves | None:
        """Everything read so far, where there is something new, else None.

        Of a large file it gives what `patience` seconds bring; call it until it gives None.
        """
        deadline = time.monotonic() + patience
        found = False
        before = self._tail.offset
        while (block := self._next()) is not None:
            found = True
            read, before = self._tail.offset - before, self._tail.offset
            self._store.add(block, max(self._tail.size - before, 0) / read if read > 0 else 0.0)
            if time.monotonic() >= deadline:
                break
        if not found:
            return None
        restarted, self._restarted = self._restarted, False
        return self._store.curves(restarted=restarted)

    def _next(self) -> Block | None:
        if self._stream is None and not self._distrusted and self._waiting() >= self._apart:
            self._tail.skip_to(self._tail.offset)
            self._stream = _Stream(self.path, self._tail.offset, self._tail.size)
        if self._stream is not None:
            frame = self._stream.next()
            if frame is not None:
                offset, block = frame
                self._tail.offset = max(offset, self._tail.offset)
                return block
            # Had it failed, the rest is parsed here.
            self._distrusted = not self._stream.finish()
            self._stream = None
        before = self._tail.offset
        lines = self._tail.more(_HERE)
        if self._tail.restarted:
            self._store = Store()
            self._restarted = True
        # Without a line there is progress too, while one longer than a chunk is passed over.
        return parse(lines) if self._tail.restarted or self._tail.offset != before else None

    def _waiting(self) -> int:
        try:
            return self.path.stat().st_size - self._tail.offset
        except OSError:
            return 0

    def close(self) -> None:
        """End the processes that parse, if some do."""
        if self._stream is not None:
            self._stream.kill()
            self._stream = None


class _Stream:
    """Processes that parse a file from `begin`, the beginning of a line, to `end`."""

    def __init__(self, path: Path, begin: int, end: int) -> None:
        self._left = len(pieces(begin, end))
        parts = min(_cores(), _MOST_PARTS, max(self._left, 1))
        command = [sys.executable, "-P", "-m", "trainvis.engine.column_stream", os.fspath(path), str(begin), str(end)]
        self._processes = [_parser([*command, str(part), str(parts)]) for part in range(parts)]
        self._turn = 0

    def next(self) -> tuple[int, Block] | None:
        """The offset reached and what was parsed up to it; None at the end, also where a process died before it."""
        if not self._left:
            return None
        process = self._processes[self._turn]
        assert process.stdout is not None
        frame = read_frame(process.stdout)
        self._turn = (self._turn + 1) % len(self._processes)
        self._left -= frame is not None
        return frame

    def finish(self) -> bool:
        """To be called at the end: whether it did what it was started for."""
        self.kill()
        return self._left == 0

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
            assert process.stdout is not None
            process.stdout.close()
            process.wait()


def _parser(command: list[str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    # A pipe that holds a whole frame, so that none waits for its turn to be read before it goes on parsing.
    process = subprocess.Popen(command, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet)
    assert process.stdout is not None
    with contextlib.suppress(OSError, AttributeError):  # not allowed; no Linux
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, PIECE)
    return process


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def coarse(path: str | os.PathLike[str], lines: int = 2000) -> Curves:
    """A first picture of a huge file from about `lines` of its lines, evenly spread; all of a small one.

    Never raises: a file that cannot be read has no curves.
    """
    store = Store()
    try:
        with open(path, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            for piece in _samples(file.fileno(), size, lines):
                store.add(parse(piece))
    except OSError:
        return Curves()
    return store.curves(restarted=False)


def _samples(descriptor: int, size: int, lines: int) -> Iterator[bytes]:
    head = os.pread(descriptor, _HEAD, 0)
    length = max(len(head) // max(head.count(b"\n"), 1), 1)  # of a line
    window = (_WINDOW + 1) * length
    count = max(lines // _WINDOW, 1)
    if size <= _HEAD + _TAIL + count * window * 2:
        whole = os.pread(descriptor, size, 0)
        yield whole[: whole.rfind(b"\n") + 1]
        return
    yield _whole_lines(head, first=True)
    stride = (size - _HEAD - _TAIL) / count
    pieces = [os.pread(descriptor, window, int(_HEAD + at * stride)) for at in range(count)]
    yield b"".join(_whole_lines(piece) for piece in pieces)
    yield _whole_lines(os.pread(descriptor, _TAIL, size - _TAIL))


def _whole_lines(piece: bytes, *, first: bool = False) -> bytes:
    begin = 0 if first else piece.find(b"\n") + 1
    return piece[begin : piece.rfind(b"\n") + 1] if begin or first else b""
