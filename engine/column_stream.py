"""A process that parses its share of a metrics file and writes the columns to its standard output.

The file is cut into pieces; of `parts` processes number `part` takes every `parts`-th piece, so that whoever reads one
frame of each in turn has all pieces in order.
"""

from __future__ import annotations

import os
import sys
from typing import IO

from .column_frames import write_frame
from .metric_lines import parse

PIECE = 1 << 20  # bytes
_SPARE = 256 << 10  # a line that reaches further beyond its piece is none of ours


def pieces(begin: int, end: int, size: int = PIECE) -> range:
    """Where the pieces of [begin, end) start."""
    return range(begin, end, size)


def stream(path: str, begin: int, end: int, part: int, parts: int, out: IO[bytes], *, size: int = PIECE) -> None:
    """Write a frame for each piece of ours; `begin` must be the beginning of a line."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for start in pieces(begin, end, size)[part::parts]:
            lines, offset = _beginning_in(descriptor, start, min(start + size, end), first=start == begin)
            write_frame(out, offset, parse(lines))
    finally:
        os.close(descriptor)


def _beginning_in(descriptor: int, start: int, stop: int, *, first: bool) -> tuple[bytes, int]:
    """The whole lines that begin in [start, stop), and where the last of them ends (0 where there is none)."""
    base = start if first else start - 1
    data = os.pread(descriptor, stop - base + _SPARE, base)
    # The line that holds the byte before `start` belongs to the piece before.
    head = 0 if first else data.find(b"\n", 0, stop - base - 1) + 1
    if not head and not first:
        return b"", 0
    end = data.find(b"\n", stop - base - 1) + 1 or data.rfind(b"\n") + 1
    return data[head:end], base + end


def main() -> int:
    """`python -P -m trainvis.engine.column_stream PATH BEGIN END PART PARTS`."""
    path, *numbers = sys.argv[1:]
    begin, end, part, parts = map(int, numbers)
    try:
        stream(path, begin, end, part, parts, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # nobody reads any more
        os._exit(1)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
