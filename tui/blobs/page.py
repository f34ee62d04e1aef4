"""Records as they stand on a page: read together, and where that fails each for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...datasets.blob import Blob
from ...datasets.errors import BlobError, IndexingError
from ...datasets.labels import Change
from ...datasets.schema import Field
from ...engine.text import printable
from ..drawing.cells import steady
from ..pixels.tone import Rgb, coloured, range_of
from .tiles import fitted
from .words import said_of

_AT_ONCE = 16  # records that are read together: the first of a page are there before the last


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of records is to be seen: their `places`, `picture` a field of images or arrays, `words` fields in words.

    `room` (width, height): pixels of a picture.
    """

    places: tuple[int, ...]
    picture: str = ""
    room: tuple[int, int] = (1, 1)
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a page. `words` by field. `problem`: the sentence in place of what cannot be read.

    `guess` is what a network says the only field of `words` (of several: the label) is, with `confidence`, where nobody
    has said anything; `changed` whether somebody has.
    """

    place: int
    key: str = ""
    picture: Rgb | None = field(default=None, compare=False)
    words: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    guess: str = ""
    confidence: float | None = None
    changed: bool = False
    later: bool = False  # it can be read once the keys of the file are counted


def read_page(blob: Blob, wanted: Wanted) -> Iterator[list[Entry]]:
    """The entries in the order of `wanted.places`, some at a time; raises nothing for what cannot be read."""
    for start in range(0, len(wanted.places), _AT_ONCE):
        places = wanted.places[start : start + _AT_ONCE]
        try:
            yield _entries(blob, wanted, places)
        except IndexingError as error:
            yield [Entry(place, problem=printable(error, 300), later=True) for place in places]
        except (BlobError, IndexError, ValueError, KeyError):
            yield [_alone(blob, wanted, place) for place in places]


def _entries(blob: Blob, wanted: Wanted, places: Sequence[int]) -> list[Entry]:
    keys = blob.keys(places)
    words = _words(blob, wanted.words, places)
    pictures: Sequence[Rgb | None] = [None] * len(places)
    if wanted.picture:
        shown = blob.schema[wanted.picture]
        values = blob.read(places, [wanted.picture])[wanted.picture]
        pictures = [thumbnail(value, shown, wanted.room) for value in values]
    label = blob.schema.label
    asked = wanted.words[0] if len(wanted.words) == 1 else label.name if label is not None else ""
    given, guessed = _said(blob, asked)
    made = []
    for at, (place, key) in enumerate(zip(places, keys, strict=True)):
        guess = guessed.get(key) if key not in given else None
        made.append(
            Entry(
                place, key, pictures[at], {name: each[at] for name, each in words.items()},
                guess="" if guess is None else steady(guess.value, 80),
                confidence=None if guess is None else guess.confidence, changed=key in given,
            )
        )  # fmt: skip
    return made


def _said(blob: Blob, name: str) -> tuple[Mapping[str, Change], Mapping[str, Change]]:
    """What persons and networks have said of a field, by key."""
    over = blob.side_labels
    return ({}, {}) if over is None or not name else (over.of(name), over.suggested(name))


def _alone(blob: Blob, wanted: Wanted, place: int) -> Entry:
    """One record of a page on which something cannot be read: as much of it as can."""
    try:
        return _entries(blob, wanted, [place])[0]
    except (BlobError, IndexError, ValueError, KeyError) as error:
        problem = printable(error, 300)
    key, words = "", {}
    for name in wanted.words:
        try:
            words |= {name: each[0] for name, each in _words(blob, [name], [place]).items()}
        except (BlobError, IndexError, ValueError, KeyError):
            continue
    with suppress(BlobError, IndexError):
        key = blob.key(place)
    return Entry(place, key, None, words, problem)


def _words(blob: Blob, names: Sequence[str], places: Sequence[int]) -> dict[str, list[str]]:
    fields = [name for name in names if name in blob.schema]
    if not fields:
        return {}
    read = blob.read(places, fields)
    return {name: [said_of(blob, name, value) for value in read[name]] for name in fields}


def thumbnail(value: Any, of: Field, room: tuple[int, int]) -> Rgb | None:
    """A picture of a value that fits into `room`; None where it has none."""
    pixels = pixels_of(value, of)
    return None if pixels is None else fitted(pixels, room)


def pixels_of(value: Any, of: Field) -> Rgb | None:
    """An image as it is; an array of two axes, or of three with few channels, in colours for its numbers."""
    values = np.asarray(value)
    if of.kind == "image":
        return values if values.ndim == 3 else values[..., None] if values.ndim == 2 else None
    if of.kind != "array" or values.ndim not in (2, 3) or values.dtype.kind not in "uifb" or not values.size:
        return None
    plane = values if values.ndim == 2 else values.mean(axis=int(np.argmin(values.shape)))
    plane = plane.astype(np.float32)
    return coloured(plane, range_of(plane))


def drawable(of: Field) -> bool:
    """Whether a field can be shown as a picture."""
    return of.kind == "image" or (of.kind == "array" and len(of.shape) in (2, 3) and _numbers(of.dtype))


def _numbers(dtype: str) -> bool:
    try:
        return np.dtype(dtype or "float64").kind in "uifb"
    except TypeError:
        return False
