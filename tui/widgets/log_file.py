"""A growing file of lines, read in pieces: where each line begins is known without holding the file.

`pread` and never a memory map, as truncating a mapped file kills the process that reads it.
"""

from __future__ import annotations

import os
import re
from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from ..drawing.ansi import LENGTH, Line, last_frame, parse

BLOCK = 1 << 16  # bytes counted as one entry of the index: 16,384 entries for 1 GB
TAIL = 1 << 20  # bytes at the end that are shown before the whole file is counted
ENOUGH = 1 << 16  # bytes of one line that are read for its last frame or its beginning
_SEPARATOR = {False: re.compile(rb"\n"), True: re.compile(rb"\n|\r(?!\n)")}


@dataclass(frozen=True, slots=True)
class Stand:
    """What the file was at one look; `problem` is a sentence where it cannot be read."""

    inode: int = 0
    size: int = 0
    problem: str = ""


class LogFile:
    """One file opened for reading. `look` says how it stands, `read` never raises."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def look(self) -> Stand:
        """Open the file, or open it again where another one took its name."""
        try:
            found = self.path.stat()
            if self._descriptor < 0 or os.fstat(self._descriptor).st_ino != found.st_ino:
                self.close()
                # Not blocking: a named pipe in place of the file would wait for a writer.
                self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            return Stand(found.st_ino, found.st_size)
        except FileNotFoundError:
            self.close()
            return Stand(problem="there is no output yet")
        except OSError as error:
            self.close()
            return Stand(problem=f"the output cannot be read: {error.strerror}")

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`; fewer where the file ends or cannot be read."""
        if self._descriptor < 0 or length <= 0:
            return b""
        try:
            return os.pread(self._descriptor, length, max(start, 0))
        except OSError:
            return b""


class LineIndex:
    """How many line ends stand before each block of `file`, from byte `base` on: memory for blocks, not lines.

    With `frames` a carriage return ends a line too, so that each frame of a progress bar is one.
    """

    def __init__(self, file: LogFile, base: int = 0, *, frames: bool = False) -> None:
        self.base = base
        self.counted = base  # bytes from the beginning of the file that have been counted
        self.frames = frames
        self._file = file
        self._ends = 0
        self._before = array("Q", [0])  # line ends before block i, blocks counted from `base`
        self._recent: OrderedDict[int, list[int]] = OrderedDict()

    def count(self, size: int, most: int = 1 << 20) -> int:
        """Count line ends up to byte `size`, reading at most `most` bytes. Returns the bytes counted."""
        end = min(size, self.counted + most)
        start = self.counted
        while self.counted < end:
            block_end = self.base + len(self._before) * BLOCK
            wanted = min(end, block_end) - self.counted
            data = self._file.read(self.counted, wanted + 1)
            got = min(len(data), wanted)
            if self.frames and len(data) <= wanted and data.endswith(b"\r"):
                got -= 1  # whether a newline follows is not known yet
            if got <= 0:
                break
            self._ends += self._count(data, got)
            self.counted += got
            self._recent.pop(len(self._before) - 1, None)
            if self.counted == block_end:
                self._before.append(self._ends)
        return self.counted - start

    def _count(self, data: bytes, length: int) -> int:
        ends = data.count(b"\n", 0, length)
        if self.frames:
            ends += data.count(b"\r", 0, length) - data.count(b"\r\n", 0, length + 1)
        return ends

    def _separators(self, data: bytes, length: int) -> list[int]:
        return [at for match in _SEPARATOR[self.frames].finditer(data) if (at := match.start()) < length]

    def lines(self) -> int:
        """Lines so far; the last one may be unfinished."""
        return self._ends + (self.counted > self._line_start(self._ends))

    def end(self, line: int) -> int:
        """The byte where the line end of `line` (0-based) stands; `counted` where it has none yet."""
        if line >= self._ends:
            return self.counted
        block = bisect_right(self._before, line) - 1
        places = self._block(block)
        place = line - self._before[block]
        # Short of what was counted: the file was truncated since, and the next look will say so.
        return places[place] if place < len(places) else self.counted

    def _line_start(self, line: int) -> int:
        return self.base if line <= 0 else min(self.end(line - 1) + 1, self.counted)

    def _block(self, block: int) -> list[int]:
        """The bytes at which lines end within a block; the last few blocks asked for are kept."""
        if (kept := self._recent.get(block)) is not None:
            self._recent.move_to_end(block)
            return kept
        start = self.base + block * BLOCK
        length = min(BLOCK, self.counted - start)
        found = [start + at for at in self._separators(self._file.read(start, length + 1), length)]
        self._recent[block] = found
        if len(self._recent) > 16:
            self._recent.popitem(last=False)
        return found

    def line_at(self, offset: int) -> int:
        """The line that byte `offset` belongs to."""
        block = max(min((offset - self.base) // BLOCK, len(self._before) - 1), 0)
        return self._before[block] + bisect_left(self._block(block), offset)

    def bytes_of(self, line: int) -> bytes:
        """What is read of a line: all of it, or of a very long one its last frame, else its beginning."""
        start, end = self._line_start(line), self.end(line)
        if end - start <= ENOUGH:
            return self._file.read(start, end - start)
        tail = self._file.read(end - ENOUGH, ENOUGH)
        if b"\r" in tail.rstrip(b"\r"):
            return last_frame(tail)
        return self._file.read(start, ENOUGH)

    def line(self, line: int) -> Line:
        """A line as it is shown."""
        shown = parse(self.bytes_of(line))
        length = self.end(line) - self._line_start(line)
        if length > ENOUGH and shown.text.endswith("…"):
            return Line(f"{shown.text[: LENGTH - 60]}… ({length:,} bytes in this line)", shown.spans)
        return shown


def tail_base(file: LogFile, size: int, *, frames: bool = False, length: int = TAIL) -> int:
    """The byte at which the last `length` bytes of the file have their first whole line."""
    start = size - length
    if start <= 0:
        return 0
    found = _SEPARATOR[frames].search(file.read(start, length))
    return start + found.end() if found else start


def last_lines(path: Path, count: int) -> list[Line]:
    """The last lines of a file as they are shown; [] where there are none to read."""
    file = LogFile(path)
    try:
        size = file.look().size
        index = LineIndex(file, tail_base(file, size))
        index.count(size, TAIL + BLOCK)
        total = index.lines()
        return [index.line(line) for line in range(max(total - count, 0), total)]
    finally:
        file.close()
