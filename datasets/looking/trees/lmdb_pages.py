"""The pages of an LMDB file, read without LMDB: a damaged or hostile one ends in a sentence, where LMDB would crash.

It also needs no place for readers, no lock file and no second environment of the same process, which LMDB forbids.
Layout: mdb.c of LMDB 0.9, "Page", "Node" and "Meta page" (64-bit, little-endian).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...errors import BlobError

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_HEAD = 16  # bytes before what a page holds
_BRANCH, _LEAF, _OVERFLOW = 0x01, 0x02, 0x04
_BIG, _SUB, _MANY = 0x01, 0x02, 0x04
_NOTHING = 2**64 - 1
_DEEPEST = 32
_BRANCHES = 1 << 20  # pages above others; each leads to hundreds
_META = struct.Struct("<II8xQ48s48sQQ")
_DATABASE = struct.Struct("<IHHQQQQQ")


@dataclass(frozen=True, slots=True)
class Database:
    """`entries` it says to have, `pages` it takes, from page `root` on (None where it is empty)."""

    entries: int
    pages: int
    depth: int
    root: int | None

    @classmethod
    def of(cls, data: bytes) -> Database:
        _, _, depth, branches, leaves, overflow, entries, root = _DATABASE.unpack(data)
        return cls(entries, branches + leaves + overflow, depth, None if root == _NOTHING else root)


@dataclass(frozen=True, slots=True)
class Entry:
    """`size` of the value; `inner` where it is a database of its own; `several` values of one key."""

    key: bytes
    size: int
    value: Callable[[int], bytes]  # its first bytes, as many as asked for
    inner: Database | None = None
    several: bool = False


class Pages:
    """The newest state of the file that was written whole, by `read(offset, size)`. All raise BlobError."""

    def __init__(self, read: Callable[[int, int], bytes], name: str) -> None:
        self._read, self._name = read, name
        first = self._meta(0)
        size = 4096 if first is None else first[1]
        found = [each for each in (first, self._meta(size)) if each is not None]
        if not found:
            raise BlobError(f"{name} is damaged: neither of its first pages says where its data are")
        self.transaction, self.page_size, self.map_size, self.main = max(found, key=lambda each: each[0])

    def _meta(self, offset: int) -> tuple[int, int, int, Database] | None:
        try:
            data = self._read(offset + _HEAD, _META.size)
        except BlobError:
            return None
        magic, version, map_size, free, main, _, transaction = _META.unpack(data)
        size = int.from_bytes(free[:4], "little")
        right = magic == _MAGIC and version == _VERSION and size in (1 << power for power in range(8, 17))
        return (transaction, size, map_size, Database.of(main)) if right else None

    def entries(self, database: Database, start: int = 0) -> Iterator[Entry]:
        """All from number `start` on, in the order of their keys."""
        if database.root is not None:
            yield from self._below(database.root, [start], set())

    def get(self, database: Database, key: bytes) -> Entry | None:
        """The entry of a key; found by going down the tree."""
        page = database.root
        for _ in range(_DEEPEST):
            if page is None:
                return None
            data, flags = self._page(page)
            nodes = self._nodes(data)
            if flags & _LEAF:
                return next((self._entry(data, at) for at in nodes if self._key(data, at) == key), None)
            below = None
            for number, at in enumerate(nodes):
                if number and self._key(data, at) > key:
                    break
                below = self._child(data, at)
            page = below
        raise self._damaged("its tree is too deep")

    def _below(self, number: int, left: list[int], branches: set[int]) -> Iterator[Entry]:
        data, flags = self._page(number)
        nodes = self._nodes(data)
        if flags & _LEAF:
            if left[0] >= len(nodes):
                left[0] -= len(nodes)
                return
            first, left[0] = left[0], 0
            yield from (self._entry(data, at) for at in nodes[first:])
            return
        if number in branches or len(branches) > _BRANCHES:
            raise self._damaged("its tree goes in circles")
        branches.add(number)
        for at in nodes:
            yield from self._below(self._child(data, at), left, branches)

    def _page(self, number: int) -> tuple[bytes, int]:
        data = self._read(number * self.page_size, self.page_size)
        own, _, flags = struct.unpack_from("<QHH", data)
        if own != number or not flags & (_BRANCH | _LEAF) or flags & _OVERFLOW:
            raise self._damaged(f"page {number} is none of its tree (or it is being written)")
        return data, flags

    def _nodes(self, data: bytes) -> tuple[int, ...]:
        lower = struct.unpack_from("<H", data, 12)[0]
        count = (lower - _HEAD) // 2
        if lower < _HEAD or _HEAD + 2 * count > len(data):
            raise self._damaged("a page of it counts wrongly")
        return struct.unpack_from(f"<{count}H", data, _HEAD)

    def _key(self, data: bytes, at: int) -> bytes:
        if at + 8 > len(data):
            raise self._damaged("an entry lies outside of its page")
        size = struct.unpack_from("<H", data, at + 6)[0]
        return data[at + 8 : at + 8 + size]

    def _child(self, data: bytes, at: int) -> int:
        low, high, flags = struct.unpack_from("<HHH", data, at) if at + 8 <= len(data) else (0, 0, 0)
        return low | high << 16 | flags << 32

    def _entry(self, data: bytes, at: int) -> Entry:
        key = self._key(data, at)
        low, high, flags = struct.unpack_from("<HHH", data, at)
        size, start = low | high << 16, at + 8 + len(key)
        if flags & _BIG:
            page = int.from_bytes(data[start : start + 8], "little")
            offset = page * self.page_size + _HEAD
            return Entry(key, size, lambda most: self._read(offset, min(size, most)))
        value = data[start : start + size]
        if flags & _SUB:
            if len(value) < _DATABASE.size:
                raise self._damaged("a database in it is described by too few bytes")
            inner = Database.of(value[: _DATABASE.size])
            return Entry(key, size, lambda most: value[:most], inner, bool(flags & _MANY))
        return Entry(key, size, lambda most: value[:most], several=bool(flags & _MANY))

    def _damaged(self, why: str) -> BlobError:
        return BlobError(f"{self._name} is damaged: {why}")
