"""Arrays of NumPy, `.npy` and `.npz`: read where they lie, and never unpickled."""

from __future__ import annotations

import io
import os
import struct
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...engine.text import printable
from ..decoding import DAMAGE
from ..errors import BlobError
from ..schema import Schema
from .array_columns import Held, Texts
from .arrays import Named, columns_of, named
from .columns import DENSEST, Flat
from .plain_file import PlainFile
from .table_source import Columns

MAGIC = b"\x93NUMPY"
LARGEST_HELD = 1 << 30  # bytes of an array that has to be turned round in memory
_BLOCK = 1 << 20
# What NumPy and zipfile raise on damaged files.
_DAMAGE = (*DAMAGE, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class NumpyFile:
    """A Source of the arrays of a file."""

    def __init__(self, path: Path) -> None:
        """Raises BlobError."""
        self.path = path
        self._look()

    def _look(self) -> None:
        self._plain = PlainFile(self.path)
        self._seen = self._plain.fingerprint
        if self._plain.read(0, min(6, self._plain.size)) == MAGIC:
            self.format = "NumPy array"
            column = _column(self._plain, 0, self._plain.size, self._plain.name)
            self._now = columns_of(self._plain.name, [Named("data", column, "", "data")])
        else:
            self.format = "NumPy arrays"
            arrays, notes = _members(self._plain)
            self._now = columns_of(self._plain.name, arrays, notes)

    @property
    def schema(self) -> Schema:
        return self._now.schema

    @property
    def attributes(self) -> Mapping[str, Any]:
        return {}

    @property
    def statistics(self) -> Mapping[str, Any]:
        return {}

    @property
    def notes(self) -> tuple[str, ...]:
        return self._now.notes

    @property
    def columns(self) -> Columns:
        return self._now

    def __len__(self) -> int:
        return self._now.length

    def key(self, place: int) -> str:
        return self._now.key_list([place])[0]

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        return self._now.key_list(places)

    def find(self, key: str) -> int | None:
        return self._now.find(key)

    def raw(self, place: int, field: str) -> bytes:
        return self._now.raw(place, field)

    def read(self, places: Sequence[int], field: str) -> Sequence[Any]:
        return self._now.read(places, field)

    def refresh(self) -> bool:
        try:
            facts = self.path.stat()
        except OSError:  # removed; what is open stays
            return False
        if (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns) == self._seen:
            return False
        self._look()
        return True

    def close(self) -> None:
        self._plain.close()


def _members(file: PlainFile) -> tuple[list[Named], list[str]]:
    """The arrays of an .npz, and what is left out."""
    found: list[Named] = []
    problems: list[str] = []
    try:
        with open(file.path, "rb") as stream, zipfile.ZipFile(stream) as archive:
            members = [each for each in archive.infolist() if each.filename.endswith(".npy")]
            for member in members:
                name = member.filename.removesuffix(".npy")
                try:
                    found.append(named(name, _member(file, archive, member)))
                except BlobError as error:
                    problems.append(str(error))
    except _DAMAGE as error:
        raise BlobError(f"{file.name} is damaged or cut off: {printable(error, 200)}") from error
    if not found:
        raise BlobError(problems[0] if problems else f"{file.name} holds no arrays of NumPy")
    return found, [f"left out: {'; '.join(problems[:3])}"] if problems else []


def _member(file: PlainFile, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    shown = f"{printable(member.filename, 60)} in {file.name}"
    if member.file_size > DENSEST * max(member.compress_size, 1) or member.flag_bits & 1:
        raise BlobError(f"{shown} says to be larger than it can be, or is encrypted")
    if member.compress_type == zipfile.ZIP_STORED:
        head = file.read(member.header_offset, 30)
        names, extra = struct.unpack("<HH", head[26:30])
        start = member.header_offset + 30 + names + extra
        return _column(file, start, start + member.file_size, shown)
    # Unpacked once into a file that nobody sees: memory is for what is read.
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with archive.open(member) as stream:
            while block := stream.read(_BLOCK):
                unpacked.write(block)
        unpacked.flush()
        plain = PlainFile.of(os.dup(unpacked.fileno()), file.path)
    except _DAMAGE as error:
        raise BlobError(f"{shown} cannot be unpacked: {printable(error, 200)}") from error
    finally:
        unpacked.close()
    return _column(plain, 0, plain.size, shown)


def _column(file: PlainFile, start: int, end: int, shown: str) -> Any:
    """The column in an array that a file holds from `start` to `end`. Raises BlobError."""
    head = io.BytesIO(file.read(start, min(end - start, 1 << 16)))
    try:
        version = np.lib.format.read_magic(head)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(head)
    except _DAMAGE as error:
        raise BlobError(f"{shown} is no array of NumPy, or damaged: {printable(error, 200)}") from error
    if dtype.hasobject:
        raise BlobError(f"{shown} holds Python's objects: they are not unpickled, for that could run a program")
    if not shape or dtype.kind not in "biufSU" or not dtype.itemsize:
        raise BlobError(f"{shown} is an array of {dtype}, {'×'.join(map(str, shape)) or 'one value'}: no records")
    flat = Flat(file, start + head.tell(), dtype, tuple(map(int, shape)))
    if min(shape) < 0 or start + head.tell() + flat.width * shape[0] > end:
        raise BlobError(f"{shown} is cut off")
    if not fortran and dtype.kind in "biuf":
        return flat
    size = flat.width * shape[0]
    if size > LARGEST_HELD:
        raise BlobError(f"{shown} is too large for an array in Fortran's order, or of texts: {size >> 20} MB")
    values = np.frombuffer(file.read(flat.offset, size), dtype).reshape(shape, order="F" if fortran else "C")
    return Held(values) if dtype.kind in "biuf" else Texts(values)
