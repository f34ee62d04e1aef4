"""How a run ends: the stages of a stop, and the reason that an exit status stands for.

Pure: time, and who listens, are arguments. Times here are of the monotonic clock, so that a wall clock
which jumps neither shortens nor lengthens a grace.
"""

from __future__ import annotations

import math
import signal
from dataclasses import dataclass

from .status import Stage

KILL_AFTER = 10.0  # seconds between SIGTERM and SIGKILL: room for a checkpoint


@dataclass(slots=True)
class Ending:
    """A stop on its way: wish → (grace) → SIGTERM to the whole tree → (10 s) → SIGKILL.

    `since` and `until` bound the present stage; the last one ends only with the processes.
    """

    grace: float
    stage: Stage | None = None
    since: float = 0.0
    until: float = math.inf

    def stop(self, now: float, *, listening: bool) -> None:
        """Begin: with nobody listening there is nothing to wait for. A stop under way goes on as it is."""
        if self.stage is None:
            self._enter(Stage.ASKED if listening else Stage.TERMINATING, now)

    def terminate(self, now: float) -> None:
        """Do not wait for the script any longer: it refused, or the machine is shutting down."""
        if self.stage in (None, Stage.ASKED):
            self._enter(Stage.TERMINATING, now)

    def kill(self, now: float) -> None:
        """End everything at once."""
        if self.stage is not Stage.KILLING:
            self._enter(Stage.KILLING, now)

    def pass_time(self, now: float) -> None:
        """Enter the next stage where the present one has lasted long enough."""
        if now >= self.until:
            self._enter(Stage.TERMINATING if self.stage is Stage.ASKED else Stage.KILLING, now)

    @property
    def signal(self) -> signal.Signals | None:
        """What every process of the tree gets in this stage."""
        match self.stage:
            case Stage.TERMINATING:
                return signal.SIGTERM
            case Stage.KILLING:
                return signal.SIGKILL
            case _:
                return None

    def _enter(self, stage: Stage, now: float) -> None:
        self.stage, self.since = stage, now
        lasts = {Stage.ASKED: self.grace, Stage.TERMINATING: KILL_AFTER, Stage.KILLING: math.inf}
        self.until = now + lasts[stage]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a run as state.json spells it: `why`, and the exit code or the signal."""

    why: str
    exit_code: int | None = None
    signal: int | None = None
    forced: bool = False


def verdict(exit_code: int, reached: Stage | None, *, out_of_memory: bool) -> Verdict:
    """Tell the reasons apart. `exit_code` is negative for a signal; `reached` is the stage of a stop, if any.

    An error of the script while it still had its grace is the script's own, and said as such.
    """
    code, number = (exit_code, None) if exit_code >= 0 else (None, -exit_code)
    if reached in (Stage.TERMINATING, Stage.KILLING):
        return Verdict("stopped", code, number, forced=True)
    if code == 0:
        return Verdict("stopped" if reached else "done", code)
    if number == signal.SIGKILL and out_of_memory:
        return Verdict("out_of_memory", code, number)
    return Verdict("killed" if number else "failed", code, number)
