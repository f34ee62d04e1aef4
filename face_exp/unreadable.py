"""Which pictures of a blob cannot be read, found once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np

from ..datasets.blob import Blob
from ..datasets.errors import BlobError
from ..engine.files import read_json, write_json
from ..engine.places import cache_folder

Array: TypeAlias = np.ndarray

_PART = 256  # pictures that are read at once


def unreadable(blob: Blob, places: Array) -> Array:
    """The places, of these, whose picture cannot be decoded. Where a build decoded or made all of them, there is none;
    else each is looked at once, and what was found is kept.
    """
    field = blob.schema.image
    if field is None or field.encoding == "" or (blob.digest and field.encoding != "file"):
        return places[:0]
    kept = cache_folder() / "faces" / f"unreadable-{mark(blob)[:16]}.json"
    said = read_json(kept).value
    looked, bad = _numbers(said.get("looked")), _numbers(said.get("bad"))
    more = np.setdiff1d(places, looked)
    if len(more):
        bad = np.union1d(bad, _bad(blob, more.tolist(), field.name))
        with suppress(OSError):  # of a cache that cannot be written they are looked at again
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_json(kept, {"looked": np.union1d(looked, more).tolist(), "bad": bad.tolist()})
    return np.intersect1d(places, bad)


def mark(blob: Blob) -> str:
    """What the content of a blob is known by: its digest; of a foreign one its path, size and time."""
    if blob.digest:
        return blob.digest
    path = blob.path / "data.mdb" if blob.path.is_dir() else blob.path
    facts = path.stat()
    return hashlib.sha256(repr((str(Path(path).resolve()), facts.st_size, facts.st_mtime_ns)).encode()).hexdigest()


def _numbers(value: object) -> Array:
    whole = isinstance(value, list) and all(isinstance(each, int) for each in value)
    return np.array(value if whole else [], np.int64)


def _bad(blob: Blob, places: Sequence[int], field: str) -> list[int]:
    found: list[int] = []
    for start in range(0, len(places), _PART):
        part = places[start : start + _PART]
        try:
            blob.read(part, [field])
        except BlobError:
            found += [place for place in part if not _reads(blob, place, field)]
    return found


def _reads(blob: Blob, place: int, field: str) -> bool:
    try:
        blob.read([place], [field])
    except BlobError:
        return False
    return True
