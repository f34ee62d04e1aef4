"""A list that says the expressions of faces: CSV with a column of keys or files, and one of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from ..datasets.errors import SourceError
from ..datasets.layouts import rows
from ..datasets.sample import Problems
from ..engine.text import printable
from .errors import FacesError

_KEYS = frozenset(("key", "keys", "record", *rows.IMAGE_NAMES))


def read_list(path: Path, keys: Sequence[str], field: str) -> tuple[Mapping[int, str], tuple[str, ...]]:
    """Place among `keys` → the word of the list, and what must be said of it. `field` is the column's name.

    A row names a face by its key, or by the name of its file where only one face has that, with or without its ending.
    Raises FacesError where the list cannot be read.
    """
    name, problems = printable(path.name, 80), Problems()
    try:
        table = rows.table(path)
        at_key, at_word = _columns(table, field)
        known = _places(keys)
        found: dict[int, str] = {}
        unknown, twice, count = [], 0, 0
        for _, row in table.rows(problems):
            count += 1
            if len(row) <= max(at_key, at_word) or not row[at_word]:
                problems.add("a row without a label", "")
                continue
            place = _place(known, row[at_key])
            if place is None:
                unknown.append(row[at_key])
            elif place in found:
                twice += found[place] != row[at_word]
            else:
                found[place] = row[at_word]
    except SourceError as error:
        raise FacesError(f"the labels cannot be read: {error}") from None
    notes = [f"{count:,} rows of {name} are left out: {reason}" for reason, count in problems.counts.items()]
    if unknown:
        notes.append(
            f"{len(unknown):,} of the {count:,} rows of {name} name no face of the data, such as "
            f"{printable(unknown[0], 80)!r}"
        )
    if twice:
        notes.append(f"{twice:,} rows of {name} say something else of a face than one before: the first counts")
    return found, tuple(notes)


def _columns(table: rows.Table, field: str) -> tuple[int, int]:
    """Raises SourceError."""
    names = [each.casefold() for each in table.names]
    key = next((place for place, each in enumerate(names) if each in _KEYS), 0)
    if field.casefold() in names:
        return key, names.index(field.casefold())
    usual = [place for place, each in enumerate(names) if each in rows.LABEL_NAMES and place != key]
    if usual:
        return key, usual[0]
    width = max(map(len, table.first), default=0)
    if width == 2:
        return key, 1 - key
    there = ", ".join(printable(each, 40) for each in table.names) or f"{width} columns without names"
    raise SourceError(
        f"no column of {printable(table.path.name, 80)} is called {field}: there are {there}; write the names of the "
        "columns into its first row, like file,expression"
    )


def _places(keys: Sequence[str]) -> dict[str, int | None]:
    """Key → place; names of files and such without their ending too, None where two have one."""
    found: dict[str, int | None] = {}
    for place, key in enumerate(keys):
        path = PurePosixPath(key)
        for short in {path.name, path.stem, str(path.with_suffix("")) if path.name else key} - {key}:
            found[short] = None if short in found else place
    return found | {key: place for place, key in enumerate(keys)}


def _place(known: Mapping[str, int | None], said: str) -> int | None:
    path = PurePosixPath(said.replace("\\", "/"))
    for name in (said, str(path), path.name, path.stem):
        if (place := known.get(name)) is not None:
            return place
    return None
