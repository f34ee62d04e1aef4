"""LMDBs that others wrote: Caffe's Datum records, picture files as LSUN has them, and whatever else has keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ...engine.text import printable
from ..errors import BeingWrittenError, BlobError
from ..schema import Field, Schema
from .datum import Datum, parse
from .key_index import FEW, PATIENCE, KeyIndex
from .lmdb_file import LmdbFile
from .own import RECORDS, pack_text, unpack_text
from .pictures import is_picture_file
from .table_source import decoded

T = TypeVar("T")

# Keys of loaders that count: no records.
IGNORED = frozenset((b"__len__", b"__keys__", b"length", b"num-samples", b"num_samples"))
LONGEST = 511  # bytes of a key of LMDB
LARGEST_LIST = 1 << 20  # bytes of a file of classes


class ForeignLmdb:
    """A Source. Places are those of the keys in their order; they are counted in the background."""

    def __init__(self, file: LmdbFile) -> None:
        """Raises BlobError."""
        self._file = file
        file.enter(self)
        with file.snapshot() as transaction:
            if transaction.get(RECORDS.encode()) is not None:  # ours, which has come a moment ago
                raise BeingWrittenError(f"{file.name} is only begun: it does not say yet what is in it")
            self._index = KeyIndex(file, frozenset(key for key in IGNORED if transaction.get(key) is not None))
            self._length = self._index.total(transaction)
            first = next((bytes(value) for key, value in transaction.cursor() if bytes(key) not in IGNORED), None)
        if first is None:
            raise BlobError(f"{file.name} is empty: it holds no record")
        self._notes: tuple[str, ...] = ()
        self.format, self._schema, self._datum = self._recognised(first)
        self._index.start()

    def _recognised(self, first: bytes) -> tuple[str, Schema, bool]:
        if is_picture_file(first):
            return (
                "LMDB of pictures",
                Schema((Field("image", "image", "uint8", (None, None, None), (), "file"),)),
                False,
            )
        datum = _datum(first)
        if datum is None:
            return "LMDB", Schema((Field("value", "array", "uint8", (None,)),)), False
        encoding = "file" if datum.encoded or is_picture_file(bytes(datum.data[:16])) else ""
        label = Field("label", "class", "int64", (), _classes_beside(self._file.plain.path))
        fields = [Field("image", "image", "uint8", (None, None, None), (), encoding), label]
        if datum.floats is not None and not _are_pixels(datum):
            fields[0] = Field("values", "array", "float32", (None, None, None))
        elif not encoding and datum.shape[0] == 3:
            self._notes = ("its colours are taken for blue, green, red, as Caffe has them",)
        return "Caffe LMDB", Schema(tuple(fields)), True

    @property
    def path(self) -> Path:
        return self._file.path

    @property
    def schema(self) -> Schema:
        return self._schema

    @property
    def attributes(self) -> Mapping[str, Any]:
        return {}

    @property
    def statistics(self) -> Mapping[str, Any]:
        return {}

    @property
    def notes(self) -> tuple[str, ...]:
        index = self._index
        counted = () if index.done else (f"its keys are being counted: {index.count} of {self._length}",)
        return (*self._notes, *self._file.notes, *counted)

    def __len__(self) -> int:
        return self._length

    # Names

    def key(self, place: int) -> str:
        return self.keys([place])[0]

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        return self._each(places, lambda cursor: unpack_text(bytes(cursor.key())))

    def find(self, key: str) -> int | None:
        name = pack_text(key)
        if not 0 < len(name) <= LONGEST:
            return None
        with self._file.snapshot() as transaction:
            if transaction.get(name) is None:
                return None
        self._index.wait(name)
        with self._file.snapshot() as transaction:
            place = self._index.find(transaction, name)
        return place if place is not None and place < self._length else None

    def by_key(self, key: str) -> dict[str, Any] | None:
        """The values of the record of a key, also while its place is not known yet."""
        name = pack_text(key)
        with self._file.snapshot() as transaction:
            data = transaction.get(name) if 0 < len(name) <= LONGEST else None
            found = None if data is None or name in IGNORED else bytes(data)
        shown = printable(key, 60)
        return None if found is None else {field.name: self._value(found, field, shown) for field in self._schema}

    # Values

    def raw(self, place: int, field: str) -> bytes:
        known = self._schema[field]
        (data,) = self._each([place], lambda cursor: bytes(cursor.value()))
        if not self._datum:
            return data
        datum = self._parsed(data, str(place))
        if known.kind == "class":
            return datum.label.to_bytes(8, "little", signed=True)
        return bytes(datum.data) if datum.floats is None else datum.floats.tobytes()

    def read(self, places: Sequence[int], field: str) -> Any:
        known = self._schema[field]
        if known.kind == "class":
            labels = self._each(places, lambda cursor: self._parsed(cursor.value(), "?").label)
            return np.array(labels, np.int64)
        stored = self._each(places, lambda cursor: bytes(cursor.value()))
        return [self._value(data, known, str(place)) for data, place in zip(stored, places, strict=True)]

    def _value(self, data: bytes, known: Field, place: str) -> Any:
        if not self._datum:
            return np.frombuffer(bytearray(data), np.uint8) if known.kind == "array" else self._pixels(data, place)
        datum = self._parsed(data, place)
        if known.kind == "class":
            return datum.label
        if known.kind == "image" and known.encoding:
            return self._pixels(datum.data, place)
        try:
            pixels = datum.pixels
        except ValueError as error:
            raise BlobError(f"record {place} of {self._file.name} is damaged: {error}") from error
        if known.kind == "array":
            return pixels.copy()
        upright = np.moveaxis(pixels, 0, -1)
        turned = upright[..., ::-1] if upright.shape[-1] == 3 else upright
        return np.ascontiguousarray(turned if turned.dtype == np.uint8 else np.rint(turned).clip(0, 255), np.uint8)

    def _pixels(self, data: bytes | memoryview, place: str) -> np.ndarray:
        return decoded([data], [place], self._file.name)[0]

    def _parsed(self, data: bytes | memoryview, place: str) -> Datum:
        try:
            return parse(data)
        except ValueError as error:
            raise BlobError(f"record {place} of {self._file.name} is damaged: {error}") from error

    def _each(self, places: Sequence[int], work: Callable[[Any], T]) -> list[T]:
        """What `work` makes of each record, in the order of `places`."""
        found: list[Any] = [None] * len(places)
        if len(places) and not 0 <= min(places) <= max(places) < self._length:
            raise IndexError(f"there is no such record: there are {self._length}")
        if len(places):
            self._index.wait(int(max(places)), None if len(places) > FEW else PATIENCE)
        with self._file.snapshot() as transaction:
            for number, cursor in self._index.walk(transaction, places):
                found[number] = work(cursor)
        return found

    def refresh(self) -> bool:
        if self._file.replaced:
            self._file.reopen()
            self.__init__(self._file)
            return True
        before = self._length
        with self._file.snapshot() as transaction:
            self._index.follow(transaction)
            self._length = self._index.total(transaction)
        return self._length != before

    def close(self) -> None:
        self._file.leave(self)


def _datum(data: bytes) -> Datum | None:
    """A plausible Datum, for many bytes can be read as one."""
    try:
        found = parse(data)
        if found.encoded or is_picture_file(bytes(found.data[:16])):
            return found if is_picture_file(bytes(found.data[:16])) else None
        return found if found.pixels.size else None
    except ValueError:
        return None


def _are_pixels(datum: Datum) -> bool:
    values = datum.floats
    return values is not None and datum.shape[0] in (1, 3) and bool(((values >= 0) & (values <= 255)).all())


def _classes_beside(path: Path) -> tuple[str, ...]:
    """The names in a labels.txt beside an LMDB, as DIGITS leaves it."""
    for folder in (path.parent, path.parent.parent):
        try:
            with open(folder / "labels.txt", "rb") as file:
                data = file.read(LARGEST_LIST)
        except OSError:
            continue
        return tuple(line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip())
    return ()
