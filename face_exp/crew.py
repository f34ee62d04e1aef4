"""The workers of a study together: hired, heard, sent home."""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping
from typing import Any, TypeAlias

from .plan import Kind
from .scores import Head
from .workers import Inbox, Worker

Heard: TypeAlias = tuple[Worker, Mapping[str, Any] | None]


class Crew:
    """Those who work, in the order they were hired."""

    def __init__(self) -> None:
        self.members: list[Worker] = []
        self._inbox: Inbox = queue.SimpleQueue()

    def hire(self, threads: int) -> Worker:
        """One more, who uses so many threads (0: as many as there are)."""
        worker = Worker(self._inbox, threads)
        self.members.append(worker)
        return worker

    def let_go(self, worker: Worker) -> None:
        """One has nothing more to do: that it ends is no loss, and not heard."""
        self.members.remove(worker)
        worker.close()

    def hear(self, patience: float) -> Heard | None:
        """What one of them says, waited for so many seconds; with None it is gone, and no member any more."""
        try:
            worker, message = self._inbox.get(timeout=patience)
        except queue.Empty:
            return None
        if worker not in self.members:
            return None
        if message is None:
            self.members.remove(worker)
        return worker, message

    def running(self) -> dict[Head, float]:
        """The heads that are trained, with the seconds since each was begun."""
        now = time.monotonic()
        return {worker.head: now - worker.begun for worker in self.members if worker.head is not None}

    def kinds_beside(self, worker: Worker) -> set[Kind]:
        """What the others have compiled."""
        return {kind for each in self.members if each is not worker for kind in each.kinds}

    def dismiss(self, by: str = "") -> None:
        """Nobody gets anything more to do; with `by` what they do is stopped in that name."""
        for worker in self.members:
            if by and worker.head is not None:
                worker.stop(by)
            worker.close()

    def kill(self) -> None:
        """End those who are still there."""
        for worker in self.members:
            worker.kill()
