"""A figure file while it is made: HDF5 in memory."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any, Self

import numpy as np
from h5py import h5a, h5d, h5f, h5fd, h5g, h5p, h5s, h5t  # pyright: ignore[reportAttributeAccessIssue]

from .encoding import Array
from .header import SCHEMA, Json, item_fields
from .items import NOTHING, TEXTS, Items


class FileImage:
    """Data sets that become a file. HDF5's own calls, not h5py's: 70 layers are written in half the time.

    In memory, for a full disk then fails one plain write, and not HDF5 in the middle. Arrays lie in one piece each,
    uncompressed: a map is read without the others, and none takes more memory than the file has bytes. Chunks with a
    checksum would cost half as much again, lzf ten times as much for a seventh of the size.
    """

    def __init__(self) -> None:
        access = h5p.create(h5p.FILE_ACCESS)
        access.set_libver_bounds(h5f.LIBVER_V110, h5f.LIBVER_V110)  # which has checksums of all but the arrays
        self._buffer = BytesIO()
        access.set_fileobj_driver(h5fd.fileobj_driver, self._buffer)
        self._id = h5f.create(b"figure", h5f.ACC_TRUNC, fapl=access)
        self._folders: dict[str, Any] = {"": self._id}
        self._columns: list[tuple[int, dict[str, Array]]] = []
        self._count = 0
        self.texts: dict[str, int] = {}
        schema = h5a.create(self._id, b"schema", h5t.NATIVE_INT64, h5s.create(h5s.SCALAR))
        schema.write(np.array(SCHEMA, dtype=np.int64))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._folders.clear()
        self._id.close()

    def image(self) -> memoryview:
        """The whole file, once this is closed."""
        return self._buffer.getbuffer()

    def array(self, folder: str, name: str, values: Array) -> None:
        """Store an array of numbers. Raises TypeError for any other."""
        values = np.ascontiguousarray(storable(values))
        space = h5s.create_simple(values.shape)
        stored = h5d.create(self._folder(folder), name.encode(), h5t.py_create(values.dtype), space, _CONTIGUOUS)
        stored.write(h5s.ALL, h5s.ALL, values)

    def text(self, path: str, value: Json) -> None:
        """Store JSON, as the only string of a data set."""
        data = json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
        kind = h5t.C_S1.copy()
        kind.set_size(len(data))
        kind.set_cset(h5t.CSET_UTF8)
        kind.set_strpad(h5t.STR_NULLPAD)
        self._checked(path, kind, np.array([data]), kind)

    def rows(self, items: Items, **more: Array) -> Json:
        """Put what differs from item to item, and more numbers of each, into the table. What the header says of it."""
        each = {**items.each, **more} if len(items) else {}  # of none nothing differs, and no table is kept
        if each:
            self._columns.append((self._count, {name: self._numbers(name, column) for name, column in each.items()}))
        first, self._count = self._count, self._count + (len(items) if each else 0)
        return {"first": first, "same": item_fields(items.same), "each": list(each)}

    def write_rows(self) -> None:
        """Store the table of items."""
        if not self._count:
            return
        rows = np.empty(self._count, dtype=self._row_type())
        for name in rows.dtype.names or ():
            rows[name] = NOTHING if rows.dtype[name].base == np.int64 else 0
        for first, columns in self._columns:
            for name, column in columns.items():
                some = rows[name][first : first + len(column)]
                some[(slice(None), *[slice(width) for width in column.shape[1:]])] = column
        self._checked("items", h5t.py_create(rows.dtype), rows)

    def _row_type(self) -> np.dtype[Any]:
        types: dict[str, tuple[np.dtype[Any], tuple[int, ...]]] = {}
        for _, columns in self._columns:
            for name, column in columns.items():
                types[name] = column.dtype, max(column.shape[1:], types.get(name, (None, ()))[1])
        return np.dtype([(name, dtype, shape) for name, (dtype, shape) in types.items()])

    def _numbers(self, name: str, column: Any) -> Array:
        if name not in TEXTS:
            return column.astype(np.uint8) if column.dtype == np.bool_ else column
        codes = (self.texts.setdefault(text, len(self.texts)) for text in column)
        return np.fromiter(codes, dtype=np.int64, count=len(column))

    def _folder(self, name: str) -> Any:
        if name not in self._folders:
            self._folders[name] = h5g.create(self._id, name.encode())
        return self._folders[name]

    def _checked(self, path: str, kind: Any, values: Array, memory: Any = None) -> None:
        """Store something small as one chunk, with a checksum."""
        folder, _, name = path.rpartition("/")
        how = _creation()
        how.set_chunk(values.shape)
        how.set_fletcher32()
        stored = h5d.create(self._folder(folder), name.encode(), kind, h5s.create_simple(values.shape), how)
        stored.write(h5s.ALL, h5s.ALL, values, memory)


def storable(values: Array) -> Array:
    """Numbers as HDF5 knows them: bfloat16 becomes float32, truth values bytes. Raises TypeError for what are none."""
    kind, size = values.dtype.kind, values.dtype.itemsize
    if kind == "b":
        return values.astype(np.uint8)
    if kind == "V" and values.dtype.names is None:
        return values.astype(np.float32)
    if kind == "f" and size > 8:
        return values.astype(np.float64)
    if kind not in "iuf":
        raise TypeError(f"values of type {values.dtype}")
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _creation() -> Any:
    how = h5p.create(h5p.DATASET_CREATE)
    how.set_obj_track_times(False)  # the same figure is the same file
    how.set_fill_time(h5d.FILL_TIME_NEVER)
    return how


_CONTIGUOUS = _creation()
