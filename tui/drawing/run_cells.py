"""What a run shows in a cell of the runs table, and what its rows are compared by."""

from __future__ import annotations

import re
from functools import lru_cache

from ...engine.rows import Row
from ...engine.status import (
    CouldNotStart,
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
    alive,
    word,
)
from . import cells
from .pieces import Cell, Pieces, chip
from .sparkline import NAN, sparkline

STYLES = {"▶": "accent", "✔": "good", "✘": "bad", "■": "warn", "?": "dim", "○": "dim"}
SPARK = 8
NUMBER = 6
_ID = re.compile(r"(.+)-\d{8}-\d{6}-([0-9a-f]{4})")


def text(content: str | None) -> str:
    """Text from data as a cell."""
    return cells.steady(content, 200) if content else ""


def name(row: Row) -> Cell:
    """The glyph of the status, then what a person calls it; of a bare id what tells it from its sisters."""
    mark = cells.glyph(row.status)
    found = None if row.name else _ID.fullmatch(row.id)
    if found is None:
        return ((f"{mark} ", STYLES[mark]), (cells.steady(row.title, 200), ""))
    return ((f"{mark} ", STYLES[mark]), (cells.steady(found[1], 200), ""), (f" {found[2]}", "dim"))


def name_width(row: Row) -> int:
    """Cells that `name` would like to have."""
    return 2 + len(row.name or _ID.sub(r"\1 \2", row.id))


def tags(row: Row) -> Cell:
    """Each tag a chip, a blank between: readable without colour too."""
    pieces: list[tuple[str, str]] = []
    for tag in row.tags[:20]:
        pieces += [(cells.steady(tag, 64), chip(tag)), (" ", "")]
    return tuple(pieces[:-1]) or ""


def status(row: Row, now: float) -> tuple[str, str]:
    """Word and style of a status. A run whose files cannot say how it stands is `damaged`, `!` marks other problems."""
    if row.problems and isinstance(row.status, Lost):
        return "damaged", "warn"
    words = cells.status_words(row.status, now)
    return (f"{words} !" if row.problems else words), STYLES[cells.glyph(row.status)]


def status_order(row: Row) -> str:
    """Running first, then waiting, then how they ended."""
    ranks = ((Running, "0"), (Waiting, "1"), (Finished, "2"))
    rank = next((rank for kind, rank in ranks if isinstance(row.status, kind)), "3")
    return rank + word(row.status)


def begun(row: Row) -> float | None:
    """When it was started, or asked for."""
    return row.started if row.started is not None else row.created


def age(row: Row, now: float) -> str:
    start = begun(row)
    return cells.age(None if start is None else now - start)


def age_order(row: Row) -> float | None:
    start = begun(row)
    return None if start is None else -start


def eta(row: Row) -> float | None:
    """Seconds until its last epoch ends, None where nothing runs."""
    return row.eta if alive(row.status) else None


def host(row: Row) -> str | None:
    """The other machine a run is on, None for this one."""
    return row.status.host if isinstance(row.status, Running) else None


def problems(row: Row) -> Cell:
    return ((text("; ".join(row.problems)), "warn"),) if row.problems else ""


def field_of(form: str, rising: bool) -> str:
    """The field of a `MetricSummary` that a form shows and sorts by; `rising` where more is better."""
    if form == "best":
        return "max" if rising else "min"
    return form if form in ("min", "max") else "last"


def number(value: float | None) -> tuple[str, str]:
    """A number flush right; NaN and infinities stand out."""
    if value is None:
        return (cells.fit(cells.NONE, NUMBER, "right"), "dim")
    broken = value - value != 0.0  # only finite numbers leave nothing
    return (cells.fit(cells.number(value), NUMBER, "right"), "bad" if broken else "")


@lru_cache(maxsize=4096)
def curve(points: tuple[float, ...], width: int = SPARK) -> Pieces:
    """A sparkline in its cells; one that broke stands out."""
    line = sparkline(points, width)
    return ((cells.fit(line, width), "bad" if NAN in line else "spark"),)


def explained(status: Status, now: float) -> str:
    """What a status means for who looks at it, as a sentence; "" where its word says all."""
    match status:
        case Waiting(reason=reason):
            return text(reason)
        case Running(stage=stage, stage_since=since, stage_until=until) if stage is not None:
            return _stopping(stage, None if since is None else now - since, None if until is None else until - now)
        case Running(host=host, last_sign=sign) if host:
            said = f", last sign of life {cells.age(now - sign)} ago" if sign is not None else ""
            return f"on {cells.steady(host, 60)}{said}; from here it can be asked to stop, no more"
        case Running(supervised=False):
            return "its supervisor is gone: stop and kill still reach it, its exit code will not be known"
        case Lost(last_sign=sign, text=why):
            said = f"; last sign of life {cells.age(now - sign)} ago" if sign is not None else ""
            return text(why) or f"its supervisor is gone and nobody knows the exit code{said}"
        case Finished(why=why):
            return _ending(why)
        case _:
            return ""


def _stopping(stage: Stage, since: float | None, left: float | None) -> str:
    ago = "" if since is None else f" {cells.duration(since)} ago"
    rest = "" if left is None else f" in {cells.duration(left)}"
    match stage:
        case Stage.ASKED:
            return f"asked to stop{ago}; SIGTERM to the whole tree{rest or ' next'}"
        case Stage.TERMINATING:
            return f"SIGTERM sent{ago}; SIGKILL{rest or ' next'}"
        case _:
            return f"SIGKILL sent{ago}"


def _ending(why: Why) -> str:
    match why:
        case Failed(exit_code=code, text=said):
            return f"exit code {code}: {text(said)}" if said else f"exit code {code}"
        case Killed(signal=number):
            return f"ended by signal {number} that nobody sent from here"
        case Stopped(by=by, forced=forced):
            return f"stopped by {text(by) or 'somebody'}{'; it had to be forced' if forced else ''}"
        case OutOfMemory():
            return "the kernel ended it: the memory was used up"
        case TimeLimit():
            return "it reached its time limit"
        case CouldNotStart(text=said):
            return text(said)
        case _:
            return ""
