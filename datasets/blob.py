"""A data set in one file, open for reading: `open_blob(path)[i]["image"]`."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Self, overload

import numpy as np

from .errors import BlobError, IndexingError
from .labels import Labels
from .record import Record
from .schema import UNKNOWN, Field, Schema
from .source import Source

__all__ = ["Blob", "View", "open_blob"]


class Blob(Sequence[Record]):
    """The records of a file, with the labels of a side file laid over them. Read-only; safe in forks and threads."""

    def __init__(self, source: Source, labels: Labels | None = None) -> None:
        self._source = source
        self._over = labels
        self._labels_seen = 0 if labels is None else labels.version
        self._version = labels.version if labels is not None else 0
        self._schema: Schema | None = None
        self._places: dict[str, dict[int, Any]] = {}  # of fields: what the side file says, by place

    # What it is

    @property
    def path(self) -> Path:
        return self._source.path

    @property
    def name(self) -> str:
        return self._source.path.name

    @property
    def format(self) -> str:
        return self._source.format

    @property
    def schema(self) -> Schema:
        """The stored fields; those that a side file adds, or adds classes to, as they are with it."""
        self._heed()
        if self._schema is None:
            stored = self._source.schema
            self._schema = stored if self._over is None else self._over.widened(stored)
        return self._schema

    @property
    def classes(self) -> tuple[str, ...]:
        """Of the label."""
        label = self.schema.label
        return label.classes if label is not None else ()

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._source.attributes

    @property
    def statistics(self) -> Mapping[str, Any]:
        return self._source.statistics

    @property
    def notes(self) -> tuple[str, ...]:
        return self._source.notes

    @property
    def digest(self) -> str:
        """Of the content, as it was built (`formats.own.Digest`); "" where nobody made one."""
        return getattr(self._source, "digest", "")

    def packed(self, place: int) -> bytes:
        """A record of a blob of ours as the digest counts it. Raises BlobError where it is none of ours."""
        pack = getattr(self._source, "packed", None)
        if pack is None:
            raise BlobError(f"{self.name} is no blob of trainvis's: its records have no digest")
        return pack(_inside(place, len(self)))

    @property
    def side_labels(self) -> Labels | None:
        """The side file whose labels lie over the stored ones."""
        return self._over

    # Its records

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> View: ...
    def __getitem__(self, place: int | slice) -> Record | View:
        """A record, or a lazy view of some. Raises IndexError, BlobError."""
        if isinstance(place, slice):
            return View(self, range(*place.indices(len(self))))
        return Record(self, _inside(place, len(self)))

    def key(self, place: int) -> str:
        return self._source.key(_inside(place, len(self)))

    def keys(self, places: Sequence[int]) -> Sequence[str]:
        """The names of several records, in this order: they cost less together."""
        inside = _are_inside(places, len(self))
        return self._source.keys(places if inside else [_inside(place, len(self)) for place in places])

    def find(self, key: str) -> int | None:
        """The place of a key. Raises IndexingError where the keys are still counted, BlobError."""
        return self._source.find(key)

    def by_key(self, key: str) -> Record | None:
        """The record of a key, also while its place is not known yet (and is −1). Raises BlobError."""
        try:
            place = self.find(key)
            return None if place is None else Record(self, place, key)
        except IndexingError:
            values = getattr(self._source, "by_key")(key)  # noqa: B009
            return None if values is None else Record(self, -1, key, values)

    def raw(self, place: int, field: str) -> bytes:
        """The bytes of a value as they are stored. Raises KeyError, BlobError."""
        if type(place) is int and place >= 0:  # which the source checks itself
            return self._source.raw(place, field)
        return self._source.raw(_inside(place, len(self)), field)

    def raws(self, places: Sequence[int], field: str) -> list[bytes]:
        """The stored bytes of several records, in this order; they cost less together. Raises KeyError, BlobError."""
        if field not in self._source.schema:
            raise KeyError(field)
        places = [_inside(place, len(self)) for place in places]
        many = getattr(self._source, "raws", None)
        return many(places, field) if many else [self._source.raw(place, field) for place in places]

    def read(self, places: Sequence[int], fields: Sequence[str] | None = None) -> dict[str, Any]:
        """Field → the values of these records, in this order: one array where they have one shape, else a list.

        Raises KeyError for an unknown field, IndexError for a place that is not there, BlobError.
        """
        if not _are_inside(places, len(self)):
            places = [_inside(place, len(self)) for place in places]
        names = self.schema.names if fields is None else fields
        return {name: _together(self._values(places, self.schema[name])) for name in names}

    def stored(self, place: int, field: str) -> Any:
        """A value as the file has it, without the side file; None where it has no such field. Raises BlobError."""
        if field not in self._source.schema:
            return None
        return self._source.read([_inside(place, len(self))], field)[0]

    def labels(self, field: str | None = None, *, stored: bool = False) -> np.ndarray:
        """The numbers of the classes of all records (int64, UNKNOWN where nobody knows), of the label unless another
        field is named; `stored` as they stand in the file, without the side file. Raises BlobError.
        """
        wanted = self.schema[field] if field is not None else self.schema.label
        if wanted is None:
            raise BlobError(f"{self.name} has no labels: none of its fields is a class")
        everything = range(len(self))
        if stored:
            if wanted.name not in self._source.schema:
                return np.full(len(self), UNKNOWN)
            return np.asarray(self._source.read(everything, wanted.name), dtype=np.int64)
        return np.asarray(self._values(everything, wanted), dtype=np.int64)

    def said(self, field: str, value: Any) -> str:
        """A value of a field as a word: the name of a class, "" where nobody knows it."""
        if self.schema[field].kind != "class":
            return str(value)
        classes, number = self.schema[field].classes, int(value)
        return "" if number < 0 else classes[number] if number < len(classes) else str(number)

    # Parts of it

    def at(self, places: Sequence[int]) -> View:
        """A lazy view of these records, in this order."""
        return View(self, places)

    def where(self, field: str, value: str | int) -> View:
        """A lazy view of the records of a class, by name or number. Raises BlobError for one that is not there."""
        if field not in self.schema or self.schema[field].kind != "class":
            raise BlobError(
                f"{self.name} has no classes called {field!r}: {', '.join(self.schema.names)} are its fields"
            )
        classes = self.schema[field].classes
        if isinstance(value, str) and value not in classes:
            raise BlobError(f"{field} of {self.name} is never {value!r}: {', '.join(classes)} are its classes")
        number = classes.index(value) if isinstance(value, str) else value
        return View(self, np.flatnonzero(self.labels(field) == number))

    @property
    def groups(self) -> tuple[str, ...]:
        """The parts that it was split into: `part(name)` gives each."""
        return self.schema["split"].classes if "split" in self.schema else ()

    def part(self, name: str) -> View:
        """The records of a part of the split: train, validation, test. Raises BlobError."""
        if name not in self.groups:
            raise BlobError(f"{self.name} has no part {name!r}: {', '.join(self.groups) or 'it was not split'}")
        return self.where("split", name)

    # Its life

    def refresh(self) -> bool:
        """Look whether a writer has added records, or a person labels; whether anything is different now."""
        found = self._source.refresh()
        if self._over is not None:
            self._over.refresh()
            # What was given through this very object was read by it already.
            found = found or self._over.version != self._labels_seen
            self._labels_seen = self._over.version
        if found:
            self._schema, self._places = None, {}
        return found

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process it is opened there again."""
        return open_blob, (self.path, False if self._over is None else self._over.path)

    def __repr__(self) -> str:
        return f"<Blob {self.name!r} {self.format}, {len(self)} records>"

    def _heed(self) -> bool:
        """Forget what the side file said before it said something else; whether it did."""
        version = 0 if self._over is None else self._over.version
        if version == self._version:
            return False
        self._version, self._schema, self._places = version, None, {}
        return True

    def _values(self, places: Sequence[int], field: Field) -> Any:
        stored = self._source.read(places, field.name) if field.name in self._source.schema else None
        if self._over is None:
            if stored is None:
                raise BlobError(f"{self.name} is another file now: it has no {field.name} any more")
            return stored
        changed = self._changed(field.name)
        values = {at: changed[place] for at, place in enumerate(places) if place in changed} if changed else {}
        return self._over.over(field, stored, len(places), values)

    def _changed(self, field: str) -> Mapping[int, Any]:
        """Place → what the side file says of this field."""
        assert self._over is not None
        self._heed()
        if field not in self._places:
            said = self._over.of(field)
            if len(said) * 16 < len(self):  # looked up one by one they cost less than all keys
                found = ((self.find(key), change.value) for key, change in list(said.items()))
                self._places[field] = {place: value for place, value in found if place is not None}
            else:
                keys = enumerate(self._source.keys(range(len(self))))
                self._places[field] = {place: said[key].value for place, key in keys if key in said}
        return self._places[field]


