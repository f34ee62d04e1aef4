"""What a machine has to offer so that runs go well, looked at one by one: the checks of `trainvis doctor`.

Each check says what it found and, where that is not well, how to mend it. None of them changes anything.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from . import interpreters, logind, mounts, process

_LEAST_FREE = 1 << 30
_LEAST_WATCHES = 8192
_LEAST_INSTANCES = 64


class Level(StrEnum):
    """`WARN`: it works, with a weakness. `BAD`: something a person wants will not work."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, what was found, and how to mend it ("" where all is well)."""

    what: str
    level: Level
    found: str
    remedy: str = ""


def runs_folder(root: Path) -> Check:
    """Whether runs can be made in `root`, and how much room there is."""
    what = "runs folder"
    place = _existing(root)
    if not place.is_dir():
        return Check(what, Level.BAD, f"{place} is no folder", "choose another with --runs or $TRAINVIS_RUNS")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        remedy = "choose another with --runs or $TRAINVIS_RUNS, or make room" if error.errno == 28 else _OTHER
        return Check(what, Level.BAD, f"{root} cannot be written: {error.strerror}", remedy)
    free = shutil.disk_usage(place).free
    found = f"{root}{'' if place == root else ' (made by the first run)'}, {free / 1e9:.1f} GB free"
    if free < _LEAST_FREE:
        return Check(what, Level.WARN, found, "make room: networks and figures of a run take some hundred MB")
    return Check(what, Level.OK, found)


_OTHER = "choose another with --runs or $TRAINVIS_RUNS, or make it yours"


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def cache(folder: Path) -> Check:
    """Where the cache lies and how much it holds: nothing ever purges it."""
    held, most = 0, (0, "")
    for path, names, files in os.walk(folder):
        size = 0
        for name in files:
            with suppress(OSError):  # somebody else's, or gone meanwhile
                size += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118 - of thousands of files
        held += size
        most = max(most, (size, os.path.relpath(path, folder)))
        names.sort()
    if not held:
        return Check("cache", Level.OK, f"{folder}, nothing in it")
    where = f", most of it in {most[1]}" if most[1] != "." and 2 * most[0] > held else ""
    found = f"{folder}, {_bytes(held)}{where}; it may be deleted while nothing runs, and is made anew"
    return Check("cache", Level.OK, found)


def _bytes(count: int) -> str:
    unit, name = next(((unit, name) for unit, name in ((1e9, "GB"), (1e6, "MB")) if count >= unit), (1e3, "kB"))
    return f"{count / unit:.1f} {name}"


def file_system(root: Path) -> Check:
    """The file system of the runs folder: a remote one is slower to show what other machines write."""
    kind = mounts.file_system(_existing(root))
    if mounts.remote(kind):
        found = f"{kind}: what other machines write there is seen by looking every few seconds"
        return Check("file system", Level.WARN, found, "a local disk shows it at once; all else works")
    return Check("file system", Level.OK, kind or "unknown")


def locks(root: Path) -> Check:
    """Whether the file system knows locks: a second sign, besides pid and start time, of a supervisor's life."""
    try:
        with tempfile.TemporaryFile(dir=_existing(root)) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        found = f"{root} takes no lock: {error.strerror}"
        return Check("locks", Level.WARN, found, "runs work; their life is told from pid, start time and boot alone")
    return Check("locks", Level.OK, "the runs folder takes them")


def inotify(limits: Path = Path("/proc/sys/fs/inotify")) -> Check:
    """The kernel's limits for watching files. Beyond them changes are seen by looking, seconds later."""
    what = "inotify"
    try:
        watches, instances = (int((limits / name).read_text()) for name in ("max_user_watches", "max_user_instances"))
    except (OSError, ValueError):
        return Check(what, Level.OK, "not here; files are watched otherwise")
    found = f"{watches} watches, {instances} instances a user"
    remedies = []
    if watches < _LEAST_WATCHES:
        remedies.append("fs.inotify.max_user_watches=524288")
    if instances < _LEAST_INSTANCES:
        remedies.append("fs.inotify.max_user_instances=512")
    if remedies:
        return Check(what, Level.WARN, found, "as root: sysctl " + " ".join(remedies))
    return Check(what, Level.OK, found)


def logout() -> Check:
    """Whether systemd-logind ends a person's processes, runs with them, when they log out."""
    problem = logind.ends_runs_at_logout(process.user())
    if problem:
        found, _, remedy = problem.partition("; ")
        return Check("after logout", Level.BAD, found, remedy)
    return Check("after logout", Level.OK, "runs go on")


def git() -> Check:
    """Git tells commit and difference of a script's repository."""
    path = shutil.which("git")
    if path is None:
        return Check("git", Level.WARN, "not installed: runs will not say their commit", "install git")
    return Check("git", Level.OK, path)


def interpreter(python: str, *, really: bool = True) -> tuple[Check, ...]:
    """What `python` is, and whether the callbacks import there; `really` imports them, which takes seconds."""
    found = interpreters.inspect(python, really=really)
    if not found.ok:
        return (Check("interpreter", Level.BAD, found.problem, "give another with --python"),)
    versions = ", ".join(f"{name} {version}" for name, version in found.frameworks.items())
    about = Check(
        "interpreter", Level.OK, f"{found.path}: Python {found.version}" + (f", {versions}" if versions else "")
    )
    if not found.callbacks:
        return about, Check("callbacks", Level.WARN, *_halves(found.problem))
    word = "import there" if really else "are installed there"
    return about, Check("callbacks", Level.OK, f"{word}: from trainvis.vis import Callbacks")


def _halves(problem: str) -> tuple[str, str]:
    found, _, remedy = problem.partition(". ")
    return found, remedy
