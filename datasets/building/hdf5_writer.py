"""A shard as HDF5, at the speed of the disk.

The large values are appended to a plain file, from `START` on; the others lie in small files beside it. In the end
HDF5 itself makes a second, sparse file, a *frame*, in which the first thing is a contiguous data set of that size at
that offset, and everything else is in place. What the frame has before and after the data is copied to the plain
file, which then is that HDF5 file: nothing large is written twice, and until then the file is none of HDF5's.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..formats.own import (
    ABOUT,
    BYTES,
    ENDS,
    KEYS,
    MARK,
    ORDER,
    RECORDS,
    SHAPES,
    VERSION,
    About,
    h5_name,
    is_fixed,
    is_text,
    stored_dtype,
)  # fmt: skip
from ..schema import Field
from .chunk import Chunk
from .journal import Grown
from .keys import Keys
from .outline import Outline
from .straight import Straight

START = 1 << 20  # where the large values begin in the file
_LEAST = 4 << 20  # bytes of large values; fewer are simply copied
_AT_ONCE = 1 << 22  # bytes that are copied at a time
_SYNC = 64 << 20  # bytes after which the disk is set to work


class Hdf5Writer:
    """Takes chunks, and makes a file of them. Raises OSError."""

    packed = False

    def __init__(self, folder: Path, outline: Outline) -> None:
        self._folder = folder
        self._schema = outline.schema
        self._main = outline.main
        self._level = outline.compression
        self._keys = Keys(folder)
        self.records = 0
        self._columns = [
            _Column(folder, at, field, START if at == self._main else 0) for at, field in enumerate(self._schema)
        ]
        self._flusher = ThreadPoolExecutor(1)
        self._flush: Future[None] | None = None
        self._flushed = 0

    @property
    def size(self) -> int:
        return sum(file.size for file in self._files)

    @property
    def _files(self) -> list[Grown]:
        return [*self._keys.files, *(file for column in self._columns for file in column.files)]

    def add(self, chunk: Chunk, view: memoryview) -> None:
        for at, (column, values) in enumerate(zip(self._columns, chunk.columns, strict=True)):
            column.bytes.append(view[: chunk.used] if at == self._main else values.data[0])
            if column.lengths is not None:
                column.lengths.append(memoryview(values.lengths))
            if column.shapes is not None:
                column.shapes.append(values.shapes[0])
        self._keys.bytes.append(chunk.keys[0])
        self._keys.lengths.append(memoryview(chunk.key_lengths))
        self.records += chunk.records
        self._write_back()

    def _write_back(self) -> None:
        """The disk works while the next chunks are made, not all at the end."""
        if self._main is None or self._columns[self._main].bytes.size - self._flushed < _SYNC:
            return
        main = self._columns[self._main].bytes
        if isinstance(main, Straight) and main.straight:
            return  # it does
        if self._flush is None or self._flush.done():
            self._flushed = self._columns[self._main].bytes.size
            self._flush = self._flusher.submit(self._columns[self._main].bytes.sync)

    # What an interrupted build goes on with

    def state(self) -> dict[str, Any]:
        return {"records": self.records, "sizes": {file.path.name: file.size for file in self._files}}

    def restore(self, state: dict[str, Any] | None) -> None:
        """Back to a state, None that of the beginning."""
        sizes = state["sizes"] if state else {}
        for file in self._files:
            file.cut(sizes.get(file.path.name, 0))
        self.records = state["records"] if state else 0

    def commit(self) -> None:
        """What was written is there, should the program end."""
        self._flush_main()

    def _flush_main(self) -> None:
        for column in self._columns:
            if isinstance(column.bytes, Straight):
                column.bytes.flush()

    def sync(self) -> None:
        """It is there too, should the power fail."""
        for file in self._files:
            file.sync()

    def close(self) -> None:
        self._flusher.shutdown()
        for file in self._files:
            file.close()

    # The end

    def finish(self, about: About) -> Path:
        """The file, whole. Raises OSError, sqlite3.Error."""
        self._flush_main()
        frame = self._folder / "frame.h5"
        main = None if self._main is None else self._columns[self._main]
        adopt = main is not None and main.bytes.size >= _LEAST and not self._chunked(main)
        offset = self._frame(frame, about, main if adopt else None)
        if not adopt or offset != START:
            if adopt:  # HDF5 has put it elsewhere
                self._frame(frame, about, None)
            return frame
        assert main is not None
        with open(frame, "rb") as source:
            _copy(source.fileno(), main.bytes.descriptor, 0, START)
            size = os.fstat(source.fileno()).st_size
            _copy(source.fileno(), main.bytes.descriptor, START + main.bytes.size, size)
            os.ftruncate(main.bytes.descriptor, size)
        frame.unlink()
        return main.bytes.path

    def _chunked(self, column: _Column) -> bool:
        return self._level > 0 and column.main and is_fixed(column.field)

    def _frame(self, path: Path, about: About, adopted: _Column | None) -> int | None:
        """An HDF5 file of everything; of an adopted column there is room only. Its offset."""
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        access.set_alignment(_LEAST if adopted else 1, START if adopted else 1)
        path.unlink(missing_ok=True)
        offset = None
        with h5py.File(h5py.h5f.create(os.fsencode(path), h5py.h5f.ACC_TRUNC, fapl=access)) as file:
            records = file.create_group(RECORDS)
            if adopted is not None:
                offset = self._room(records, adopted)
            for column in self._columns:
                self._column(records, column, given=column is adopted)
            keys = file.create_group(KEYS)
            _values(keys, BYTES, self._keys.bytes, np.dtype("u1"))
            _ends(keys, self._keys.lengths)
            _order(keys, self._keys, self.records)
            file.create_dataset(ABOUT, data=np.frombuffer(about.to_bytes(), np.uint8))
            file.attrs[MARK] = VERSION
        return offset

    def _room(self, records: h5py.Group, column: _Column) -> int:
        ragged = not is_fixed(column.field)
        group = records.create_group(h5_name(column.field.name)) if ragged else records
        name = BYTES if ragged else h5_name(column.field.name)
        shape = (column.bytes.size,) if ragged else (self.records, *map(int, column.field.shape))  # pyright: ignore[reportArgumentType]
        how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        how.set_layout(h5py.h5d.CONTIGUOUS)
        how.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        how.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        kind = h5py.h5t.py_create(np.dtype("u1") if ragged else stored_dtype(column.field))
        made = h5py.h5d.create(group.id, name.encode(), kind, h5py.h5s.create_simple(shape), how)
        return made.get_offset()

    def _column(self, records: h5py.Group, column: _Column, *, given: bool) -> None:
        field, name = column.field, h5_name(column.field.name)
        if is_fixed(field):
            shape = (self.records, *map(int, field.shape))  # pyright: ignore[reportArgumentType]
            if self._chunked(column):
                _packed(records, name, column, shape, self._level)
            elif not given:
                _values(records, name, column.bytes, stored_dtype(field), shape)
            return
        group = records.require_group(name)
        if not given:
            _values(group, BYTES, column.bytes, np.dtype("u1"))
        assert column.lengths is not None
        _ends(group, column.lengths)
        if column.shapes is not None:
            _values(group, SHAPES, column.shapes, np.dtype("<u4"), (self.records, len(field.shape)))


class _Column:
    """The files of a field."""

    def __init__(self, folder: Path, at: int, field: Field, start: int) -> None:
        self.field = field
        self.main = start > 0
        self.bytes = Straight(folder / "data", start) if self.main else Grown(folder / f"{at}.bytes")
        ragged = not is_fixed(field)
        self.lengths = Grown(folder / f"{at}.lengths") if ragged or self.main else None
        numbers = ragged and not is_text(field) and not field.encoding
        self.shapes = Grown(folder / f"{at}.shapes") if numbers else None

    @property
    def files(self) -> list[Grown]:
        return [file for file in (self.bytes, self.lengths, self.shapes) if file is not None]


def _blocks(file: Grown, size: int = _AT_ONCE) -> Iterator[bytes]:
    place, end = file.start, file.start + file.size
    while place < end:
        data = os.pread(file.descriptor, min(size, end - place), place)
        if not data:
            raise OSError(f"{file.path.name} is shorter than it was")
        yield data
        place += len(data)


def _values(group: h5py.Group, name: str, file: Grown, dtype: np.dtype, shape: tuple[int, ...] | None = None) -> None:
    """What a file holds becomes a data set N×…, as it is."""
    made = group.create_dataset(name, shape or (file.size // dtype.itemsize,), dtype)
    _fill(made, file, dtype, lambda values: values)


def _ends(group: h5py.Group, file: Grown) -> None:
    """Where values of these lengths end."""
    made, before = group.create_dataset(ENDS, (file.size // 8,), "<i8"), 0

    def ends(lengths: np.ndarray) -> np.ndarray:
        nonlocal before
        found = np.cumsum(lengths) + before
        before = int(found[-1])
        return found

    _fill(made, file, np.dtype("<i8"), ends)


def _fill(made: h5py.Dataset, file: Grown, dtype: np.dtype, become: Callable[[np.ndarray], np.ndarray]) -> None:
    row = dtype.itemsize * int(np.prod(made.shape[1:], dtype=np.int64))
    place = 0
    if not row:
        return
    for data in _blocks(file, max(_AT_ONCE // row, 1) * row):
        values = become(np.frombuffer(data, dtype)).reshape(-1, *made.shape[1:])
        made[place : place + len(values)] = values
        place += len(values)


def _order(group: h5py.Group, keys: Keys, records: int) -> None:
    made, place, held = group.create_dataset(ORDER, (records,), "<i8"), 0, array("q")
    for _, number in keys.in_order():
        held.append(number)
        if len(held) == _AT_ONCE // 8:
            made[place : place + len(held)] = np.frombuffer(held, np.int64)
            place, held = place + len(held), array("q")
    if held:
        made[place : place + len(held)] = np.frombuffer(held, np.int64)


def _packed(group: h5py.Group, name: str, column: _Column, shape: tuple[int, ...], level: int) -> None:
    """Values that the workers have packed, a chunk each."""
    made = group.create_dataset(
        name, shape, stored_dtype(column.field), chunks=(1, *shape[1:]), compression="gzip", compression_opts=level
    )
    assert column.lengths is not None
    place, row, origin = column.bytes.start, 0, (0,) * (len(shape) - 1)
    for data in _blocks(column.lengths):
        for length in array("q", data):
            made.id.write_direct_chunk((row, *origin), os.pread(column.bytes.descriptor, length, place))
            place, row = place + length, row + 1


def _copy(source: int, target: int, first: int, last: int) -> None:
    while first < last:
        data = os.pread(source, min(_AT_ONCE, last - first), first)
        if not data:
            raise OSError("the frame of the file is shorter than it was")
        done = 0
        while done < len(data):
            done += os.pwrite(target, data[done:], first + done)
        first += len(data)