class View(Sequence[Record]):
    """Some records of a blob, in an order of their own; nothing is read before it is asked for."""

    def __init__(self, blob: Blob, places: Sequence[int] | np.ndarray) -> None:
        self.blob = blob
        self.places = places

    @property
    def schema(self) -> Schema:
        return self.blob.schema

    @property
    def classes(self) -> tuple[str, ...]:
        return self.blob.classes

    @property
    def name(self) -> str:
        return self.blob.name

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Record]:
        return (self.blob[int(place)] for place in self.places)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> View: ...
    def __getitem__(self, place: int | slice) -> Record | View:
        if isinstance(place, slice):
            return View(self.blob, self.places[place])
        return self.blob[int(self.places[_inside(place, len(self.places))])]

    def read(self, places: Sequence[int], fields: Sequence[str] | None = None) -> dict[str, Any]:
        """As that of a blob; `places` are those of the view."""
        return self.blob.read([int(self.places[_inside(place, len(self))]) for place in places], fields)

    def labels(self, field: str | None = None, *, stored: bool = False) -> np.ndarray:
        """As those of a blob, of these records."""
        return self.blob.labels(field, stored=stored)[np.asarray(self.places, dtype=np.int64)]


def open_blob(path: str | PathLike[str], labels: str | PathLike[str] | bool | None = None) -> Blob:
    """The blob in a file (or, of shards, in the files that belong to the one that is named), of any known format.

    `labels` is a side file whose labels lie over the stored ones; None takes the one beside the blob where there is
    one, False none. Raises BlobError: there is no such file, no format knows it, or it is damaged.
    """
    from . import decoding  # noqa: F401  # now: a child of a fork would wait for ever for a thread that imports it
    from .formats.table import open_source

    source = open_source(Path(path))
    if labels is False:
        return Blob(source)
    beside = Labels.path_beside(source.path) if labels is None or labels is True else Path(labels)
    return Blob(source, Labels(beside) if labels is not None or beside.exists() else None)


def _together(values: Any) -> Any:
    """One array of arrays of one shape."""
    if not isinstance(values, list) or not values or not all(isinstance(each, np.ndarray) for each in values):
        return values
    if len(values) == 1:
        return values[0][None]  # without a copy
    same = all(each.shape == values[0].shape and each.dtype == values[0].dtype for each in values)
    return np.stack(values) if same else values


def _are_inside(places: Sequence[int], length: int) -> bool:
    """Whether places are a range of those that are there: then they need not be looked at one by one."""
    if not isinstance(places, range) or not len(places):
        return False
    return min(places[0], places[-1]) >= 0 and max(places[0], places[-1]) < length


def _inside(place: Any, length: int) -> int:
    place = operator.index(place)
    if not -length <= place < length:
        raise IndexError(f"there is no record {place}: there are {length}")
    return place + length if place < 0 else place
