"""Giving labels: what a key means, what is written, what an undo takes back."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from ...datasets.blob import Blob
from ...datasets.errors import BlobError
from ...datasets.labels import Labels, Value
from ...datasets.schema import Field
from ...engine.text import one_line
from ..drawing.cells import steady

DIGITS = "1234567890"  # the key of the first ten classes


@dataclass(frozen=True, slots=True)
class Given:
    """A field of several records that was set at once: an undo takes all of them back."""

    field: str
    keys: tuple[str, ...]


def give(blob: Blob, places: Sequence[int], field: str, value: Value) -> Given:
    """Set a field of these records. Raises BlobError; what was written until then stays."""
    labels = _labels(blob)
    keys = tuple(blob.key(place) for place in places)
    by = _person()
    for key in keys:
        labels.append(key, field, value, by=by)
    blob.refresh()
    return Given(field, keys)


def confirm(blob: Blob, places: Sequence[int], field: str) -> Given:
    """What a network suggests for these records is right. Raises BlobError where it suggests nothing of them."""
    labels = _labels(blob)
    guesses, by = labels.suggested(field), _person()
    keys = [key for place in places if (key := blob.key(place)) in guesses]
    if not keys:
        raise BlobError(f"no network has suggested {field} of this record")
    for key in keys:
        labels.append(key, field, guesses[key].value, by=by)
    blob.refresh()
    return Given(field, tuple(keys))


def take_back(blob: Blob, given: Given) -> None:
    """Undo it. Raises BlobError."""
    labels, by = _labels(blob), _person()
    for key in given.keys:
        labels.undo(key, given.field, by=by)
    blob.refresh()


def keys_of(field: Field) -> list[tuple[str, str]]:
    """Digit → class: a class that is called like a digit has that one, else they are counted from 1."""
    if field.classes and all(len(name) == 1 and name in DIGITS for name in field.classes):
        return [(name, name) for name in field.classes]
    return list(zip(DIGITS, field.classes, strict=False))


def classes_line(field: Field, width: int) -> str:
    """Which digit gives which class, as many as there is room for."""
    pairs = keys_of(field)
    if all(digit == name for digit, name in pairs) and pairs:
        return f"the digits {pairs[0][0]} to {pairs[-1][0]} give the class"
    line = ""
    for at, (digit, name) in enumerate(pairs):
        more = f"  v {len(field.classes) - at:,} more"
        piece = f"{'  ' if line else ''}[{digit}] {steady(name, 24)}"
        if len(line) + len(piece) + len(more) > width:
            return line + more
        line += piece
    return line + (f"  v {len(field.classes) - len(pairs):,} more" if len(field.classes) > len(pairs) else "")


def class_of(field: Field, digit: str) -> str | None:
    """The class that a digit gives."""
    return dict(keys_of(field)).get(digit)


def value_of(field: Field, text: str) -> Value:
    """What a person typed as a value of a field; nothing typed is None. Raises BlobError."""
    text = one_line(text)
    if not text:
        return None
    if field.kind != "number":
        return text
    try:
        number = float(text)
    except ValueError:
        raise BlobError(f"{field.name} is a number, and {steady(text, 40)!r} is none") from None
    return int(number) if number.is_integer() and "." not in text else number


def fields_of(blob: Blob) -> list[str]:
    """The fields that can be given: classes first."""
    found = [field for field in blob.schema if field.kind in ("class", "number", "text")]
    return [field.name for field in sorted(found, key=lambda field: (field.name == "split", field.kind != "class"))]


def suggested_of(blob: Blob, fields: Sequence[str]) -> str:
    """The first of these fields of which a network suggests something nobody has confirmed, else the first."""
    over = blob.side_labels
    named = [field for field in fields if field]
    return next((field for field in named if over is not None and over.suggestions(field)), "".join(named[:1]))


def _labels(blob: Blob) -> Labels:
    if blob.side_labels is None:
        raise BlobError(f"{blob.name} was opened without a side file for labels")
    return blob.side_labels


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
