"""The table of formats: in this order each is asked whether a file is its own."""

from __future__ import annotations

from pathlib import Path

from ...engine.text import printable
from ..errors import BlobError
from ..source import Source
from .own import first_shard, shards_of


def open_source(path: Path) -> Source:
    """The records of a file of any known format; of a shard (or the name they were built under), those of all shards.

    Raises BlobError.
    """
    path = first_shard(path)
    if len(shards_of(path)) > 1:
        from .shards import open_shards

        return open_shards(path, _open_one)
    return _open_one(path)


def _open_one(path: Path) -> Source:
    """The records of one file. Raises BlobError."""
    from .plain_file import PlainFile

    if path.is_dir():
        if (path / "data.mdb").is_file():
            return _lmdb(path)
        raise BlobError(
            f"{printable(path, 200)} is a folder, and holds no LMDB (data.mdb): `trainvis blob build` packs it"
        )
    plain = PlainFile(path)
    try:
        from .at_work import is_hdf5

        if is_hdf5(plain):
            return _hdf5(path)
        from .lmdb_file import head  # an interpreter that trains need not have lmdb, to read HDF5

        if head(plain) is not None:
            return _lmdb(path)
        size, name = plain.size, plain.name
        if plain.read(0, min(size, 6)).startswith((b"\x93NUMPY", b"PK\3\4")):
            from .numpy_file import NumpyFile

            return NumpyFile(path)
    finally:
        plain.close()
    if not size:
        raise BlobError(f"{name} is empty")
    raise BlobError(f"{name} is no blob: it is neither HDF5 nor LMDB nor arrays of NumPy")


def _hdf5(path: Path) -> Source:
    from . import hdf5_arrays, own_hdf5
    from .hdf5_file import Hdf5File
    from .hdf5_source import Hdf5Source

    file = Hdf5File(path)
    if file.steadily(lambda: own_hdf5.is_own(file)):
        return Hdf5Source(file, "HDF5 blob", own_hdf5.look)
    return Hdf5Source(file, "HDF5 arrays", hdf5_arrays.look)


def _lmdb(path: Path) -> Source:
    from .lmdb_file import open_lmdb
    from .own_lmdb import OwnLmdb, about_of

    file = open_lmdb(path)
    about = about_of(file)
    if about is not None:
        return OwnLmdb(file, about)
    from .foreign_lmdb import ForeignLmdb

    return ForeignLmdb(file)
