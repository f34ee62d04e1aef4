"""The columns of a file: N values of one field, each of which is found without reading the others.

`take` gives the values of some places as they are stored, numbers as an array N×…, else a list of bytes; `raw` the
bytes of one. All raise BlobError.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from h5py import h5t, h5z  # pyright: ignore[reportAttributeAccessIssue]

from ...engine.text import printable
from ..errors import BlobError
from .hdf5_file import Hdf5File
from .plain_file import PlainFile

Places: TypeAlias = Sequence[int] | np.ndarray

LARGEST = 1 << 30  # bytes of one value, or of one chunk
DENSEST = 1100  # what compression makes of a byte, at most: a file holds no more values than so many for each byte
WHOLE = 1 << 22  # ends of so many values are kept in memory
SELDOM = 256  # once one in so many values has been asked for
_PAIR = struct.Struct("<qq")
_SIZES = {"b": (1,), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8)}


class Column(Protocol):
    @property
    def library(self) -> bool:
        """Whether HDF5's library is needed to read it."""
        ...

    def __len__(self) -> int: ...
    def take(self, places: Places) -> Any: ...
    def raw(self, place: int) -> bytes: ...


class Flat:
    """Numbers that lie in one piece of a file: a value is a read at a known offset."""

    library = False
    form = "numbers"
    grows = False
    matlab = False  # whether its axes are in MATLAB's order

    def __init__(self, file: PlainFile, offset: int, dtype: np.dtype, shape: tuple[int, ...]) -> None:
        """`shape` is N×…. Raises BlobError where the file cannot hold so much."""
        self.file, self.offset, self.dtype, self.shape = file, offset, dtype, shape
        self.width = dtype.itemsize * math.prod(shape[1:])
        if offset < 0 or offset + self.width * shape[0] > file.size:
            raise BlobError(f"{file.name} is cut off: {file.size} bytes are there, {self.width * shape[0]} are missing")

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, places: Places) -> np.ndarray:
        rows = self.file.rows(self.offset, places, self.width)
        found = rows.view(self.dtype).reshape(len(rows), *self.shape[1:])
        return found.astype(self.dtype.newbyteorder("="), copy=False)

    def raw(self, place: int) -> bytes:
        return self.file.read(self.offset + place * self.width, self.width)

    def spans(self, starts: np.ndarray, ends: np.ndarray) -> list[bytes]:
        """The bytes from each start to each end, of a column of single bytes."""
        return self.file.ranges(starts + self.offset, ends + self.offset)


