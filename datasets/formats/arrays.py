"""What the arrays of a file mean that says nothing of it: which are pictures, which labels, which belong together.

Pairs of pictures and labels under any names; `x_train`, `test/images`, … are parts of one set, and become the field
`split`. What was guessed is said in the notes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ...engine.text import printable
from ..errors import BlobError
from ..schema import Field, Schema
from .array_columns import Joined, Runs
from .columns import Column, Places
from .pictures import Layout, files_layout, picture_layout
from .table_source import Adapt, Columns

_SPLIT = re.compile(
    r"(?:^|(?<=[/_.\- ]))(train(?:ing)?|test(?:ing)?|val(?:id(?:ation)?)?|dev)(?=$|[/_.\- \d])", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:^|[/_.\- ])(y|labels?|targets?|class(?:es)?|digits?|fine|coarse|emotions?|expressions?)(?:$|[/_.\- \d])",
    re.IGNORECASE,
)
_CLASSES = re.compile(r"class_?names|label_?names|list_classes|categories|(?:^|/)(?:names|classes)$", re.IGNORECASE)
_PARTS = {"t": "train", "v": "validation", "d": "validation"}
MOST_CLASSES = 100_000
SAMPLE = 8  # records that are looked at


class Array(Column, Protocol):
    """A column that knows the form of the whole: N×…, or `records_last`. `text` holds strings, `files` bytes."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype: ...
    @property
    def grows(self) -> bool: ...
    @property
    def form(self) -> str:
        """`numbers`, `text`, or `bytes`."""
        ...


@dataclass(frozen=True)
class Named:
    """An array by its name; `split` is the part of the set that the name speaks of, `base` the rest of it."""

    name: str
    column: Any
    split: str
    base: str


def named(name: str, column: Any) -> Named:
    found = _SPLIT.search(name)
    if found is None:
        return Named(name, column, "", name)
    word = found[1].lower()
    split = "test" if word.startswith("te") else _PARTS[word[0]]
    rest = re.sub(r"([/_.\- ])[/_.\- ]+", r"\1", name[: found.start()] + name[found.end() :]).strip("/_.- ")
    return Named(name, column, split, rest or "array")


def columns_of(file: str, arrays: Sequence[Named], notes: Sequence[str] = ()) -> Columns:
    """The fields that arrays give the records of a file. Raises BlobError where they are no records."""
    said = list(notes)
    pictures = _pictures(arrays)
    leading = pictures or _longest(arrays)
    if not leading:
        raise BlobError(f"{file} holds no records: none of its arrays has an axis of them")
    lengths = {each.split: len(each.column) for each in leading}
    fields: list[Field] = []
    columns: dict[str, Column] = {}
    adapt: dict[str, Adapt] = {}
    if pictures:
        layout = _layout(pictures[0])
        assert layout is not None
        fields.append(Field("image", "image", "uint8", layout.shape, (), layout.encoding))
        columns["image"] = _joined(pictures)
        if layout.adapt is not None:
            adapt["image"] = layout.adapt
        said.append(f"pictures are {_listed(pictures)}{layout.note}")
    names = _class_names(arrays, lengths)
    for base, group in _beside(arrays, leading, lengths).items():
        try:
            column = _joined(group)
        except BlobError as error:
            said.append(f"left out: {_listed(group)}: {error}")
            continue
        field, change, note = _field_of(base, column, names, fields, bool(pictures))
        if field is None:
            continue
        fields.append(field)
        columns[field.name] = column
        if change is not None:
            adapt[field.name] = change
        if field.kind == "class":
            said.append(f"{field.name} is {_listed(group)}{note}")
    if len(lengths) > 1:
        fields.append(Field("split", "class", "int64", (), tuple(lengths)))
        columns["split"] = Runs(list(lengths.values()))
    length = min(map(len, columns.values()))
    return Columns(file, Schema(tuple(fields)), columns, length, adapt=adapt, notes=tuple(said))


def _listed(group: Sequence[Named]) -> str:
    return ", ".join(printable(each.name, 60) for each in group)


# Which belong together


def _layout(array: Named) -> Layout | None:
    column = array.column
    if column.form == "bytes":
        return files_layout(column)
    return picture_layout(array.name, column) if column.form == "numbers" else None


def _pictures(arrays: Sequence[Named]) -> list[Named]:
    """The parts of the array of pictures: the likeliest, of those the one with most records."""
    found: dict[str, list[tuple[int, Named]]] = {}
    for array in arrays:
        layout = _layout(array) if len(array.column) else None
        if layout is not None:
            found.setdefault(array.base, []).append((layout.rank, array))
    if not found:
        return []
    best = min(found.values(), key=lambda group: (group[0][0], -sum(len(each.column) for _, each in group)))
    parts = [each for _, each in best]
    whole = [each for each in parts if not each.split]
    return whole[:1] if whole else _by_split(parts)


