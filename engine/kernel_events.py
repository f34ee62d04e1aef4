"""What the kernel tells of a runs folder and of the runs that are alive in it (inotify, FSEvents), through watchdog."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .mounts import MOUNTS, file_system, remote
from .rundir import RunDir
from .stamps import stamp

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

FOLLOWED = 32  # live runs with watches of their own; the others are seen by the pass of a Watcher

_OUTPUT = RunDir("/run").output_log.name
_LOCK = RunDir("/run").lock_file.name


class KernelEvents:
    """What the kernel tells: names of runs, collected until they are taken."""

    def __init__(self, root: Path, broken: str | None) -> None:
        self.root = root
        self.wake = threading.Event()
        self.live = False
        self._names: set[str] = set()
        self._lock = threading.Lock()
        self._observer: Any = None
        self._watches: dict[str, list[Any]] = {}
        self._root_inode: int | None = None
        self._broken = broken
        self._room = FOLLOWED  # runs that the kernel's limits allow to be watched
        self._shortage: str | None = None

    def take(self) -> set[str]:
        with self._lock:
            self.wake.clear()
            names, self._names = self._names, set()
        return names

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by watchdog, in its own thread."""
        for path in (event.src_path, event.dest_path):
            name = self._run_of(os.fsdecode(path)) if path else ""
            if name:
                with self._lock:
                    self._names.add(name)
                    self.wake.set()

    def _run_of(self, path: str) -> str:
        """The name of the run that `path` tells of, "" where nobody needs to know."""
        inside = path.removeprefix(f"{self.root}/").split("/")
        hidden = any(part.startswith(".") for part in inside)
        # The output is followed by who shows it, and the lock says nothing that the state does not.
        noise = len(inside) == 2 and inside[1] in (_OUTPUT, _LOCK)
        return "" if not inside[0] or hidden or noise else inside[0]

    def follow(self, names: list[str]) -> str | None:
        """Watch the runs folder and these runs, no others; the sentence that says what cannot be watched."""
        if self._broken:
            return self._broken
        names = names[: self._room]
        try:
            self._watch_root()
        except (ImportError, OSError) as error:
            self._broken = f"changes are found by looking every few seconds, for nothing can be watched: {error}"
            return self._broken
        for name in [name for name in self._watches if name and name not in names]:
            self._unwatch(name)
        for name in names:
            if self.live and name not in self._watches and not self._watch_run(name):
                break
        return self._shortage

    def _watch_run(self, name: str) -> bool:
        run = RunDir(self.root / name)
        try:
            self._watch(name, [run.path, run.results, run.control])
        except OSError as error:
            self._unwatch(name)
            self._room = len(self._watches) - 1  # all but the runs folder itself
            self._shortage = (
                f"only {self._room} of the live runs are watched, changes of the others show after some seconds: "
                f"{error.strerror}; raise fs.inotify.max_user_watches or max_user_instances"
            )
            return False
        with self._lock:  # what was written before the watch stood is told of now
            self._names.add(name)
            self.wake.set()
        return True

    def _watch_root(self) -> None:
        found = stamp(str(self.root))
        inode = found[0] if found else None
        if inode == self._root_inode:
            return
        for name in list(self._watches):  # the folder was replaced: its watches look at the old one
            self._unwatch(name)
        self._root_inode = inode
        self.live = False
        if inode is not None:
            self._start()
            self._watch("", [self.root])
            self.live = True

    def _start(self) -> None:
        if self._observer is not None:
            return
        from watchdog.observers import Observer

        self._observer = Observer()
        self._observer.start()

    def _watch(self, name: str, folders: list[Path]) -> None:
        from watchdog import events

        wanted: list[type[FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileModifiedEvent,
            events.FileMovedEvent,
            events.FileDeletedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
            events.DirDeletedEvent,
        ]
        watches = self._watches.setdefault(name, [])
        for folder in folders:
            try:
                watches.append(self._observer.schedule(self, str(folder), event_filter=wanted))
            except (FileNotFoundError, NotADirectoryError):
                continue

    def _unwatch(self, name: str) -> None:
        for watch in self._watches.pop(name, []):
            try:
                self._observer.unschedule(watch)
            except (KeyError, OSError):  # the folder is gone, its watch with it
                continue

    def close(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(timeout=2.0)


def remote_file_system(path: Path, mounts: Path = MOUNTS) -> str | None:
    """A sentence where `path` lies on a file system whose remote writers raise no events here, else None."""
    kind = file_system(path, mounts)
    if remote(kind):
        return f"the runs folder is on {kind}, which tells of no changes from elsewhere: they are found by looking"
    return None
