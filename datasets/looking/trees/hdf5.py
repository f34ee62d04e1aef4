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

_ATTRIBUTE = "@"  # between the path of a thing and the name of its attribute
_FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf"}
_FILTERS |= {32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2"}
_TROUBLE = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)


class Hdf5Tree:
    """An HDF5 file. `opened` gives a file object of it where it lies in another file; else it is opened by its path."""

    def __init__(self, path: Path, opened: Callable[[], BinaryIO] | None = None) -> None:
        self.path = path
        self._name = printable(path.name, 200)
        self._opened = opened
        with self.opened_file() as file:
            self.format = _format(file)

    @property
    def root(self) -> Node:
        with self.opened_file() as file:
            return self._group(file, "/", self._name, "file", (_address(file["/"]),))

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        if not node.children:
            return ()
        with self.opened_file() as file:
            found = file[node.path]
            attributes = [*_names(found.attrs)]
            made = [self._attribute(found, node.path, name) for name in attributes[start : start + most]]
            count = len(attributes)
            if isinstance(found, h5py.Group):
                first, room = max(start - count, 0), most - len(made)
                names = _links(found, first, room)
                made += [self._member(found, _joined(node.path, name), name, node.place) for name in names]
                count += len(found)
            left = count - start - len(made)
            return (*made, Node(f"{left:,} more", "more", node.path)) if left > 0 else tuple(made)

    def find(self, path: str) -> Node:
        wanted = "/" + path.strip("/")
        with self.opened_file() as file:
            if wanted == "/":
                return self.root
            if not _leads_out(file, wanted) and wanted in file:
                above, name = wanted.rsplit("/", 1)
                group = file[above or "/"]
                if isinstance(group, h5py.Group):
                    return self._member(group, wanted, name, ())
            owner, _, name = wanted.rpartition(_ATTRIBUTE)
            owner = owner if owner == "/" else owner.rstrip("/")
            if owner and not _leads_out(file, owner) and owner in file and name in file[owner].attrs:
                return self._attribute(file[owner], owner, name)
        raise BlobError(f"{self._name} has nothing at {printable(path, 200)!r}")

    def text(self, node: Node) -> str:
        with self.opened_file() as file:
            if node.kind == "attribute":
                owner, name = node.place
                return said(_plain(file[owner].attrs[name]))
            found = file[node.path] if node.kind in ("text", "bytes", "array") else None
            if not isinstance(found, h5py.Dataset) or node.size is None or node.size > LONG:
                return node.text
            _refuse_outside(found, self._name)
            if node.kind == "text":
                return said(
                    _plain(found.asstr(errors="replace")[()] if h5py.check_string_dtype(found.dtype) else found[()])
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
        except _TROUBLE as error:
            raise BlobError(f"{self._name} is damaged, or being written: {_reason(error)}") from None

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
            address = _address(found)
            if address in above:
                return Node(short(name), "link", path, text="→ a group above it: a circle")
            return self._group(found, path, name, "group", (*above, address))
        except _TROUBLE as error:
            return Node(short(name), "problem", path, text=f"cannot be read: {_reason(error)}")

    def _group(self, group: h5py.Group, path: str, name: str, kind: NodeKind, above: tuple[Any, ...]) -> Node:
        return Node(short(name), kind, path, children=len(group) + len(group.attrs), place=above)

    def _data(self, data: h5py.Dataset, path: str, name: str) -> Node:
        shape = data.shape
        stored = data.id.get_storage_size()
        common = {"stored": stored, "compression": _compression(data), "children": len(data.attrs) or None}
        try:
            dtype = data.dtype
        except (TypeError, ValueError, RuntimeError):
            return Node(short(name), "problem", path, shape, text="of a type that NumPy has not", **common)
        if shape is None:
            return Node(short(name), "text", path, None, _said_dtype(dtype), 0, text="empty", **common)
        if outside := _outside(data):
            return Node(short(name), "problem", path, shape, _said_dtype(dtype), text=outside, **common)
        size = math.prod(shape) * dtype.itemsize
        word = _said_dtype(dtype)
        few = math.prod(shape) <= 1
        if few and size <= LONG and dtype.kind in "OSU":
            text = _value(data.__getitem__, ())
            return Node(short(name), "text", path, shape, word, size, text=short(_plain(text)), **common)
        if few and size <= LONG:
            text = _value(data.__getitem__, ())
            return Node(short(name), "array", path, shape, word, size, text=short(_plain(text)), **common)
        kind: NodeKind = "array"
        text = ""
        if dtype == np.uint8 and len(shape) == 1 and size <= LONG:
            head = _value(data.__getitem__, slice(0, SHORT))
            if isinstance(head, np.ndarray) and head[:1].tobytes() in (b"{", b"["):
                kind, text = "bytes", short(head.tobytes())
        return Node(short(name), kind, path, shape, word, size, chunks=data.chunks, text=text, **common)

    def _attribute(self, owner: Any, path: str, name: str) -> Node:
        place = (path, name)
        where = f"{path}{_ATTRIBUTE}{name}"
        try:
            facts = owner.attrs.get_id(name)
            shape, dtype = facts.shape, facts.dtype
            size = math.prod(shape or ()) * dtype.itemsize
            text = short(_plain(owner.attrs[name])) if size <= LONG else ""
            return Node(short(name), "attribute", where, shape, _said_dtype(dtype), size, text=text, place=place)
        except _TROUBLE as error:
            return Node(short(name), "problem", where, text=f"cannot be read: {_reason(error)}")


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
            _refuse_outside(data, self._tree.path.name)
            yield data


def _format(file: h5py.File) -> str:
    attributes = set(_names(file.attrs))
    members = set(_links(file, 0, 50))
    if "trainvis_blob" in attributes or {"about", "records", "keys"} <= members:
        return "HDF5 blob"
    if "schema" in attributes and "header" in members:
        return "figure of trainvis"
    if "model_config" in attributes:
        return "Keras network (HDF5)"
    if {"layers", "vars"} <= members or "layer_names" in attributes or "_layer_checkpoint_dependencies" in members:
        return "Keras weights (HDF5)"
    return "HDF5"


def _names(attributes: Any) -> Iterator[str]:
    for name in attributes:
        yield name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def _links(group: h5py.Group, start: int, most: int) -> list[str]:
    """The names of `most` links from number `start` on, without listing the others."""
    found: list[str] = []
    if most <= 0:
        return found
    seen = 0

    def note(name: bytes) -> int | None:
        nonlocal seen
        seen += 1
        if seen > start:
            found.append(name.decode("utf-8", "surrogateescape"))
        return 1 if len(found) >= most else None

    group.id.links.iterate(note)
    return found


def _joined(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}"


def _leads_out(file: h5py.File, path: str, hops: int = 20) -> bool:
    """Whether a link on the way leads into another file, or in circles. No link is followed to find out."""
    at = "/"
    for name in path.strip("/").split("/"):
        group = file[at]
        if not isinstance(group, h5py.Group):
            return False
        try:
            link = group.get(name, getlink=True)
        except KeyError:
            return False
        if isinstance(link, h5py.ExternalLink):
            return True
        if isinstance(link, h5py.SoftLink):
            target = link.path if link.path.startswith("/") else _joined(at, link.path)
            if not hops or _leads_out(file, target, hops - 1):
                return True
        at = _joined(at, name)
        if at not in file:
            return False
    return False


def _address(group: Any) -> int:
    return h5py.h5o.get_info(group.id).addr  # pyright: ignore[reportAttributeAccessIssue]


def _outside(data: h5py.Dataset) -> str:
    """Where its numbers lie in other files, the sentence that says so."""
    if data.external:
        return f"its numbers lie in another file, {short(data.external[0][0])}: not followed"
    if data.is_virtual:
        names = [each.file_name for each in data.virtual_sources() if each.file_name != "."]
        if names:
            return f"its numbers lie in other files, {short(names[0])}: not followed"
    return ""


def _refuse_outside(data: h5py.Dataset, name: str) -> None:
    if outside := _outside(data):
        raise BlobError(f"{name}: {outside}")
    for at in range(data.id.get_create_plist().get_nfilters()):
        code, _, _, said_name = data.id.get_create_plist().get_filter(at)
        if not h5py.h5z.filter_avail(code):
            word = _FILTERS.get(code) or printable(said_name.decode(errors="replace"), 60) or f"number {code}"
            raise BlobError(f"{name}: it is compressed with {word}, which this HDF5 has not")


def _compression(data: h5py.Dataset) -> str:
    words = []
    plist = data.id.get_create_plist()
    for at in range(plist.get_nfilters()):
        code, _, options, name = plist.get_filter(at)
        word = _FILTERS.get(code) or printable(name.decode(errors="replace"), 30) or f"filter {code}"
        words.append(f"{word} {options[0]}" if code == 1 and options else word)
    return " + ".join(words)


def _said_dtype(dtype: np.dtype) -> str:
    if h5py.check_string_dtype(dtype):
        return "text"
    if (inner := h5py.check_vlen_dtype(dtype)) is not None:
        return f"lists of {inner}"
    if (names := h5py.check_enum_dtype(dtype)) is not None:
        return f"{dtype}, one of {short(', '.join(map(str, names)))}"
    if h5py.check_ref_dtype(dtype):
        return "reference"
    if dtype.names:
        return printable(f"({', '.join(f'{name} {_said_dtype(dtype[name])}' for name in dtype.names)})", 200)
    return str(dtype)


def _plain(value: Any) -> str | bytes:
    """A text, or what NumPy prints; of one element only that."""
    if isinstance(value, h5py.Empty):
        return ""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    if isinstance(value, np.bytes_ | bytes):
        return bytes(value)
    if isinstance(value, np.ndarray):
        listed = value.ravel()[:1000].tolist()
        words = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in listed]
        return ", ".join(words) + (f" … {value.size - 1000:,} more" if value.size > 1000 else "")
    return str(value)


def _value(read: Callable[[Any], Any], selection: Any) -> Any:
    try:
        return read(selection)
    except _TROUBLE as error:
        return f"cannot be read: {_reason(error)}"


def _reason(error: BaseException) -> str:
    """The first clause of what HDF5 says."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return short(text.split("(", 1)[-1].rstrip(")") if "(" in text else text)