def _by_split(parts: Sequence[Named]) -> list[Named]:
    order = {"train": 0, "validation": 1, "test": 2}
    return sorted({each.split: each for each in reversed(parts)}.values(), key=lambda each: order[each.split])


def _longest(arrays: Sequence[Named]) -> list[Named]:
    """Without pictures: the arrays whose number of records most of them have."""
    lengths = [len(each.column) for each in arrays if len(each.column) > 1]
    if not lengths:
        return []
    count = max(lengths, key=lambda length: (lengths.count(length), length))
    return [next(each for each in arrays if len(each.column) == count)]


def _beside(arrays: Sequence[Named], leading: Sequence[Named], lengths: dict[str, int]) -> dict[str, list[Named]]:
    """Base name → the arrays that have a value for each record of every part."""
    found: dict[str, list[Named]] = {}
    grow = all(each.column.grows for each in leading)
    for array in arrays:
        # A writer adds to one after the other.
        same = lengths.get(array.split) == len(array.column) or (grow and array.column.grows)
        # Without pictures the leading array is a field as any other.
        if same and (array not in leading or _layout(array) is None):
            found.setdefault(array.base, []).append(array)
    return {base: _by_split(group) if "" not in lengths else group[:1] for base, group in found.items()
            if len({each.split for each in group}) == len(lengths)}  # fmt: skip


def _joined(group: Sequence[Named]) -> Any:
    return group[0].column if len(group) == 1 else Joined([each.column for each in group])


# What they are


def _class_names(arrays: Sequence[Named], lengths: dict[str, int]) -> tuple[str, ...]:
    for array in arrays:
        column = array.column
        meant = column.form == "text" and _CLASSES.search(array.name) and len(column) <= MOST_CLASSES
        if meant and len(column) not in lengths.values():
            return tuple(data.decode("utf-8", "replace") for data in column.take(range(len(column))))
    return ()


def _field_of(
    base: str, column: Any, names: tuple[str, ...], known: Sequence[Field], pictures: bool
) -> tuple[Field | None, Adapt | None, str]:
    """A field for an array beside the pictures, and what is done to its values."""
    name = _free(base, known)
    if column.form == "text":
        return Field(name, "text"), None, ""
    if column.form == "bytes":
        return None, None, ""
    flat = len(column.shape) == 1 or column.shape[1:] == (1,)
    dtype = column.dtype.newbyteorder("=").name
    likely = _LABEL.search(base) is not None
    label = "label" if not any(field.name == "label" for field in known) else name
    if flat and likely and column.dtype.kind in "iubf":
        counted = _count(column)
        if counted is not None:
            classes = names if len(names) >= counted else tuple(map(str, range(counted)))
            return Field(label, "class", "int64", (), classes), _one, ""
    if not flat and likely and len(column.shape) == 2 and _one_hot(column):
        classes = names if len(names) == column.shape[1] else tuple(map(str, range(column.shape[1])))
        return Field(label, "class", "int64", (), classes), _hottest, ", one hot"
    if flat:
        return Field(name, "number", dtype), (None if len(column.shape) == 1 else _first), ""
    if pictures or len(column.shape) > 1:
        return Field(name, "array", dtype, column.shape[1:]), None, ""
    return None, None, ""


def _free(base: str, known: Sequence[Field]) -> str:
    taken = {"image", "split", *(field.name for field in known)}
    return (
        base
        if base not in taken
        else next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)
    )


def _one(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values)).astype(np.int64)


def _first(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values))


def _hottest(values: np.ndarray) -> np.ndarray:
    return values.argmax(axis=1).astype(np.int64)


def _count(column: Any) -> int | None:
    """How many classes whole numbers tell apart; None where they are no numbers of classes."""
    low, high, step = 0, -1, 1 << 20
    for first in range(0, len(column), step):
        values = column.take(range(first, min(first + step, len(column))))
        if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.rint(values))).all():
            return None
        low, high = min(low, int(values.min())), max(high, int(values.max()))
    return high + 1 if low >= -1 and high < MOST_CLASSES else None


def _one_hot(column: Any) -> bool:
    if not len(column) or not 2 <= column.shape[1] <= MOST_CLASSES:
        return False
    values = column.take(sample(len(column)))
    return bool(((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all())


def sample(count: int) -> Places:
    """Some places, evenly spread."""
    return sorted({place * count // SAMPLE for place in range(SAMPLE)} - {count}) if count else []
