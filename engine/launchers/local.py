"""Runs on this machine: a supervisor for each, which outlives whoever started it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .. import process
from ..detached import MODULE
from ..errors import LaunchError
from ..rundir import RunDir
from ..text import printable

ANSWER_WITHIN = 60.0  # seconds; a supervisor answers in some 100 ms, on a busy disk in a few seconds
# What belongs to one run, and must not reach the next through the program that starts it.
OURS = ("TRAINVIS_RUN", "TRAINVIS_RESUME", "__PYVENV_LAUNCHER__")


class Starting:
    """A supervisor on its way up: Python loads it while the run directory is still being filled."""

    def __init__(self, run: RunDir) -> None:
        self._run = run
        self._process = _spawn(run)

    def go(self, environment: Mapping[str, str]) -> None:
        """Let it start the script with this whole environment, and wait until it has."""
        heard = _heard(self._run, self._process, json.dumps({"environment": dict(environment)}))
        if heard.problem:
            if heard.nothing_runs:
                _could_not_start(self._run, heard.problem)
            raise LaunchError(f"{self._run.id} could not be started: {heard.problem}")

    def cancel(self) -> None:
        """Send it away: it has not touched the run directory."""
        self._process.communicate()


def begin(run: RunDir) -> Starting:
    """Call up a supervisor for a run whose directory exists."""
    return Starting(run)


def stop(run: RunDir, by: str) -> None:
    """Leave the wish, wake the supervisor; where there is none, start an adopter."""
    _end(run, by, "stop", signal.SIGTERM)


def kill(run: RunDir, by: str) -> None:
    """The same without waiting for anything."""
    _end(run, by, "kill", signal.SIGQUIT)


def _end(run: RunDir, by: str, wish: str, without_disk: signal.Signals) -> None:
    # Loaded here, as nothing of it is needed for a start, which somebody waits for.
    from .. import wishes
    from ..liveness import locked
    from ..status import Running

    status = run.status()
    try:
        wishes.ask(run, wish, by)
    except OSError as error:
        # A full or read-only disk must not keep anybody from stopping a run.
        if not _tell_supervisor(run, without_disk):
            raise LaunchError(f"the wish to {wish} {run.id} cannot be written: {error.strerror}") from None
        return
    if not isinstance(status, Running) or status.host:
        return  # the wish is all there is to say: it is heard when the run starts, or by its own host
    if not _tell_supervisor(run, signal.SIGUSR1) and not locked(run):
        heard = _heard(run, _spawn(run, "--adopt"), "")
        if heard.problem:
            raise LaunchError(f"{run.id} has no supervisor, and none can be started to {wish} it: {heard.problem}")


def _tell_supervisor(run: RunDir, number: signal.Signals) -> bool:
    """Whether a living supervisor of this host got the signal."""
    state, _ = run.state()
    if state.supervisor is None or state.host != process.host() or state.boot != process.boot_id():
        return False
    if not run.lock_file.exists():
        return False  # prepared only: the name in the state is that of the program that prepares it
    with contextlib.suppress(PermissionError):
        return process.send(state.supervisor, number)
    return False


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a supervisor said. `nothing_runs` where the run will not start any more."""

    problem: str
    nothing_runs: bool = False


def _spawn(run: RunDir, *options: str) -> subprocess.Popen[bytes]:
    """In a session of its own: it shares neither our terminal nor the run's marks that we may carry."""
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE, *options, str(run.path)],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name not in OURS},
        )
    except OSError as error:
        raise LaunchError(f"no supervisor: {printable(sys.executable)} cannot be started: {error.strerror}") from None


def _heard(run: RunDir, supervisor: subprocess.Popen[bytes], said: str) -> _Answer:
    """What a supervisor answers to what it is told."""
    with supervisor:
        try:
            heard, complaint = supervisor.communicate(said.encode(), timeout=ANSWER_WITHIN)
        except subprocess.TimeoutExpired:
            return _Answer(f"its supervisor has not answered for {ANSWER_WITHIN:.0f} s; look again in a while")
    return _understood(run, heard, complaint)


def _understood(run: RunDir, heard: bytes, complaint: bytes) -> _Answer:
    try:
        value = json.loads(heard)
        return _Answer(str(value["problem"]), bool(value["nothing_runs"]))
    except (ValueError, KeyError, TypeError):
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        problem = "the supervisor ended before it could say why" + (f": {printable(last)}" if last else "")
        # One that had the lock may have started the script: then nobody knows, and the status says so.
        return _Answer(problem, nothing_runs=not run.lock_file.exists())


def _could_not_start(run: RunDir, problem: str) -> None:
    """Say so in the state. Where the disk takes not even that, the empty shell of the run goes."""
    state, _ = run.state()
    if state.status != "waiting":
        return
    try:
        run.write_state(replace(state, status="finished", why="could_not_start", text=problem, ended=time.time()))
    except OSError:
        shutil.rmtree(run.path, ignore_errors=True)
