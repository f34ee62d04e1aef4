"""A file of features: a blob of vectors (or larger arrays) under the keys of their faces, which says what made them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np

from ...datasets.formats import own
from ...datasets.schema import Field, Schema
from ...engine.text import printable
from ..errors import FacesError

Array: TypeAlias = np.ndarray

FIELD = "features"


@dataclass(frozen=True, slots=True)
class Made:
    """What features are of: `by` is the name and `extractor` the digest of what made them, `faces` the digest of the
    faces, `data` that of their blob.
    """

    by: str
    extractor: str
    faces: str
    data: str


class DamagedError(FacesError):
    """A file of features that is cut off or is none."""


def write(path: Path, made: Made, keys: Sequence[str], values: Array) -> None:
    """Put N×… values under their keys into `path`, aside and renamed. Raises OSError."""
    schema = Schema((Field(FIELD, "array", values.dtype.name, values.shape[1:]),))
    about = own.About(schema, len(keys), {FIELD: asdict(made)}, digest=_digest(schema, keys, values))
    names = [own.pack_text(key) for key in keys]
    aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(3).hex()}.tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The file that HDF5 sees is an ordinary one: what the disk refuses comes as the disk says it.
        with open(aside, "w+b") as plain, h5py.File(plain, "w") as file:
            file.attrs[own.MARK] = own.VERSION
            file[own.ABOUT] = np.frombuffer(about.to_bytes(), np.uint8)
            held = file.create_group(own.KEYS)
            held[own.BYTES] = np.frombuffer(b"".join(names), np.uint8)
            held[own.ENDS] = np.cumsum([len(name) for name in names], dtype=np.int64)
            held[own.ORDER] = np.array(sorted(range(len(names)), key=names.__getitem__), np.int64)
            file.create_group(own.RECORDS)[own.h5_name(FIELD)] = values
        os.replace(aside, path)
    except RuntimeError as error:  # what HDF5 makes of an error that it cannot tell
        raise OSError(str(error)) from error
    finally:
        aside.unlink(missing_ok=True)


def _digest(schema: Schema, keys: Sequence[str], values: Array) -> str:
    made = own.Digest(schema)
    for key, row in zip(keys, values, strict=True):
        made.add(own.record_digest(own.pack_record(key, [row.tobytes()])))
    return made.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """What a file holds: `made` is None where nobody says what made them."""

    made: Made | None
    keys: tuple[str, ...]
    values: Array


def read(path: Path) -> Stored:
    """All of a file of features. Raises DamagedError for what is none."""
    from ...datasets.blob import open_blob
    from ...datasets.errors import BlobError

    shown = printable(path, 200)
    try:
        with open_blob(path, labels=False) as blob:
            field = _field(blob.schema, shown)
            values = np.asarray(blob.read(range(len(blob)), [field.name])[field.name])
            keys, made = tuple(blob.keys(range(len(blob)))), _made(blob.attributes)
            sound = made is None or _digest(blob.schema, keys, values) == blob.digest
    except (BlobError, OSError, RuntimeError, ValueError, IndexError, KeyError) as error:
        if isinstance(error, FacesError):
            raise
        raise DamagedError(f"the features {shown} cannot be read: {printable(error, 200)}") from None
    if not sound:
        raise DamagedError(f"the features {shown} are damaged: they are not those that were written")
    if values.dtype.kind != "f" or not np.isfinite(values).all():
        raise DamagedError(f"the features {shown} are damaged: they have values that are no finite numbers")
    return Stored(made, keys, values)


def _field(schema: Schema, shown: str) -> Field:
    found = [
        each for each in schema if each.kind == "array" and each.dtype.startswith("float") and None not in each.shape
    ]
    named = [each for each in found if each.name == FIELD] or found
    if len(named) != 1:
        has = ", ".join(f"{each.name} ({each.kind})" for each in schema)
        raise DamagedError(f"{shown} holds no features: it has {printable(has, 200)}, and no array {FIELD!r}")
    return named[0]


def holds_features(path: Path) -> bool:
    """Whether a file is a blob of features (and no network, which ends in .h5 as well)."""
    try:
        with h5py.File(path, "r") as file:
            return own.MARK in file.attrs or (FIELD in file and isinstance(file[FIELD], h5py.Dataset))
    except (OSError, RuntimeError):
        return False


def _made(attributes: Mapping[str, Any]) -> Made | None:
    said = attributes.get(FIELD)
    try:
        return Made(**{name: str(value) for name, value in said.items()}) if isinstance(said, Mapping) else None
    except TypeError:
        return None
