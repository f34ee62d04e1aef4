"""What is asked of things of an HDF5 file, each answer harmless and none believed before it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import h5py
import numpy as np

from ....engine.text import printable
from ...errors import BlobError
from ..node import short

_FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "lzf"}
_FILTERS |= {32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd", 32026: "blosc2"}
TROUBLE = (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)


def format_of(file: h5py.File) -> str:
    attributes = set(names_of(file.attrs))
    members = set(links_of(file, 0, 50))
    if "trainvis_blob" in attributes or {"about", "records", "keys"} <= members:
        return "HDF5 blob"
    if "schema" in attributes and "header" in members:
        return "figure of trainvis"
    if "model_config" in attributes:
        return "Keras network (HDF5)"
    if {"layers", "vars"} <= members or "layer_names" in attributes or "_layer_checkpoint_dependencies" in members:
        return "Keras weights (HDF5)"
    return "HDF5"


def names_of(attributes: Any) -> Iterator[str]:
    for name in attributes:
        yield name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def links_of(group: h5py.Group, start: int, most: int) -> list[str]:
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


def told(name: str) -> str:
    """A name as it can be written: bytes that are no UTF-8 are � each."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def joined(path: str, name: str) -> str:
    return f"{path.rstrip('/')}/{name}"


def leads_out(file: h5py.File, path: str, hops: int = 20) -> bool:
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
            target = link.path if link.path.startswith("/") else joined(at, link.path)
            if not hops or leads_out(file, target, hops - 1):
                return True
        at = joined(at, name)
        if at not in file:
            return False
    return False


def address_of(group: Any) -> int:
    return h5py.h5o.get_info(group.id).addr  # pyright: ignore[reportAttributeAccessIssue]


def outside_of(data: h5py.Dataset) -> str:
    """Where its numbers lie in other files, the sentence that says so."""
    if data.external:
        return f"its numbers lie in another file, {short(data.external[0][0])}: not followed"
    if data.is_virtual:
        names = [each.file_name for each in data.virtual_sources() if each.file_name != "."]
        if names:
            return f"its numbers lie in other files, {short(names[0])}: not followed"
    return ""


def refuse_outside(data: h5py.Dataset, name: str) -> None:
    if outside := outside_of(data):
        raise BlobError(f"{name}: {outside}")
    for at in range(data.id.get_create_plist().get_nfilters()):
        code, _, _, said_name = data.id.get_create_plist().get_filter(at)
        if not h5py.h5z.filter_avail(code):
            word = _FILTERS.get(code) or printable(said_name.decode(errors="replace"), 60) or f"number {code}"
            raise BlobError(f"{name}: it is compressed with {word}, which this HDF5 has not")


def compression_of(data: h5py.Dataset) -> str:
    words = []
    plist = data.id.get_create_plist()
    for at in range(plist.get_nfilters()):
        code, _, options, name = plist.get_filter(at)
        word = _FILTERS.get(code) or printable(name.decode(errors="replace"), 30) or f"filter {code}"
        words.append(f"{word} {options[0]}" if code == 1 and options else word)
    return " + ".join(words)


def said_dtype(dtype: np.dtype) -> str:
    if h5py.check_string_dtype(dtype):
        return "text"
    if (inner := h5py.check_vlen_dtype(dtype)) is not None:
        return f"lists of {inner}"
    if (names := h5py.check_enum_dtype(dtype)) is not None:
        return f"{dtype}, one of {short(', '.join(map(str, names)))}"
    if h5py.check_ref_dtype(dtype):
        return "reference"
    if dtype.names:
        return printable(f"({', '.join(f'{name} {said_dtype(dtype[name])}' for name in dtype.names)})", 200)
    return str(dtype)


def plain(value: Any) -> str | bytes:
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


def value_of(read: Callable[[Any], Any], selection: Any) -> Any:
    try:
        return read(selection)
    except TROUBLE as error:
        return f"cannot be read: {reason_of(error)}"


def reason_of(error: BaseException) -> str:
    """The first clause of what HDF5 says."""
    if isinstance(error, UnicodeError):
        return "its name is no UTF-8"
    text = str(error.args[0]) if error.args else type(error).__name__
    return short(text.split("(", 1)[-1].rstrip(")") if "(" in text else text)
