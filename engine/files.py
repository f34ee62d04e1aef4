"""Small files that several processes share: written aside and renamed, read for what they are."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = 1
LIMIT = 16 << 20  # bytes of a small file: none of ours comes near it
_NO_HARD_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a JSON file held: a mapping, or nothing and the sentence that says why."""

    value: dict[str, Any]
    problem: str | None = None
    missing: bool = False


def write_aside(path: Path, data: str | bytes | memoryview, *, durable: bool = False) -> None:
    """Replace `path` in one step: a reader sees the old content or the new, never a part.

    `durable` also flushes to the disk first, for files whose loss by a power cut would lose a run.
    Raises OSError; the file that stood there is then untouched.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(3).hex()}.tmp")
    try:
        with open(aside, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: dict[str, Any], *, durable: bool = False) -> None:
    """Write a mapping with its schema number, aside and renamed."""
    write_aside(path, _encoded(value), durable=durable)


def create_json(path: Path, value: dict[str, Any]) -> None:
    """Write a mapping whole where nothing stands yet. Raises FileExistsError for all but the first who try."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(3).hex()}.tmp")
    try:
        aside.write_bytes(_encoded(value))
        os.link(aside, path)  # unlike a rename, a link never replaces
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # Exclusive creation instead, whose content comes an instant later.
        with open(path, "xb") as file:
            file.write(_encoded(value))
    finally:
        aside.unlink(missing_ok=True)


def _encoded(value: dict[str, Any]) -> bytes:
    text = json.dumps({"schema": SCHEMA, **value}, indent=1, ensure_ascii=False, default=str)
    # Names that are no valid UTF-8 reach Python as lone surrogates; escaped they survive the file.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def read_json(path: Path) -> Reading:
    """Read a mapping; a missing, empty, half-written or damaged file gives a sentence, never an error."""
    try:
        data = _read_small(path)
    except FileNotFoundError:
        return Reading({}, f"{path.name} is missing", missing=True)
    except OSError as error:
        return Reading({}, f"{path.name} cannot be read: {error.strerror}")
    if not data.strip():
        return Reading({}, f"{path.name} is empty")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return Reading({}, f"{path.name} is damaged: it is not JSON")
    if not isinstance(value, dict):
        return Reading({}, f"{path.name} is damaged: it holds no mapping")
    schema = value.get("schema", SCHEMA)
    if isinstance(schema, int) and schema > SCHEMA:
        return Reading(value, f"{path.name} was written by a newer trainvis (schema {schema})")
    return Reading(value)


def _read_small(path: Path) -> bytes:
    # Not blocking, for a FIFO in a foreign folder would wait for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        if facts.st_size > LIMIT:
            raise OSError(errno.EFBIG, f"it is larger than {LIMIT >> 20} MB")
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            return file.readall()
    finally:
        os.close(descriptor)


def modified(path: Path) -> float | None:
    """When a file was written last, Unix time; None where there is none."""
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return facts.st_mtime if stat.S_ISREG(facts.st_mode) else None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold others off who want to change the same folder's files; without effect where there are no locks."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield  # what is to be done in it says what is wrong
        return
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def append_line(path: Path, line: str) -> None:
    """Append one line in one write, so that lines of several processes never mix."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        if os.write(descriptor, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # a full disk takes a part, and says nothing
    finally:
        os.close(descriptor)
