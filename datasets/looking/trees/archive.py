"""Zip files of arrays: NumPy's .npz, and the .keras of a network, with the HDF5 of its weights inside."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from ....engine.text import printable
from ...errors import BlobError
from ..node import LONG, MOST, Node, said, short
from ..slices import ArrayFile, FlatArray, Selection, file_reader
from .flat import NpyHeader, npy_header
from .hdf5 import Hdf5Tree

_INSIDE = "!"  # between the name of a member and a path in it
_UNPACKED = 1 << 30  # bytes of a packed member that are held in memory at most
_TROUBLE = (OSError, ValueError, RuntimeError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)


class ArchiveTree:
    """A zip file. Nothing of it is unpacked into a folder, so no name in it can reach out of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = printable(path.name, 200)
        with self.archive() as archive:
            names = archive.namelist()
        self.format = (
            "Keras network"
            if {"config.json", "model.weights.h5"} <= set(names)
            else "NumPy archive"
            if names and all(name.endswith(".npy") for name in names)
            else "zip archive"
        )

    @property
    def root(self) -> Node:
        with self.archive() as archive:
            return Node(self._name, "file", "/", children=len(archive.infolist()))

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        if node.kind == "file":
            with self.archive() as archive:
                found = archive.infolist()
                made = tuple(self._member(archive, each) for each in found[start : start + most])
                left = len(found) - start - len(made)
                return (*made, Node(f"{left:,} more", "more", "/")) if left > 0 else made
        if not node.children:
            return ()
        member = node.path.partition(_INSIDE)[0].strip("/")
        return tuple(self._outer(member, each) for each in self._inner(member).children(_inside(node), start, most))

    def find(self, path: str) -> Node:
        name, inside, rest = path.strip("/").partition(_INSIDE)
        if not name:
            return self.root
        if inside and rest.strip("/"):
            return self._outer(name, self._inner(name).find(rest))
        with self.archive() as archive:
            for wanted in (name, f"{name}.npy"):
                if wanted in archive.namelist():
                    return self._member(archive, archive.getinfo(wanted))
        raise BlobError(f"{self._name} has nothing at {printable(path, 200)!r}")

    def text(self, node: Node) -> str:
        member, inside, _ = node.path.strip("/").partition(_INSIDE)
        if inside:
            return self._inner(member).text(_inside(node))
        if node.kind not in ("text", "bytes"):
            return node.text
        with self.archive() as archive, archive.open(member) as file:
            return said(file.read(LONG))

    def array(self, node: Node) -> ArrayFile:
        member, inside, _ = node.path.strip("/").partition(_INSIDE)
        if inside:
            return self._inner(member).array(_inside(node))
        if node.kind != "array":
            raise BlobError(f"{node.name} has no numbers: it is a {node.kind}")
        with self.archive() as archive:
            header = npy_header(_Forwards(self, member, node.name).read, node.name)
            return _MemberArray(self, archive.getinfo(member), header, node.name)

    def _member(self, archive: zipfile.ZipFile, facts: zipfile.ZipInfo) -> Node:
        path, name = f"/{facts.filename}", short(facts.filename)
        packed = "" if facts.compress_type == zipfile.ZIP_STORED else "deflate"
        common = {"stored": facts.compress_size, "compression": packed}
        if facts.filename.endswith(".npy"):
            try:
                header = npy_header(_Forwards(self, facts.filename, name).read, name)
            except (BlobError, *_TROUBLE) as error:
                return Node(name, "problem", path, text=short(error), **common)
            short_name = name.removesuffix(".npy")
            return Node(short_name, "array", path, header.shape, str(header.dtype), header.size, **common)
        if facts.filename.endswith((".h5", ".hdf5")):
            return Node(name, "group", path, size=facts.file_size, children=-1, text="HDF5 inside", **common)
        text = ""
        if facts.file_size and facts.file_size <= LONG:
            try:
                with archive.open(facts) as file:
                    text = short(file.read(400))
            except _TROUBLE as error:
                return Node(name, "problem", path, text=f"cannot be read: {short(error)}", **common)
        kind = "text" if facts.filename.endswith((".json", ".txt", ".md", ".csv")) else "bytes"
        return Node(name, kind, path, size=facts.file_size, text=text, **common)

    def _inner(self, member: str) -> Hdf5Tree:
        return Hdf5Tree(Path(member), lambda: self.opened(member))

    def _outer(self, member: str, node: Node) -> Node:
        return replace(node, path=f"/{member}{_INSIDE}{node.path}")

    def opened(self, member: str) -> BinaryIO:
        """A member that can be read at any place; a packed one is unpacked in memory. Raises BlobError."""
        with self.archive() as archive:
            facts = archive.getinfo(member)
            if facts.compress_type == zipfile.ZIP_STORED and not facts.flag_bits & 1:
                return io.BufferedReader(_Range(self.path, *_place(self.path, facts)))
            if facts.file_size > _UNPACKED:
                raise BlobError(f"{short(member)} is packed, and too large to be unpacked in memory: unzip it")
            with archive.open(facts) as file:
                return io.BytesIO(file.read(_UNPACKED + 1))

    @contextmanager
    def archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                yield archive
        except BlobError:
            raise
        except _TROUBLE as error:
            raise BlobError(f"{self._name} is damaged: {short(error)}") from None


