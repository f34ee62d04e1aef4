"""Deleting is moving: into `<runs>/.trash`, from where it can be taken back until it is purged."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import RunError
from .files import read_json, write_json
from .process import user
from .rundir import RunDir
from .status import Running, Waiting
from .text import printable

KEPT = 30 * 86_400.0  # seconds; what lies there longer is purged when the trash is used next
_PURGING = ".purging-"


@dataclass(frozen=True, slots=True)
class Trashed:
    """A run in the trash: `when` it was put there (Unix time), and `by` whom ("" where nobody knows)."""

    id: str
    path: Path
    when: float
    by: str = ""


def folder(root: Path) -> Path:
    """Where the deleted runs of a runs folder lie."""
    return root / ".trash"


def delete(run: RunDir, now: float | None = None) -> Path:
    """Move a run to the trash and say where it lies now; what has lain there for 30 days is purged.

    Raises RunError for a run that is running or about to, that is another user's, or cannot be moved.
    """
    moment = time.time() if now is None else now
    _refuse(run, moment)
    bin_ = folder(run.path.parent)
    target = bin_ / run.id
    try:
        bin_.mkdir(exist_ok=True)
        if target.exists():
            raise RunError(f"the trash already holds a run {printable(run.id, 100)}: restore or purge that one first")
        write_json(run.trashed_file, {"when": moment, "by": user()})
        run.path.rename(target)
    except OSError as error:
        raise _cannot("moved to the trash", run.id, error) from None
    with suppress(RunError):  # this delete is done; what cannot be purged is said by a purge
        purge(run.path.parent, older_than=KEPT, now=moment)
    return target


def _refuse(run: RunDir, now: float) -> None:
    shown = printable(run.id, 100)
    if not run.path.is_dir() or run.path.parent.name == ".trash":
        raise RunError(f"there is no run {shown} to delete")
    match run.status(now):
        case Running(host=str(host)):
            raise RunError(f"{shown} is running on {printable(host, 60)}: stop it before you delete it")
        case Running():
            raise RunError(f"{shown} is running: stop it before you delete it")
        case Waiting():
            raise RunError(f"{shown} waits to be started: stop it before you delete it")
        case _:
            pass
    if run.path.stat().st_uid not in (os.geteuid(), run.path.parent.stat().st_uid) and os.geteuid():
        raise RunError(f"{shown} is another user's: only its owner deletes it")


def trashed(root: Path) -> tuple[Trashed, ...]:
    """What lies in the trash, last deleted first. A trash that is missing or cannot be read holds nothing."""
    try:
        names = [entry.name for entry in os.scandir(folder(root)) if entry.is_dir() and entry.name[0] != "."]
    except OSError:
        return ()
    return tuple(sorted((_trashed(folder(root) / name) for name in names), key=lambda item: (-item.when, item.id)))


def _trashed(path: Path) -> Trashed:
    value = read_json(RunDir(path).trashed_file).value
    when, by = value.get("when"), value.get("by")
    if isinstance(when, bool) or not isinstance(when, int | float) or not abs(when) < 1e12:
        try:
            when = path.stat().st_mtime
        except OSError:
            when = 0.0
    return Trashed(path.name, path, float(when), by if isinstance(by, str) else "")


def undo(root: Path) -> Path:
    """Take back what was deleted last. Raises RunError where the trash is empty."""
    lying = trashed(root)
    if not lying:
        raise RunError(f"the trash of {printable(root, 200)} is empty: there is nothing to take back")
    return _take_back(root, lying[0])


def restore(root: Path, id_: str) -> Path:
    """Take the run of that id, or the only one whose id begins so, out of the trash. Raises RunError."""
    lying = trashed(root)
    found = [item for item in lying if item.id == id_] or [item for item in lying if id_ and item.id.startswith(id_)]
    if not found:
        raise RunError(f"no run {printable(id_, 100)} lies in the trash of {printable(root, 200)}")
    if len(found) > 1:
        names = ", ".join(printable(item.id, 100) for item in found[:5])
        raise RunError(f"{printable(id_, 100)!r} means {len(found)} runs in the trash: {names}; give more of an id")
    return _take_back(root, found[0])


def _take_back(root: Path, item: Trashed) -> Path:
    target = root / item.id
    if os.path.lexists(target):
        raise RunError(f"{printable(item.id, 100)} cannot be taken back: {printable(target, 200)} is there already")
    try:
        item.path.rename(target)
        RunDir(target).trashed_file.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot("taken back", item.id, error) from None
    return target


def purge(
    root: Path, older_than: float | None = None, now: float | None = None, only: Collection[str] | None = None
) -> tuple[Trashed, ...]:
    """Delete for good what lies in the trash, or only what was put there `older_than` seconds ago; what is gone now.

    `only` are ids: everything else stays.

    Raises RunError where something of it cannot be deleted; the rest is then gone all the same.
    """
    moment = time.time() if now is None else now
    gone: list[Trashed] = []
    failed: list[str] = []
    for item in trashed(root):
        if older_than is not None and moment - item.when < older_than:
            continue
        if only is not None and item.id not in only:
            continue
        try:
            _destroy(item.path)
            gone.append(item)
        except OSError as error:
            failed.append(f"{printable(item.id, 100)} ({error.strerror or error})")
    _finish_interrupted(root)
    if failed:
        raise RunError(f"not everything could be deleted: {', '.join(failed[:5])}")
    return tuple(gone)


def _destroy(path: Path) -> None:
    # Renamed first: what is half deleted can never be taken back.
    doomed = path.with_name(_PURGING + path.name)
    path.rename(doomed)
    _remove(doomed)


def _finish_interrupted(root: Path) -> None:
    for doomed in folder(root).glob(f"{_PURGING}*"):
        with suppress(OSError):
            _remove(doomed)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()  # what a person linked into the runs folder is theirs to delete
    else:
        shutil.rmtree(path)


def _cannot(done: str, id_: str, error: OSError) -> RunError:
    return RunError(f"{printable(id_, 100)} cannot be {done}: {error.strerror}; is the runs folder yours?")
