"""What a run is doing: `Waiting | Running | Finished | Lost`, and why a finished one ended.

Small frozen classes, each with what is true in it; `match` covers all. How a status is found out
stands in `rundir.RunDir.status`, which reads the files and asks the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Stage(StrEnum):
    """How far a stop has come."""

    ASKED = "asked"  # the wish lies in control/, the script may end by itself
    TERMINATING = "terminating"  # SIGTERM was sent to the whole tree
    KILLING = "killing"  # SIGKILL was sent to the whole tree


@dataclass(frozen=True, slots=True)
class Waiting:
    """Asked for, not started. `since` in seconds of Unix time."""

    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class Running:
    """A process that lives, or (with `host`) one that another machine said to live at `last_sign`."""

    since: float
    supervised: bool = True
    stage: Stage | None = None
    stage_since: float | None = None
    stage_until: float | None = None  # when the next stage begins, Unix time
    host: str | None = None  # None: this host, the kernel was asked
    last_sign: float | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Exit code 0."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An exit code other than 0, or an exception that the callbacks recorded."""

    exit_code: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Killed:
    """Ended by a signal that nobody asked for through trainvis."""

    signal: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Ended because somebody asked; `forced` where it took SIGTERM or SIGKILL."""

    by: str
    forced: bool = False


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The kernel's out-of-memory killer ended it."""


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The launcher's time limit ended it."""


@dataclass(frozen=True, slots=True)
class CouldNotStart:
    """No process ever ran; `text` says what was tried and why it failed."""

    text: str


Why = Done | Failed | Killed | Stopped | OutOfMemory | TimeLimit | CouldNotStart


@dataclass(frozen=True, slots=True)
class Finished:
    """Over, and why; `started` is None where no process ever ran."""

    why: Why
    started: float | None
    ended: float


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows the exit code: `last_sign` is when it was last known to live."""

    last_sign: float | None
    text: str = ""


Status = Waiting | Running | Finished | Lost


def word(status: Status) -> str:
    """The status in a word or two, as the table, `ls` and the filter `status:` show it."""
    match status:
        case Waiting():
            return "waiting"
        case Running(stage=None):
            return "running"
        case Running():
            return "stopping"
        case Finished(why=why):
            return _why_word(why)
        case Lost():
            return "lost"
        case _:
            assert_never(status)


def _why_word(why: Why) -> str:
    match why:
        case Done():
            return "done"
        case Failed(exit_code=code):
            return f"failed ({code})"
        case Killed(signal=number):
            return f"killed ({number})"
        case Stopped():
            return "stopped"
        case OutOfMemory():
            return "out of memory"
        case TimeLimit():
            return "time limit"
        case CouldNotStart():
            return "could not start"
        case _:
            assert_never(why)


def alive(status: Status) -> bool:
    """Whether a process may still write into the run directory."""
    return isinstance(status, Running)
