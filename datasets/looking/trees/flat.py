"""Files of one array: NumPy's .npy, and IDX, in which the MNIST digits came."""

from __future__ import annotations

import ast
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....engine.text import printable
from ...errors import BlobError
from ..node import LONG, MOST, Node, said, short
from ..slices import FlatArray, file_reader

_LONGEST_HEADER = 1 << 16
_IDX = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """Where the numbers of an .npy file begin, and what they are."""

    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def npy_header(read: Callable[[int, int], bytes], name: str) -> NpyHeader:
    """The header of an .npy file, of which `read(offset, size)` gives bytes. Raises BlobError, for pickles too."""
    head = read(0, 10)
    long = head[6:7] != b"\1"
    start = 12 if long else 10
    length = struct.unpack("<I", head[8:10] + read(10, 2))[0] if long else struct.unpack("<H", head[8:10])[0]
    if length > _LONGEST_HEADER:
        raise BlobError(f"{name} is damaged: its header is too long")
    try:
        said_so = ast.literal_eval(read(start, length).decode("utf-8"))
        shape, fortran = tuple(said_so["shape"]), bool(said_so["fortran_order"])
        dtype = np.lib.format.descr_to_dtype(said_so["descr"])
    except (ValueError, SyntaxError, TypeError, LookupError, RecursionError, MemoryError):
        raise BlobError(f"{name} is damaged: its header is none") from None
    if dtype.hasobject:
        raise BlobError(f"{name} holds Python objects, which could run code when they are read: they are not")
    if len(shape) > 32 or any(type(each) is not int or each < 0 for each in shape) or not dtype.itemsize:
        raise BlobError(f"{name} is damaged: no array has the shape {short(shape)}")
    return NpyHeader(start + length, shape, dtype, fortran)


class NpyTree:
    """An .npy file: one array."""

    format = "NumPy array"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = printable(path.name, 200)
        self._read = file_reader(path, self._name)
        self._header()

    @property
    def root(self) -> Node:
        return Node(self._name, "file", "/", children=1)

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        if node.kind != "file" or start or not most:
            return ()
        header = self._header()
        stored = _stored(self.path)
        problem = "" if stored >= header.offset + header.size else "cut off: the file ends before its last numbers"
        order = "columns first (Fortran)" if header.fortran else ""
        return (
            Node(
                "array", "array", "/array", header.shape, str(header.dtype), header.size, stored, text=problem or order
            ),
        )

    def find(self, path: str) -> Node:
        if path.strip("/") in ("", "array"):
            return self.children(self.root)[0] if path.strip("/") else self.root
        raise BlobError(f"{self._name} has nothing at {printable(path, 200)!r}: its only array is 'array'")

    def text(self, node: Node) -> str:
        header = self._header()
        if node.kind != "array" or header.dtype.kind not in "SU" or header.size > LONG:
            return node.text
        values = self.array(node).read(tuple(slice(0, length) for length in header.shape))
        return said("\n".join(map(str, values.ravel().tolist())))

    def array(self, node: Node) -> FlatArray:  # noqa: ARG002
        header = self._header()
        return FlatArray(self._read, header.offset, header.shape, header.dtype, fortran=header.fortran)

    def _header(self) -> NpyHeader:
        return npy_header(self._read, self._name)


class IdxTree:
    """An IDX file: one array, its numbers big-endian."""

    format = "IDX"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = printable(path.name, 200)
        self._read = file_reader(path, self._name)
        self._facts()

    def _facts(self) -> tuple[tuple[int, ...], np.dtype]:
        head = self._read(0, 4)
        shape = struct.unpack(f">{head[3]}I", self._read(4, 4 * head[3]))
        if head[2] not in _IDX:
            raise BlobError(f"{self._name} is damaged: it was an IDX file a moment ago")
        return shape, np.dtype(_IDX[head[2]])

    @property
    def root(self) -> Node:
        return Node(self._name, "file", "/", children=1)

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        if node.kind != "file" or start or not most:
            return ()
        shape, dtype = self._facts()
        size, stored = math.prod(shape) * dtype.itemsize, _stored(self.path)
        text = "" if stored >= 4 + 4 * len(shape) + size else "cut off: the file ends before its last numbers"
        return (Node("array", "array", "/array", shape, str(dtype), size, stored, text=text),)

    def find(self, path: str) -> Node:
        if path.strip("/") in ("", "array"):
            return self.children(self.root)[0] if path.strip("/") else self.root
        raise BlobError(f"{self._name} has nothing at {printable(path, 200)!r}: its only array is 'array'")

    def text(self, node: Node) -> str:
        return node.text

    def array(self, node: Node) -> FlatArray:  # noqa: ARG002
        shape, dtype = self._facts()
        return FlatArray(self._read, 4 + 4 * len(shape), shape, dtype)


def _stored(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BlobError(f"{printable(path.name, 200)} cannot be read: {error.strerror}") from None
