"""The end of a run that has no supervisor: it died, or the script was started by hand.

`python -P -m trainvis.engine.supervise --adopt RUNDIR` carries out the wish that lies in `control/`. It is
not the parent of the script, so it never learns an exit code; orphans of the tree are found by their
session and by the `TRAINVIS_RUN` in their environment. Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import replace

from . import process
from .alarm import Alarm
from .detached import answer, detach, take_lock
from .rundir import Process, RunDir
from .status import Stage
from .stopping import GIVE_UP, HURRY, TICK, Stopping


def adopt(run: RunDir) -> None:
    """Stay until nothing of the run's tree is left. The state keeps the dead supervisor's name."""
    main = run.state()[0].process
    if main is None or not process.alive(main):
        answer()  # it ended while we were on our way: that is what was wished for
        return
    try:
        lock = take_lock(run, first=False)
    except BlockingIOError:
        answer()  # somebody adopted it before us and hears our wish too
        return
    except OSError:
        lock = None  # a read-only runs folder: the tree can be ended all the same
    detach()
    answer()
    _Adopter(run, main).end_tree()
    if lock is not None:
        os.close(lock)


class _Adopter:
    def __init__(self, run: RunDir, main: Process) -> None:
        self.run = run
        self.main = main
        # What the script itself carries: the run may have been started under another name of its folder. A process
        # that works on a child run carries its parent's, as that run's other processes do, which nobody wished to end.
        carried = process.carried(main.pid, "TRAINVIS_RUN")
        self._mark = carried if os.path.basename(carried) == run.id else str(run.path)  # noqa: PTH119 - of a text
        self._alarm = Alarm()
        self._stopping = Stopping(run, run.spec()[0].grace)

    def end_tree(self) -> None:
        ending = self._stopping.ending
        while (tree := self.tree()) and not self._goes_on():
            now = time.monotonic()
            if self._stopping.hear(now):
                self._show(now)
            self._stopping.carry_out(tree)
            if ending.stage is None or (ending.stage is Stage.KILLING and now > ending.since + GIVE_UP):
                break
            self._alarm.sleep(HURRY if ending.signal else TICK)
        self._record()

    def tree(self) -> list[Process]:
        """The script, what descends from it, what is in its session, and what carries its run's mark."""
        seen = process.table()
        found = dict.fromkeys(process.family(seen, self.main.pid, self.main))
        found |= dict.fromkeys(item.process for item in seen if not item.dead and self._marked(item))
        if process.alive(self.main):
            found[self.main] = None
        return list(found)

    def _goes_on(self) -> bool:
        """Whether the run has ended by itself and its process has not: it works on something else now, the next of
        its child runs for example, and that is not what somebody wished to end.
        """
        state, _ = self.run.state()
        ended = state.status == "finished" and not state.supervisor and not self._stopping.ending.signal
        return ended and process.alive(self.main)

    def _marked(self, seen: process.Seen) -> bool:
        # The mark alone would also name the shell in which somebody exported it: it must be younger.
        younger = seen.process.start.isdigit() and int(seen.process.start) >= int(self.main.start)
        return younger and process.carries(seen.process.pid, "TRAINVIS_RUN", self._mark)

    def _show(self, now: float) -> None:
        state, _ = self.run.state()
        if state.status != "running":
            return
        text = f"its supervisor died; {self._stopping.by} asked it to end, and nobody saw how it did"
        with contextlib.suppress(OSError):
            self.run.write_state(replace(state, **self._stopping.fields(now), text=text if state.supervisor else ""))

    def _record(self) -> None:
        """A run started by hand knows what hit it, or could not even write that: we know who wished it."""
        state, _ = self.run.state()
        unexplained = state.status == "running" or state.why == "killed"
        if state.supervisor or not unexplained or not self._stopping.ending.signal:
            return
        ended = replace(state, status="finished", why="stopped", by=self._stopping.by, forced=True, stage="")
        with contextlib.suppress(OSError):
            self.run.write_state(replace(ended, ended=state.ended or time.time()))
