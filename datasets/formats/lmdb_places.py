"""Where the values of an LMDB whose keys are numbers lie in its file: the disk is asked for a whole one beforehand.

LMDB reads through a map, page by page, each when it is touched: nine waits of the disk for a picture of 35 KB. This
finds the places in the pages of the tree itself (LMDB's mdb.c: MDB_page, MDB_node, MDB_db). It is a hint only: the
values are read by LMDB, so whatever is wrong here, or was changed meanwhile, costs time and nothing else.
"""

from __future__ import annotations

import os
import struct
from bisect import bisect_right
from collections.abc import Iterable

from ..errors import BlobError
from .lmdb_file import META, LmdbFile
from .plain_file import PlainFile

SLOW = 5e-5  # seconds of a read that memory would not take
_BIG, _SUBDATA = 1, 2  # flags of nodes
_HEAD, _NODE, _DATABASE = 16, struct.Struct("<4H"), struct.Struct("<I2H5Q")
_DEEPEST = 16
_MOST = 1 << 12  # leaves that are kept
_LARGEST = 1 << 20  # bytes that are asked for at once


class LmdbPlaces:
    """Of one database of a file, as it was when it was looked at."""

    def __init__(self, file: LmdbFile, table: str) -> None:
        """Raises nothing: where it cannot be understood there are no hints."""
        self._file: PlainFile = file.plain
        self._firsts: list[int] = []  # the number that each leaf begins with
        self._pages: list[int] = []
        self._leaves: dict[int, bytes] = {}
        try:
            self._look(table.encode())
        except (BlobError, struct.error, IndexError, RecursionError):
            self._firsts = []

    def hint(self, places: Iterable[int]) -> None:
        """These will be read."""
        if not self._firsts or not hasattr(os, "posix_fadvise"):  # not on macOS
            return
        try:
            for place in places:
                offset, size = self._place(place)
                os.posix_fadvise(self._file.number, offset, min(size, _LARGEST), os.POSIX_FADV_WILLNEED)
        except (BlobError, OSError, OverflowError, struct.error, IndexError):
            self._firsts = []

    def _look(self, table: bytes) -> None:
        metas = [META.unpack(self._file.read(0, META.size))]
        self._size = metas[0][4]
        metas.append(META.unpack(self._file.read(self._size, META.size)))
        newest = max(metas, key=lambda meta: meta[21])
        for _, page in self._below(newest[19], newest[14]):
            data = self._page(page)
            for at in range(_count(data)):
                start, flags, key, _ = _node(data, at)
                if key == table and flags & _SUBDATA:
                    _, _, depth, *_, root = _DATABASE.unpack_from(data, start)
                    found = list(self._below(root, depth))
                    self._firsts, self._pages = [first for first, _ in found], [page for _, page in found]
                    return

    def _below(self, page: int, depth: int, first: int = 0) -> Iterable[tuple[int, int]]:
        """The leaves of a tree, with the first number of each (of the leftmost 0)."""
        if not 0 < depth <= _DEEPEST:
            return
        if depth == 1:
            yield first, page
            return
        data = self._page(page)
        for at in range(_count(data)):
            _, flags, key, low = _node(data, at)
            yield from self._below(low | flags << 32, depth - 1, int.from_bytes(key[:8], "big") if at else first)

    def _page(self, number: int) -> bytes:
        return self._file.read(number * self._size, self._size)

    def _place(self, place: int) -> tuple[int, int]:
        """Offset and size of a value."""
        leaf = max(bisect_right(self._firsts, place) - 1, 0)
        data = self._leaves.get(leaf)
        if data is None:
            if len(self._leaves) >= _MOST:
                self._leaves.clear()
            data = self._leaves[leaf] = self._page(self._pages[leaf])
        at = place - self._firsts[leaf]
        if not 0 <= at < _count(data):
            raise IndexError(place)
        start, flags, _, size = _node(data, at)
        if not flags & _BIG:
            return 0, 0  # it lies in the leaf, which has been read
        return int.from_bytes(data[start : start + 8], "little") * self._size, size + _HEAD


def _count(page: bytes) -> int:
    (lower,) = struct.unpack_from("<H", page, 12)
    return (lower - _HEAD) // 2


def _node(page: bytes, at: int) -> tuple[int, int, bytes, int]:
    """Where the data of a node begin in its page, its flags, its key, and the size of its data."""
    (start,) = struct.unpack_from("<H", page, _HEAD + 2 * at)
    low, high, flags, length = _NODE.unpack_from(page, start)
    start += _NODE.size
    return start + length, flags, page[start : start + length], low | high << 16
