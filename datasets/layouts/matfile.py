"""MAT files of version 5 (`save -v6`, `-v7`): numbers, texts, cells and structures, compressed or not.

Source: "MAT-File Format", The MathWorks, of which this reads what data sets are kept in: no sparse arrays, no objects.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.text import printable
from ..errors import SourceError

LARGEST = 1 << 29  # bytes of a file, and of what is unpacked of it: IMDB has some 200 million
MOST = 1 << 27  # values of an array
DEEPEST = 20  # structures within structures
WIDEST = 10_000  # fields of all structures of an array
_NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
}  # fmt: skip
_TEXTS = {16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR, _SPARSE, _FIRST_NUMBER = 1, 2, 4, 5, 6


class _DamagedError(Exception):
    """What is wrong."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The values of a cell array in Matlab's order, read when they are walked."""

    data: memoryview
    order: str
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Any]:
        """Raises SourceError."""
        place = 0
        for _ in range(self.count):
            try:
                kind, content, place = _element(self.data, place, self.order)
                value = _matrix(content, self.order, None, 1)[1] if kind == _MATRIX else None
            except _BROKEN as error:
                raise SourceError(f"a cell array is damaged: {error}") from None
            yield value


_BROKEN = (_DamagedError, struct.error, ValueError, OverflowError, IndexError, MemoryError)


