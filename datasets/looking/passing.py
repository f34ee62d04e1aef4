"""Going through all records of a blob: several at a time in threads, as decoding leaves Python alone."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from ...engine.text import printable
from ..blob import Blob
from ..errors import BlobError
from ..schema import Field

T = TypeVar("T")
Progress: TypeAlias = Callable[[int, int], object]  # records done, of how many; what it raises ends the work

_PIECE = 64  # records that a thread takes at once
_THREADS = 8
_SMALL = 1 << 20  # bytes of a value, as the largest numbers there are


def read_piece(blob: Blob, piece: Sequence[int], names: Sequence[str]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each record of a piece with its values by field, or with the sentence that says why it cannot be read.

    Small values are read together, which costs a tenth; large ones one by one, as memory has room for some only.
    """
    if all(_is_small(blob.schema[name]) for name in names):
        try:
            values = blob.read(piece, names)
        except (BlobError, IndexError, ValueError):
            pass  # which of them it is, is found one by one
        else:
            for at, place in enumerate(piece):
                yield int(place), {name: values[name][at] for name in names}
            return
    for place in piece:
        try:
            yield int(place), {name: found[0] for name, found in blob.read([place], names).items()}
        except (BlobError, IndexError, ValueError) as error:
            yield int(place), printable(error, 300).removeprefix(f"record {int(place)} of {blob.name}: ")


def _is_small(field: Field) -> bool:
    if field.kind in ("class", "number", "text"):
        return True
    sides = [side or _SMALL for side in field.shape]
    return bool(sides) and math.prod(sides) * 8 <= _SMALL


def in_pieces(
    blob: Blob,
    work: Callable[[Sequence[int]], T],
    places: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Iterator[T]:
    """What `work` gives for each piece of the records (all, or those at `places`), in their order."""
    wanted: Sequence[int] = range(len(blob)) if places is None else places
    threads = max(min(_THREADS, os.cpu_count() or 1, -(-len(wanted) // _PIECE)), 1)
    starts = iter(range(0, len(wanted), _PIECE))
    waiting: deque[tuple[int, Future[T]]] = deque()
    done = 0
    with ThreadPoolExecutor(threads, "blob-look") as pool:
        try:
            while True:
                while len(waiting) < 2 * threads and (start := next(starts, None)) is not None:
                    piece = wanted[start : start + _PIECE]
                    waiting.append((len(piece), pool.submit(work, piece)))
                if not waiting:
                    return
                count, first = waiting.popleft()
                made = first.result()
                done += count
                if progress is not None:
                    progress(done, len(wanted))
                yield made
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
