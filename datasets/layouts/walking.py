"""Folders, walked: in order, any number of files, links that lead in circles, names in any script."""

from __future__ import annotations

import heapq
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ...engine.text import printable
from ..errors import SourceError
from ..sample import Problems

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm", ".pbm")
)
_LITTER = frozenset((b"thumbs.db", b"ehthumbs.db", b"desktop.ini", b"__macosx", b"@eadir", b"$recycle.bin", b"icon\r"))
_HELD = 100_000  # names of one folder that are held at once; more are sorted in parts on the disk

FOLDER, FILE, LINK, OTHER = "folder", "file", "link", "other"  # what an entry is; LINK leads to a folder
UNREADABLE = "a folder that cannot be read"
NO_PICTURE = "no picture, by its name and its first bytes"


def entries(folder: str | Path) -> Iterator[tuple[str, str]]:
    """Name and kind of what lies in a folder, without litter, in the order of the names' bytes. Raises OSError."""
    parts: list[Iterator[tuple[bytes, str]]] = []
    held: list[tuple[bytes, str]] = []
    with os.scandir(os.fsencode(folder)) as scan:
        for entry in scan:
            if not is_litter(entry.name):
                held.append((entry.name, _kind(entry)))
            if len(held) >= _HELD:
                parts.append(_kept(sorted(held)))
                held = []
    held.sort()
    for name, kind in heapq.merge(*parts, held) if parts else held:
        yield os.fsdecode(name), kind


def is_litter(name: str | bytes) -> bool:
    """Hidden, or left behind by a file manager or an archiver."""
    raw = name if isinstance(name, bytes) else os.fsencode(name)
    return raw.startswith(b".") or raw.lower() in _LITTER


def walk(root: Path, problems: Problems) -> Iterator[str]:
    """Every ordinary file below `root` by its path from there, with slashes: the same order each time.

    Links are followed, but to a folder above them never, and to any other folder once. What is no file, leads nowhere
    or cannot be read is counted.
    """
    linked: set[tuple[int, int]] = set()
    stack: list[tuple[str, Iterator[tuple[str, str]], tuple[int, int]]] = []
    try:
        stack.append(("", entries(root), _identity(root)))
    except OSError:
        problems.add(UNREADABLE, root)
    while stack:
        prefix, names, _ = stack[-1]
        try:
            name, kind = next(names)
        except StopIteration:
            stack.pop()
            continue
        except OSError:
            problems.add(UNREADABLE, root / prefix)
            stack.pop()
            continue
        path = prefix + name
        if kind == FILE:
            yield path
        elif kind == OTHER:
            problems.add("no ordinary file, or a link that leads nowhere", root / path)
        else:
            try:
                identity = _identity(root / path)
            except OSError:
                problems.add(UNREADABLE, root / path)
                continue
            if any(identity == above for _, _, above in stack):
                problems.add("a link to a folder that it lies in", root / path)
            elif kind == LINK and identity in linked:
                problems.add("a second link to the same folder", root / path)
            else:
                if kind == LINK:
                    linked.add(identity)
                stack.append((path + "/", entries(root / path), identity))


def pictures(root: Path, problems: Problems) -> Iterator[str]:
    """The files of `walk` that are pictures by their ending or their first bytes; others are counted."""
    for path in walk(root, problems):
        if named_as_picture(path) or is_picture(root / path):
            yield path
        else:
            problems.add(NO_PICTURE, root / path)


def has_picture(root: Path) -> bool:
    """Whether there is a picture below it; the first that comes along ends the search."""
    with suppress(OSError), os.scandir(root) as scan:
        if any(named_as_picture(entry.name) and _kind(entry) == FILE and not is_litter(entry.name) for entry in scan):
            return True
    return next(pictures(root, Problems()), None) is not None


def named_as_picture(name: str) -> bool:
    """Whether the ending is one of pictures."""
    return name[name.rfind(".") :].lower() in SUFFIXES


def is_picture(path: Path) -> bool:
    """By its ending, else by its first bytes."""
    if named_as_picture(path.name):
        return True
    try:
        with open(path, "rb", buffering=0) as file:
            return looks_like_picture(file.read(16))
    except OSError:
        return False


def looks_like_picture(start: bytes) -> bool:
    """Whether a file that starts with these bytes is JPEG, PNG, GIF, BMP, TIFF, WebP or PNM."""
    if start[:4] == b"RIFF":
        return start[8:12] == b"WEBP"
    if len(start) > 2 and start[:1] == b"P" and start[1:2] in b"123456":
        return start[2:3].isspace()
    if start[:2] == b"BM":
        return start[6:10] == b"\0\0\0\0"  # reserved, to tell it from a text
    return start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"))


def is_file(path: str | Path) -> bool:
    """Whether an ordinary file stands there; False for whatever cannot be a path."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 (millions of them, as texts)
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def glance(folder: Path, most: int = 2000) -> tuple[list[str], list[str]]:
    """Names of some folders and some files that lie in `folder`, in order, to tell a layout by. Nothing where it cannot
    be read.
    """
    found: dict[str, list[str]] = {FOLDER: [], FILE: [], OTHER: []}
    try:
        with os.scandir(folder) as scan:
            for entry in islice((each for each in scan if not is_litter(each.name)), most):
                kind = _kind(entry)
                found[FOLDER if kind == LINK else kind].append(entry.name)
    except OSError:
        return [], []
    return sorted(found[FOLDER]), sorted(found[FILE])


def peek(folder: Path, folders: int = 20, files: int = 20) -> list[str]:
    """Some files two levels deep, `Folder/file`, to tell a layout by."""
    names: list[str] = []
    for name in glance(folder)[0][:folders]:
        names.extend(f"{name}/{file}" for file in glance(folder / name, 200)[1][:files])
    return names


def mostly(names: list[str], fits: re.Pattern[str]) -> bool:
    """Whether there are names, and at least nine of ten match the pattern as a whole."""
    matched = sum(fits.fullmatch(name) is not None for name in names)
    return bool(names) and matched >= 0.9 * len(names)


def said(name: str) -> str:
    """A name as valid text: bytes of it that are no UTF-8 are written out, in hexadecimal."""
    if name.isascii():
        return name
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a pair of UTF-16, from a list
        return name.encode("utf-8", "backslashreplace").decode()


def readable(path: Path) -> Path:
    """The path of something that is there. Raises SourceError."""
    try:
        path.stat()
    except FileNotFoundError:
        raise SourceError(f"there is no file or folder {printable(path, 300)}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise SourceError(f"{printable(path, 300)} cannot be read: {reason}") from None
    return path


def _identity(path: Path) -> tuple[int, int]:
    facts = path.stat()
    return facts.st_dev, facts.st_ino


def _kind(entry: os.DirEntry[bytes] | os.DirEntry[str]) -> str:
    try:
        if entry.is_dir():
            return LINK if entry.is_symlink() else FOLDER
        return FILE if entry.is_file() else OTHER
    except OSError:  # a link in a circle
        return OTHER


def _kept(names: list[tuple[bytes, str]]) -> Iterator[tuple[bytes, str]]:
    """Sorted names, kept in a file that vanishes with the iterator."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    for name, kind in names:
        file.write(b"%s\0%s\0" % (name, kind.encode()))
    file.seek(0)

    def again() -> Iterator[tuple[bytes, str]]:
        with file:
            held = b""
            while more := file.read(1 << 16):
                *whole, held = (held + more).split(b"\0")
                if len(whole) % 2:
                    held = whole.pop() + b"\0" + held
                for place in range(0, len(whole), 2):
                    yield whole[place], whole[place + 1].decode()

    return again()
