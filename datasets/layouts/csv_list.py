"""A list of pictures with their labels: CSV, TSV, or parted by semicolons, pipes or spaces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from ..schema import Kind
from . import rows, walking
from .image_folder import SPLITS
from .layout import found
from .listed import Place, below, root_of, yes
from .seen import Seen

SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".lst", ".list", ".psv")
SHORT = "a row with too few cells"
NOWHERE = "none of the first pictures is below the folder of the list: name the one they lie in (--root)"
AGAIN = "a row that was there before"
OTHER = "a picture that was listed before, with other labels"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row what stands: the place of the picture, and name → place of the rest."""

    image: int
    classes: dict[str, int]
    numbers: dict[str, int]
    texts: dict[str, int]
    group: int | None = None
    split: int | None = None

    @property
    def last(self) -> int:
        return max(self.image, self.group or 0, self.split or 0, *self._rest(), 0)

    def _rest(self) -> list[int]:
        return [*self.classes.values(), *self.numbers.values(), *self.texts.values()]


def look(
    path: Path,
    image: str | None = None,
    label: str | None = None,
    number: str | None = None,
    text: str | None = None,
    group: str | None = None,
    split: str | None = None,
    root: str | os.PathLike[str] | None = None,
    delimiter: str | None = None,
    header: bool | str | None = None,
    fold: bool | str | None = None,
) -> Found | None:
    """The columns are the named ones, else those whose names or cells tell. Raises SourceError."""
    told = image is not None or label is not None
    if path.is_dir():
        columns = {"image": image, "label": label, "number": number, "text": text, "group": group, "split": split}
        rest = {"root": root or path, "delimiter": delimiter, "header": header, "fold": fold}
        return _in_folder(path, partial(look, **columns, **rest), told)
    if path.suffix.lower() not in SUFFIXES and not told:
        return None
    table = rows.table(path, delimiter, yes(header))
    columns = Columns(
        table.column(image) if image else _image(table),
        _places(table, label) if label else {}, _places(table, number), _places(table, text),
        table.column(group) if group else None, table.column(split) if split else None,
    )  # fmt: skip
    notes: list[str] = []
    if label is None:
        columns, notes = _guessed(table, columns)
    folder, said = _folder(table, columns.image, root_of(root, path.parent))
    kinds: tuple[tuple[dict[str, int], Kind], ...] = (
        (columns.classes, "class"),
        (columns.numbers, "number"),
        (columns.texts, "text"),
    )
    fields = [Planned(name, kind) for names, kind in kinds for name in names]
    _apart(["image", *(field.name for field in fields)], path)
    step = partial(_samples, table, columns, folder, yes(fold) or False)
    return found("csv_list", (Planned("image", "image"), *fields), step, notes=(*notes, *said))


def _samples(table: rows.Table, columns: Columns, root: str, fold: bool, problems: Problems) -> Iterator[Sample]:
    with Seen() as seen:
        for place, row in table.rows(problems):
            where = f"{table.path.name}, row {place}"
            if len(row) <= columns.last:
                problems.add(SHORT, where)
                continue
            file = below(root, row[columns.image]) if row[columns.image] else "a row without a picture"
            if isinstance(file, str):
                problems.add(file, f"{where}: {row[columns.image]}")
                continue
            sample = _sample(file, row, columns, fold)
            if isinstance(sample, str):
                problems.add(sample, f"{where}: {row[columns.image]}")
                continue
            met = seen.add(sample.key, repr([value for name, value in sample.values.items() if name != "image"]))
            if met != "new":
                problems.add(AGAIN if met == "same" else OTHER, f"{where}: {row[columns.image]}")
                continue
            yield sample


def _sample(file: Place, row: list[str], columns: Columns, fold: bool) -> Sample | str:
    values: dict[str, object] = {"image": FileImage(file.path)}
    for name, place in columns.classes.items():
        word = walking.said(row[place])
        values[name] = (word.casefold() if fold else word) or None
    for name, place in columns.numbers.items():
        try:
            values[name] = as_number(row[place])
        except ValueError:
            return f"no number in the column {printable(name, 60)}"
    for name, place in columns.texts.items():
        values[name] = walking.said(row[place])
    group = walking.said(row[columns.group]) if columns.group is not None else ""
    split = row[columns.split].casefold() if columns.split is not None else ""
    return Sample(walking.said(file.name), values, group, SPLITS.get(split, walking.said(split)))


