"""The tree of what lies in any file: HDF5, LMDB, NumPy arrays and archives, networks of Keras, weights, figures, IDX.

Whatever the file says is checked before it is believed; nothing in it is executed and no link is followed out of it.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from ...engine.text import printable
from ..errors import BlobError
from .node import MOST, Node, Tree, walk

__all__ = ["MOST", "Node", "Tree", "open_tree", "walk"]

_HDF5 = b"\x89HDF\r\n\x1a\n"
_LMDB = 0xBEEFC0DE.to_bytes(4, "little")
_REFUSED = {
    b"\x80\x02": "a pickle, which can run code when it is opened, so it is not: save its arrays with numpy.savez",
    b"\x80\x03": "a pickle, which can run code when it is opened, so it is not: save its arrays with numpy.savez",
    b"\x80\x04": "a pickle, which can run code when it is opened, so it is not: save its arrays with numpy.savez",
    b"\x80\x05": "a pickle, which can run code when it is opened, so it is not: save its arrays with numpy.savez",
}


def open_tree(path: Path) -> Tree:
    """The tree of a file (an LMDB may be a folder). Raises BlobError for what cannot be read or is of no known kind."""
    from ..formats.own import first_shard

    path = first_shard(path)
    name = printable(path.name or path, 200)
    try:
        if path.is_dir():
            inside = path / "data.mdb"
            if not inside.is_file():
                raise BlobError(f"{name} is a folder, and no LMDB: it has no data.mdb")
            return _made("lmdb", "LmdbTree", inside, path)
        if not path.exists():
            raise BlobError(f"there is no file {printable(path, 300)}")
        if not path.is_file():
            raise BlobError(f"{name} is no ordinary file")
        head = _head(path)
        if not head:
            raise BlobError(f"{name} is empty: it has no bytes")
        return _of_kind(path, head, name)
    except OSError as error:
        raise BlobError(f"{name} cannot be read: {error.strerror}") from None


def _of_kind(path: Path, head: bytes, name: str) -> Tree:
    if _HDF5 in (head[:8], head[512:520], head[1024:1032], head[2048:2056]):
        return _made("hdf5", "Hdf5Tree", path)
    if head[:4] == b"PK\x03\x04":
        return _made("archive", "ArchiveTree", path)
    if head[16:20] == _LMDB:
        return _made("lmdb", "LmdbTree", path, path)
    if head[:6] == b"\x93NUMPY":
        return _made("flat", "NpyTree", path)
    if head[:2] == b"\0\0" and head[2:3] in b"\x08\x09\x0b\x0c\x0d\x0e" and 0 < head[3] < 32:
        return _made("flat", "IdxTree", path)
    if head[:2] == b"\x1f\x8b":
        raise BlobError(f"{name} is packed by gzip: `gunzip -k {name}` unpacks it")
    if head[:2] in _REFUSED:
        raise BlobError(f"{name} is {_REFUSED[head[:2]]}")
    raise BlobError(f"{name} is no HDF5, LMDB, NumPy, Keras or IDX file; nothing else can be looked into")


def _made(module: str, name: str, *given: Path) -> Tree:
    return getattr(importlib.import_module(f".trees.{module}", __package__), name)(*given)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)
