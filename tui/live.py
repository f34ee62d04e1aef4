"""The one thread that looks at the world: runs folder → frozen snapshot → one message."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from textual.message import Message

from ..engine.runs import Snapshot

Look = Callable[[Path, "Snapshot | None"], Snapshot]
TICK = 10.0  # seconds after which a snapshot is sent though nothing changed: ages and times left move on
PAUSE = 0.1  # least seconds between two looks, so that a thousand writers cannot keep the thread busy
KEEP = 30.0  # seconds between two writes of the index


class Looked(Message):
    """The world as it was found."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class Live:
    """Looks whenever the watcher saw a change, when asked to, and once in a while; hands each new snapshot to `post`.

    `post` is called in the thread. `stop` ends it; the index of what was seen last is then kept for the next start.
    """

    def __init__(self, root: Path, post: Callable[[Snapshot], object], before: Snapshot | None = None) -> None:
        self._root = root
        self._post = post
        self._before = before
        self._due = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trainvis-live", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look_now(self) -> None:
        """Look without waiting for the watcher: something was just done."""
        self._due.set()

    def stop(self) -> None:
        """End the thread; returns when it has ended, or after a second if the disk does not answer."""
        self._ended.set()
        self._due.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 (a thread ends here; the screen says why it stands still)
            reason = f"the runs folder can no longer be followed: {error}"
            self._post(Snapshot(self._root, time.time(), self._before.rows if self._before else (), reason))

    def _follow(self) -> None:
        from ..engine.runs import save_index, snapshot
        from ..engine.watch import Watcher

        self._send(snapshot(self._root, self._before))
        watcher = Watcher(self._root, lambda _paths: self._due.set())
        watcher.start()
        kept = None
        try:
            while not self._ended.is_set():
                self._due.wait(TICK)
                self._due.clear()
                if self._ended.is_set():
                    break
                self._send(snapshot(self._root, self._before))
                if self._before and (kept is None or self._before.taken - kept.taken > KEEP):
                    save_index(kept := self._before)
                self._ended.wait(PAUSE)
        finally:
            watcher.stop()
            if self._before is not None:
                save_index(self._before)

    def _send(self, found: Snapshot) -> None:
        self._before = found
        self._post(found)
