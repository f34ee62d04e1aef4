"""Blobs of our two formats, written as docs/blob-format.md says, for tests of what reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import lmdb
import numpy as np

from trainvis.datasets.formats import own
from trainvis.datasets.schema import Schema

Rows = Sequence[tuple[str, Mapping[str, Any]]]


def write_own(path: Path, schema: Schema, rows: Rows, **about: Any) -> Path:
    """A blob of (key, values) in the format of the path's ending: classes as numbers, images as bytes or arrays."""
    said = own.About(schema, len(rows), digest=digest_of(schema, rows), **about)
    (write_lmdb if path.suffix == ".lmdb" else write_hdf5)(path, said, rows)
    return settled(path)


def settled(path: Path) -> Path:
    """A file as if it had been written a second ago: one of this very moment is waited for."""
    facts = path.stat()
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 10**9))
    return path


def packed(schema: Schema, row: tuple[str, Mapping[str, Any]]) -> bytes:
    key, values = row
    return own.pack_record(key, [own.pack_value(field, values[field.name]) for field in schema])


def digest_of(schema: Schema, rows: Rows) -> str:
    digest = own.Digest(schema)
    for row in rows:
        digest.add(own.record_digest(packed(schema, row)))
    return digest.hexdigest()


def write_lmdb(path: Path, about: own.About, rows: Rows) -> None:
    schema = about.schema
    with lmdb.open(str(path), subdir=path.suffix != ".lmdb", map_size=1 << 28, max_dbs=4, sync=False) as env:
        names = (own.RECORDS, own.KEYS, own.COLUMNS)
        records, keys, columns = (env.open_db(name.encode()) for name in names)
        with env.begin(write=True) as change:
            change.put(own.ABOUT.encode(), about.to_bytes())
            for place, row in enumerate(rows):
                change.put(own.number_key(place), packed(schema, row), db=records, append=True)
                change.put(own.name_key(row[0]), own.number_key(place), db=keys)
            for field in filter(own.in_columns, schema):
                for first in range(0, len(rows), own.COLUMN_ROWS):
                    part = rows[first : first + own.COLUMN_ROWS]
                    data = b"".join(own.pack_value(field, values[field.name]) for _, values in part)
                    change.put(own.column_key(field.name, first), data, db=columns)


def write_hdf5(path: Path, about: own.About, rows: Rows) -> None:
    with h5py.File(path, "w") as file:
        file.attrs[own.MARK] = own.VERSION
        file[own.ABOUT] = np.frombuffer(about.to_bytes(), np.uint8)
        names = [own.pack_text(key) for key, _ in rows]
        _write_ragged(file.create_group(own.KEYS), names)
        file[f"{own.KEYS}/{own.ORDER}"] = np.array(sorted(range(len(rows)), key=names.__getitem__), np.int64)
        records = file.create_group(own.RECORDS)
        for field in about.schema:
            values = [own.pack_value(field, values[field.name]) for _, values in rows]
            name = own.h5_name(field.name)
            if own.is_fixed(field):
                numbers = np.frombuffer(b"".join(values), own.stored_dtype(field))
                records[name] = numbers.reshape(len(rows), *field.shape)
            elif own.is_text(field) or own.is_file(field):
                _write_ragged(records.create_group(name), values)
            else:
                head = 4 * len(field.shape)
                _write_ragged(records.create_group(name), [value[head:] for value in values])
                shapes = [np.frombuffer(value[:head], "<u4") for value in values]
                records[f"{name}/{own.SHAPES}"] = np.array(shapes, np.int64).reshape(len(rows), len(field.shape))


def _write_ragged(group: h5py.Group, values: Sequence[bytes]) -> None:
    group[own.BYTES] = np.frombuffer(b"".join(values), np.uint8)
    group[own.ENDS] = np.cumsum([len(value) for value in values], dtype=np.int64)
