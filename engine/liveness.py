"""The status of a run: what is saved held against what is alive.

On the same host and boot a process's pid and start time decide, and the held lock confirms where the
process table shows nothing (another user's processes may be hidden). Of another host we have only its
last word; after a restart of the machine nothing lives that state.json speaks of.
"""

from __future__ import annotations

import errno
import fcntl
import os

from . import process
from .files import read_json
from .rundir import Process, RunDir, State
from .status import (
    CouldNotStart,
    Done,
    Failed,
    Finished,
    Killed,
    Lost,
    OutOfMemory,
    Running,
    Stage,
    Status,
    Stopped,
    TimeLimit,
    Waiting,
    Why,
)

STARTING = 10.0  # seconds that a supervisor may take to show itself on a busy machine


def status_of(run: RunDir, now: float) -> Status:
    """Read, ask the kernel, and where everything is dead read again: it may have ended in between."""
    status = _judged(run, now)
    return _judged(run, now) if isinstance(status, Lost) else status


def locked(run: RunDir) -> bool:
    """Whether a supervisor of this host holds the run's lock; False where the file system has none."""
    try:
        descriptor = os.open(run.lock_file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EWOULDBLOCK, errno.EACCES)
    finally:
        os.close(descriptor)
    return False


def _judged(run: RunDir, now: float) -> Status:
    state, problem = run.state()
    if state.status == "finished":
        return Finished(_why(state), state.started, _first(state.ended, state.written, run.last_sign(), 0.0))
    if state.status not in ("waiting", "running"):
        return _without_state(run, problem)
    if state.host and state.host != process.host():
        return _elsewhere(run, state)
    if state.boot and state.boot != process.boot_id():
        return _ended_alone(run, state) or Lost(run.last_sign(), "the machine was restarted while it ran")
    return _here(run, state, now)


def _here(run: RunDir, state: State, now: float) -> Status:
    supervised = _lives(state.supervisor)
    if not supervised and not _lives(state.process):
        # The process table may hide what belongs to others: the lock has the last word.
        if not locked(run):
            return _gone(run, state, now)
        supervised = True
    if state.status == "waiting":
        return Waiting(state.text or "starting", _first(state.created, state.written, now))
    by_hand = state.supervisor is None
    return _running(state, supervised=supervised or by_hand)


def _gone(run: RunDir, state: State, now: float) -> Status:
    ended = _ended_alone(run, state)
    if ended:
        return ended
    if state.status == "running":
        return Lost(run.last_sign(), state.text or _LOST[state.supervisor is None])
    if run.lock_file.exists():
        return Lost(run.last_sign(), "its supervisor died while it was starting the script")
    since = _first(state.written, state.created, now)
    if 0 <= now - since < STARTING:
        return Waiting(state.text or "starting", since)
    return Finished(CouldNotStart("the program that was starting it ended before it could"), None, since)


_LOST = {
    True: "the script ended without saying how",
    False: "its supervisor died, and the script ended without saying how",
}


def _elsewhere(run: RunDir, state: State) -> Status:
    if state.status == "waiting":
        return Waiting(state.text or f"starting on {state.host}", _first(state.created, state.written, 0.0))
    return _running(state, supervised=True, host=state.host, last_sign=run.last_sign())


def _without_state(run: RunDir, problem: str | None) -> Status:
    if locked(run):
        return Running(_first(run.last_sign(), 0.0))
    return Lost(run.last_sign(), problem or "state.json does not say where the run stands")


def _ended_alone(run: RunDir, state: State) -> Finished | None:
    """The script's own word on its end: counts where nobody else was there to see it."""
    value = read_json(run.ended_file).value
    code, text, by, ended = (value.get(name) for name in ("exit_code", "text", "stopped_by", "ended"))
    if not isinstance(code, int):
        return None
    if code:
        why: Why = Failed(code, str(text or ""))
    else:
        why = Stopped(str(by)) if by else Done()
    return Finished(why, state.started, float(ended) if isinstance(ended, int | float) else 0.0)


def _running(state: State, *, supervised: bool, host: str | None = None, last_sign: float | None = None) -> Running:
    return Running(
        since=_first(state.started, state.created, state.written, 0.0),
        supervised=supervised,
        stage=next((stage for stage in Stage if stage.value == state.stage), None),
        stage_since=state.stage_since,
        stage_until=state.stage_until,
        host=host,
        last_sign=last_sign,
    )


def _why(state: State) -> Why:
    match state.why:
        case "failed":
            return Failed(1 if state.exit_code is None else state.exit_code, state.text)
        case "killed":
            return Killed(state.signal or 0)
        case "stopped":
            return Stopped(state.by, state.forced)
        case "out_of_memory":
            return OutOfMemory()
        case "time_limit":
            return TimeLimit()
        case "could_not_start":
            return CouldNotStart(state.text)
        case _:
            return Done() if not state.exit_code else Failed(state.exit_code, state.text)


def _lives(wanted: Process | None) -> bool:
    return wanted is not None and process.alive(wanted)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)
