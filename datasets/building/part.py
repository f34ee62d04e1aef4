"""`OUT.part`, the folder in which a blob is built: what was decided in the beginning, and how far it came.

`begun.json` stands there once the listing and the plan do; `state.json` is replaced at each step (`durable.json` where
it is also on the disk, which counts after a power failure); `done.json` once all files are whole and only their names
are to be changed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...engine.files import write_aside
from ...engine.text import printable
from ..errors import BlobError
from ..sample import Problems
from .listing import LISTING, VALUES, Column, Listed
from .plan import Chosen

VERSION = 2
BEGUN, STATE, DURABLE, DONE = "begun.json", "state.json", "durable.json", "done.json"
ENDING = ".part"


class Part:
    """The folder beside `out`."""

    def __init__(self, out: Path) -> None:
        self.path = out.with_name(out.name + ENDING)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One builder at a time. Raises BlobError, OSError."""
        while True:
            self.path.mkdir(exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
            try:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    name = printable(self.path.name.removesuffix(ENDING), 200)
                    raise BlobError(f"another process is building {name} at this moment") from error
                except OSError:
                    pass  # a file system without locks
                if not _is(descriptor, self.path):
                    continue  # who built it has just finished, and taken the folder away
                yield
                return
            finally:
                os.close(descriptor)

    def clear(self) -> None:
        """Nothing is in it any more. Raises OSError."""
        with suppress(FileNotFoundError):
            (self.path / BEGUN).unlink()  # first, so that what is left is of no build
        with suppress(FileNotFoundError):
            (self.path / DONE).unlink()
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def remove(self) -> None:
        """With all that is in it; killed meanwhile, what is left is of no build, or says that one is done."""
        with suppress(OSError):
            (self.path / BEGUN).unlink()
        with suppress(OSError):
            for entry in self.path.iterdir():
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry, ignore_errors=True)
                elif entry.name != DONE:
                    entry.unlink()
        shutil.rmtree(self.path, ignore_errors=True)

    def shard(self, number: int) -> Path:
        """The folder of a shard, made. Raises OSError."""
        path = self.path / f"shard-{number:05d}"
        path.mkdir(exist_ok=True)
        return path

    def ready(self, number: int) -> Path:
        """A shard that is whole."""
        return self.path / f"ready-{number:05d}"

    # What was decided in the beginning

    def begun(self) -> dict[str, Any] | None:
        """None where there is nothing to go on with."""
        found = _read(self.path / BEGUN)
        return found if found is not None and found.get("version") == VERSION else None

    def begin(self, source: str, options: dict[str, Any], listed: Listed, chosen: Chosen) -> None:
        """What stands in the listing is whole. Raises OSError."""
        for name in (LISTING, VALUES):
            sync(self.path / name)
        said = {"version": VERSION, "source": source, "options": options}
        said |= {"listed": _listed_json(listed), "chosen": asdict(chosen)}
        write_aside(self.path / BEGUN, json.dumps(said), durable=True)

    # How far it came

    def state(self) -> dict[str, Any] | None:
        found = _read(self.path / STATE)
        return found if found is not None and found.get("boot") == _boot() else _read(self.path / DURABLE)

    def save(self, state: dict[str, Any], *, durable: bool) -> None:
        """`durable` where all that it speaks of is on the disk. Raises OSError."""
        said = json.dumps(state | {"boot": _boot()})
        write_aside(self.path / STATE, said)
        if durable:
            write_aside(self.path / DURABLE, said, durable=True)

    def done(self) -> dict[str, Any] | None:
        return _read(self.path / DONE)

    def finish(self, said: dict[str, Any]) -> None:
        write_aside(self.path / DONE, json.dumps(said), durable=True)


def _is(descriptor: int, path: Path) -> bool:
    """Whether what is open is still what has this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def sync(path: Path) -> None:
    """What is in a file, or which files are in a folder, is on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def listed_of(said: dict[str, Any]) -> Listed:
    columns = []
    for each in said.pop("columns"):
        ids = {value: number for number, value in enumerate(each.pop("ids"))}
        columns.append(Column(**each, ids=ids))
    problems, parts, notes = problems_of(said.pop("problems")), said.pop("parts"), said.pop("notes")
    return Listed(**said, columns=tuple(columns), parts=tuple(parts), notes=tuple(notes), problems=problems)


def chosen_of(said: dict[str, Any]) -> Chosen:
    return Chosen(said["records"], tuple(said["parts"]), said["mark"], tuple(said["notes"]))


def problems_of(said: dict[str, Any]) -> Problems:
    return Problems(Counter(said["counts"]), {reason: list(names) for reason, names in said["examples"].items()})


def problems_json(problems: Problems) -> dict[str, Any]:
    return {"counts": dict(problems.counts), "examples": problems.examples}


def _listed_json(listed: Listed) -> dict[str, Any]:
    columns = [asdict(column) | {"ids": list(column.ids)} for column in listed.columns]
    return {
        "layout": listed.layout, "columns": columns, "parts": listed.parts, "groups": listed.groups,
        "samples": listed.samples, "problems": problems_json(listed.problems), "notes": listed.notes,
    }  # fmt: skip


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _boot() -> str:
    """Which start of the machine this is: what was written since the last one is there, on the disk or not."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
