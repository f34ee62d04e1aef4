"""The fields of a blob as an experiment on faces takes them: people, expressions, groups and strengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..datasets.blob import Blob
from ..datasets.schema import Field, Schema
from ..engine.text import printable
from .errors import FacesError

Array: TypeAlias = np.ndarray

_GROUPS = ("group", "film", "sequence")  # fields that say what lies together, the first that is there


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A field of all N records as words: `of` are numbers into `names` (int64), −1 where nobody knows."""

    field: str
    names: tuple[str, ...]
    of: Array


def field_of(
    schema: Schema, name: str, asked: str, others: Sequence[str], what: str, option: str, more: str = ""
) -> str:
    """The field that is asked for, or one of the others. Raises FacesError, which names the fields there are."""
    known = {each.name.casefold(): each.name for each in schema if _is_word(each)}
    known |= {name: name for name in known.values()}
    found = next((known[each] for each in (asked, asked.casefold(), *others) if each in known), None)
    if found is not None:
        return found
    if asked in schema:
        raise FacesError(
            f"the field {printable(asked, 60)!r} of {printable(name, 80)} cannot say {what}: "
            f"it holds {_kind(schema[asked])}"
        )
    there = [f"{printable(each.name, 40)} ({_kind(each)})" for each in schema if each.kind != "image"]
    raise FacesError(
        f"{printable(name, 80)} has no field {printable(asked, 60)!r} that says {what}: besides the picture it has "
        f"{', '.join(there) or 'nothing'}" + (f"; name the one that does ({option})" if there else "") + more
    )


def column(blob: Blob, field: str) -> Column:
    """A field of classes, texts or numbers. Raises BlobError."""
    if blob.schema[field].kind == "class":
        of = blob.labels(field)
        names = [blob.said(field, number) for number in range(int(of.max(initial=-1)) + 1)]
        blank = [number for number, each in enumerate(names) if not each.strip()]
        return Column(field, tuple(names), np.where(np.isin(of, blank), -1, of))
    values = blob.read(range(len(blob)), [field])[field]
    texts = [_text(each) for each in values]
    names, of = np.unique(np.array(texts, dtype=object), return_inverse=True)
    of = of.reshape(-1).astype(np.int64)
    blank = [number for number, each in enumerate(names) if not each]
    return Column(field, tuple(names), np.where(np.isin(of, blank), -1, of))


def groups_of(blob: Blob, name: str, people: Column, asked: str | None, notes: list[str]) -> Column:
    """The group of each record; one without is a group by itself. Raises FacesError, BlobError."""
    keys = tuple(blob.keys(range(len(blob))))
    alone = Column("", keys, np.arange(len(blob)))
    if asked is None:
        asked = next((each for each in _GROUPS if each in blob.schema and _is_word(blob.schema[each])), "")
        if asked and (found := column(blob, asked)).names and set(found.names) <= set(people.names):
            notes.append(f"the field {asked} names people, who are all to be learned: faces are in no groups")
            asked = ""
    if not asked:
        return alone
    found = _together([_part(blob, name, people, each.strip()) for each in asked.split("+")])
    unknown = np.flatnonzero(found.of < 0)
    of = found.of.copy()
    of[unknown] = len(found.names) + np.arange(len(unknown))
    return Column(asked, (*found.names, *(keys[place] for place in unknown)), of)


def _part(blob: Blob, name: str, people: Column, field: str) -> Column:
    if field == "identity" and field not in blob.schema and people.field:
        return people
    return column(blob, field_of(blob.schema, name, field, (), "what lies together", "--group"))


def strengths(blob: Blob, kept: Array, notes: list[str]) -> Array | None:
    """How strong the expressions of these records are, 0…1, NaN where nobody knows; None where nothing says it."""
    if "intensity" not in blob.schema or not _is_word(blob.schema["intensity"]):
        return None
    said = column(blob, "intensity")
    try:
        values = np.array([*(float(each or "nan") for each in said.names), np.nan])[said.of[kept]]
    except ValueError:
        notes.append("the field intensity holds words and not numbers: it is not used")
        return None
    if not np.isfinite(values).any():
        return None
    most = float(np.nanmax(values))
    if np.nanmin(values) < 0:
        notes.append("the field intensity holds numbers below 0: it is not used")
        return None
    if most > 1:
        notes.append(f"intensities are divided by the largest, {most:g}")
        return values / most
    return values


def _together(columns: Sequence[Column]) -> Column:
    """The combinations of several columns that occur; −1 where nobody knows one of them."""
    if len(columns) == 1:
        return columns[0]
    found, of = np.unique(np.stack([each.of for each in columns], axis=1), axis=0, return_inverse=True)
    rows = found.tolist()
    names = tuple("/".join(each.names[at] for each, at in zip(columns, row, strict=True)) for row in rows)
    known = np.array([min(row) >= 0 for row in rows], bool)
    of = of.reshape(-1)
    return Column("+".join(each.field for each in columns), names, np.where(known[of], of, -1))


def _is_word(field: Field) -> bool:
    return field.kind in ("class", "text", "number")


def _kind(known: Field) -> str:
    if known.kind == "class":
        return f"{len(known.classes)} classes" if known.classes else "classes"
    return {"image": "pictures", "array": "arrays of numbers"}.get(known.kind, f"{known.kind}s")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    number = float(value)  # type: ignore[arg-type]
    if number != number:
        return ""
    return str(int(number)) if number.is_integer() else str(number)
