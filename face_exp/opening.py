"""Faces out of a blob or of any known layout, cleaned as the thesis did it: what was left out is counted and said."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ..datasets.blob import Blob
from ..datasets.errors import BlobError
from ..datasets.schema import Schema
from ..engine.text import printable
from .cleaning import cleaned, drawn, numbers_of
from .columns import Column, column, field_of, groups_of, strengths
from .errors import FacesError
from .faces import Faces
from .label_list import read_list
from .sources import open_source
from .splits import many
from .unreadable import mark
from .words import WORDS

Array: TypeAlias = np.ndarray

LEAST = 3  # images of a person: one for each part
IDENTITY, EXPRESSION = "identity", "expression"
# What layouts call them instead: JAFFE and CK+ have subjects, Yale conditions, a legend emotions.
_IDENTITIES = ("subject", "person", "actor", "name")
_EXPRESSIONS = ("emotion", "condition")


def open_faces(
    source: str | PathLike[str] | Blob,
    *,
    layout: str | None = None,
    identity: str = IDENTITY,
    expression: str = EXPRESSION,
    group: str | None = None,
    least: int = LEAST,
    people: int | None = None,
    limit: int | None = None,
    seed: int = 0,
    size: int = 130,
    labels: str | PathLike[str] | None = None,
    say: Callable[[str], object] = print,
) -> Faces:
    """The faces of a blob, or of a layout: of that a blob is built into the cache, its pictures on a black square of
    `size` pixels, and found again the next time.

    `identity`, `expression` and `group` are fields; `identity` "" takes all faces for one person's, `expression` ""
    all for neutral ones, `group` None finds the films or sequences itself, "" has none, and `identity+session` is a
    session of a person. A person has at least `least` images; at most `people` people and `limit` faces are drawn by
    the lot of `seed`. `labels` is a side file of labels (`.jsonl`) or a list (CSV) that says the expressions.

    Left out, counted and said: faces without a person or an expression, with a word that is none of the seven, that
    cannot be read, of people with too few. Raises FacesError.
    """
    _check(least, people, limit)
    side, listed = _labels(labels)
    notes: list[str] = []

    def check(schema: Schema, name: str) -> None:
        _identity_field(schema, name, identity)
        if listed is None:
            _expression_field(schema, name, expression)

    if isinstance(source, Blob):
        blob, name = source, source.name
    else:
        wanted = (identity, *_IDENTITIES, expression, *_EXPRESSIONS, *(group or "").split("+"), "film")
        blob, name, packed = open_source(Path(source), layout, size, filter(None, wanted), side, check, say)
        notes += packed
    try:
        if blob.schema.image is None:
            there = ", ".join(printable(each, 40) for each in blob.schema.names) or "nothing"
            raise FacesError(f"{printable(name, 80)} has no images: there is {there}")
        if not len(blob):
            raise FacesError(f"{printable(name, 80)} is empty: there is no face in it")
        who = _identities(blob, name, identity)
        shown = _expressions(blob, name, expression, listed, notes)
        kept = cleaned(blob, name, who, shown, least, notes)
        kept = drawn(kept, who.of, least, people, limit, seed, notes)
        found = _faces(blob, name, kept, who, shown, groups_of(blob, name, who, group, notes), notes)
    except (BlobError, FacesError) as error:
        if blob is not source:
            blob.close()
        raise FacesError(str(error)) from None
    for note in (*notes, summary(found, shown=expression != "")):
        say(note)
    return found


def summary(faces: Faces, *, shown: bool = True) -> str:
    """What the faces are, in one line; how often each expression is `shown`, where anybody asked for expressions."""
    counts = np.bincount(faces.expression, minlength=len(faces.expressions))
    said = ", ".join(f"{word} {count:,}" for word, count in zip(faces.expressions, counts, strict=True))
    groups = f" in {many(len(faces.groups), 'group')}" if len(faces.groups) < len(faces) else ""
    who = "person" if len(faces.identities) == 1 else "people"
    return f"{many(len(faces), 'face')} of {len(faces.identities):,} {who}{groups}" + (f": {said}" if shown else "")


def _check(least: int, people: int | None, limit: int | None) -> None:
    for what, value, smallest in (
        ("images of a person (least)", least, 1), ("people", people, 2), ("faces (limit)", limit, 1),
    ):  # fmt: skip
        if value is not None and value < smallest:
            raise FacesError(f"the number of {what} is {smallest} or more, not {value}")


def _labels(given: str | PathLike[str] | None) -> tuple[Path | None, Path | None]:
    """A side file, or a list. Raises FacesError."""
    if given is None:
        return None, None
    path = Path(given)
    if not path.is_file():
        raise FacesError(f"there are no labels in {printable(path, 300)}: there is no such file")
    return (path, None) if path.suffix.lower() == ".jsonl" else (None, path)


def _identity_field(schema: Schema, name: str, field: str) -> str:
    """Raises FacesError."""
    return field and field_of(schema, name, field, _IDENTITIES if field == IDENTITY else (), "who it is", "--identity")


def _expression_field(schema: Schema, name: str, field: str) -> str:
    """Raises FacesError."""
    others = _EXPRESSIONS if field == EXPRESSION else ()
    said = "; or give a file that says them (--labels): a side file .labels.jsonl, or CSV with file,expression"
    return field and field_of(schema, name, field, others, "the expression", "--expression", said)


def _identities(blob: Blob, name: str, field: str) -> Column:
    if not field:
        return Column("", ("anybody",), np.zeros(len(blob), np.int64))
    return column(blob, _identity_field(blob.schema, name, field))


def _expressions(blob: Blob, name: str, field: str, listed: Path | None, notes: list[str]) -> Column:
    """The expressions as they are written; what is said in a list lies over them."""
    if not field:
        return Column("", (WORDS[0],), np.zeros(len(blob), np.int64))
    if listed is None:
        field = _expression_field(blob.schema, name, field)
        side = blob.side_labels
        said = set(side.of(field)) if side is not None else set()
        if side is not None and (lost := said.difference(blob.keys(range(len(blob))) if said else ())):
            notes.append(
                f"{len(lost):,} of the {len(said):,} labels in {printable(side.path.name, 80)} name no face of the "
                f"data, such as {printable(min(lost), 80)!r}"
            )
        return column(blob, field)
    stored = column(blob, field) if field in blob.schema else Column(field, (), np.full(len(blob), -1, np.int64))
    found, told = read_list(listed, list(blob.keys(range(len(blob)))), field)
    notes += told
    names = {each: number for number, each in enumerate(stored.names)}
    of = stored.of.copy()
    for place, word in found.items():
        of[place] = names.setdefault(word, len(names))
    return Column(field, tuple(names), of)


def _faces(
    blob: Blob, name: str, kept: Array, who: Column, shown: Column, groups: Column, notes: list[str]
) -> Faces:  # fmt: skip
    intensity = strengths(blob, kept, notes)
    people, identity = _numbered(who.of[kept])
    words, expression = _numbered(numbers_of(shown)[shown.of[kept]])
    films, group = _numbered(groups.of[kept])
    names = tuple(who.names[number] for number in people)
    expressions = tuple(WORDS[number] for number in words)
    group_names = tuple(groups.names[number] for number in films)
    said = hashlib.sha256(repr((mark(blob), names, expressions, group_names)).encode("utf-8", "backslashreplace"))
    for each in (kept, identity, expression, group, np.empty(0) if intensity is None else intensity):
        said.update(np.ascontiguousarray(each).tobytes())
    return Faces(
        name, blob, kept, identity, names, expression, expressions, group, group_names, intensity, tuple(notes),
        said.hexdigest()[:32],
    )  # fmt: skip


def _numbered(values: Array) -> tuple[list[int], Array]:
    """The numbers that occur, and the places among them (int64)."""
    there, of = np.unique(values, return_inverse=True)
    return there.tolist(), of.reshape(-1).astype(np.int64)