class Stored:
    """Numbers that only HDF5's library finds: in chunks, compressed, of types of its own."""

    library = True
    form = "numbers"
    matlab = False

    def __init__(self, file: Hdf5File, path: str) -> None:
        """Raises BlobError where a value, or a chunk, is larger than any that is meant."""
        self.file, self.path = file, path
        found = file.dataset(path)
        self.dtype: np.dtype = found.dtype
        self.shape: tuple[int, ...] = found.shape
        self.width = self.dtype.itemsize * math.prod(self.shape[1:])
        self._chunk = found.chunks[0] if found.chunks else 1
        self.grows = file.swmr and found.maxshape[0] is None  # a writer adds to it now
        shown = f"{printable(path, 100)} of {file.name}"
        largest = max(self.width, math.prod(found.chunks or (0,)) * self.dtype.itemsize)
        if largest > LARGEST or self.shape[0] > DENSEST * max(file.plain.size, 1):
            raise BlobError(f"{shown} says to hold {'×'.join(map(str, self.shape))} values: more than is possible")
        check_filters(found, shown)

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, places: Places) -> np.ndarray:
        rows = np.asarray(places, dtype=np.int64)
        found = np.empty((len(rows), *self.shape[1:]), self.dtype.newbyteorder("="))
        with self.file.reading():
            stored = self.file.dataset(self.path)
            order = np.argsort(rows, kind="stable")
            cuts = np.flatnonzero(np.diff(rows[order] // self._chunk) != 0) + 1
            for part in np.split(order, cuts) if len(rows) else ():
                first, last = int(rows[part[0]]), int(rows[part[-1]])
                if part.size == 1:
                    found[part[0]] = stored[first]
                else:
                    found[part] = stored[first : last + 1][rows[part] - first]
        return found

    def raw(self, place: int) -> bytes:
        with self.file.reading():
            return np.asarray(self.file.dataset(self.path)[place]).tobytes()

    def spans(self, starts: np.ndarray, ends: np.ndarray) -> list[bytes]:
        with self.file.reading():
            stored = self.file.dataset(self.path)
            pairs = zip(starts.tolist(), ends.tolist(), strict=True)
            return [stored[start:end].tobytes() if end - start <= LARGEST else b"" for start, end in pairs]


class Ragged:
    """Values of any size, one after the other in a column of bytes; `ends` says where each ends."""

    def __init__(self, data: Flat | Stored, ends: Flat | Stored, name: str) -> None:
        """Raises BlobError."""
        if data.dtype.itemsize != 1 or len(data.shape) != 1 or ends.dtype.kind not in "iu" or len(ends.shape) != 1:
            raise BlobError(f"{name} is damaged: its bytes or their ends are none")
        self.data, self.ends, self.name = data, ends, name
        self.library = data.library or ends.library
        self._known: np.ndarray | None = None
        self._ends: array[int] | None = None  # the same, of which one is taken out sooner
        self._asked = 0  # records, before all ends are read
        self._near: tuple[Flat, Flat] | None = None
        if isinstance(data, Flat) and isinstance(ends, Flat) and ends.dtype == np.dtype("<i8"):
            self._near = (data, ends)

    def __len__(self) -> int:
        return len(self.ends)

    def spans(self, places: Places) -> tuple[np.ndarray, np.ndarray]:
        """Where the values begin and end among the bytes."""
        rows = np.asarray(places, dtype=np.int64)
        known = self._known
        self._asked += len(rows)
        if known is None and len(self.ends) <= WHOLE and self._asked * SELDOM >= len(self.ends):
            ends = array("q", np.concatenate([[0], self.ends.take(range(len(self.ends)))]).astype(np.int64).tobytes())
            known = np.frombuffer(ends, np.int64)
            self._known, self._ends = known, ends
        if known is not None:
            starts, ends = known[rows], known[rows + 1]
        else:
            both = self.ends.take(np.concatenate([np.maximum(rows - 1, 0), rows])).astype(np.int64)
            starts, ends = np.where(rows > 0, both[: len(rows)], 0), both[len(rows) :]
        if len(rows) and not ((starts >= 0) & (starts <= ends) & (ends <= len(self.data))).all():
            raise BlobError(f"{self.name} is damaged: values end where there are none")
        return starts, ends

    def take(self, places: Places) -> list[bytes]:
        return self.data.spans(*self.spans(places))

    def raw(self, place: int) -> bytes:
        if self._near is None:
            return self.take([place])[0]
        # At most two reads and nothing else: this is what a jump to any record costs.
        data, ends = self._near
        known = self._ends
        if known is not None:
            start, end = known[place], known[place + 1]
        else:
            start, end = self._one(ends, place)
        if not 0 <= start <= end <= data.shape[0]:
            raise BlobError(f"{self.name} is damaged: values end where there are none")
        return data.file.read(data.offset + start, end - start)

    def _one(self, ends: Flat, place: int) -> tuple[int, int]:
        """Where one value begins and ends, while not all ends are in memory."""
        self._asked += 1
        if self._asked * SELDOM >= len(ends) <= WHOLE:
            self.spans([])  # which reads all ends
            if self._ends is not None:
                return self._ends[place], self._ends[place + 1]
        if place:
            return _PAIR.unpack(ends.file.read(ends.offset + 8 * place - 8, 16))
        return 0, int(ends.take([0])[0])


class Shaped:
    """Arrays of one rank, each of its own shape."""

    def __init__(self, values: Ragged, shapes: Flat | Stored, dtype: np.dtype, rank: int) -> None:
        """Raises BlobError."""
        if len(shapes.shape) != 2 or shapes.shape[1] != rank or shapes.dtype.kind not in "iu":
            raise BlobError(f"{values.name} is damaged: there are no shapes of {rank} numbers")
        self.values, self.shapes, self.dtype = values, shapes, dtype
        self.library = values.library or shapes.library

    def __len__(self) -> int:
        return min(len(self.values), len(self.shapes))

    def take(self, places: Places) -> list[np.ndarray]:
        found = []
        shapes = self.shapes.take(places).tolist()
        for data, shape in zip(self.values.take(places), shapes, strict=True):
            if min(shape) < 0 or math.prod(shape) * self.dtype.itemsize != len(data):
                raise BlobError(f"{self.values.name} is damaged: a value is not as large as its shape says")
            numbers = np.frombuffer(bytearray(data), self.dtype).reshape(shape)
            found.append(numbers.astype(self.dtype.newbyteorder("="), copy=False))
        return found

    def raw(self, place: int) -> bytes:
        return self.values.raw(place)


def numbers(file: Hdf5File, path: str) -> Flat | Stored:
    """The column in a data set of numbers. Raises BlobError."""
    found = file.dataset(path)
    with file.reading():
        shape, dtype = found.shape, found.dtype
        if dtype.itemsize not in _SIZES.get(dtype.kind, ()) or not shape:
            raise BlobError(f"{printable(path, 100)} of {file.name} holds no numbers")
        offset = found.id.get_offset() if found.chunks is None else None
        if offset is not None and h5t.py_create(dtype, logical=True).equal(found.id.get_type()):
            return Flat(file.plain, offset, dtype, shape)
        return Stored(file, path)


def check_filters(found: Any, shown: str) -> None:
    """Raises BlobError where HDF5 cannot unpack a data set here."""
    plist = found.id.get_create_plist()
    for place in range(plist.get_nfilters()):
        number, _, _, name = plist.get_filter(place)
        if not h5z.filter_avail(number):
            called = printable(name.decode("utf-8", "replace"), 60)
            raise BlobError(
                f"{shown} is compressed by the filter {number} ({called}), which HDF5 does not have here:"
                " the package hdf5plugin has most of them"
            )
