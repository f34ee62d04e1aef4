"""One run as a table row knows it, read from its small files."""

from __future__ import annotations

import math
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from .metrics import complete, objects, read_summary
from .parameters import parameters
from .rundir import RunDir, Spec, State
from .status import Finished, Lost, Running, Status, Waiting
from .summary import Summary

READ_WHOLE = 4 << 20  # bytes of a metrics file that are read at once where its summary is missing
_ENDS = 1 << 20  # of a larger one only so much is read, at its beginning and at its end
_YEAR_9999 = 253402300799.0


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric of one run: `sparkline` holds at most 64 values, oldest first.

    `min` and `max` are of the finite values, NaN where there is none.
    """

    last: float
    min: float
    max: float
    sparkline: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One run as a table row knows it. Times are seconds of Unix time, `eta` and `length` seconds.

    `parameters`: `--key value` of the argv, `params=` of the callbacks, the optimiser's configuration
    (as `optimizer.learning_rate`; its name as `optimizer`).
    `problems`: sentences about damaged or missing files, () where all is well. `folded`: what `fold` gives,
    kept where the row was read, for a filter looks at it in every row at every key.
    Text is as it was found, control characters and all.
    """

    path: Path
    id: str
    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    status: Status = field(default_factory=lambda: Lost(None))
    script: str = ""
    argv: tuple[str, ...] = ()
    launcher: str = "local"
    parent: str = ""
    owner: str = ""
    mine: bool = True
    created: float | None = None
    started: float | None = None
    ended: float | None = None
    fit: int | None = None
    epoch: float | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    eta: float | None = None
    metrics: Mapping[str, MetricSummary] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    size: int | None = None
    problems: tuple[str, ...] = ()
    folded: str = field(default="", repr=False, compare=False)

    @property
    def title(self) -> str:
        """What a person calls it: the name given, else the id."""
        return self.name or self.id

    def fold(self) -> str:
        """Name, id, tags, note and script as free text is searched for in them."""
        return "\n".join((self.name, self.id, *self.tags, self.note, self.script)).casefold()

    def length(self, now: float) -> float | None:
        """Seconds from start to end, or until `now` while it runs; None where it never started."""
        if self.started is None:
            return None
        return max((now if self.ended is None else self.ended) - self.started, 0.0)


Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row was made of: inode, size and mtime of each of its files, and when the training would end."""

    stamps: tuple[Stamp | None, ...]
    due: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All runs of a folder at one moment, newest first; `problem` says why there is none to read.

    `seen` (by id) lets the next snapshot read only what has changed; rows that have not are the same objects.
    """

    root: Path
    taken: float
    rows: tuple[Row, ...] = ()
    problem: str | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict, repr=False, compare=False)


def read_row(run: RunDir, now: float) -> tuple[Row, float | None]:
    """The row of a run and when its training would end (Unix time, None where nobody can know).

    Whatever the directory holds: a missing, damaged or hostile file is a sentence in `problems`.
    """
    spec, spec_problem = run.spec()
    state, state_problem = run.state()
    notes, notes_problem = run.notes()
    status = read_status(run, now)
    summary, summary_problem = _summary(run, over=not isinstance(status, Running))
    owner, mine = owner_of(run.path)
    started, ended = _span(status, state)
    problems = (spec_problem, state_problem, notes_problem, summary_problem)
    row = Row(
        path=run.path,
        id=run.id,
        name=notes.name,
        tags=notes.tags,
        note=notes.note,
        status=status,
        script=spec.script or spec.module,
        argv=spec.argv,
        launcher=spec.launcher,
        parent=spec.parent,
        owner=owner,
        mine=mine,
        created=_created(run, spec, state),
        started=started,
        ended=ended,
        fit=summary.fit,
        epoch=summary.epoch,
        epochs=summary.epochs,
        step=summary.step,
        steps=summary.steps,
        metrics={
            name: MetricSummary(tally.last, tally.min, tally.max, tally.sparkline())
            for name, tally in summary.metrics.items()
        },
        parameters=parameters(spec.argv, summary.params, summary.optimizer),
        problems=tuple(problem for problem in problems if problem),
    )
    return replace(row, folded=row.fold()), summary.due()


def read_status(run: RunDir, now: float) -> Status:
    """The run's status; what cannot be found out is Lost, in a sentence."""
    try:
        return run.status(now)
    except OSError as error:
        return Lost(None, f"its state cannot be found out: {error.strerror}")


def _span(status: Status, state: State) -> tuple[float | None, float | None]:
    match status:
        case Waiting():
            return None, None
        case Running(since=since):
            return _moment(since), None
        case Finished(started=started, ended=ended):
            return _moment(started), _moment(ended)
        case Lost(last_sign=last_sign):
            return _moment(state.started), _moment(last_sign)


def _created(run: RunDir, spec: Spec, state: State) -> float | None:
    for moment in (spec.created or None, state.created, state.started):
        if (found := _moment(moment)) is not None:
            return found
    try:
        return run.path.stat().st_mtime
    except OSError:
        return None


def _moment(value: float | None) -> float | None:
    """A time that a calendar has: damaged files hold all kinds of numbers."""
    return value if value is not None and 0 < value < _YEAR_9999 else None


def owner_of(path: Path) -> tuple[str, bool]:
    """The name of who owns the directory, and whether that is the user of this process."""
    try:
        user = path.stat().st_uid
    except OSError:
        return "", False
    return _user_name(user), user == os.geteuid()


@lru_cache(maxsize=256)
def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _summary(run: RunDir, *, over: bool) -> tuple[Summary, str | None]:
    """The summary, completed from the metrics where its writer had no time to, and what is wrong with it."""
    try:
        size = run.metrics_file.stat().st_size
    except OSError:
        size = 0
    summary = read_summary(run)
    if not size or (summary is not None and (summary.offset == size or (summary.offset < size and not over))):
        return summary or Summary(), None
    if summary is None or summary.offset > size:  # missing, damaged, or of a file that was replaced
        summary = Summary()
    if size - summary.offset <= READ_WHOLE:
        return complete(summary, run), None
    summary = _with_end(complete(summary, run, _ENDS), run, size)
    return summary, "summary.json is missing, damaged or old: values are from a part of the metrics only"


def _with_end(summary: Summary, run: RunDir, size: int) -> Summary:
    try:
        with run.metrics_file.open("rb") as file:
            file.seek(size - _ENDS)
            lines = file.read(_ENDS)
    except OSError:
        return summary
    for line in objects(lines[lines.find(b"\n") + 1 :]):
        summary.add(line)
    return summary


def eta(due: float | None, now: float) -> float | None:
    """Whole seconds until `due`, so that a row changes once a second at most."""
    return None if due is None or not math.isfinite(due) else float(max(round(due - now), 0))
