"""Blobs of any format, to make another of: HDF5 of LMDB, and the other way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...engine.text import printable
from ..errors import BlobError, SourceError
from ..formats.located import images
from ..sample import Found, Planned, Problems, Sample
from ..schema import Field
from .image_folder import SPLITS
from .layout import found
from .listed import yes
from .walking import is_file

if TYPE_CHECKING:
    from ..blob import Blob
    from ..source import Source

SUFFIXES = (".h5", ".hdf5", ".hdf", ".lmdb", ".mdb")
_OWN = ("group", "split")  # fields that a sample has beside its values
_PART = 256  # records that are read at once
UNREADABLE = "a record that cannot be read"


def look(path: Path, stored: bool | str | None = None) -> Found | None:
    """With the labels that persons gave laid over the stored ones, or only the `stored` ones. Raises SourceError."""
    from ..blob import open_blob

    if not is_file(path / "data.mdb") and path.suffix.lower() not in SUFFIXES:
        return None
    over = False if yes(stored) else None
    try:
        with open_blob(path, labels=over) as blob:
            schema, count, form = blob.schema, len(blob), blob.format
            if schema.image is None:
                there = ", ".join(printable(name, 40) for name in schema.names) or "nothing"
                raise SourceError(f"{printable(path, 300)} has no images: there is {there}")
            notes = (form, *blob.notes)
            parts = tuple(SPLITS.get(each.casefold(), each) for each in blob.groups if len(blob.part(each)))
    except BlobError as error:
        raise SourceError(str(error)) from None
    fields = tuple(Planned(field.name, field.kind, field.classes) for field in schema if field.name not in _OWN)
    return found("blob", fields, partial(_samples, path, over), total=count, notes=notes, parts=parts)


def _samples(path: Path, over: bool | None, problems: Problems) -> Iterator[Sample]:
    from ..blob import open_blob
    from ..formats.table import open_source

    try:
        blob, source = open_blob(path, labels=over), open_source(path)
    except BlobError as error:
        raise SourceError(str(error)) from None
    with blob, closing(source):
        for start in range(0, len(blob), _PART):
            places = range(start, min(start + _PART, len(blob)))
            try:
                yield from _read(blob, source, places)
            except BlobError:  # one of them: which, is found one by one
                for place in places:
                    try:
                        yield from _read(blob, source, range(place, place + 1))
                    except BlobError as error:
                        problems.add(UNREADABLE, f"{place}: {error}")


def _read(blob: Blob, source: Source, places: range) -> list[Sample]:
    """Some records; pictures by where they lie in the file, or as they were stored."""
    located = {field.name: images(source, places, field.name) for field in blob.schema if field.kind == "image"}
    there = {name: found for name, found in located.items() if found is not None}
    files = [field.name for field in blob.schema if _is_file(field) and field.name not in there]
    rest = [field for field in blob.schema if field.name not in there and field.name not in files]
    columns = blob.read(places, [field.name for field in rest]) if rest else {}
    samples: list[Sample] = []
    for number, place in enumerate(places):
        values: dict[str, Any] = {name: found[number] for name, found in there.items()}
        values |= {name: blob.raw(place, name) for name in files}
        values |= {field.name: _value(blob, field, columns[field.name][number]) for field in rest}
        group, split = str(values.pop("group", None) or ""), str(values.pop("split", None) or "")
        samples.append(Sample(blob.key(place), _ordered(blob, values), group, SPLITS.get(split.casefold(), split)))
    return samples


def _is_file(field: Field) -> bool:
    return field.kind == "image" and field.encoding in ("file", "jpeg", "png")


def _value(blob: Blob, field: Field, value: Any) -> Any:
    if field.kind != "class":
        return value
    if int(value) < 0:
        return None
    return blob.said(field.name, value) if field.classes else int(value)


def _ordered(blob: Blob, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in blob.schema.names if name in values}
