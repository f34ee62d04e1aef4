"""One run on a few lines: how it stands, what is wrong with it, its note, all its metrics."""

from __future__ import annotations

from itertools import islice
from pathlib import PurePath
from textwrap import wrap

from ...engine.metrics import better
from ...engine.rows import MetricSummary, Row
from . import cells, run_cells
from .pieces import Piece, Pieces

_METRIC = 47  # cells a metric takes: name, last, best, sparkline
_NAME, _CURVE = 16, 12
_GAP = 2
_LINES = 3


def preview(row: Row, now: float, width: int, height: int) -> list[Pieces]:
    """At most `height` lines for `width` cells; on a single line what matters most."""
    if height <= 1:
        return [_single(row, now)] if height == 1 else []
    lines = _headline(row, now, width)
    sentence = run_cells.explained(row.status, now)
    lines += _wrapped(sentence, width, "warn" if row.problems else "")
    for problem in row.problems[:3]:
        lines += _wrapped(f"! {run_cells.text(problem)}", width, "warn")
    lines += _details(row, now)
    lines += _wrapped(cells.steady(" ".join(row.note.split()), 1000), width, "", "note ")
    return [*lines, *_metrics(row, width, height - len(lines))][:height]


def _wrapped(said: str, width: int, style: str, head: str = "") -> list[Pieces]:
    """A sentence on at most three lines, the first after a faint `head`."""
    found = wrap(said, max(width - len(head), 1), max_lines=_LINES, placeholder=" …") if said else []
    heads = [head, *[" " * len(head)] * _LINES]
    return [((before, "dim"), (line, style)) for before, line in zip(heads, found, strict=False)]


def _single(row: Row, now: float) -> Pieces:
    title: Piece = (cells.steady(row.title, 60), "bold")
    sentence = run_cells.explained(row.status, now)
    for words, style in ((row.problems[0] if row.problems else "", "warn"), (sentence, ""), (row.note, "")):
        if words:
            return (title, ("  ", ""), (run_cells.text(" ".join(words.split())), style))
    return (title, ("  ", ""), (command(row), "dim"))


def _headline(row: Row, now: float, width: int) -> list[Pieces]:
    word, style = run_cells.status(row, now)
    name: Piece = (cells.steady(row.title, 80), "bold")
    state: Piece = (f"{cells.glyph(row.status)} {word}", style)
    code: Piece = (cells.steady(row.id, 100) if row.name else "", "dim")
    if width >= _METRIC * 2:
        return [(name, ("  ", ""), state, ("  ", ""), code)]
    return [(name,), *([(code,)] if row.name else []), (state,)]


def _details(row: Row, now: float) -> list[Pieces]:
    facts = [
        f"epoch {cells.epochs(row.epoch, row.epochs)}" if row.epoch is not None or row.epochs else "",
        f"{cells.duration(run_cells.eta(row))} left" if run_cells.eta(row) is not None else "",
        f"ran {cells.duration(row.length(now))}" if row.length(now) is not None else "",
        f"by {run_cells.text(row.owner)}" if row.owner and not row.mine else "",
        f"from {run_cells.text(row.parent)}" if row.parent else "",
    ]
    lines: list[Pieces] = []
    if words := command(row):
        lines.append(((words, "dim"),))
    if said := " · ".join(fact for fact in facts if fact):
        lines.append(((said, "dim"),))
    return lines


def command(row: Row) -> str:
    """The script and its arguments."""
    return cells.steady(" ".join([PurePath(row.script).name, *row.argv]).strip(), 300)


def _metrics(row: Row, width: int, room: int) -> list[Pieces]:
    """As many metrics side by side as the width takes; the last line says how many are left out."""
    across = max((width + _GAP) // (_METRIC + _GAP), 1)
    names = list(row.metrics)
    lines = [
        _line([(name, row.metrics[name]) for name in islice(names, start, start + across)])
        for start in range(0, len(names), across)
    ]
    if len(lines) > room > 0:
        left_out = len(names) - (room - 1) * across
        lines = [*lines[: room - 1], ((f"and {left_out} more metrics", "dim"),)]
    return lines


def _line(metrics: list[tuple[str, MetricSummary]]) -> Pieces:
    pieces: list[Piece] = []
    for name, summary in metrics:
        rising = better(name) == "max"
        pieces += [
            (cells.fit(cells.steady(name, 60), _NAME), "dim"),
            (" ", ""),
            run_cells.number(summary.last),
            (f" {'max' if rising else 'min'} ", "dim"),
            run_cells.number(summary.max if rising else summary.min),
            (" ", ""),
            *run_cells.curve(summary.sparkline, _CURVE),
            (" " * _GAP, ""),
        ]
    return tuple(pieces[:-1])
