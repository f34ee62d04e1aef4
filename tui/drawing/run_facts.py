"""What is known of a run, in words: why it ended, what was asked, what stood around it. Pure."""

from __future__ import annotations

import shlex
import signal
import time
from collections.abc import Mapping, Sequence

from ...engine.facts import Facts
from ...engine.rundir import GRACE, Spec, State
from ...engine.runs import Row
from ...engine.status import (
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
from .cells import duration, size

Fact = tuple[str, str | Sequence[str]]
# Of hundreds of installed packages these are named; all are in facts.json.
_NAMED = ("keras", "tensorflow", "jax", "jaxlib", "torch", "numpy", "scikit-learn", "h5py", "trainvis")


def status_sentence(status: Status, now: float) -> str:
    """The status as a sentence that says what is going on or why it ended."""
    match status:
        case Waiting(reason=reason):
            return f"It waits: {reason}." if reason else "It waits to be started."
        case Running(stage=stage) if stage is not None:
            return _stopping(status, now)
        case Running(host=host) if host:
            sign = "" if status.last_sign is None else f"; its last sign of life was {_clock(status.last_sign)}"
            return f"It runs on {host}{sign}. From here it can only be asked to stop."
        case Running(supervised=False):
            return "It runs, but its supervisor is gone: stop and kill still reach it, its exit code will not be known."
        case Running():
            return f"It has been running for {duration(now - status.since)}."
        case Finished(why=why):
            return _ended(why)
        case Lost(last_sign=sign, text=text):
            known = "" if sign is None else f" It was last known to live {_clock(sign)}."
            return f"Nobody knows how it ended.{known} {text}".rstrip()


def _stopping(status: Running, now: float) -> str:
    until = status.stage_until
    left = "" if until is None else f" in {max(round(until - now), 0)} s"
    match status.stage:
        case Stage.ASKED:
            return f"It was asked to stop; SIGTERM follows{left} if it does not."
        case Stage.TERMINATING:
            return f"SIGTERM was sent to the whole process tree; SIGKILL follows{left}."
        case _:
            return "SIGKILL was sent to the whole process tree."


def _ended(why: Why) -> str:
    match why:
        case Done():
            return "It ran to its end (exit code 0)."
        case Failed(exit_code=code, text=text):
            return f"It failed with exit code {code}{': ' + text if text else ''}."
        case Killed(signal=number):
            return f"It was killed by {_signal(number)}; nobody asked for that through trainvis."
        case Stopped(by=by, forced=forced):
            how = " It did not end by itself and had to be forced." if forced else ""
            return f"It was stopped{' by ' + by if by else ''}.{how}"
        case OutOfMemory():
            return "The kernel ended it because memory ran out."
        case TimeLimit():
            return "It reached its time limit."
        case CouldNotStart(text=text):
            return f"It could not be started: {text}"


def _signal(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} ({number})"
    except ValueError:
        return f"signal {number}"


def _clock(moment: float | None) -> str:
    if moment is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return "at an impossible time"


def run_facts(row: Row, spec: Spec, state: State, facts: Facts, now: float, children: Sequence[str]) -> list[Fact]:
    """Everything worth a line, in the order in which one asks; empty values are left out."""
    ended = f", ended {_clock(row.ended)}" if row.ended else ""
    length = duration((row.ended or now) - row.started) if row.started else ""
    known: list[Fact] = [
        ("id", row.id),
        ("tags", " ".join(row.tags)),
        ("note", row.note),
        ("command", _command(spec)),
        ("folder", spec.cwd),
        ("interpreter", f"{spec.python} {f'(Python {facts.python_version})' if facts.python_version else ''}".rstrip()),
        ("environment", [f"{name}={value}" for name, value in sorted(spec.env.items())]),
        ("images", [str(image) for image in spec.images]),
        ("parent", f"{row.parent} (p opens it)" if row.parent else ""),
        ("resumes", spec.resumes),
        ("children", list(children)),
        ("started", f"{_clock(row.started)}{ended} · {length}" if row.started else ""),
        ("progress", _progress(row)),
        ("where", _where(spec, state, facts)),
        ("commit", _commit(facts)),
        ("untracked", _untracked(facts.repository.untracked)),
        ("versions", _versions(facts.versions)),
        ("left out", [f"{item.path}: {item.why}" for item in facts.left_out]),
        ("sources", f"digest {facts.digest[:16]}" if facts.digest else ""),
        ("grace", f"{spec.grace:g} s between a stop and SIGTERM" if spec.grace != GRACE else ""),
        ("size", size(row.size) if row.size is not None else ""),
        ("ended late", f"{state.stragglers} processes outlived the script and were ended" if state.stragglers else ""),
        ("problems", [*row.problems, *facts.problems]),
    ]
    return [(name, value) for name, value in known if value]


def _command(spec: Spec) -> str:
    target = ["-m", spec.module] if spec.module else [spec.script] if spec.script else []
    return shlex.join([*target, *spec.argv]) if target else ""


def _progress(row: Row) -> str:
    if row.epoch is None:
        return ""
    of = f" of {row.epochs}" if row.epochs else ""
    step = f", step {row.step:,}" if row.step is not None else ""
    fit = f", fit {row.fit}" if row.fit and row.fit > 1 else ""
    return f"epoch {row.epoch:.2f}{of}{step}{fit}"


def _where(spec: Spec, state: State, facts: Facts) -> str:
    user = f"{state.user}@" if state.user else ""
    host = state.host or facts.host
    parts = [f"{user}{host}" if host else "", f"launcher {spec.launcher}", facts.system]
    if state.process:
        parts.insert(1, f"pid {state.process.pid}")
    return " · ".join(part for part in parts if part)


def _commit(facts: Facts) -> str:
    repository = facts.repository
    if repository.problem:
        return repository.problem
    if not repository.root:
        return ""
    branch = f" on {repository.branch}" if repository.branch else ""
    changed = ", with the difference below" if repository.dirty else ", unchanged"
    return f"{repository.commit[:12] or 'no commit yet'}{branch}{changed} · {repository.remote or repository.root}"


def _untracked(names: Sequence[str]) -> list[str]:
    return [*names[:5], *([f"and {len(names) - 5} more"] if len(names) > 5 else [])]


def _versions(versions: Mapping[str, str]) -> str:
    by_name = {name.lower().replace("_", "-"): text for name, text in versions.items()}
    named = [f"{name} {by_name[name]}" for name in _NAMED if name in by_name]
    more = len(versions) - len(named)
    return " · ".join([*named, *([f"{more} more in facts.json"] if more > 0 else [])])