def as_number(cell: str) -> int | float | None:
    """A whole number, or another; None for nothing, NaN and infinity. Raises ValueError."""
    if not cell:
        return None
    try:
        found = int(cell)
    except ValueError:
        value = float(cell)
        return value if isfinite(value) else None
    if not -(2**63) <= found < 2**63:
        raise ValueError(cell)
    return found


def _in_folder(path: Path, again: partial[Found | None], told: bool) -> Found | None:
    """The only list in a folder, where its first rows name pictures in it or a person says that it is the list."""
    lists = [name for name in walking.glance(path)[1] if name.lower().endswith((".csv", ".tsv"))]
    if len(lists) != 1:
        return None
    try:
        source = again(path / lists[0])
    except SourceError:
        if told:
            raise
        return None
    if source is None or (NOWHERE in source.notes and not told):
        return None
    return replace(source, notes=(f"the list is {printable(lists[0], 80)}", *source.notes))


def _image(table: rows.Table) -> int:
    """The column with a usual name, else the first whose cells are picture files. Raises SourceError."""
    for place, name in enumerate(table.names):
        if name.casefold() in rows.IMAGE_NAMES:
            return place
    for place in range(max(map(len, table.first), default=0)):
        held = [row[place] for row in table.first if len(row) > place]
        if held and sum(map(walking.named_as_picture, held)) >= 0.5 * len(held):
            return place
    there = ", ".join(printable(name, 40) for name in table.names[:40])
    raise SourceError(
        f"no column of {printable(table.path.name, 80)} names pictures: say which does (--image)"
        + (f", of {there}" if there else "")
    )


def _guessed(table: rows.Table, columns: Columns) -> tuple[Columns, list[str]]:
    taken = {columns.image, columns.group, columns.split, *columns.numbers.values(), *columns.texts.values()}
    for place, name in enumerate(table.names):
        if name.casefold() in rows.LABEL_NAMES and place not in taken:
            note = f"the label is the column {printable(name, 60)}"
            return replace(columns, classes={printable(name, 60): place}), [note]
    width = max(map(len, table.first), default=0)
    left = [place for place in range(width) if place not in taken]
    if len(left) == 1:
        named = table.names[left[0]] if left[0] < len(table.names) else ""
        return replace(columns, classes={named or "label": left[0]}), [f"the label is column {left[0] + 1}"]
    return columns, ["the pictures have no label: name its column (--label)"] if left else []


def _places(table: rows.Table, asked: str | None) -> dict[str, int]:
    """Name → place of the columns that are asked for, with commas between them."""
    found: dict[str, int] = {}
    for name in filter(None, (each.strip() for each in (asked or "").split(","))):
        place = table.column(name)
        named = table.names[place] if place < len(table.names) else ""
        found[walking.said(printable(named, 60)) or ("label" if not found else f"column_{place + 1}")] = place
    return found


def _folder(table: rows.Table, image: int, root: str) -> tuple[str, list[str]]:
    """Below which folder the pictures lie: that of the list, or one in it that the first of them are in."""
    names = [row[image] for row in table.first if len(row) > image and row[image]][:20]
    if any(isinstance(below(root, name), Place) for name in names):
        return root, []
    for folder in walking.glance(Path(root or "/"))[0][:100]:
        if any(isinstance(below(f"{root}/{folder}", name), Place) for name in names):
            return f"{root}/{folder}", [f"the pictures lie in {printable(folder, 80)}"]
    return root, [NOWHERE]


def _apart(names: list[str], path: Path) -> None:
    names = [*names, "split", "group"]  # which a blob has of its own
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SourceError(f"two fields of {printable(path.name, 80)} would be called {printable(twice, 60)}")
