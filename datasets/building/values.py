"""A row of the listing becomes the packed values of a record."""

from __future__ import annotations

import base64
import errno
import json
import math
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..formats.own import pack_text, pack_value, stored_dtype
from .checking import checked
from .encoding import UnusableError, encoder
from .outline import Origin, Outline, unknown_of

LARGEST_FILE = 1 << 30  # bytes
TOO_LARGE_FILE = "a file of more than 1 GB"
NO_FILE = "no ordinary file"
SHORT = "a file that ends before the image in it does"
OTHER_SHAPE = "an array of another shape than the others"

Row: TypeAlias = tuple[Any, ...]
Packer: TypeAlias = Callable[[Row, list[Any]], bytes]

# Columns of a row: key, group, part, copy, classes…, other values as JSON.
KEY, GROUP, PART, COPY, CLASSES = range(5)
_OPEN = os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0)  # a FIFO would be waited for


class Files:
    """The files of a source; one that many values lie in stays open."""

    def __init__(self, spool: Path) -> None:
        self._spool = os.fspath(spool)
        self._path: str | None = None
        self._descriptor = -1

    def whole(self, path: str) -> bytes:
        """The bytes of a file. Raises UnusableError."""
        try:
            descriptor = os.open(path, _OPEN)
        except OSError as error:
            raise UnusableError(unreadable(error)) from error
        try:
            size_of(descriptor)
            with open(descriptor, "rb", buffering=0, closefd=False) as file:
                return file.readall() or b""
        except OSError as error:
            raise UnusableError(unreadable(error)) from error
        finally:
            os.close(descriptor)

    def part(self, path: str, offset: int, size: int | None) -> bytes:
        """`size` bytes at `offset`, all that follows where it is None. Raises UnusableError."""
        path = path or self._spool
        try:
            if path != self._path:
                self.close()
                self._descriptor, self._path = os.open(path, _OPEN), path
            if size is None:
                size = max(0, os.fstat(self._descriptor).st_size - offset)
            if size > LARGEST_FILE:
                raise UnusableError(TOO_LARGE_FILE)
            data = os.pread(self._descriptor, size, offset)
        except OSError as error:
            raise UnusableError(unreadable(error)) from error
        if len(data) < size:
            raise UnusableError(SHORT)
        return data

    def array(self, said: list[Any]) -> np.ndarray:
        """The array that a row describes: in a file, or in the row itself. Raises UnusableError."""
        if len(said) == 3:
            data, shape, dtype = base64.b64decode(said[0]), said[1], np.dtype(said[2])
        else:
            path, offset, size, shape, dtype = said
            dtype = np.dtype(dtype)
            data = self.part(path, offset, math.prod(shape) * dtype.itemsize if size is None else size)
        if len(data) != math.prod(shape) * dtype.itemsize:
            raise UnusableError(SHORT)
        return np.frombuffer(data, dtype).reshape(shape)

    def close(self) -> None:
        if self._path is not None:
            os.close(self._descriptor)
            self._path = None


def size_of(descriptor: int) -> int:
    """The bytes of an ordinary file, of which there are not too many. Raises UnusableError, OSError."""
    facts = os.fstat(descriptor)
    if stat.S_ISDIR(facts.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(facts.st_mode):  # a device never ends
        raise UnusableError(NO_FILE)
    if facts.st_size > LARGEST_FILE:
        raise UnusableError(TOO_LARGE_FILE)
    return facts.st_size


def unreadable(error: OSError) -> str:
    """Why a file cannot be read, as the same words for all files."""
    if isinstance(error, FileNotFoundError):
        return "a file that is not there"
    if isinstance(error, PermissionError):
        return "a file that may not be read"
    return f"a file that cannot be read: {(error.strerror or 'an error of the disk').lower()}"


class Images:
    """The values of an image field, as they are stored."""

    def __init__(self, origin: Origin, outline: Outline, files: Files) -> None:
        self._origin = origin
        self._pixels = outline.pixels
        self._files = files
        self._keep = origin.encoding == "keep"
        self._decode = outline.decode
        self._raw = origin.encoding == "raw"
        self._encode = encoder("png" if self._keep else origin.encoding, outline.quality)

    def made(self, said: Any) -> tuple[bytes | np.ndarray, np.ndarray | None]:
        """A file's bytes or an array H×W×C, and its pixels where they are known. Raises UnusableError."""
        if isinstance(said, list) and said[3]:
            pixels = self._pixels.of_array(self._files.array(said))
        else:
            data = self._files.whole(said) if isinstance(said, str) else self._files.part(*said[:3])
            if reason := checked(data):
                raise UnusableError(reason)
            if self._keep:
                return data, self.seen(data)
            pixels = self._pixels.of_file(data)
        if not self._raw:
            return self._encode(pixels), pixels
        if not _of_shape(pixels.shape, self._origin.field.shape):
            raise UnusableError(OTHER_SHAPE)
        return np.ascontiguousarray(pixels), pixels

    def seen(self, data: bytes | memoryview) -> np.ndarray | None:
        """The pixels of a file that is kept as it is, where they are counted. Raises UnusableError."""
        return self._pixels.of_file(data) if self._decode else None


def packers(outline: Outline, files: Files) -> list[Packer | None]:
    """How each field but the main one is packed; that one is None. They raise UnusableError."""
    return [
        None if at == outline.main else _packer(origin, outline, files) for at, origin in enumerate(outline.origins)
    ]


def _packer(origin: Origin, outline: Outline, files: Files) -> Packer:
    field, at = origin.field, origin.at
    if origin.kind == "part":
        table = _classes(field, range(len(field.classes)))
        return lambda row, _: table[-1 if row[PART] is None else row[PART]]
    if origin.kind == "group":
        return lambda row, _: row[GROUP] or b""
    if origin.kind == "class":
        place, table = CLASSES + at, _classes(field, origin.numbers)
        return lambda row, _: table[-1 if row[place] is None else row[place]]
    if origin.kind == "text":
        return lambda _, rest: pack_text(rest[at])
    if origin.kind == "number":
        packed = struct.Struct("<q" if field.dtype == "int64" else "<d").pack
        return lambda _, rest: packed(math.nan if rest[at] is None else rest[at])
    if origin.kind == "image":
        images = Images(origin, outline, files)
        return lambda _, rest: pack_value(field, images.made(rest[at])[0])
    unknown = unknown_of(origin)
    return lambda _, rest: _array(field, unknown if rest[at] is None else files.array(rest[at]))


def _array(field: Any, values: np.ndarray) -> bytes:
    try:
        return pack_value(field, values)
    except ValueError as error:
        raise UnusableError(OTHER_SHAPE) from error


def _classes(field: Any, numbers: Any) -> list[bytes]:
    """The packed number of each class; last, of one that nobody knows."""
    dtype = stored_dtype(field)
    return [np.array(number, dtype).tobytes() for number in (*numbers, -1)]


def _of_shape(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(want in (None, size) for size, want in zip(shape, wanted, strict=True))


def key_of(row: Row, mark: str) -> bytes:
    """Of a sample, and of its repetitions."""
    return row[KEY] + f"{mark}{row[COPY]}".encode() if row[COPY] else row[KEY]


def rest_of(row: Row) -> list[Any]:
    return json.loads(row[-1])
