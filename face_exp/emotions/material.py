"""The faces that an expression network learns from, or is tried on: pictures of one size, and a word for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from ...datasets.blob import Blob
from ...datasets.feed_values import stacked
from ...datasets.schema import Schema
from ...engine.places import expanded
from ...engine.text import printable
from ..columns import column, field_of
from ..errors import FacesError
from ..sources import open_source
from ..splits import Split
from ..unreadable import unreadable
from ..words import WORDS, nearest, word_of
from . import parting
from .learned import described

Array: TypeAlias = np.ndarray
Say: TypeAlias = Callable[[str], None]

_AT_ONCE = 512  # records that are read together
_PARTS = ("train", "validation", "test")
# Fields that usually say it, the first that is there; a folder of folders has nothing but labels.
_EXPRESSIONS = ("expression", "emotion", "condition", "label")
_UNITS = ("identity", "subject", "person", "actor", "session", "film", "sequence", "group")
OWN, STORED = "own", "stored"  # parts: made here, or those of the data


@dataclass(frozen=True, slots=True)
class Reading:
    """How pictures and words are read: `size` pixels a side, 1 or 3 `channels`, the field of expressions and that of
    people, the layout of a source that is no blob, and how many faces an expression needs (0: fewer than three are
    refused). In a `trial` a network is only tried on them: any number will do.
    """

    size: int = 48
    channels: int = 1
    expression: str = "expression"
    identity: str = "identity"
    layout: str = ""
    least: int = 0
    trial: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """N faces: `images` N×S×S×C uint8, `truth` N numbers of `classes` (words of expressions, each of which occurs),
    `units` N numbers of people (or films, where nobody says who it is), called `whose`; None and "" where neither is
    known. `parts` are those that the data has. `notes` say what was left out. `learned_from` tells these data from
    others (`learned.described`).
    """

    name: str
    images: Array
    truth: Array
    classes: tuple[str, ...]
    units: Array | None
    whose: str
    parts: dict[str, Array]
    notes: tuple[str, ...]
    learned_from: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.truth)

    def split(self, seed: int, parts: str = "") -> tuple[Split, str]:
        """The three parts, and how they were made, in words: those of the data where it has them (or `parts` is
        "stored"), else people apart, else films apart, else each expression with its share. Raises FacesError.
        """
        stored = bool(len(self.parts.get("train", ()))) and parts != OWN
        if parts == STORED and not stored:
            raise FacesError(f"{self.name} does not say which records are to train on: leave out --split {STORED}")
        units = self.units if self.units is not None and len(np.unique(self.units)) >= len(_PARTS) else None
        if stored:
            found, how = parting.completed(self.parts, self.truth, units, seed), "parts as the data has them"
        else:
            found = parting.apart(self.truth, units, seed)
            how = f"nobody in two parts (by {self.whose})" if units is not None else "by expression, image by image"
        lacking = parting.lacking(found, self.truth)
        gone = [self.classes[number] for part, number in lacking if part == "train"]
        if gone:
            raise FacesError(
                f"nothing is left to learn {printable(', '.join(gone), 200)} from in the part to train on: "
                f"--split {OWN} makes other parts, --least 10 leaves rare expressions out"
            )
        for part, number in lacking:
            how += f"; no {self.classes[number]} in {part}"
        return found, how


def material(source: str | os.PathLike[str], reading: Reading, say: Say = print) -> Material:
    """Read a blob, or whatever a layout knows (a FER2013 CSV, JAFFE, CK+, …: packed into the cache first).

    Raises FacesError, and BlobError for records that cannot be read.
    """
    blob, name, told = _opened(source, reading, say)
    image = blob.schema.image
    if image is None:
        raise FacesError(f"{name} has no images: its fields are {', '.join(blob.schema.names)}")
    numbers, classes, notes = _words(blob, name, reading, [*told])
    kept = np.flatnonzero(numbers >= 0)
    units, whose = _units(blob, reading)
    parts = _parts_of(blob, kept)
    images = _images(blob, kept, image.name, reading)
    units = None if units is None else units[kept]
    learned_from = described(name, blob)
    return Material(name, images, numbers[kept], classes, units, whose, parts, notes, learned_from)


def _opened(source: str | os.PathLike[str], reading: Reading, say: Say) -> tuple[Blob, str, tuple[str, ...]]:
    """The blob in a file, or one made in the cache of a source that a layout knows; its name, and notes."""
    fields = [reading.expression, *_EXPRESSIONS, reading.identity, *_UNITS]

    def check(schema: Schema, name: str) -> None:
        _field(schema, name, reading)

    return open_source(expanded(source), reading.layout or None, reading.size, fields, None, check, say)


def _field(schema: Schema, name: str, reading: Reading) -> str:
    """The field that says the expression; unless one was named, others that usually do will do. Raises FacesError."""
    others = _EXPRESSIONS if reading.expression == _EXPRESSIONS[0] else ()
    return field_of(schema, name, reading.expression, others, "the expression", "--expression")


def _words(blob: Blob, name: str, reading: Reading, notes: list[str]) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    """The number of each record's expression (−1: none), the expressions, and notes. Raises FacesError."""
    said = column(blob, _field(blob.schema, name, reading))
    labels = said.of.copy()
    if unknown := int((labels < 0).sum()):
        notes.append(f"{unknown:,} faces left out: nobody knows their expression")
    bad = unreadable(blob, np.flatnonzero(labels >= 0))
    if len(bad):
        labels[bad] = -1
        notes.append(f"{len(bad):,} faces left out: their pictures cannot be read")
    words = [word_of(each) for each in said.names]
    strange = {each: int((labels == number).sum()) for number, each in enumerate(said.names) if words[number] is None}
    found = {word for word in words if word is not None}
    order = [*(word for word in WORDS if word in found), *sorted(found - set(WORDS))]
    table = np.array([-1 if word is None else order.index(word) for word in words] + [-1], np.int64)
    numbers = table[labels]  # −1 is the last of it
    strange = {each: count for each, count in strange.items() if count}
    if strange:
        listed = ", ".join(
            f"{printable(each, 40)!r} ({count:,}{_hint(each)})" for each, count in list(strange.items())[:6]
        )
        notes.append(f"{sum(strange.values()):,} faces left out, whose words are no expressions known here: {listed}")
    return _frequent(numbers, order, name, reading, notes)


