"""One record with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...datasets.blob import Blob
from ...datasets.errors import BlobError
from ...datasets.record import Record
from ...datasets.schema import Field
from ...engine.text import printable
from ..drawing.cells import size, steady
from ..pixels.tone import Array
from .words import described, facts, readable, said_of

_NUMBERS = 64  # of an array that are said one by one
_RAW = 64 << 20  # bytes of a value whose size in the file is asked for


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one field: on one line (`text`) or several; `note` stands dim behind it."""

    name: str
    text: str
    note: str = ""
    more: tuple[str, ...] = ()
    problem: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """`values` are H×W×C bytes of an image, or the numbers of an array of two or three axes; None without a picture."""

    place: int
    key: str = ""
    values: Array | None = field(default=None, compare=False)
    image: bool = True
    fields: tuple[Said, ...] = ()
    problem: str = ""


def read_whole(blob: Blob, place: int, picture: str, record: Record | None = None) -> Whole:
    """All fields of a record; what cannot be read says so in its place. Raises nothing for that.

    `record` where it was found by its key, and nobody knows its place yet.
    """
    key, problem, values = "", "", None
    try:
        key = blob.key(place) if record is None else record.key
    except (BlobError, IndexError) as error:
        problem = printable(error, 300)
    if picture in blob.schema:
        try:
            values = np.asarray(_value(blob, place, picture, record))
        except (BlobError, IndexError, ValueError) as error:
            problem = printable(error, 300)
    if values is not None and values.ndim == 2 and blob.schema[picture].kind == "image":
        values = values[..., None]
    said = tuple(
        _field(blob, place, key, each, values if each.name == picture else None, record) for each in blob.schema
    )
    return Whole(place, key, values, picture in blob.schema and blob.schema[picture].kind == "image", said, problem)


def _value(blob: Blob, place: int, name: str, record: Record | None) -> Any:
    return blob.read([place], [name])[name][0] if record is None else record[name]


def _field(blob: Blob, place: int, key: str, of: Field, read: Array | None, record: Record | None) -> Said:
    try:
        value = _value(blob, place, of.name, record) if read is None else read
    except (BlobError, IndexError, ValueError) as error:
        return Said(of.name, printable(error, 300), described(of), problem=True)
    if of.kind == "image":
        return Said(of.name, facts(value), _stored_size(blob, place, of) if place >= 0 else of.encoding)
    if of.kind == "array":
        values = np.asarray(value)
        more = tuple(np.array2string(values, precision=4, max_line_width=60).splitlines()[:40])
        return Said(of.name, facts(value), "", more if 0 < values.size <= _NUMBERS else ())
    if of.kind == "text":
        lines = readable(str(value))
        return Said(of.name, lines[0] if len(lines) == 1 else "", "", tuple(lines) if len(lines) > 1 else ())
    text = said_of(blob, of.name, value) or "?"
    note = f"class {int(value)} of {len(of.classes)}" if of.kind == "class" and of.classes and int(value) >= 0 else ""
    return Said(of.name, text, " · ".join(each for each in (note, *_given(blob, place, key, of)) if each))


def _stored_size(blob: Blob, place: int, of: Field) -> str:
    """How an image is stored, and in how many bytes."""
    try:
        count = len(blob.raw(place, of.name))
    except (BlobError, IndexError, KeyError, NotImplementedError):
        return of.encoding
    return " ".join(each for each in (size(count), of.encoding or "raw") if each)


def _given(blob: Blob, place: int, key: str, of: Field) -> list[str]:
    """What the file says beside the value that somebody gave, who that was, and what a network thinks."""
    over = blob.side_labels
    if over is None or place < 0:
        return []
    said: list[str] = []
    change, guess = over.of(of.name).get(key), over.suggested(of.name).get(key)
    if change is not None:
        stored = blob.stored(place, of.name)
        in_file = "" if stored is None else said_of(blob, of.name, stored) or "?"
        said.append(f"stored: {in_file or 'nothing'}")
        if change.by:
            said.append(f"by {steady(change.by, 40)}")
    if guess is not None and guess.confidence is not None:
        model = f" ({steady(guess.model, 40)})" if guess.model else ""
        said.append(f"a network says {steady(guess.value, 80)}, {guess.confidence:.0%}{model}")
    return said
