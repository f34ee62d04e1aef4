"""What a run shows in a cell of the runs table, and what its rows are compared by."""

from __future__ import annotations

from functools import lru_cache

from ...engine.runs import MetricSummary, Row
from ...engine.status import Finished, Lost, Running, Waiting, alive, word
from ..drawing import cells
from ..drawing.pieces import Cell, Pieces, chip
from ..drawing.sparkline import NAN, sparkline

STYLES = {"▶": "accent", "✔": "good", "✘": "bad", "■": "warn", "?": "dim", "○": "dim"}
SPARK = 8
NUMBER = 6


def text(content: str | None) -> str:
    """Text from data as a cell."""
    return cells.steady(content, 200) if content else ""


def name(row: Row) -> Cell:
    """The glyph of the status, then what a person calls it."""
    mark = cells.glyph(row.status)
    return ((f"{mark} ", STYLES[mark]), (cells.steady(row.title, 200), ""))


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


def length(row: Row, now: float) -> float | None:
    """Seconds a run ran, or has been running."""
    if row.started is None:
        return None
    if alive(row.status):
        return max(now - row.started, 0.0)
    return None if row.ended is None else max(row.ended - row.started, 0.0)


def eta(row: Row) -> float | None:
    """Seconds until its last epoch ends, None where nothing runs."""
    return row.eta if alive(row.status) else None


def host(row: Row) -> str | None:
    """The other machine a run is on, None for this one."""
    return row.status.host if isinstance(row.status, Running) else None


def problems(row: Row) -> Cell:
    return ((text("; ".join(row.problems)), "warn"),) if row.problems else ""


def metric(form: str, summary: MetricSummary, rising: bool) -> float:
    """The number of a metric that a form shows and sorts by; `rising` where more is better."""
    if form == "best":
        return summary.max if rising else summary.min
    return {"min": summary.min, "max": summary.max}.get(form, summary.last)


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
    return ((cells.fit(line, width), "bad" if NAN in line else "accent"),)
