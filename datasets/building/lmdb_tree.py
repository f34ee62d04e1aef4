"""The pages of an LMDB's tree of records, written one after the other as they come: none is written twice.

Keys are numbers that grow, so each leaf is full when the next begins, and the branches above are made in the end. A
value that does not fit into a leaf lies in pages of its own before it. Forms: LMDB's mdb.c, MDB_page, MDB_node.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ..formats.lmdb_file import MAGIC, META
from ..formats.own import number_key
from .journal import Grown
from .straight import Straight

PAGE = min(os.sysconf("SC_PAGE_SIZE"), 1 << 15)  # as LMDB has it
START = 16 * PAGE  # where these pages begin; before them lie those that LMDB itself makes
_BRANCH, _LEAF, _OVERFLOW, _BIG = 1, 2, 4, 1  # flags of pages, and of a node whose value lies elsewhere
_HEAD, _NODE = 16, struct.Struct("<4H")
_LARGEST = ((PAGE - _HEAD) // 2 & -2) - 2  # bytes of a node
_KEY = 8
_SUBDATA, _DATABASE = 2, struct.Struct("<I2H5Q")
_NONE = 2**64 - 1  # the root of an empty tree
_ZEROS = bytes(PAGE)
_big = struct.Struct("<QHHI").pack
_leaf = struct.Struct("<Q4H").pack
_fact = struct.Struct("<QQ")


class Tree:
    """Raises OSError."""

    def __init__(self, path: Path, leaves: Path) -> None:
        self.pages = Straight(path, START)
        self.leaves = Grown(leaves)  # of each its first number, and its page
        self._nodes: list[bytes] = []
        self._used = _HEAD
        self._first = 0
        self.overflow = 0

    @property
    def files(self) -> tuple[Grown, Grown]:
        return self.pages, self.leaves

    @property
    def _next(self) -> int:
        return (START + self.pages.size) // PAGE

    def append(self, number: int, value: memoryview) -> None:
        """The next record."""
        size, append = len(value), self.pages.append
        big = _NODE.size + _KEY + size > _LARGEST
        length = _NODE.size + _KEY + (8 if big else size + size % 2)
        if self._used + length + 2 > PAGE:
            self.end_leaf()
        if not self._nodes:
            self._first = number
        head = _NODE.pack(size & 0xFFFF, size >> 16, _BIG if big else 0, _KEY) + number_key(number)
        if big:
            pages = (_HEAD - 1 + size) // PAGE + 1
            self._nodes.append(head + self._next.to_bytes(8, "little"))
            append(_big(self._next, 0, _OVERFLOW, pages))
            append(value)
            append(_ZEROS[: pages * PAGE - _HEAD - size])
            self.overflow += pages
        else:
            self._nodes.append(head + bytes(value) + _ZEROS[: size % 2])
        self._used += length + 2

    def end_leaf(self) -> None:
        """What was appended is in the pages."""
        if self._nodes:
            self.leaves.append(_fact.pack(self._first, self._next))
            self.pages.append(_page(self._next, _LEAF, self._nodes))
            self._nodes, self._used = [], _HEAD

    def finish(self) -> tuple[int, int, int, int]:
        """Write the branches: depth, branches, leaves, root."""
        self.end_leaf()
        level: Iterator[tuple[int, int]] = self._leaves()
        count = self.leaves.size // _fact.size
        leaves, depth, branches = count, 1, 0
        each = (PAGE - _HEAD) // (2 + _NODE.size + _KEY)
        if not count:
            return 0, 0, 0, _NONE
        while count > 1:
            above = []
            while children := list(islice(level, each)):
                above.append((children[0][0], self._next))
                nodes = [
                    _NODE.pack(page & 0xFFFF, page >> 16 & 0xFFFF, page >> 32, _KEY if at else 0)
                    + (number_key(first) if at else b"")
                    for at, (first, page) in enumerate(children)
                ]
                self.pages.append(_page(self._next, _BRANCH, nodes))
            level, count, depth, branches = iter(above), len(above), depth + 1, branches + len(above)
        ((_, root),) = level
        return depth, branches, leaves, root

    def _leaves(self) -> Iterator[tuple[int, int]]:
        place = 0
        while data := os.pread(self.leaves.descriptor, _fact.size << 12, place):
            yield from _fact.iter_unpack(data)
            place += len(data)


def _page(number: int, flags: int, nodes: list[bytes]) -> bytes:
    """A page of a tree: a head, the places of its nodes, free room, the nodes from the end on backwards."""
    places, place = [], PAGE
    for node in nodes:
        place -= len(node)
        places.append(place)
    lower = _HEAD + 2 * len(nodes)
    head = _leaf(number, 0, flags, lower, place) + struct.pack(f"<{len(places)}H", *places)
    return head + bytes(place - lower) + b"".join(reversed(nodes))


def adopt(head: bytearray, name: bytes, facts: tuple[int, ...], size: int) -> None:
    """The first pages of a file with one empty database tell of this one, in a file of so many bytes.

    `facts` are those of MDB_db. Raises OSError where the pages are not as they should be.
    """
    metas = [META.unpack_from(head, place) for place in (0, PAGE)]
    newest = max((0, 1), key=lambda at: metas[at][21])
    values = list(metas[newest])
    at = head.find(_NODE.pack(_DATABASE.size, 0, _SUBDATA, len(name)) + name, values[19] * PAGE)
    if values[0] != MAGIC or values[4] != PAGE or at < 0:
        raise OSError("LMDB makes files that are not understood here")
    _DATABASE.pack_into(head, at + _NODE.size + len(name), *facts)
    values[3], values[20] = size, size // PAGE - 1
    head[newest * PAGE + _HEAD : newest * PAGE + META.size] = META.pack(*values)[_HEAD:]