def _inside(node: Node) -> Node:
    return replace(node, path=node.path.partition(_INSIDE)[2] or "/")


class _MemberArray(FlatArray):
    """An .npy file in an archive."""

    def __init__(self, tree: ArchiveTree, facts: zipfile.ZipInfo, header: NpyHeader, name: str) -> None:
        self._packed = facts.compress_type != zipfile.ZIP_STORED
        self._end = header.offset + header.size
        if self._packed:
            read = _Forwards(tree, facts.filename, name).read
        else:
            file = _Range(tree.path, *_place(tree.path, facts))
            read = file.piece
        super().__init__(read, header.offset, header.shape, header.dtype, fortran=header.fortran)

    def cost(self, selection: Selection) -> int:
        # What is packed has to be unpacked from its beginning, a quarter of a second for each hundred megabytes.
        return max(super().cost(selection), min(self._end, _UNPACKED) // 4 if self._packed else 0)


class _Forwards:
    """Reads a member from its beginning on; what was read before is unpacked again only where it must."""

    def __init__(self, tree: ArchiveTree, member: str, name: str) -> None:
        self._tree, self._member, self._name = tree, member, name

    def read(self, offset: int, size: int) -> bytes:
        try:
            with self._tree.archive() as archive, archive.open(self._member) as file:
                file.seek(offset)  # reads and forgets what lies before
                data = file.read(size)
        except _TROUBLE as error:
            raise BlobError(f"{self._name} is damaged: {short(error)}") from None
        if len(data) < size:
            raise BlobError(f"{self._name} is cut off")
        return data


def _place(path: Path, facts: zipfile.ZipInfo) -> tuple[int, int]:
    """Where the bytes of a stored member begin in the file, and how many they are. Raises BlobError."""
    with path.open("rb") as file:
        file.seek(facts.header_offset)
        head = file.read(30)
    if len(head) < 30 or head[:4] != b"PK\3\4":
        raise BlobError(f"{short(path.name)} is damaged: {short(facts.filename)} is not where it should be")
    names = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    return facts.header_offset + 30 + names, facts.file_size


class _Range(io.RawIOBase):
    """A part of a file as a file."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        super().__init__()
        self._read, self._start, self._size, self._at = file_reader(path, short(path.name)), start, size, 0

    def piece(self, offset: int, size: int) -> bytes:
        """Raises BlobError where there are not as many."""
        if offset + size > self._size:
            raise BlobError("this array is cut off: it ends before these numbers")
        return self._read(self._start + offset, size)

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        size = min(len(view), max(self._size - self._at, 0))
        view[:size] = self.piece(self._at, size)
        self._at += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
