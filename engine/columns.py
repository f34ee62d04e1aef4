"""The metrics of a run as columns of numbers, read while they grow.

Small amounts are parsed where they are asked for. A large file is parsed by a process of its own, which streams
columns back, so that the thread which draws keeps the interpreter for itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .column_frames import read_frame, write_frame
from .column_store import Curves, Fit, Series, Store
from .metric_lines import Block, parse
from .tail import Tail

__all__ = ["Curves", "Fit", "Reader", "Series", "coarse"]

APART = 4 << 20  # bytes from which on a process of its own parses
_HERE = 256 << 10  # bytes parsed at once where they are asked for: few milliseconds of the interpreter
_THERE = 1 << 20
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
        while (block := self._next()) is not None:
            found = True
            self._store.add(block)
            if time.monotonic() >= deadline:
                break
        if not found:
            return None
        restarted, self._restarted = self._restarted, False
        return self._store.curves(restarted=restarted)

    def _next(self) -> Block | None:
        if self._stream is None and not self._distrusted and self._waiting() >= self._apart:
            self._tail.skip_to(self._tail.offset)
            self._stream = _Stream(self.path, self._tail.offset)
        if self._stream is not None:
            frame = self._stream.next()
            if frame is not None:
                self._tail.offset, block = frame
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
        """End the process that parses, if one does."""
        if self._stream is not None:
            self._stream.kill()
            self._stream = None


class _Stream:
    """A process that parses a file from an offset to its present end."""

    def __init__(self, path: Path, offset: int) -> None:
        command = [sys.executable, "-P", "-m", "trainvis.engine.columns", os.fspath(path), str(offset)]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet)
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        self._frames = 0

    def next(self) -> tuple[int, Block] | None:
        """The offset reached and what was parsed up to it; None at the end."""
        frame = read_frame(self._pipe)
        self._frames += frame is not None
        return frame

    def finish(self) -> bool:
        """To be called at the end: whether it did what it was started for."""
        self._pipe.close()
        return self._process.wait() == 0 and self._frames > 0

    def kill(self) -> None:
        self._process.kill()
        self._pipe.close()
        self._process.wait()


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


def stream(path: Path, offset: int, out: IO[bytes]) -> None:
    """Write the columns of a file, from `offset` to its present end, as frames."""
    tail = Tail(path)
    tail.skip_to(offset)
    try:
        end = path.stat().st_size
    except OSError:
        return
    while tail.offset < end:
        lines = tail.more(_THERE)
        if tail.restarted:  # the file is another one now: the reader begins anew
            return
        if not lines and tail.behind < _THERE:
            return
        write_frame(out, tail.offset, parse(lines))


def main() -> int:
    """`python -P -m trainvis.engine.columns PATH OFFSET`."""
    try:
        stream(Path(sys.argv[1]), int(sys.argv[2]), sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # nobody reads any more
        os._exit(1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
