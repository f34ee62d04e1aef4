"""The one thread that looks at the world: runs folder → frozen snapshot → one message."""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable
from pathlib import Path

from textual.message import Message

from ..engine.runs import Snapshot
from ..engine.text import printable

Look = Callable[[Path, "Snapshot | None"], Snapshot]
TICK = 10.0  # seconds after which runs that are not over are looked at though no file has changed
PAUSE = 0.25  # least seconds between two looks: nobody reads faster, and a slow line has less to carry
KEEP = 30.0  # seconds between two writes of the index


class Looked(Message):
    """The world as it was found; `warning` says why changes may show late, "" where they do not."""

    def __init__(self, snapshot: Snapshot, warning: str = "") -> None:
        super().__init__()
        self.snapshot = snapshot
        self.warning = warning


class Live:
    """Looks whenever the watcher saw a change, when asked to, and once in a while; hands each find to `post`.

    `post` is called in the thread. `stop` ends it; the index of what was seen last is then kept for the next start.
    """

    def __init__(self, root: Path, post: Callable[[Looked], object], before: Snapshot | None = None) -> None:
        self._root = root
        self._post = post
        self._before = before
        self._kept = before
        self._lock = threading.Lock()
        self._changed: set[Path] = set()
        self._everything = True
        self._due = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trainvis-live", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def look_now(self) -> None:
        """Look without waiting for the watcher: something was just done."""
        with self._lock:
            self._everything = True
        self._due.set()

    def stop(self) -> None:
        """End the thread; returns when it has ended, or after a second if the disk does not answer."""
        self._ended.set()
        self._due.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 (a thread ends here; the screen says why it stands still)
            rows = self._before.rows if self._before else ()
            reason = f"the runs folder can no longer be followed: {printable(error)}; open the application again"
            self._post(Looked(Snapshot(self._root, time.time(), rows), reason))

    def _follow(self) -> None:
        from ..engine.watch import Watcher

        self._look()
        watcher = Watcher(self._root, self._note)
        watcher.start()
        kept = time.monotonic()
        try:
            while True:
                self._due.wait(TICK)
                if self._ended.is_set():
                    break
                self._due.clear()
                self._look(watcher.problem or "")
                if time.monotonic() - kept > KEEP:
                    self._keep()
                    kept = time.monotonic()
                self._ended.wait(PAUSE)
        finally:
            watcher.stop()
            self._keep()

    def _note(self, paths: frozenset[Path]) -> None:
        with self._lock:
            self._changed |= paths
            # The first call names none: what changed while the watcher got ready is anybody's guess.
            self._everything |= not paths
        self._due.set()

    def _take(self) -> frozenset[Path] | None:
        """What changed since the last time; None for everything. Runs that are not over are looked at in any case."""
        with self._lock:
            paths = None if self._everything else frozenset(self._changed)
            self._changed, self._everything = set(), False
        return paths

    def _look(self, warning: str = "") -> None:
        from ..engine.runs import snapshot

        self._before = snapshot(self._root, self._before, changed=self._take())
        self._post(Looked(self._before, warning))

    def _keep(self) -> None:
        from ..engine.runs import save_index

        if self._before is None or (self._kept is not None and _same_rows(self._kept, self._before)):
            return
        save_index(self._before)
        self._kept = self._before


def _same_rows(one: Snapshot, other: Snapshot) -> bool:
    """Whether nothing has changed between two looks: an unchanged row is the same object."""
    return len(one.rows) == len(other.rows) and all(map(operator.is_, one.rows, other.rows))
