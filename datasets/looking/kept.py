"""What was found out about a file, kept in the cache folder until the file is another one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...engine.files import write_aside
from ..formats.own import shards_of

_LARGEST = 1 << 30  # bytes of what is kept about one file
_MOST = 500  # files that are kept; the oldest go first


def folder() -> Path:
    """`$XDG_CACHE_HOME/trainvis/blobs`, which may be deleted at any time."""
    value = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(value) if value.startswith("/") else Path.home() / ".cache"
    return base / "trainvis" / "blobs"


def identity(*paths: Path) -> tuple[Any, ...]:
    """Path, inode, size and time of each file (of an LMDB folder, its data; of a shard, of all of them): another one
    where one was written.
    """
    found: list[Any] = []
    for path in (shard for whole in paths for shard in shards_of(whole)):
        data = path / "data.mdb" if path.is_dir() else path
        try:
            facts = data.stat()
        except OSError:
            continue
        found += [str(path.absolute()), facts.st_ino, facts.st_size, facts.st_mtime_ns]
    return tuple(found)


def keep(what: str, whose: tuple[Any, ...], value: Mapping[str, Any]) -> None:
    """Keep a mapping of JSON; where it cannot be kept it is found out again another time."""
    keep_bytes(what, whose, json.dumps(value).encode())


def found(what: str, whose: tuple[Any, ...]) -> dict[str, Any] | None:
    """What was kept of these files as they are now."""
    data = found_bytes(what, whose)
    try:
        value = json.loads(data) if data else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def keep_bytes(what: str, whose: tuple[Any, ...], data: bytes) -> None:
    """As `keep`, of bytes."""
    if len(data) > _LARGEST:
        return
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        write_aside(_file(what, whose), data)
        _tidy()


def found_bytes(what: str, whose: tuple[Any, ...]) -> bytes | None:
    """As `found`, of bytes."""
    try:
        return _file(what, whose).read_bytes()
    except OSError:
        return None


def _file(what: str, whose: tuple[Any, ...]) -> Path:
    name = hashlib.sha256(json.dumps(whose).encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return folder() / f"{name}.{what}"


def _tidy() -> None:
    files = sorted(folder().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[_MOST:]:
        path.unlink(missing_ok=True)
