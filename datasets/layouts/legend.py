"""A legend of expressions: `legend.csv` with `user.id,image,emotion`, the pictures in `images/`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..errors import SourceError
from ..sample import Found
from . import csv_list, rows
from .walking import is_file, is_folder

_PLACES = ("legend.csv", "data/legend.csv")


def look(path: Path, root: str | os.PathLike[str] | None = None) -> Found | None:
    """Labels are folded, for rows write them in any case; a picture that several persons labelled counts once."""
    if path.is_dir():
        path = next((path / place for place in _PLACES if is_file(path / place)), path)
    if path.suffix.lower() != ".csv" or not is_file(path):
        return None
    try:
        names = {name.casefold() for name in rows.table(path).names}
    except SourceError:
        return None
    if not {"image", "emotion"} <= names or ("user.id" not in names and path.name.lower() != "legend.csv"):
        return None
    beside = [path.parent / "images", path.parent.parent / "images"]
    root = root or next(filter(is_folder, beside), path.parent)
    found = csv_list.look(path, image="image", label="emotion", root=root, fold=True)
    return replace(found, layout="legend") if found is not None else None
