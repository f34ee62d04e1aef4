"""Opening a file nobody knows yet: its records where it has some, else what lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...datasets.blob import Blob, open_blob
from ...datasets.errors import BlobError
from ...datasets.schema import Field
from ...engine.text import printable
from .page import drawable


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """`blob` is None for a file without records (a network, a figure): `problem` says why. `picture` and `words` are
    the fields that are shown first.
    """

    path: Path
    blob: Blob | None = None
    problem: str = ""


def opened(path: Path) -> Opened:
    """Open it; side labels are there to be written, whether anybody wrote some or not. Raises nothing."""
    if not path.exists():
        return Opened(path, problem=f"there is no file {printable(path, 200)}")
    try:
        blob = open_blob(path, labels=True)
    except BlobError as error:
        return Opened(path, problem=printable(error, 400))
    what = _no_data_set(path) if blob.format == "HDF5 arrays" else ""
    if what:
        blob.close()
        return Opened(path, problem=f"this is a {what}")
    return Opened(path, blob)


def _no_data_set(path: Path) -> str:
    """What a file of arrays is that are no records: weights, a figure."""
    from ...datasets.looking.tree import open_tree

    try:
        found = open_tree(path).format
    except BlobError:
        return ""
    return found if found.startswith(("Keras", "figure")) else ""


def pictures_of(blob: Blob) -> list[str]:
    """The fields that can be shown as pictures; images first."""
    found = [field for field in blob.schema if drawable(field)]
    return [field.name for field in sorted(found, key=lambda field: field.kind != "image")]


def words_of(blob: Blob) -> list[str]:
    """The fields that can stand below a picture: the label first, then classes, numbers, texts."""
    label = blob.schema.label
    order = {"class": 1, "number": 2, "text": 3}

    def rank(field: Field) -> int:
        return 0 if field is label or field.name == (label.name if label else "") else order[field.kind]

    return [field.name for field in sorted((each for each in blob.schema if each.kind in order), key=rank)]
