"""Our own HDF5 blobs, as `own` describes them."""

from __future__ import annotations

from h5py import h5a  # pyright: ignore[reportAttributeAccessIssue]

from ..errors import BlobError
from ..schema import Field
from .columns import Column, Flat, Ragged, Shaped, Stored, numbers
from .hdf5_file import Hdf5File
from .own import (
    ABOUT,
    BYTES,
    ENDS,
    KEYS,
    MARK,
    ORDER,
    RECORDS,
    SHAPES,
    About,
    h5_name,
    is_file,
    is_fixed,
    is_text,
    pack_record,
    pack_shape,
    stored_dtype,
)  # fmt: skip
from .table_source import Columns

LARGEST_ABOUT = 1 << 28  # bytes


def is_own(file: Hdf5File) -> bool:
    """Whether the file says to be a blob of ours. Raises BlobError."""
    with file.reading():
        return h5a.exists(file.root.id, MARK.encode())


def look(file: Hdf5File) -> Columns:
    """The columns of a blob of ours. Raises BlobError."""
    about = about_of(file)
    columns = {known.name: _column(file, known) for known in about.schema}
    keys = _ragged(file, KEYS)
    lengths = {*map(len, columns.values()), len(keys)}
    length = min(lengths)
    if not file.swmr and lengths != {about.records}:
        raise BlobError(f"{file.name} is damaged: it says to hold {about.records} records, and holds {length}")
    order = numbers(file, f"{KEYS}/{ORDER}") if ORDER.encode() in file.root[KEYS].id else None
    return Columns(
        file.name, about.schema, columns, length, keys, order,
        attributes=about.attributes, statistics=about.statistics, digest=about.digest, pack=packed,
    )  # fmt: skip


def about_of(file: Hdf5File) -> About:
    """What a blob says of itself. Raises BlobError."""
    stored = numbers(file, ABOUT)
    if stored.dtype.itemsize != 1 or len(stored.shape) != 1 or len(stored) > LARGEST_ABOUT:
        raise BlobError(f"{file.name} is damaged: what it says of itself is no text")
    try:
        return About.from_bytes(stored.take(range(len(stored))).tobytes())
    except BlobError as error:
        raise BlobError(f"{file.name}: {error}") from error


def packed(found: Columns, place: int) -> bytes:
    """A record of a blob of ours as an LMDB has it, of which the digest is made. Raises BlobError, IndexError."""
    values = []
    for known in found.schema:
        column, data = found.columns[known.name], found.raw(place, known.name)
        if isinstance(column, Shaped):
            data = pack_shape(column.shapes.take([place])[0].tolist()) + data
        values.append(data)
    return pack_record(found.key_list([place])[0], values)


def _column(file: Hdf5File, known: Field) -> Column:
    path = f"{RECORDS}/{h5_name(known.name)}"
    if is_text(known) or is_file(known):
        return _ragged(file, path)
    if not is_fixed(known):
        shapes = numbers(file, f"{path}/{SHAPES}")
        return Shaped(_ragged(file, path), shapes, stored_dtype(known), len(known.shape))
    found = numbers(file, path)
    if found.shape[1:] != known.shape or found.dtype.kind != stored_dtype(known).kind:
        raise BlobError(f"{file.name} is damaged: {known.name} is not of the shape that it is said to have")
    return found


def _ragged(file: Hdf5File, path: str) -> Ragged:
    data: Flat | Stored = numbers(file, f"{path}/{BYTES}")
    return Ragged(data, numbers(file, f"{path}/{ENDS}"), file.name)
