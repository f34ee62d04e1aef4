"""Going through all records of a blob: several at a time in threads, as decoding leaves Python alone."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeAlias, TypeVar

from ..blob import Blob

T = TypeVar("T")
Progress: TypeAlias = Callable[[int, int], object]  # records done, of how many; what it raises ends the work

_PIECE = 64  # records that a thread takes at once
_THREADS = 8


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
