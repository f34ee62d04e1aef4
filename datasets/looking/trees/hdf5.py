"""Groups, data sets and attributes of an HDF5 file: Keras weights, figures, blobs, whatever it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from ....engine.text import printable
from ...errors import BeingWrittenError, BlobError
from ..node import LONG, MOST, SHORT, Node, NodeKind, said, short
from ..slices import LARGEST, Selection
from .hdf5_facts import (
    TROUBLE,
    address_of,
    compression_of,
    format_of,
    joined,
    leads_out,
    links_of,
    names_of,
    outside_of,
    plain,
    reason_of,
    refuse_outside,
    said_dtype,
    told,
    value_of,
)

_ATTRIBUTE = "@"  # between the path of a thing and the name of its attribute


class Hdf5Tree:
    """An HDF5 file. `opened` gives a file object of it where it lies in another file; else it is opened by its path."""

    def __init__(self, path: Path, opened: Callable[[], BinaryIO] | None = None) -> None:
        self.path = path
        self._name = printable(path.name, 200)
        self._opened = opened
        with self.opened_file() as file:
            self.format = format_of(file)

    @property
    def root(self) -> Node:
        with self.opened_file() as file:
            return self._group(file, "/", self._name, "file", (address_of(file["/"]),))

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        if not node.children:
            return ()
        with self.opened_file() as file:
            found = file[node.path]
            attributes = [*names_of(found.attrs)]
            made = [self._attribute(found, node.path, name) for name in attributes[start : start + most]]
            count = len(attributes)
            if isinstance(found, h5py.Group):
                first, room = max(start - count, 0), most - len(made)
                names = links_of(found, first, room)
                made += [self._member(found, joined(node.path, name), name, node.place) for name in names]
                count += len(found)
            left = count - start - len(made)
            return (*made, Node(f"{left:,} more", "more", node.path)) if left > 0 else tuple(made)

    def find(self, path: str) -> Node:
        wanted = "/" + path.strip("/")
        with self.opened_file() as file:
            if wanted == "/":
                return self.root
            if not leads_out(file, wanted) and wanted in file:
                above, name = wanted.rsplit("/", 1)
                group = file[above or "/"]
                if isinstance(group, h5py.Group):
                    return self._member(group, wanted, name, ())
            owner, _, name = wanted.rpartition(_ATTRIBUTE)
            owner = owner if owner == "/" else owner.rstrip("/")
            if owner and not leads_out(file, owner) and owner in file and name in file[owner].attrs:
                return self._attribute(file[owner], owner, name)
        raise BlobError(f"{self._name} has nothing at {printable(path, 200)!r}")

    def text(self, node: Node) -> str:
        with self.opened_file() as file:
            if node.kind == "attribute":
                owner, name = node.place
                return said(plain(file[owner].attrs[name]))
            found = file[node.path] if node.kind in ("text", "bytes", "array") else None
            if not isinstance(found, h5py.Dataset) or node.size is None or node.size > LONG:
                return node.text
            refuse_outside(found, self._name)
            if node.kind == "text":
                return said(
                    plain(found.asstr(errors="replace")[()] if h5py.check_string_dtype(found.dtype) else found[()])
                )
            return said(found[()].tobytes()) if node.kind == "bytes" else ""

    def array(self, node: Node) -> Hdf5Array:
        return Hdf5Array(self, node)

    @contextmanager
    def opened_file(self) -> Iterator[h5py.File]:
        try:
            if self._opened is not None:
                with self._opened() as inside, h5py.File(inside, "r") as file:
                    yield file
                return
            with self._from_disk() as file:
                yield file
        except BlobError:
            raise
        except FileNotFoundError:
            raise BlobError(f"{self._name} is gone") from None
        except TROUBLE as error:
            raise BlobError(f"{self._name} is damaged, or being written: {reason_of(error)}") from None

    def _from_disk(self) -> h5py.File:
        """The file, also while a program writes it that lets others read (SWMR). Raises OSError, BeingWrittenError."""
        try:
            return h5py.File(self.path, "r", locking=False)
        except OSError as error:
            if "open for write" not in str(error):
                raise
        try:
            return h5py.File(self.path, "r", locking=False, swmr=True)
        except OSError:
            said = f"{self._name} is being written at this moment; it can be read once that is done"
            raise BeingWrittenError(said) from None

    def _member(self, group: h5py.Group, path: str, name: str, above: tuple[Any, ...]) -> Node:
        if (known := told(name)) != name:
            place = joined(path.removesuffix(name), known)
            return Node(short(known), "problem", place, text="its name is no UTF-8: it cannot be opened")
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            return Node(
                short(name),
                "link",
                path,
                text=f"→ {short(link.path)} in another file, {short(link.filename)}: not followed",
            )
        if isinstance(link, h5py.SoftLink):
            return Node(short(name), "link", path, text=f"→ {short(link.path)}")
        try:
            found = group[name]
            if isinstance(found, h5py.Dataset):
                return self._data(found, path, name)
            if not isinstance(found, h5py.Group):
                return Node(short(name), "text", path, text="a named type", size=0)
            address = address_of(found)
            if address in above:
                return Node(short(name), "link", path, text="→ a group above it: a circle")
            return self._group(found, path, name, "group", (*above, address))
        except TROUBLE as error:
            return Node(short(name), "problem", path, text=f"cannot be read: {reason_of(error)}")

    def _group(self, group: h5py.Group, path: str, name: str, kind: NodeKind, above: tuple[Any, ...]) -> Node:
        return Node(short(name), kind, path, children=len(group) + len(group.attrs), place=above)

    def _data(self, data: h5py.Dataset, path: str, name: str) -> Node:
        shape = data.shape
        stored = data.id.get_storage_size()
        common = {"stored": stored, "compression": compression_of(data), "children": len(data.attrs) or None}
        try:
            dtype = data.dtype
        except (TypeError, ValueError, RuntimeError):
            return Node(short(name), "problem", path, shape, text="of a type that NumPy has not", **common)
        if shape is None:
            return Node(short(name), "text", path, None, said_dtype(dtype), 0, text="empty", **common)
        if outside := outside_of(data):
            return Node(short(name), "problem", path, shape, said_dtype(dtype), text=outside, **common)
        size = math.prod(shape) * dtype.itemsize
        word = said_dtype(dtype)
        few = math.prod(shape) <= 1
        if few and size <= LONG and dtype.kind in "OSU":
            text = value_of(data.__getitem__, ())
            return Node(short(name), "text", path, shape, word, size, text=short(plain(text)), **common)
        if few and size <= LONG:
            text = value_of(data.__getitem__, ())
            return Node(short(name), "array", path, shape, word, size, text=short(plain(text)), **common)
        kind: NodeKind = "array"
        text = ""
        if dtype == np.uint8 and len(shape) == 1 and size <= LONG:
            head = value_of(data.__getitem__, slice(0, SHORT))
            if isinstance(head, np.ndarray) and head[:1].tobytes() in (b"{", b"["):
                kind, text = "bytes", short(head.tobytes())
        return Node(short(name), kind, path, shape, word, size, chunks=data.chunks, text=text, **common)

    def _attribute(self, owner: Any, path: str, name: str) -> Node:
        place = (path, name)
        where = f"{path}{_ATTRIBUTE}{told(name)}"
        try:
            facts = owner.attrs.get_id(name)
            shape, dtype = facts.shape, facts.dtype
            size = math.prod(shape or ()) * dtype.itemsize
            text = short(plain(owner.attrs[name])) if size <= LONG else ""
            return Node(short(name), "attribute", where, shape, said_dtype(dtype), size, text=text, place=place)
        except TROUBLE as error:
            return Node(short(name), "problem", where, text=f"cannot be read: {reason_of(error)}")


class Hdf5Array:
    """The numbers of a data set, or of an attribute."""

    def __init__(self, tree: Hdf5Tree, node: Node) -> None:
        if not node.is_array or node.shape is None:
            raise BlobError(
                f"{node.name} has no numbers: it is a {node.kind}" + (f", {node.text}" if node.text else "")
            )
        self._tree, self._node = tree, node
        self.shape = node.shape
        with self._data() as data:
            self.dtype: np.dtype = data.dtype
            self._chunks = getattr(data, "chunks", None)

    def cost(self, selection: Selection) -> int:
        places = zip(selection, self._chunks or (1,) * len(selection), strict=True)
        touched = [
            (-(-each.stop // size) - each.start // size) * size if each.stop > each.start else 0
            for each, size in places
        ]
        # What texts take nobody knows before they are read; of most it is little.
        return math.prod(touched) * (self.dtype.itemsize if self.dtype.kind != "O" else 256)

    def read(self, selection: Selection) -> np.ndarray:
        with self._data() as data:
            if data.shape != self.shape:
                raise BlobError(f"{self._node.name} has another shape now: it is being written")
            if isinstance(data, h5py.Dataset) and h5py.check_string_dtype(data.dtype):
                return np.asarray(data.asstr(errors="replace")[selection], dtype=object)
            return np.asarray(data[selection])

    @contextmanager
    def _data(self) -> Iterator[Any]:
        with self._tree.opened_file() as file:
            if self._node.kind == "attribute":
                owner, name = self._node.place
                if (self._node.size or 0) > LARGEST:
                    raise BlobError(f"the attribute {self._node.name} is too large to be read")
                yield np.asarray(file[owner].attrs[name])
                return
            data = file[self._node.path]
            if not isinstance(data, h5py.Dataset):
                raise BlobError(f"{self._node.name} has no numbers any more: it is being written")
            refuse_outside(data, self._tree.path.name)
            yield data
