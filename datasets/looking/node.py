"""What stands in a file: one thing of a tree, as it was when it was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from ...engine.text import printable

if TYPE_CHECKING:
    from .slices import ArrayFile

NodeKind: TypeAlias = Literal["file", "group", "array", "text", "bytes", "attribute", "link", "more", "problem"]
MOST = 1000  # children that are listed at once
SHORT = 120  # characters of a value beside its name
LONG = 1 << 20  # bytes of a text that is shown


@dataclass(frozen=True, slots=True)
class Node:
    """`name` and `text` are harmless on a screen, `path` is what the file says and `Tree.find` takes.

    `text`: a value in short, where a link leads, what is wrong, or which and how many are left out ("more"). `size` is
    what the values take in memory, `stored` in the file, in bytes; `children` how many there are below, None where none
    can be, -1 where nobody has counted them.
    """

    name: str
    kind: NodeKind
    path: str = ""
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    size: int | None = None
    stored: int | None = None
    chunks: tuple[int, ...] | None = None
    compression: str = ""
    text: str = ""
    children: int | None = None
    place: tuple[Any, ...] = ()  # what the tree finds it by

    @property
    def is_array(self) -> bool:
        """Whether slices of it can be seen."""
        return self.kind == "array" or (self.kind == "attribute" and bool(self.shape))

    @property
    def said_shape(self) -> str:
        """`1797×8×8`, "" of a single value."""
        return "×".join(map(str, self.shape or ()))


class Tree(Protocol):
    """A file that is looked into. Nothing is kept open between two calls, so a writer is not disturbed.

    All raise BlobError where the file is damaged, gone, or cannot be read as it is being written.
    """

    @property
    def path(self) -> Path: ...

    @property
    def format(self) -> str:
        """In a person's words: "HDF5", "LMDB", "NumPy archive", "Keras network"."""
        ...

    @property
    def root(self) -> Node: ...

    def children(self, node: Node, start: int = 0, most: int = MOST) -> tuple[Node, ...]:
        """What is below it: `most` from number `start` on, and one of kind "more" where there are others."""
        ...

    def find(self, path: str) -> Node:
        """The thing of that path. Raises BlobError where there is none."""
        ...

    def text(self, node: Node) -> str:
        """Its value as lines of harmless text, JSON laid out; "" where it has none."""
        ...

    def array(self, node: Node) -> ArrayFile:
        """Its numbers, of which `slices` reads some."""
        ...


def walk(tree: Tree, node: Node | None = None, depth: int = 12, most: int = MOST) -> Iterator[tuple[int, Node]]:
    """Everything below a node (the whole file), with how deep it is, in the order of the file."""
    above = [(0, child) for child in reversed(tree.children(node or tree.root, 0, most))]
    while above:
        level, found = above.pop()
        yield level, found
        if found.children and level + 1 < depth:
            above += [(level + 1, child) for child in reversed(tree.children(found, 0, most))]


def said(data: bytes | str) -> str:
    """Bytes or a text as lines of harmless text: JSON laid out, bytes that are no text as numbers."""
    if isinstance(data, bytes):
        data = data[:LONG]
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            if error.start < len(data) - 4:
                return _dump(data)
            text = data[: error.start].decode()
        if "\0" in text.rstrip("\0"):
            return _dump(data)
        data = text.rstrip("\0")
    if data[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            data = json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    return "\n".join(printable(line) for line in data.splitlines())


def _dump(data: bytes) -> str:
    """As `hexdump -C` prints the first of them."""
    shown = data[:2048]
    lines = []
    for at in range(0, len(shown), 16):
        row = shown[at : at + 16]
        plain = "".join(chr(each) if 32 <= each < 127 else "." for each in row)
        lines.append(f"{at:06x}  {row.hex(' '):<47}  {plain}")
    if len(data) > len(shown):
        lines.append(f"… {len(data) - len(shown):,} bytes more")
    return "\n".join(lines)


def short(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, bytes):
        value = guess(value)
    return printable(" ".join(str(value)[: SHORT * 4].split()), SHORT)


_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)


def picture_kind(data: bytes) -> str:
    """`JPEG` for the first bytes of a JPEG file, "" for no picture file."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    return next((name for magic, name in _MAGIC if data.startswith(magic) and len(data) > 16), "")


def guess(data: bytes) -> str:
    """What bytes seem to be, on one line: a picture file, a text, or so many bytes."""
    kind = picture_kind(data)
    if kind:
        return f"{kind} picture, {len(data):,} bytes"
    head = data[: SHORT * 2]
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        text = head[: error.start].decode() if len(data) > len(head) and error.start > len(head) - 4 else ""
    if text and text.isprintable():
        return text
    return head[:24].hex(" ") + (f" … {len(data):,} bytes" if len(data) > 24 else "")
