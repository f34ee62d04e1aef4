"""An HDF5 file that nobody vouches for: half copied, damaged, or made to do harm.

Only hard links are followed, so nothing leads out of the file; only numbers and one kind of text are read; and nothing
that is larger than the file itself, so what a file declares allocates nothing.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
from h5py import h5a, h5d, h5g, h5l, h5z  # pyright: ignore[reportAttributeAccessIssue]

from ..engine.text import printable
from .encoding import Array
from .header import SCHEMA
from .items import FigureError

_SIZES = {"i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "f": (2, 4, 8)}
_WIDEST = 64  # numbers of one field of a row
# What h5py raises for what HDF5 or NumPy find in a damaged file.
_DAMAGE = (OSError, LookupError, ValueError, TypeError, RuntimeError, ArithmeticError, MemoryError)
_SAID = {"signature not found": "it is no HDF5 file", "truncated file": "it is cut off"}


class FileSource:
    """The data sets of a figure file, checked as they are read. Raises FigureError."""

    def __init__(self, path: Path) -> None:
        self._shown = f"the figure file {printable(path.parent.name)}/{printable(path.name)}"
        with self.reading():
            self.size = self._size_of(path)
            self._file: Any = h5py.File(path, "r", locking=False)
        try:
            with self.reading():
                self._check_schema()
        except FigureError:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Whatever goes wrong within becomes a FigureError that names the file."""
        try:
            yield
        except FileNotFoundError:
            raise FigureError(f"{self._shown} does not exist") from None
        except FigureError as error:
            if str(error).startswith(self._shown):
                raise
            raise FigureError(f"{self._shown} is damaged: {printable(error, 300)}") from None
        except _DAMAGE as error:
            if isinstance(error, OSError) and error.errno and error.strerror:
                raise FigureError(f"{self._shown} cannot be read: {os.strerror(error.errno)}") from None
            said = next((said for sign, said in _SAID.items() if sign in str(error)), "HDF5 cannot read it")
            raise FigureError(f"{self._shown} is damaged: {said}") from None

    def text(self, path: str) -> bytes:
        """The one string of a data set."""
        stored = self._opened(path)
        if stored.dtype.kind != "S" or stored.shape != (1,):
            raise FigureError(f"{path} is no text")
        self._check(path, stored)
        return bytes(stored[0])

    def array(self, path: str, shape: tuple[int, ...] | None = None) -> Any:
        """A data set of numbers, of this shape if one is given: to be indexed."""
        stored = self._opened(path)
        if stored.dtype.itemsize not in _SIZES.get(stored.dtype.kind, ()):
            raise FigureError(f"{path} holds no numbers")
        if shape is not None and stored.shape != shape:
            raise FigureError(f"{path} has shape {stored.shape} instead of {shape}")
        self._check(path, stored)
        return stored

    def rows(self, first: int, count: int) -> Array:
        """Some rows of the table of items, as a structured array."""
        if not 0 <= first <= first + count <= len(self._items):
            raise FigureError(f"items has no {count} rows from {first} on")
        return self._items[first : first + count]

    @cached_property
    def _items(self) -> Array:
        stored = self._opened("items")
        for name in stored.dtype.names or ():
            kind = stored.dtype[name]
            if kind.base.itemsize not in _SIZES.get(kind.base.kind, ()) or math.prod(kind.shape) > _WIDEST:
                raise FigureError(f"items.{printable(name)} holds no numbers")
        if stored.dtype.names is None or stored.ndim != 1:
            raise FigureError("items is no table")
        self._check("items", stored)
        return stored[()]

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether the file could hold so many numbers."""
        return all(size >= 0 for size in shape) and math.prod(filter(None, shape)) <= self.size

    def _opened(self, path: str) -> Any:
        folder: Any = self._file.id
        *folders, name = path.encode().split(b"/")
        for each in folders:
            self._check_link(folder, each)
            folder = h5g.open(folder, each)
        self._check_link(folder, name)
        return h5py.Dataset(h5d.open(folder, name))

    @staticmethod
    def _check_link(folder: Any, name: bytes) -> None:
        if name not in folder:
            raise FigureError(f"{name.decode()} is missing")
        if folder.links.get_info(name).type != h5l.TYPE_HARD:
            raise FigureError(f"{name.decode()} is only a link to something else")

    def _check(self, path: str, stored: Any) -> None:
        """That what is declared lies in this file, all of it."""
        how = stored.id.get_create_plist()
        size = stored.dtype.itemsize * math.prod(stored.shape)
        match how.get_layout():
            case h5d.CONTIGUOUS if not how.get_external_count():
                start = stored.id.get_offset() or 0
            case h5d.CHUNKED if how.get_chunk() == stored.shape and _only_checksum(how):
                start = 0
            case _:
                raise FigureError(f"{path} is not stored as figures are")
        if not self.fits(stored.shape) or start + size > self.size or size > stored.id.get_storage_size():
            raise FigureError(f"{path} declares {size:,} bytes, which the file does not have")

    def _check_schema(self) -> None:
        if not h5a.exists(self._file.id, b"schema"):
            raise FigureError(f"{self._shown} is HDF5, but no figure of trainvis")
        schema = h5a.open(self._file.id, b"schema")
        if schema.shape != () or schema.dtype.kind not in "iu":
            raise FigureError("its schema is no number")
        number = int(self._file.attrs["schema"])
        if number > SCHEMA:
            raise FigureError(f"{self._shown} was written by a newer trainvis (schema {number}): update this one")
        if number < 1:
            raise FigureError(f"there is no schema {number}")

    def _size_of(self, path: Path) -> int:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a FIFO would be waited for
            raise FigureError(f"{self._shown} is no ordinary file")
        if facts.st_size == 0:
            raise FigureError(f"{self._shown} is empty")
        return facts.st_size


def _only_checksum(how: Any) -> bool:
    return how.get_nfilters() == 1 and how.get_filter(0)[0] == h5z.FILTER_FLETCHER32
