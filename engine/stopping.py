"""A stop carried out: wishes heard, stages shown in state.json, signals sent to a tree of processes.

The supervisor and, where that one died, the adopter (`supervise --adopt`) do it with the same hands.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from typing import Any

from . import process, wishes
from .ending import Ending
from .rundir import Process, RunDir
from .status import Stage

TICK = 0.25  # seconds between two looks at control/
HURRY = 0.05  # the same while processes are dying
GIVE_UP = 10.0  # seconds of SIGKILL after which a process counts as one that cannot be ended


class Stopping:
    """What was asked of one run, and how far it has come."""

    def __init__(self, run: RunDir, grace: float) -> None:
        self.run = run
        self.ending = Ending(grace)
        self.by = ""
        self._control = str(run.control)
        self._told: set[Process] = set()
        self._shown: Stage | None = None

    def hear(self, now: float, signals: Iterable[int] = ()) -> bool:
        """Look for wishes and heed signals sent to ourselves; whether the stage is another than last shown."""
        if self._anything_asked():
            self._hear_wishes(now)
        self._heed(set(signals), now)
        self.ending.pass_time(now)
        changed, self._shown = self.ending.stage is not self._shown, self.ending.stage
        return changed

    def fields(self, now: float) -> dict[str, Any]:
        """The stage as state.json spells it, in Unix time."""
        stage, clock = self.ending.stage, time.time() - now
        if stage is None:
            return {"stage": "", "stage_since": None, "stage_until": None}
        until = None if stage is Stage.KILLING else self.ending.until + clock
        return {"stage": stage.value, "stage_since": self.ending.since + clock, "stage_until": until}

    def carry_out(self, tree: Iterable[Process]) -> None:
        """Send what the stage asks for: SIGTERM once to each process, SIGKILL as often as it takes."""
        number = self.ending.signal
        if number is None:
            return
        for member in tree:
            if number is signal.SIGKILL or member not in self._told:
                self._told.add(member)
                # A setuid program belongs to another by now: it is counted as left, nothing else can be done.
                with contextlib.suppress(PermissionError):
                    process.send(member, number)

    def _anything_asked(self) -> bool:
        # One cheap look, four times a second for days: the wishes themselves are read only where there are any.
        with contextlib.suppress(OSError):
            return any(name.startswith(("stop.", "kill.")) for name in os.listdir(self._control))  # noqa: PTH208
        return False

    def _hear_wishes(self, now: float) -> None:
        kill, stop = wishes.asked(self.run, "kill"), wishes.asked(self.run, "stop")
        if kill:
            self.by = kill.by
            self.ending.kill(now)
        elif stop:
            self._hear_stop(stop, now)

    def _hear_stop(self, stop: wishes.Wish, now: float) -> None:
        if self.ending.stage is None:
            self.by = stop.by
            # A script that took the wish is about to end, though it may listen no more.
            self.ending.stop(now, listening=wishes.taken(self.run, stop) or wishes.listening(self.run))
        elif self.ending.stage is Stage.ASKED and self._refused(stop):
            self.ending.terminate(now)

    def _refused(self, stop: wishes.Wish) -> bool:
        return any(answer.id == stop.id and answer.outcome == "refused" for answer in wishes.answers(self.run))

    def _heed(self, signals: set[int], now: float) -> None:
        # Where the disk takes no wish, a signal to the supervisor says the same; so does a shutdown.
        if signal.SIGQUIT in signals:
            self.ending.kill(now)
        elif signal.SIGTERM in signals:
            self.ending.terminate(now)
        if self.ending.stage and not self.by:
            self.by = "a signal"
