"""The supervisor: one per run, detached, it outlives the program that started it.

`python -P -m trainvis.engine.supervise RUNDIR` reads `{"environment": {…}}` from its standard input (so
secrets touch no disk), takes the run's lock, detaches, starts the script and answers one JSON line:
a problem or none (see `detached.answer`). `--adopt RUNDIR` ends a run whose supervisor died (see `adopt`).

The training process writes output.log itself: no pipe ties it to a reader's life. On Linux the supervisor
is the subreaper of the tree (prctl(2), PR_SET_CHILD_SUBREAPER): what the script leaves behind, setsid'ed
or not, becomes its child and is ended. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace

from . import process
from .detached import MODULE, answer, detach, take_lock
from .ending import verdict
from .errors import LaunchError
from .memory import OomWatch
from .rundir import Process, RunDir
from .status import Stage
from .stopping import HURRY, TICK, Alarm, Stopping
from .text import printable

SETTLE = 0.3  # seconds in which helpers of the script may end by themselves after it
GIVE_UP = 10.0  # seconds of SIGKILL after which a process counts as one that cannot be ended
FACTS_MAY_TAKE = 60.0  # seconds after the end of the run
HEARTBEAT = 30.0  # seconds between two signs of life for readers on other hosts


def main(arguments: list[str]) -> int:
    """The entry point of `python -m trainvis.engine.supervise`."""
    match arguments:
        case ["--adopt", path]:
            from .adopt import adopt

            return _ends_in_words(RunDir(path), adopt)
        case [path] if not path.startswith("-"):
            return _ends_in_words(RunDir(path), supervise)
        case _:
            sys.stderr.write("usage: python -m trainvis.engine.supervise [--adopt] RUNDIR\n")
            return 2


def supervise(run: RunDir) -> None:
    """Start the script of a prepared run and stay with it until it and all it left behind have ended."""
    try:
        lock = take_lock(run, first=True)
    except FileExistsError:
        answer(f"the run {run.id} was already started; run it again to have a second one")
        return
    except OSError as error:
        answer(f"the run directory cannot be written: {error.strerror}", nothing_runs=True)
        return
    detach()
    supervisor = Supervisor(run)
    if supervisor.start():
        supervisor.watch()
    os.close(lock)


def _ends_in_words(run: RunDir, work: Callable[[RunDir], None]) -> int:
    try:
        work(run)
    except Exception:  # noqa: BLE001 - the process ends here, and nobody sees its standard error
        with contextlib.suppress(OSError):
            run.supervisor_log.write_text(traceback.format_exc(), encoding="utf-8")
        answer("the supervisor failed: " + traceback.format_exc(limit=-1).strip().splitlines()[-1])
        return 1
    return 0


class Supervisor:
    """Everything one supervisor knows of its run."""

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self.spec, _ = run.spec()
        self.state = replace(
            run.state()[0],
            status="waiting",
            text="starting",
            host=process.host(),
            boot=process.boot_id(),
            user=process.user(),
            supervisor=process.identity(os.getpid()),
        )
        self._alarm = Alarm()
        self._stopping = Stopping(run, self.spec.grace)
        self._oom = OomWatch(time.monotonic())
        self._unsaved = False
        self._beat = time.monotonic()
        self._facts: subprocess.Popen[bytes] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._main = Process(0, "")
        self._exit_code: int | None = None

    def start(self) -> bool:
        """Record, start, answer: whatever fails from the first line on has a state and a sentence."""
        try:
            self.run.write_state(self.state)
            self._start_script(_environment())
        except (LaunchError, OSError) as error:
            problem = str(error)
            if isinstance(error, OSError):
                problem = f"the run directory cannot be written: {error.strerror}; nothing was started"
            self._save(status="finished", why="could_not_start", text=problem, ended=time.time())
            answer(problem, nothing_runs=True)
            self._until_saved()
            return False
        self._save(status="running", text="", process=self._main, started=time.time())
        answer()
        self._start_facts()
        return True

    def watch(self) -> None:
        """Wait for the end of the script, end what it left, write how it went."""
        while self._exit_code is None:
            self._tick(HURRY if self._stopping.ending.signal else TICK)
        reached = self._stopping.ending.stage
        ended = verdict(self._exit_code, reached, out_of_memory=self._oom.just_now())
        when = time.time()
        left, immortal = self._end_stragglers()
        self._save(
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

    def _start_script(self, environment: dict[str, str]) -> None:
        become_subreaper()
        spec = self.spec
        target = ["-m", spec.module] if spec.module else [spec.script]
        log = os.open(self.run.output_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._child = subprocess.Popen(
                [spec.python, *target, *spec.argv],
                cwd=spec.cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise LaunchError(_why_not(spec.python, spec.cwd, error)) from None
        finally:
            os.close(log)
        # Not reaped before _reap(), so it is there to be identified even if it has ended already.
        self._main = process.identity(self._child.pid) or Process(self._child.pid, "")

    def _start_facts(self) -> None:
        command = [sys.executable, "-P", "-m", "trainvis.engine.archive", "--facts", str(self.run.path)]
        nothing = subprocess.DEVNULL
        with contextlib.suppress(OSError):
            self._facts = subprocess.Popen(
                command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
            )
            os.setpriority(os.PRIO_PROCESS, self._facts.pid, 10)

    def _tick(self, seconds: float) -> None:
        signals = self._alarm.sleep(seconds)
        now = time.monotonic()
        self._reap()
        if self._stopping.hear(now, signals):
            self._save(**self._stopping.fields(now), by=self._stopping.by)
        if self._stopping.ending.signal:
            self._stopping.carry_out(self._tree())
        if self._exit_code is None:
            self._oom.look(now)
        if self._unsaved:
            self._save()
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
                self._facts = None

    def _tree(self) -> list[Process]:
        seen = process.table()
        me = os.getpid()
        # A run that this script started has a supervisor of its own and outlives us.
        others = {item.process.pid for item in seen if item.parent == me and _supervises(item.process.pid)}
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
        self._save(text=f"the script ended; ending {len(left)} processes it left")
        while tree := self._tree():
            self._tick(HURRY)
            if ending.stage is Stage.KILLING and time.monotonic() > ending.since + GIVE_UP:
                return len(left), len(tree)
        return len(left), 0

    def _save(self, **changes: object) -> None:
        """Write the state; on a full disk it stays unsaved and is tried again at the next tick."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]
        try:
            self.run.write_state(self.state)
            self._unsaved = False
        except OSError:
            self._unsaved = True

    def _until_saved(self) -> None:
        """The last word must not be lost: wait a day for room on the disk, while the directory is there."""
        deadline = time.monotonic() + 86_400
        while self._unsaved and self.run.path.is_dir() and time.monotonic() < deadline:
            self._alarm.sleep(1.0)
            self._save()

    def _wait_for_facts(self) -> None:
        deadline = time.monotonic() + FACTS_MAY_TAKE
        while self._facts and time.monotonic() < deadline:
            self._alarm.sleep(TICK)
            self._reap()
        if self._facts:
            for member in (*process.descendants(self._facts.pid), process.identity(self._facts.pid)):
                if member:
                    process.send(member, signal.SIGKILL)


def become_subreaper() -> None:
    """Orphans below us become our children (Linux; elsewhere the session alone holds the tree together)."""
    set_child_subreaper = 36
    try:
        import ctypes

        ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def _environment() -> dict[str, str]:
    try:
        value = json.loads(sys.stdin.buffer.read())["environment"]
        return {str(name): str(text) for name, text in value.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LaunchError("the program that was starting it ended before it had said all") from None


def _supervises(pid: int) -> bool:
    return MODULE in process.command(pid)


def _why_not(python: str, cwd: str, error: Exception) -> str:
    if not os.path.isdir(cwd):  # noqa: PTH112 - pathlib stops at characters that no path may hold
        return f"the working directory {printable(cwd)} is not there any more; choose another"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"{printable(python)} cannot be started: {reason}; choose another interpreter"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
