"""Runs as lines of text and as JSON: what `ls`, `show` and the demo print."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import click

from ...engine import status
from ...engine.metrics import better
from ...engine.rows import MetricSummary, Row, eta, read_row
from ...engine.rundir import RunDir
from ...engine.status import Finished, Running
from ..drawing import cells
from ..drawing.cells import Align
from ..drawing.sparkline import sparkline
from ..drawing.text_table import Column, lines

__all__ = ["Column", "as_json", "best", "columns", "lines", "main_metrics", "paint", "row_of"]

_CURVE = 8
_ID = 36  # a run is named by its id on the next command line, so it is cut last


def row_of(run: RunDir, now: float | None = None) -> Row:
    """One run as a row, read now."""
    moment = time.time() if now is None else now
    row, due = read_row(run, moment)
    return replace(row, eta=eta(due, moment)) if isinstance(row.status, Running) else row


def best(name: str, metric: MetricSummary) -> float:
    """The best value so far: the largest of an accuracy, the smallest of a loss."""
    return metric.max if better(name) == "max" else metric.min


def main_metrics(rows: Iterable[Row], count: int = 2) -> list[str]:
    """The metrics worth a column: what most runs have, a loss and a validated score before others."""
    found = Counter(name for row in rows for name in row.metrics)
    validated = {name for name in found if name.startswith("val_")}

    def rank(name: str) -> tuple[int, int, str]:
        kind = (
            0 if name == "loss" else 1 if name in validated and better(name) == "max" else 2 if name in validated else 3
        )
        return kind, -found[name], name

    return sorted(found, key=rank)[:count]


def columns(rows: Sequence[Row], now: float, *, sizes: bool = False) -> list[Column]:
    """The columns of `ls`, leftmost first."""

    def column(title: str, cell: Callable[[Row], str], priority: int, align: Align = "left", least: int = 0) -> Column:
        made = Column(title, tuple(cell(row) for row in rows), priority, align)
        return replace(made, least=min(least or made.most, made.most))

    table = [
        column("run", lambda row: f"{cells.glyph(row.status)} {cells.steady(row.id)}", 99, least=_ID),
        column("name", lambda row: cells.steady(row.name, 60), 6, least=8),
        column("status", lambda row: cells.status_words(row.status, now), 90),
        column("tags", lambda row: " ".join(cells.steady(tag) for tag in row.tags), 3, least=8),
        column("epoch", lambda row: cells.epochs(row.epoch, row.epochs), 80, "right"),
        column("eta", lambda row: cells.duration(row.eta), 30, "right"),
    ]
    for place, name in enumerate(main_metrics(rows)):
        table += _metric_columns(name, column, 50 - 10 * place)
    table += [
        column("age", lambda row: cells.age(None if row.created is None else now - row.created), 60, "right"),
        column("length", lambda row: cells.duration(row.length(now)), 20, "right"),
        column("owner", lambda row: cells.steady(row.owner), 2 if any(not row.mine for row in rows) else 1),
    ]
    if sizes:
        table.append(column("size", lambda row: cells.size(row.size), 70, "right"))
    return [item for item in table if item.title != "name" or any(item.cells)]


def _metric_columns(name: str, column: Callable[..., Column], priority: int) -> list[Column]:
    def value(row: Row) -> str:
        return cells.number(row.metrics[name].last) if name in row.metrics else cells.NONE

    def best_value(row: Row) -> str:
        return cells.number(best(name, row.metrics[name])) if name in row.metrics else cells.NONE

    def curve(row: Row) -> str:
        return sparkline(row.metrics[name].sparkline, _CURVE) if name in row.metrics else ""

    shown = cells.steady(name, 20)
    made = [column(shown, value, priority, "right"), column("curve", curve, priority - 1)]
    if better(name) == "max":
        made.append(column("best", best_value, priority - 2, "right"))
    return made


def paint(rows: Sequence[Row]) -> Callable[[int, str], str]:
    """Colours the status of row `number`; the word stays, so nothing is said by colour alone."""

    def painted(number: int, text: str) -> str:
        return click.style(text, fg=_color(rows[number].status))

    return painted


def _color(of: status.Status) -> str:
    match of:
        case Running():
            return "cyan"
        case Finished(why=status.Done()):
            return "green"
        case Finished(why=status.Stopped()) | status.Waiting():
            return "yellow"
        case _:
            return "red"


def as_json(row: Row, now: float) -> dict[str, Any]:
    """A row for programs. `status` is one word (`out_of_memory`), what is true in it stands in `status_details`."""
    value = asdict(row)
    del value["folded"]  # what the filter searches, made of the rest
    value["path"] = str(row.path)
    value["status"], value["status_details"] = _status_json(row.status)
    value["length"] = row.length(now)
    for name, metric in row.metrics.items():
        value["metrics"][name]["best"] = best(name, metric)
    return value


def _status_json(of: status.Status) -> tuple[str, dict[str, Any]]:
    details = asdict(of)
    if isinstance(of, Finished):
        details.update(details.pop("why"))
        return _snake(type(of.why).__name__), details
    stopping = isinstance(of, Running) and of.stage is not None
    return "stopping" if stopping else _snake(type(of).__name__), details


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