def _hint(text: str) -> str:
    near = nearest(text)
    return f", did they mean {near}?" if near else ""


def _frequent(
    numbers: Array, order: list[str], name: str, reading: Reading, notes: list[str]
) -> tuple[Array, tuple[str, ...], tuple[str, ...]]:
    """Without expressions that never occur, or less often than asked. Raises FacesError where too few are left."""
    counts = np.bincount(numbers[numbers >= 0], minlength=len(order))
    least = 1 if reading.trial else max(reading.least, 3)
    rare = [number for number, count in enumerate(counts) if 0 < count < least]
    if rare and not reading.least:
        said = ", ".join(f"{order[number]} has {counts[number]}" for number in rare)
        raise FacesError(
            f"{said} in {name}: an expression needs three faces or more, one for each part (--least 3 leaves out "
            "expressions with fewer)"
        )
    notes += [f"{order[number]} left out: it has {counts[number]}, and {least} are asked for" for number in rare]
    kept = [number for number, count in enumerate(counts) if count and number not in rare]
    if len(kept) < (1 if reading.trial else 2):
        only = f"is only {order[kept[0]]}" if kept else "is none that is known here"
        why = f" ({printable('; '.join(notes), 300)})" if notes else ""
        raise FacesError(f"the expression of the faces in {name} {only}: two or more are needed to tell apart{why}")
    table = np.full(len(order) + 1, -1, np.int64)
    table[kept] = np.arange(len(kept))
    return table[numbers], tuple(order[number] for number in kept), tuple(notes)


def _units(blob: Blob, reading: Reading) -> tuple[Array | None, str]:
    """Who is in each picture, else from which film or sequence it is; those that nobody knows are each their own."""
    for name in dict.fromkeys((reading.identity, *_UNITS)):
        if name in blob.schema and blob.schema[name].kind in ("class", "text"):
            units = column(blob, name).of
            unknown = units < 0
            return np.where(unknown, units.max(initial=0) + 1 + np.cumsum(unknown), units), name
    return None, ""


def _parts_of(blob: Blob, kept: Array) -> dict[str, Array]:
    if "split" not in blob.schema or blob.schema["split"].kind != "class":
        return {}
    names, split = blob.schema["split"].classes, blob.labels("split")[kept]
    return {part: np.flatnonzero(split == names.index(part)) for part in _PARTS if part in names}


def _images(blob: Blob, kept: Sequence[int] | Array, field: str, reading: Reading) -> Array:
    """N×S×S×C uint8, resized and not cropped. Raises BlobError."""
    side, channels = reading.size, reading.channels
    made = np.empty((len(kept), side, side, channels), np.uint8)
    for at in range(0, len(kept), _AT_ONCE):
        some = [int(place) for place in kept[at : at + _AT_ONCE]]
        made[at : at + len(some)] = stacked(blob.read(some, [field])[field], (side, side), channels, None, blob.name)
    return made
