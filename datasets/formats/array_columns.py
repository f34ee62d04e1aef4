"""Columns of files that are none of ours: strings, values of any length, arrays with the records last, parts joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import h5py
import numpy as np

from ..errors import BlobError
from .columns import DENSEST, LARGEST, Places, check_filters
from .hdf5_file import Hdf5File


class Bytes:
    """Strings, or values of any number of bytes, that HDF5's library finds. `form` is `text` or `bytes`."""

    library = True
    dtype = np.dtype("V1")

    def __init__(self, file: Hdf5File, path: str) -> None:
        """Raises BlobError where it holds something else."""
        self.file, self.path = file, path
        found = file.dataset(path)
        self.shape: tuple[int, ...] = found.shape
        if len(self.shape) != 1 or self.shape[0] > DENSEST * file.plain.size or found.dtype.itemsize > LARGEST:
            raise BlobError(f"{path} of {file.name} is no column of texts or bytes")
        text = h5py.check_string_dtype(found.dtype)
        variable = h5py.check_vlen_dtype(found.dtype)
        self._number = variable is not None and np.dtype(variable).itemsize == 1
        if text is None and not self._number and found.dtype.kind != "V":
            raise BlobError(f"{path} of {file.name} holds neither texts nor bytes")
        check_filters(found, path)
        self.grows = file.swmr and found.maxshape[0] is None
        self.form = "bytes"
        if text is not None:
            first = [bytes(data) for data in self.take(range(min(2, self.shape[0])))]
            self.form = "bytes" if any(b"\0" in data or data[:2] == b"\xff\xd8" for data in first) else "text"

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, places: Places) -> list[bytes]:
        with self.file.reading():
            stored = self.file.dataset(self.path)
            rows = np.asarray(places, dtype=np.int64)
            if len(rows) > 1 and int(rows[-1]) - int(rows[0]) == len(rows) - 1 and (np.diff(rows) == 1).all():
                return [_bytes(value) for value in stored[int(rows[0]) : int(rows[-1]) + 1]]
            return [_bytes(stored[place]) for place in rows.tolist()]

    def raw(self, place: int) -> bytes:
        return self.take([place])[0]


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return bytes(value)
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value.tobytes()


class Last:
    """Numbers H×W×C×N: the records are the last axis."""

    library = True
    form = "numbers"
    grows = False

    def __init__(self, file: Hdf5File, path: str) -> None:
        self.file, self.path = file, path
        found = file.dataset(path)
        self.dtype: np.dtype = found.dtype
        self.shape: tuple[int, ...] = (found.shape[-1], *found.shape[:-1])
        if math.prod(self.shape[1:]) * self.dtype.itemsize > LARGEST or self.shape[0] > DENSEST * file.plain.size:
            raise BlobError(f"{path} of {file.name} says to hold more than is possible")
        check_filters(found, path)

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, places: Places) -> np.ndarray:
        rows = np.asarray(places, dtype=np.int64)
        found = np.empty((len(rows), *self.shape[1:]), self.dtype.newbyteorder("="))
        with self.file.reading():
            stored = self.file.dataset(self.path)
            if len(rows) > 1 and int(np.ptp(rows)) < 4 * len(rows):
                first = int(rows.min())
                found[:] = np.moveaxis(stored[..., first : int(rows.max()) + 1], -1, 0)[rows - first]
            else:
                for at, place in enumerate(rows.tolist()):
                    found[at] = stored[..., place]
        return found

    def raw(self, place: int) -> bytes:
        return self.take([place]).tobytes()


class Held:
    """Values in memory."""

    library = False
    form = "numbers"
    grows = False

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.shape, self.dtype = values.shape, values.dtype

    def __len__(self) -> int:
        return len(self.values)

    def take(self, places: Places) -> Any:
        return self.values[np.asarray(places, dtype=np.int64)]

    def raw(self, place: int) -> bytes:
        return self.values[place].tobytes()


class Texts(Held):
    """Texts in memory, given as their UTF-8."""

    form = "text"

    def take(self, places: Places) -> list[bytes]:
        found = self.values[np.asarray(places, dtype=np.int64)].tolist()
        return [each if isinstance(each, bytes) else str(each).encode("utf-8", "surrogateescape") for each in found]

    def raw(self, place: int) -> bytes:
        return self.take([place])[0]


class Joined:
    """Columns one after the other."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts
        self.ends = np.array(list(accumulate(map(len, parts))), np.int64)
        self.library = any(part.library for part in parts)
        self.form = parts[0].form
        self.dtype: np.dtype = (
            np.result_type(*[part.dtype for part in parts]) if self.form == "numbers" else parts[0].dtype
        )
        shapes = {() if part.shape[1:] == (1,) else part.shape[1:] for part in parts}
        if len(shapes) > 1 or any(part.form != self.form for part in parts):
            raise BlobError("its parts are of several shapes")
        self.shape: tuple[int, ...] = (len(self), *shapes.pop())

    def __len__(self) -> int:
        return int(self.ends[-1])

    def take(self, places: Places) -> Any:
        rows = np.asarray(places, dtype=np.int64)
        numbers = np.searchsorted(self.ends, rows, side="right")
        numeric = self.form == "numbers"
        found: Any = np.empty((len(rows), *self.shape[1:]), self.dtype) if numeric else [b""] * len(rows)
        for number in np.unique(numbers).tolist():
            here = np.flatnonzero(numbers == number)
            values = self.parts[number].take(rows[here] - (int(self.ends[number - 1]) if number else 0))
            if numeric:
                found[here] = values.reshape(len(here), *self.shape[1:])
            else:
                for at, value in zip(here.tolist(), values, strict=True):
                    found[at] = value
        return found

    def raw(self, place: int) -> bytes:
        number = int(np.searchsorted(self.ends, place, side="right"))
        return self.parts[number].raw(place - (int(self.ends[number - 1]) if number else 0))


class Runs:
    """The numbers of the parts: 0 for the records of the first, 1 for those of the second."""

    library = False
    form = "numbers"
    grows = False
    dtype = np.dtype("int64")

    def __init__(self, lengths: Sequence[int]) -> None:
        self.ends = np.array(list(accumulate(lengths)), np.int64)
        self.shape = (int(self.ends[-1]),)

    def __len__(self) -> int:
        return self.shape[0]

    def take(self, places: Places) -> np.ndarray:
        return np.searchsorted(self.ends, np.asarray(places, dtype=np.int64), side="right")

    def raw(self, place: int) -> bytes:
        return self.take([place]).astype("<i8").tobytes()
