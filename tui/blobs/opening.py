"""Opening a file nobody knows yet: its records where it has some, else what lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...datasets.blob import Blob, open_blob
from ...datasets.errors import BeingWrittenError, BlobError
from ...datasets.formats.own import first_shard
from ...datasets.schema import Field
from ...engine.text import printable
from .page import drawable


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """`blob` is None for a file without records (a network, a figure) or one being written: `problem` says why."""

    path: Path
    blob: Blob | None = None
    problem: str = ""
    stamp: tuple[int, ...] = ()  # what is another one once the file is


def stamp(path: Path) -> tuple[int, ...]:
    """Inode, size and time of a file (of an LMDB folder, its data); () where it is not there."""
    try:
        facts = (path / "data.mdb" if path.is_dir() else path).stat()
    except OSError:
        return ()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def opened(path: Path) -> Opened:
    """Open it; side labels are there to be written, whether anybody wrote some or not. Raises nothing."""
    path = first_shard(path)
    before = stamp(path)
    if not path.exists():
        return Opened(path, problem=f"there is no file {printable(path, 200)}")
    try:
        blob = open_blob(path, labels=True)
    except BeingWrittenError as error:
        return Opened(path, problem=printable(error, 400))  # it is tried again, however the file looks
    except BlobError as error:
        what = _no_data_set(path)
        return Opened(path, problem=f"this is a {what}" if what else printable(error, 400), stamp=before)
    what = _no_data_set(path) if blob.format == "HDF5 arrays" else ""
    if what:
        blob.close()
        return Opened(path, problem=f"this is a {what}", stamp=before)
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
