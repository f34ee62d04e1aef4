"""CelebA: `list_attr_celeba.txt` and its companions beside `img_align_celeba/000001.jpg`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from . import rows, walking
from .layout import found
from .listed import MISSING, Place, below, root_of
from .seen import Seen

LISTS = {
    "attributes": "list_attr_celeba", "identity": "identity_celeba", "partition": "list_eval_partition",
    "landmarks": "list_landmarks_align_celeba",
}  # fmt: skip
SPLITS = {"0": "train", "1": "validation", "2": "test"}
_YES = {"1": "yes", "-1": "no", "0": "no"}
_IMAGES = ("img_align_celeba", "img_align_celeba_png", "img_celeba", "images")
_DEEP = 3  # folders between `path` and what is looked for


@dataclass(slots=True)
class List:
    """One of the lists: name → values, read in its order. `promised` rows, as its first line says."""

    path: Path
    names: tuple[str, ...] = ()
    promised: int | None = None
    header: int = 0  # rows before the first picture

    def rows(self, problems: Problems) -> Iterator[list[str]]:
        return islice(rows.cells(self.path, _delimiter(self.path), problems), self.header, None)


@dataclass(slots=True)
class Beside:
    """A list whose rows are wanted in the order of another: nearly always its own, so that little is held."""

    rows: Iterator[list[str]]
    _held: dict[str, list[str]] = field(default_factory=dict)

    def values(self, name: str) -> list[str]:
        """Of a picture; empty where it is not listed."""
        if name in self._held:
            return self._held.pop(name)
        for row in self.rows:
            if row[0] == name:
                return row[1:]
            self._held[row[0]] = row[1:]
        return []


def look(path: Path, root: str | os.PathLike[str] | None = None) -> Found | None:
    """The pictures of the longest told list: attributes, else identities, else the partition. Raises SourceError."""
    places = _places(path) if path.is_dir() else {}
    lists = {kind: _list(place) for kind, place in places.items() if kind in LISTS}
    if "attributes" not in lists and "identity" not in lists:
        return None
    fields = [Planned("image", "image")]
    if "identity" in lists:
        fields.append(Planned("identity", "class"))
    if "attributes" in lists:
        fields.extend(Planned(walking.said(name), "class", ("no", "yes")) for name in lists["attributes"].names)
    if "landmarks" in lists:
        fields.append(Planned("landmarks", "array"))
    if len({field.name for field in fields}) < len(fields):
        raise SourceError(f"two columns of {printable(lists['attributes'].path, 300)} have one name")
    missing = [LISTS[kind] for kind in LISTS if kind not in lists]
    notes = (f"not there: {', '.join(missing)}",) if missing else ()
    return found("celeba", tuple(fields), partial(_samples, lists, root_of(root, places["images"])), notes=notes)


def _samples(lists: dict[str, List], root: str, problems: Problems) -> Iterator[Sample]:
    main = next(kind for kind in LISTS if kind in lists)
    others = {kind: Beside(each.rows(problems)) for kind, each in lists.items() if kind != main}
    count = 0
    with Seen() as seen:
        for count, row in enumerate(lists[main].rows(problems), 1):  # noqa: B007
            name = row[0]
            told = {kind: each.values(name) for kind, each in others.items()} | {main: row[1:]}
            values = _values(lists, told)
            file = _file(root, name)
            if isinstance(values, str):
                problems.add(values, f"{lists[main].path.name}: {name}")
            elif isinstance(file, str):
                problems.add(file, name)
            elif seen.add(file.name) != "new":
                problems.add("a picture that was listed before", name)
            else:
                split = SPLITS.get("".join(told.get("partition", ())), "")
                group = str(values.get("identity") or "")
                yield Sample(walking.said(file.name), {"image": FileImage(file.path), **values}, group, split)
    promised = lists[main].promised or 0
    if promised > count:
        problems.add("rows that the first line promises and that are not there", lists[main].path.name)
        problems.counts["rows that the first line promises and that are not there"] += promised - count - 1


def _file(root: str, name: str) -> Place | str:
    """The lists name .jpg files, also where the pictures are those of the PNG archive."""
    found = below(root, name)
    return below(root, name[:-4] + ".png") if found == MISSING and name.endswith(".jpg") else found


def _values(lists: dict[str, List], told: dict[str, list[str]]) -> dict[str, object] | str:
    values: dict[str, object] = {}
    if "identity" in told:
        values["identity"] = walking.said(told["identity"][0]) if len(told["identity"]) == 1 else None
    if "attributes" in told:
        cells, names = told["attributes"], lists["attributes"].names
        if len(cells) != len(names) or not all(cell in _YES for cell in cells):
            return "a row whose attributes are not all there, or neither 1 nor −1"
        values |= {walking.said(name): _YES[cell] for name, cell in zip(names, cells, strict=True)}
    if "landmarks" in told:
        values["landmarks"] = _points(told["landmarks"])
    return values


def _points(cells: list[str]) -> object:
    """Five points, x and y each; None where there are not five."""
    import numpy as np

    try:
        return np.array(cells, np.float64).astype(np.float32).reshape(5, 2)
    except ValueError:
        return None


def _list(path: Path) -> List:
    """What the first rows of a list say. Raises SourceError."""
    problems = Problems()
    first = list(islice(rows.cells(path, _delimiter(path), problems), 2))
    if path.suffix.lower() == ".csv":
        names = first[0][1:] if first else []
        return List(path, tuple(names), None, 1)
    if first and len(first[0]) == 1 and first[0][0].isascii() and first[0][0].isdigit() and len(first[0][0]) < 12:
        return List(path, tuple(chain(*first[1:])), int(first[0][0]), 2)
    return List(path)


def _delimiter(path: Path) -> str:
    return "," if path.suffix.lower() == ".csv" else " "


def _places(path: Path) -> dict[str, Path]:
    """Kind → list, and `images` → folder of pictures, in `path` or not deep below it."""
    found: dict[str, Path] = {}
    wanted = {name + ending: kind for kind, name in LISTS.items() for ending in (".txt", ".csv")}
    level = [path]
    for _ in range(_DEEP):
        below_it: list[Path] = []
        for folder in level:
            folders, files = walking.glance(folder)
            for name in files:
                if name.lower() in wanted:
                    found.setdefault(wanted[name.lower()], folder / name)
            pictures = [folder / name for name in folders if name.lower() in _IMAGES]
            if pictures:
                found["images"] = pictures[0]  # the deepest, for archives pack a folder into itself
            below_it.extend(folder / name for name in folders[:20])
        level = below_it[:60]
    found.setdefault("images", path)
    return found
