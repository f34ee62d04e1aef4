"""The supervisor at work: waits for the script, carries out stops, ends what is left, writes how it went."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

from . import process
from .alarm import Alarm
from .detached import MODULE
from .ending import verdict
from .memory import OomWatch
from .rundir import Process, RunDir, State
from .status import Stage
from .stopping import GIVE_UP, HURRY, TICK, Stopping

SETTLE = 0.3  # seconds in which helpers of the script may end by themselves after it
FACTS_AFTER = 1.0  # seconds in which nothing competes with the start of the script
FACTS_MAY_TAKE = 60.0  # seconds after the end of the run
HEARTBEAT = 30.0  # seconds between two signs of life for readers on other hosts
ROOM_WITHIN = 86_400.0  # seconds to wait for room on a full disk with the last word
_FACTS = "trainvis.engine.archive"


class Supervisor:
    """Watches over one script, which is `child` of this process and named in `state`."""

    def __init__(self, run: RunDir, state: State, child: subprocess.Popen[bytes], alarm: Alarm) -> None:
        now = time.monotonic()
        self.run = run
        self.state = state
        self._child = child  # kept, never waited for: _reap does that for all
        self._main = state.process or Process(child.pid, "")
        self._alarm = alarm
        self._stopping = Stopping(run, run.spec()[0].grace)
        self._oom = OomWatch(now)
        self._beat = now
        self._facts_due = now + FACTS_AFTER
        self._unsaved = False
        self._facts: subprocess.Popen[bytes] | None = None
        self._exit_code: int | None = None

    def save(self, **changes: object) -> None:
        """Write the state; on a full disk it stays unsaved and is tried again at the next tick."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        try:
            self.run.write_state(self.state)
            self._unsaved = False
        except OSError:
            self._unsaved = True

    def watch(self) -> None:
        """Wait for the end of the script, end what it left, write how it went."""
        self._reap()  # a child that ended before the alarm was set
        while self._exit_code is None:
            self._tick(HURRY if self._stopping.ending.signal else TICK)
        reached = self._stopping.ending.stage
        ended = verdict(self._exit_code, reached, out_of_memory=self._oom.just_now())
        when = time.time()
        left, immortal = self._end_stragglers()
        self.save(
            status="finished",
            why=ended.why,
            exit_code=ended.exit_code,
            signal=ended.signal,
            forced=ended.forced,
            by=self._stopping.by if ended.why == "stopped" else "",
            text=f"{immortal} of the processes it left could not be ended" if immortal else "",
            ended=when,
            oom_kills=self._oom.since_start(),
            stragglers=left,
            stage="",
            stage_since=None,
            stage_until=None,
        )
        self._until_saved()
        self._wait_for_facts()

    def _tick(self, seconds: float) -> None:
        signals = self._alarm.sleep(seconds)
        now = time.monotonic()
        self._reap()
        if self._stopping.hear(now, signals):
            self.save(**self._stopping.fields(now), by=self._stopping.by)
        if self._stopping.ending.signal:
            self._stopping.carry_out(self._tree())
        if self._exit_code is None:
            self._oom.look(now)
            if now >= self._facts_due:
                self._start_facts()
        if self._unsaved:
            self.save()
        if now - self._beat >= HEARTBEAT:
            self._beat = now
            with contextlib.suppress(OSError):
                os.utime(self.run.lock_file)

    def _reap(self) -> None:
        # Every orphan of the tree ends as our child; nobody else may wait for them.
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._main.pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
            elif self._facts and pid == self._facts.pid:
                self._facts.returncode = os.waitstatus_to_exitcode(status)
                self._facts = None

    def _tree(self) -> list[Process]:
        seen = process.table()
        me = os.getpid()
        # A run that this script started has a supervisor of its own and outlives us; so do the facts of one it made.
        others = {item.process.pid for item in seen if item.parent == me and _of_another_run(item.process.pid)}
        if self._facts:
            others.add(self._facts.pid)
        return process.family(seen, me, self._main, frozenset(others))

    def _end_stragglers(self) -> tuple[int, int]:
        """How many processes the script left, and how many of them cannot be ended."""
        deadline = time.monotonic() + SETTLE
        while (left := self._tree()) and time.monotonic() < deadline:
            self._tick(HURRY / 5)
        if not left:
            return 0, 0
        ending = self._stopping.ending
        ending.terminate(time.monotonic())
        self.save(text=f"the script ended; ending {len(left)} processes it left")
        while tree := self._tree():
            self._tick(HURRY)
            if ending.stage is Stage.KILLING and time.monotonic() > ending.since + GIVE_UP:
                return len(left), len(tree)
        return len(left), 0

    def _until_saved(self) -> None:
        """The last word must not be lost: wait for room on the disk while the directory is there."""
        deadline = time.monotonic() + ROOM_WITHIN
        while self._unsaved and self.run.path.is_dir() and time.monotonic() < deadline:
            self._alarm.sleep(1.0)
            self.save()

    def _start_facts(self) -> None:
        """Commit and versions are gathered beside the run: git and the interpreter may take their time."""
        self._facts_due = math.inf
        command = [sys.executable, "-P", "-m", _FACTS, "--facts", str(self.run.path)]
        nothing = subprocess.DEVNULL
        with contextlib.suppress(OSError):
            self._facts = subprocess.Popen(
                command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
            )
            os.setpriority(os.PRIO_PROCESS, self._facts.pid, 10)

    def _wait_for_facts(self) -> None:
        if self._facts_due < math.inf:
            self._start_facts()
        deadline = time.monotonic() + FACTS_MAY_TAKE
        while self._facts and time.monotonic() < deadline:
            self._alarm.sleep(TICK)
            self._reap()
        if self._facts:
            for member in (*process.descendants(self._facts.pid), process.identity(self._facts.pid)):
                if member:
                    process.send(member, signal.SIGKILL)


def _of_another_run(pid: int) -> bool:
    return not {MODULE, _FACTS}.isdisjoint(process.command(pid))
