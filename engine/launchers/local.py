"""Runs on this machine: a supervisor for each, which outlives whoever started it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace

from .. import process, wishes
from ..detached import MODULE
from ..errors import LaunchError
from ..rundir import RunDir
from ..status import Running
from ..text import printable

ANSWER_WITHIN = 60.0  # seconds; a supervisor answers in some 100 ms, on a busy disk in a few seconds
# What belongs to one run, and must not reach the next through the program that starts it.
OURS = ("TRAINVIS_RUN", "TRAINVIS_RESUME", "__PYVENV_LAUNCHER__")


def start(run: RunDir, environment: Mapping[str, str]) -> None:
    """Start the supervisor, which starts the script. `environment` is the script's whole environment."""
    heard = _supervisor(run, json.dumps({"environment": dict(environment)}))
    if heard is None:
        problem = "the supervisor ended before it could say why"
        _could_not_start(run, problem)
        raise LaunchError(f"{run.id} could not be started: {problem}")
    if heard:
        raise LaunchError(f"{run.id} could not be started: {heard}")


def stop(run: RunDir, by: str) -> None:
    """Leave the wish, wake the supervisor; where there is none, start an adopter."""
    _end(run, by, "stop", signal.SIGTERM)


def kill(run: RunDir, by: str) -> None:
    """The same without waiting for anything."""
    _end(run, by, "kill", signal.SIGQUIT)


def _end(run: RunDir, by: str, wish: str, without_disk: signal.Signals) -> None:
    status = run.status()
    wake = signal.SIGUSR1
    try:
        wishes.ask(run, wish, by)
    except OSError as error:
        # A full or read-only disk must not keep anybody from stopping a run.
        wake = without_disk
        if not _wakes(run, wake):
            raise LaunchError(f"the wish to {wish} {run.id} cannot be written: {error.strerror}") from None
        return
    if isinstance(status, Running) and status.host:
        return
    if not _wakes(run, wake) and isinstance(status, Running):
        problem = _supervisor(run, "", "--adopt")
        if problem or problem is None:
            raise LaunchError(f"{run.id} has no supervisor, and none can be started to {wish} it: {problem}")


def _wakes(run: RunDir, number: signal.Signals) -> bool:
    """Whether a living supervisor got the signal."""
    state, _ = run.state()
    if state.supervisor is None or state.host != process.host() or state.boot != process.boot_id():
        return False
    if state.process is None and state.supervisor.pid == os.getpid():
        return False  # prepared by this very process, whose supervisor is still to come
    with contextlib.suppress(PermissionError):
        return process.send(state.supervisor, number)
    return False


def _supervisor(run: RunDir, said: str, *options: str) -> str | None:
    """Start a supervisor and wait for its answer: "" where all went well, None where it gave none."""
    command = [sys.executable, "-P", "-m", MODULE, *options, str(run.path)]
    try:
        started = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name not in OURS},
        )
    except OSError as error:
        return f"{printable(sys.executable)} cannot be started: {error.strerror}"
    with started:
        try:
            heard, _ = started.communicate(said.encode(), timeout=ANSWER_WITHIN)
        except subprocess.TimeoutExpired:
            return f"its supervisor has not answered for {ANSWER_WITHIN:.0f} s; look again in a while"
    try:
        return str(json.loads(heard)["problem"])
    except (ValueError, KeyError, TypeError):
        return None


def _could_not_start(run: RunDir, problem: str) -> None:
    state, _ = run.state()
    if state.status != "waiting":
        return
    with contextlib.suppress(OSError):
        run.write_state(replace(state, status="finished", why="could_not_start", text=problem, ended=time.time()))
