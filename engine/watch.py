"""Which runs have changed: inotify where it sees, a look at the files' stamps where it does not.

The kernel tells of the runs folder and of the runs that are alive; everything else, and everything on a network
file system, where writers on other machines raise no events, is found by the pass that compares stamps. Events
are collected, so a thousand writes of one run are one call.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .kernel_events import FOLLOWED, KernelEvents, remote_file_system
from .rundir import RunDir
from .stamps import LIVE, STILL, Stamp, run_entries, stamp, stamps
from .text import printable

FRESH = 86_400.0  # seconds without a sign of life after which a run that never said it ended is no live one
REMOTE_PASS = 1.0  # seconds between two looks at live runs where the kernel tells nothing
SHARE = 0.002  # of a processor that looking at everything may take: with very many runs it is done less often
LONGEST = 60.0  # seconds between two looks at everything, however long one takes
_SETTLE = 0.02  # a run that is made or renamed raises several events at once


class Watcher:
    """Calls `changed` with the directories of runs that changed, came or went, in a thread of its own.

    At most one call every `interval` seconds. Live runs are looked at every `reconcile` seconds, all runs as often,
    or less where that would take more than `SHARE` of a processor. The first call, with no run, says that from now on
    nothing is missed. `kernel=False` only looks, as on a network file system.
    `live` says whether the kernel tells of anything; `problem` is a sentence where it cannot tell of everything,
    and changes show within `reconcile` seconds.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        changed: Callable[[frozenset[Path]], None],
        interval: float = 0.15,
        reconcile: float = 3.0,
        *,
        kernel: bool = True,
    ) -> None:
        self.root = Path(root).absolute()
        self.problem: str | None = None
        self._changed = changed
        self._interval = interval
        self._reconcile = reconcile
        self._events = KernelEvents(
            self.root, remote_file_system(self.root) if kernel else "changes are found by looking"
        )
        self._seen: dict[str, _Seen] = {}
        self._next_pass = 0.0
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="trainvis-watch", daemon=True)

    @property
    def live(self) -> bool:
        """Whether the kernel tells of changes; else they are found by looking."""
        return self._events.live

    def start(self) -> None:
        """Begin; what is there at the first call counts as seen."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and wait for it (at most two seconds)."""
        self._stopped = True
        self._events.wake.set()
        if self._thread is not threading.current_thread() and self._thread.ident is not None:
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # noqa: BLE001 -- a thread ends here
            self.problem = f"changes in {printable(self.root, 200)} are no longer seen: {printable(error, 200)}"
        finally:
            self._events.close()

    def _follow(self) -> None:
        self._pass()
        self._changed(frozenset())
        next_look = time.monotonic() + self._reconcile
        next_call = 0.0
        while not self._stopped:
            wait = max(next_look - time.monotonic(), 0.0)
            self._events.wake.wait(wait if self._events.live else min(wait, REMOTE_PASS))
            told = self._told(next_call)
            if self._stopped:
                return
            due = time.monotonic() >= next_look
            if due and time.monotonic() >= self._next_pass:
                told |= self._pass()
            elif due or not self._events.live:
                told |= self._look_at_live_runs()
            if due:
                next_look = time.monotonic() + self._reconcile
            if told:
                next_call = time.monotonic() + self._interval
                self._changed(frozenset(self.root / name for name in told))

    def _told(self, next_call: float) -> set[str]:
        """The runs that the kernel told of, collected until the next call is allowed."""
        if not self._events.wake.is_set() or self._stopped:
            return set()
        time.sleep(max(_SETTLE, next_call - time.monotonic()))
        names = self._events.take()
        for name in names:
            self._remember(name)
        self._watch_live_runs()
        return names

    def _remember(self, name: str) -> None:
        """Take what was told of as seen, so that the pass does not tell of it again."""
        path = f"{self.root}/{name}"
        if stamp(path) is None:
            self._seen.pop(name, None)
        else:
            self._seen[name] = _look(path, self._seen.get(name))

    def _pass(self) -> set[str]:
        """Compare everything with what was seen; the names of runs that changed, came or went."""
        used = time.thread_time()
        now = dict(self._look_at_all())
        rest = (time.thread_time() - used) / SHARE
        self._next_pass = time.monotonic() + min(max(rest, self._reconcile), LONGEST)
        changed = {name for name in now.keys() | self._seen.keys() if now.get(name) != self._seen.get(name)}
        self._seen = now
        self._watch_live_runs()
        return changed

    def _look_at_all(self) -> Iterator[tuple[str, _Seen]]:
        try:
            for entry in run_entries(self.root):
                yield entry.name, _look(entry.path, self._seen.get(entry.name))
        except OSError:  # a folder that is missing has no runs; the snapshot says so
            return

    def _look_at_live_runs(self) -> set[str]:
        before = {name: seen for name, seen in self._seen.items() if seen.alive}
        for name in before:
            self._remember(name)
        return {name for name, seen in before.items() if self._seen.get(name) != seen}

    def _watch_live_runs(self) -> None:
        oldest = time.time() - FRESH
        living = [(seen.latest, name) for name, seen in self._seen.items() if seen.alive and seen.latest > oldest]
        self.problem = self._events.follow([name for _, name in sorted(living, reverse=True)[:FOLLOWED]])


class _Seen:
    """What a run looked like: the stamps of its files, and whether its state says that it is not over."""

    __slots__ = ("alive", "latest", "stamps")

    def __init__(self, found: tuple[Stamp | None, ...], *, alive: bool) -> None:
        self.stamps = found
        self.alive = alive
        self.latest = max((one[2] for one in found if one), default=0) / 1e9

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Seen) and other.stamps == self.stamps

    __hash__ = None  # type: ignore[assignment]


def _look(path: str, before: _Seen | None) -> _Seen:
    if before is not None:
        found = stamps(path, LIVE if before.alive else STILL)
        if found == before.stamps:
            return before
    # `alive` decides which files are looked at, so it is read before they are.
    alive = RunDir(path).state()[0].status != "finished"
    return _Seen(stamps(path, LIVE if alive else STILL), alive=alive)
