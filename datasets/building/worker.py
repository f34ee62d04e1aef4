"""A process that turns ranges of the plan into chunks: `python -m trainvis.datasets.building.worker DESCRIPTOR`.

It gets tasks and gives chunks through a socket; it ends with the builder, whose death it hears as the end of that.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import struct
import sys
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from ..formats.own import is_fixed, is_text, pack_shape
from ..looking.statistics import Accumulator
from .checking import checked
from .chunk import Chunk, Values
from .encoding import UnusableError
from .listing import LISTING, VALUES, connect
from .outline import Outline
from .slot import Slot
from .values import Files, Images, key_of, packers, rest_of, size_of, unreadable

_OPEN = os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told first. `packed` is whether records are packed as an LMDB has them, else HDF5's columns."""

    folder: Path
    outline: Outline
    packed: bool
    slots: tuple[int, ...]  # descriptors


class FullError(Exception):
    """A record does not fit into what is left of a slot; by itself it needs at most `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Worker:
    def __init__(self, connection: Connection, task: Task) -> None:
        self._connection = connection
        self._outline = task.outline
        self._packed = task.packed
        self._slots = [Slot(descriptor) for descriptor in task.slots]
        self._free = deque(range(len(self._slots)))
        self._waiting: deque[tuple[Any, ...]] = deque()
        self._table = connect(task.folder / LISTING, readonly=True)
        names = "".join(f", c{number}" for number in range(task.outline.classes))
        self._rows = (  # the names are numbered
            f"SELECT key, grp, plan.part, copy{names}, rest FROM plan JOIN samples ON id = sample"  # noqa: S608
            " WHERE place BETWEEN ? AND ? ORDER BY place"
        )
        self._files = Files(task.folder / VALUES)
        self._packers = packers(self._outline, self._files)
        self._schema = self._outline.schema
        self._main = self._outline.main
        self._images = None
        if self._main is not None:
            self._images = Images(self._outline.origins[self._main], self._outline, self._files)
        self._kept = self._main is not None and self._outline.origins[self._main].encoding == "keep"
        self._level = 0 if task.packed else self._outline.compression
        self._ragged = [not is_fixed(field) for field in self._schema]
        self._ranks = [0 if not r or is_text(f) or f.encoding else len(f.shape) for f, r in self._fields()]
        self._head = struct.Struct(f"<{1 + len(self._schema)}I").pack
        self._statistics = Accumulator(self._schema)

    def _fields(self) -> Iterator[tuple[Any, bool]]:
        return zip(self._schema, self._ragged, strict=True)

    def run(self) -> None:
        """Until the builder says so, or is no more."""
        while True:
            message = self._waiting.popleft() if self._waiting else self._connection.recv()
            match message:
                case ("range", first, last):
                    self._range(first, last)
                case ("free", slot):
                    self._free.append(slot)
                case ("flush",):
                    self._connection.send(("counted", self._statistics.to_json()))
                    self._statistics = Accumulator(self._schema)
                case _:
                    return

    def _range(self, first: int, last: int) -> None:
        chunk = self._new(first)
        for row in self._table.execute(self._rows, (first, last)).fetchall():
            while True:
                try:
                    self._add(chunk, row)
                except FullError as full:
                    if chunk.records:
                        self._send(chunk)
                        chunk = self._new(first)
                    else:
                        self._slots[chunk.slot].grow(full.size)
                    continue
                except UnusableError as error:
                    chunk.problems.append((str(error), row[0].decode("utf-8", "replace")))
                break
        chunk.last = True
        self._send(chunk)

    def _new(self, first: int) -> Chunk:
        while not self._free:
            message = self._connection.recv()
            if message[0] == "free":
                self._free.append(message[1])
            elif message[0] == "end":
                raise EOFError
            else:
                self._waiting.append(message)
        columns = [] if self._packed else [Values() for _ in self._schema]
        return Chunk(first, self._free.popleft(), columns=columns)

    def _send(self, chunk: Chunk) -> None:
        chunk.size = len(self._slots[chunk.slot].view)
        self._connection.send(("chunk", chunk.joined()))

    # A record

    def _add(self, chunk: Chunk, row: tuple[Any, ...]) -> None:
        """Raises FullError with the bytes that it takes, UnusableError."""
        key, rest = key_of(row, self._outline.mark), rest_of(row)
        values = [b"" if pack is None else pack(row, rest) for pack in self._packers]
        view, main = self._slots[chunk.slot].view, self._main
        head = 4 * (1 + len(values)) + len(key)
        prefix, pixels, length, image = b"", None, 0, None
        before = head + sum(map(len, values[:main])) if main is not None else head
        after = sum(map(len, values[main:])) if main is not None else sum(map(len, values))
        # In a packed record the main value stands between the others, else by itself.
        place = chunk.used + (before if self._packed else 0)
        if main is not None:
            said = rest[self._outline.origins[main].at]
            if self._kept and isinstance(said, str):
                length = self._read(said, view, place, after)
                pixels = self._checked(view[place : place + length])
            else:
                prefix, image, pixels = self._made(said)
                length = len(image)
                if self._packed:
                    place += len(prefix)
                # What is packed may become larger by a little.
                _room(view, place, length + after + (length // 100 + 100 if self._level else 0))
                view[place : place + length] = image
        else:
            _room(view, place, after)
        lengths = [len(value) for value in values]
        if main is not None:
            lengths[main] = len(prefix) + length
            values[main] = prefix
        start = self._head(len(key), *lengths) + key
        if self._packed:
            self._pack(chunk, view, start, values, length)
        else:
            self._columns(chunk, view, start, values, place, length)
        chunk.keys.append(key)
        chunk.key_lengths.append(len(key))
        chunk.records += 1
        self._count(values, pixels)

    def _made(self, said: Any) -> tuple[bytes, memoryview, np.ndarray | None]:
        """The main value: shape where that is stored, bytes, pixels."""
        assert self._images is not None
        assert self._main is not None
        image, pixels = self._images.made(said)
        if isinstance(image, bytes):
            return b"", memoryview(image), pixels
        shape = pack_shape(image.shape) if self._ranks[self._main] else b""
        return shape, image.data.cast("B"), pixels

    def _pack(self, chunk: Chunk, view: memoryview, start: bytes, values: list[bytes], length: int) -> None:
        """The rest of a record around its main value, which stands in its place already."""
        split = len(values) if self._main is None else self._main + 1
        before, after = b"".join([start, *values[:split]]), b"".join(values[split:])
        first, last = chunk.used, chunk.used + len(before) + length + len(after)
        _room(view, last, 0)
        view[first : first + len(before)] = before
        view[last - len(after) : last] = after
        chunk.digests.append(hashlib.sha256(view[first:last]).digest())
        chunk.lengths.append(last - first)
        chunk.used = last

    def _columns(
        self, chunk: Chunk, view: memoryview, start: bytes, values: list[bytes], place: int, length: int
    ) -> None:
        """The values of the fields, each with those of the other records; and the digest of what would be packed."""
        main = self._main
        split = len(values) if main is None else main + 1
        digest = hashlib.sha256(b"".join([start, *values[:split]]))
        if main is not None:
            digest.update(view[place : place + length])
            digest.update(b"".join(values[split:]))
        chunk.digests.append(digest.digest())
        for at, (column, value, ragged, rank) in enumerate(
            zip(chunk.columns, values, self._ragged, self._ranks, strict=True)
        ):
            if rank:
                column.shapes.append(value[: 4 * rank])
                value = value[4 * rank :]
            if at == main:
                if self._level:
                    packed = zlib.compress(view[place : place + length], self._level)
                    length = len(packed)
                    view[place : place + length] = packed
                column.lengths.append(length)
                chunk.used += length
                continue
            column.data.append(value)
            if ragged:
                column.lengths.append(len(value))

    def _read(self, path: str, view: memoryview, place: int, after: int) -> int:
        """A whole file, right to where it is to stand; its length."""
        try:
            descriptor = os.open(path, _OPEN)
            try:
                end = place
                while read := os.readv(descriptor, [view[end:]]) if end < len(view) else 0:
                    end += read
                if end + after < len(view):
                    return end - place
                size = size_of(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UnusableError(unreadable(error)) from error
        raise FullError(place + max(size, end - place) + after + 1)

    def _checked(self, data: memoryview) -> np.ndarray | None:
        assert self._images is not None
        if reason := checked(data):
            raise UnusableError(reason)
        return self._images.seen(data)

    def _count(self, values: list[bytes], pixels: np.ndarray | None) -> None:
        said: dict[str, Any] = {}
        for field, value in zip(self._schema, values, strict=True):
            if field.kind == "class":
                said[field.name] = int.from_bytes(value, "little", signed=True)
            elif field.kind == "number":
                said[field.name] = struct.unpack("<q" if field.dtype == "int64" else "<d", value)[0]
        self._statistics.add(pixels if self._outline.count else None, said)


def _room(view: memoryview, place: int, more: int) -> None:
    if place + more > len(view):
        raise FullError(place + more)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the builder is asked, and decides
    connection = Connection(int(sys.argv[1]))
    try:
        Worker(connection, connection.recv()).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (OSError, MemoryError, sqlite3.Error, ValueError, LookupError, ArithmeticError, TypeError) as error:
        connection.send(("failed", f"{type(error).__name__}: {error}"))


if __name__ == "__main__":
    main()
