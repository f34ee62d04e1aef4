"""Pictures in a folder a class, or in one folder without classes: the generic case."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from . import walking
from .layout import found

SPLITS = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip


def look(path: Path) -> Found | None:
    """A class is a folder in `path`, or in each of its parts train, validation, test. Raises SourceError."""
    if not path.is_dir():
        return None
    top, path = path, _unwrapped(path)
    parts = _parts(path)
    classes = sorted({said for part in parts for said, _ in _classes(path / part)})
    if not classes:
        if not walking.has_picture(path):
            raise SourceError(f"there is no picture in {printable(path, 300)}")
        return found("image_folder", (Planned("image", "image"),), partial(_flat, path))
    fields = (Planned("image", "image"), Planned("label", "class", tuple(classes)))
    notes = [f"all pictures are of one class: {printable(classes[0], 80)}"] if len(classes) == 1 else []
    if path != top:
        notes.append(f"the classes are the folders in {printable(path.relative_to(top), 80)}")
    return found("image_folder", fields, partial(_classed, path, parts, frozenset(classes)), notes=tuple(notes))


def _unwrapped(path: Path) -> Path:
    """Where the class folders lie, if archives were packed with a folder around them: below folders that hold one
    folder and no pictures. One with pictures in it is a class.
    """
    inner = path
    for _ in range(4):
        folders, files = walking.glance(inner)
        if any(map(walking.named_as_picture, files)):
            return inner.parent if inner != path else path
        if len(folders) != 1 or folders[0].lower() in SPLITS:
            return inner if folders else path
        inner = inner / folders[0]
    return path


def _parts(path: Path) -> dict[str, str]:
    """Folder → part of the split; one part without a name where there is no split."""
    folders, _ = walking.glance(path)
    if folders and all(name.lower() in SPLITS for name in folders):
        parts = {name: SPLITS[name.lower()] for name in folders}
        if any(_classes(path / name) for name in parts):
            return parts
    return {"": ""}


def _classes(part: Path) -> list[tuple[str, str]]:
    """Name and folder of each class of a part: a folder with a picture in it."""
    try:
        folders = [name for name, kind in walking.entries(part) if kind in (walking.FOLDER, walking.LINK)]
    except OSError:
        return []
    return [(walking.said(name), name) for name in folders if walking.has_picture(part / name)]


def _flat(root: Path, problems: Problems) -> Iterator[Sample]:
    for name in walking.pictures(root, problems):
        yield Sample(walking.said(name), {"image": FileImage(root / name)})


def _classed(root: Path, parts: dict[str, str], classes: frozenset[str], problems: Problems) -> Iterator[Sample]:
    for part, split in parts.items():
        base = root / part
        for name in walking.pictures(base, problems):
            folder, slash, _ = name.partition("/")
            label = walking.said(folder) if slash else None
            if label not in classes:  # a picture beside the folders, a folder that came later
                problems.add("a picture in no class folder", base / name)
                continue
            key = f"{part}/{name}" if part else name
            yield Sample(walking.said(key), {"image": FileImage(base / name), "label": label}, split=split)