def read(path: Path, fields: Collection[str] | None = None, largest: int | None = None) -> dict[str, Any]:
    """The variables of a file by their names: arrays, texts, Cells; of a structure a mapping field → value, where it is
    one, of those in `fields` (None for all), else a list of them.

    Raises SourceError: it is of another version, damaged, or larger than `largest` bytes (`LARGEST` unless told).
    """
    said, largest = printable(path, 300), largest or LARGEST
    try:
        with open(path, "rb") as file:
            data = file.read(largest + 1)
    except (OSError, ValueError) as error:
        raise SourceError(f"{said} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(data) > largest:
        raise SourceError(f"{said} is larger than {largest >> 20} MB, too large for a MAT file of version 5")
    try:
        return dict(_variables(data, fields, largest))
    except _BROKEN as error:
        raise SourceError(f"{said} cannot be read: {error or 'it is damaged'}") from None
    except zlib.error:
        raise SourceError(f"{said} cannot be read: what is compressed in it is damaged") from None


def _variables(data: bytes, fields: Collection[str] | None, largest: int) -> Iterator[tuple[str, Any]]:
    if data[512:520] == b"\x89HDF\r\n\x1a\n" or data[:8] == b"\x89HDF\r\n\x1a\n":
        raise _DamagedError("it is of version 7.3 (HDF5): save it again in Matlab with -v7")
    mark = data[126:128]
    if mark not in (b"IM", b"MI"):
        raise _DamagedError("it is no MAT file of version 5")
    order = "<" if mark == b"IM" else ">"
    whole, place, room = memoryview(data), 128, largest
    while place < len(whole):
        kind, content, place = _element(whole, place, order, padded=False)
        if kind == _COMPRESSED:
            unpacked = _unpacked(content, room, largest)
            room -= len(unpacked)
            kind, content, _ = _element(memoryview(unpacked), 0, order)
        if kind == _MATRIX:
            yield _matrix(content, order, fields, 0)


def _unpacked(content: memoryview, room: int, largest: int) -> bytes:
    machine = zlib.decompressobj()
    found = machine.decompress(content, room + 1)
    if len(found) > room:
        raise _DamagedError(f"what is in it is larger than {largest >> 20} MB")
    if not machine.eof:
        raise _DamagedError("it is cut off")
    return found


def _element(data: memoryview, place: int, order: str, padded: bool = True) -> tuple[int, memoryview, int]:
    """Type, content and end of the element at `place`."""
    if place + 8 > len(data):
        raise _DamagedError("it is cut off")
    kind, size = struct.unpack_from(order + "II", data, place)
    if kind >> 16:  # a small one: type and size in one word, the content in the next
        kind, size = kind & 0xFFFF, kind >> 16
        if size > 4:
            raise _DamagedError("it is damaged (a small element is too large)")
        return kind, data[place + 4 : place + 4 + size], place + 8
    start, end = place + 8, place + 8 + size
    if end > len(data):
        raise _DamagedError("it is cut off")
    return kind, data[start:end], end + (-size % 8 if padded or kind != _COMPRESSED else 0)


def _matrix(data: memoryview, order: str, fields: Collection[str] | None, depth: int) -> tuple[str, Any]:
    """Name and value of an array, text, cell array or structure."""
    if depth > DEEPEST:
        raise _DamagedError(f"it holds structures within structures, more than {DEEPEST} deep")
    if not len(data):
        return "", np.zeros(0)
    _, flags, place = _element(data, 0, order)
    kind = struct.unpack_from(order + "I", flags)[0] & 0xFF
    _, dimensions, place = _element(data, place, order)
    shape = struct.unpack(f"{order}{len(dimensions) // 4}i", dimensions[: len(dimensions) // 4 * 4])
    if not 2 <= len(shape) <= 8 or min(shape) < 0 or prod(shape) > MOST:
        raise _DamagedError("it is damaged (an array of a shape that is none)")
    _, name, place = _element(data, place, order)
    said = bytes(name).decode("ascii", "replace").rstrip("\0")
    if kind == _CELL:
        return said, Cells(data[place:], order, prod(shape))
    if kind == _STRUCT:
        return said, _structure(data, place, order, prod(shape), fields, depth)
    if kind == _CHAR:
        return said, _text(*_element(data, place, order)[:2], order)
    if kind >= _FIRST_NUMBER and kind <= 15:
        number, content, _ = _element(data, place, order)
        return said, _numbers(number, content, order, shape)
    return said, None  # an object, a sparse array, a function


def _structure(
    data: memoryview, place: int, order: str, count: int, fields: Collection[str] | None, depth: int
) -> dict[str, Any] | list[dict[str, Any]]:
    _, width, place = _element(data, place, order)
    (length,) = struct.unpack_from(order + "i", width)
    _, packed, place = _element(data, place, order)
    if not 0 < length <= 256:
        raise _DamagedError("it is damaged (names of fields without end)")
    if len(packed) // length * max(count, 1) > WIDEST:
        raise _DamagedError(f"it has structures of more than {WIDEST} fields")
    names = [bytes(packed[at : at + length]).partition(b"\0")[0].decode("ascii", "replace")
             for at in range(0, len(packed), length)]  # fmt: skip
    found: list[dict[str, Any]] = []
    for _ in range(count if names else 0):
        one: dict[str, Any] = {}
        for name in names:
            kind, content, place = _element(data, place, order)
            if kind == _MATRIX and (fields is None or name in fields):
                one[name] = _matrix(content, order, None, depth + 1)[1]
        found.append(one)
    return found[0] if len(found) == 1 else found


def _numbers(kind: int, content: memoryview, order: str, shape: tuple[int, ...]) -> np.ndarray:
    if kind not in _NUMBERS:
        raise _DamagedError("it is damaged (an array of no numbers)")
    dtype = np.dtype(order + _NUMBERS[kind])
    if len(content) != prod(shape) * dtype.itemsize:
        raise _DamagedError("it is damaged (an array whose content is of another size)")
    return np.frombuffer(content, dtype).reshape(shape, order="F")


def _text(kind: int, content: memoryview, order: str) -> str:
    """The characters of a row of them."""
    if kind in _TEXTS:
        ending = "" if kind == 16 else "-le" if order == "<" else "-be"
        return bytes(content).decode(_TEXTS[kind] + ending, "replace")
    if kind in (1, 2):
        return bytes(content).decode("latin-1")
    if kind in (3, 4):
        return bytes(content).decode("utf-16-le" if order == "<" else "utf-16-be", "replace")
    raise _DamagedError("it is damaged (a text of no characters)")
