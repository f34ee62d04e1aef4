"""The keys of an LMDB, and its named databases."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ....engine.text import printable
from ...errors import BlobError
from ...formats.own import COLUMNS, RECORDS, column_key, number_key
from ..node import LONG, MOST, SHORT, Node, guess, said, short
from ..slices import FlatArray, file_reader
from .lmdb_pages import Database, Entry, Pages

_NUMBER = struct.Struct(">Q")  # of a record, in the keys of a blob of ours
_HEX = "0x"  # before a key that is no text, or looks like one of these


class LmdbTree:
    """An LMDB: each look reads the newest state that was written whole."""

    format = "LMDB"

    def __init__(self, file: Path, path: Path) -> None:
        """`file` holds the data; `path` is how it is called, the folder of it perhaps."""
        self.path = path
        self._name = printable(path.name, 200)
        self._read = file_reader(file, self._name)
        pages = self._pages()
        self.map_size = pages.map_size

    def _pages(self) -> Pages:
        return Pages(self._read, self._name)

    @property
    def root(self) -> Node:
        return self._named(self._name, "/", self._pages().main, "file")

    def _named(self, name: str, path: str, database: Database, kind: str) -> Node:
        stored = database.pages * self._pages().page_size
        return Node(name, kind, path, stored=stored, children=database.entries)  # type: ignore[arg-type]

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        pages = self._pages()
        database = self._database(pages, node.path)
        if database is None or not most:
            return ()
        made = []
        for entry in pages.entries(database, start):
            if len(made) >= most:
                left = database.entries - start - most
                made.append(Node(f"{max(left, 1):,} more", "more", node.path))
                break
            made.append(self._node(node.path, entry))
        return tuple(made)

    def find(self, path: str) -> Node:
        if not path.strip("/"):
            return self.root
        above, entry = self._entry(self._pages(), path)
        if entry is None:
            raise BlobError(f"{self._name} has no key {printable(path, 200)!r}")
        return self._node(above, entry)

    def text(self, node: Node) -> str:
        _, entry = self._entry(self._pages(), node.path)
        return said(entry.value(LONG)) if entry is not None and entry.inner is None else node.text

    def array(self, node: Node) -> FlatArray:
        _, entry = self._entry(self._pages(), node.path)
        if entry is None or entry.inner is not None:
            raise BlobError(f"{node.name} has no bytes: it is a {node.kind}")
        value = entry.value
        return FlatArray(lambda offset, size: value(offset + size)[offset:], 0, (entry.size,), np.dtype(np.uint8))

    def _database(self, pages: Pages, path: str) -> Database | None:
        if not path.strip("/"):
            return pages.main
        _, entry = self._entry(pages, path)
        return entry.inner if entry is not None else None

    def _entry(self, pages: Pages, path: str) -> tuple[str, Entry | None]:
        """The entry of a path: a key of the file, else a database and a key in it; and the path of that database."""
        wanted = path.removeprefix("/")
        found = pages.get(pages.main, key_of(wanted))
        if found is not None:
            return "/", found
        name, _, rest = wanted.partition("/")
        outer = pages.get(pages.main, key_of(name))
        if outer is None or outer.inner is None:
            return "/", None
        inner = pages.get(outer.inner, key_of(rest))
        return f"/{name}", inner or pages.get(outer.inner, _own_key(name, rest))

    def _node(self, above: str, entry: Entry) -> Node:
        word = word_of(entry.key)
        path = f"{above.rstrip('/')}/{word}"
        name = _own_name(above, entry.key) or short(word)
        if entry.inner is not None:
            if entry.several:
                text = f"{entry.inner.entries:,} values of one key"
                return Node(name, "bytes", path, size=entry.size, text=text)
            return self._named(name, path, entry.inner, "group")
        value = entry.value(max(SHORT * 4, 24))
        text = guess(value) if len(value) == entry.size else _longer(value, entry.size)
        return Node(name, "bytes", path, (entry.size,), "uint8", entry.size, text=text)


def _longer(head: bytes, size: int) -> str:
    """What the value seems to be of which these are the first bytes."""
    word = guess(head)
    return word.replace(f"{len(head):,} bytes", f"{size:,} bytes")


def _own_name(above: str, key: bytes) -> str:
    """What a key of a blob of ours stands for: `280` of `records`, `ink 0` of `columns`; else ""."""
    if above == f"/{RECORDS}" and len(key) == _NUMBER.size:
        return str(*_NUMBER.unpack(key))
    field, mark, first = key[: -1 - _NUMBER.size], key[-1 - _NUMBER.size : -_NUMBER.size], key[-_NUMBER.size :]
    if above != f"/{COLUMNS}" or mark != b"\0" or not field:
        return ""
    try:
        return f"{short(printable(field.decode(), 200))} {_NUMBER.unpack(first)[0]}"
    except UnicodeDecodeError:  # the digest of a long name
        return ""


def _own_key(above: str, word: str) -> bytes:
    """The key that `_own_name` calls so; b"" where it is none."""
    field, _, number = word.rpartition(" ")
    if not number.isdecimal() or int(number) >= 1 << 63 or bool(field) != (above == COLUMNS):
        return b""
    return column_key(field, int(number)) if field else number_key(int(number)) if above == RECORDS else b""


def word_of(key: bytes) -> str:
    """A key as a person types it: text where it is one, else hexadecimal."""
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return _HEX + key.hex()
    return text if text.isprintable() and not text.startswith(_HEX) else _HEX + key.hex()


def key_of(word: str) -> bytes:
    """The key that `word_of` gave this word for."""
    if word.startswith(_HEX):
        try:
            return bytes.fromhex(word.removeprefix(_HEX))
        except ValueError:
            pass
    return word.encode("utf-8", "surrogateescape")
