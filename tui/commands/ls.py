"""`trainvis ls`: the runs of the folder as an aligned table."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from ...engine import runs
from ...engine.errors import QueryError
from ...engine.metrics import better
from ...engine.rows import Row
from ...engine.text import printable
from . import options, run_table, words

_EPILOG = """\b
Examples
  trainvis ls                               all runs, newest first
  trainvis ls tag:mnist 'loss<0.1'          words side by side all have to fit
  trainvis ls 'status:running or since:7d'
  trainvis ls 'best(val_accuracy)>0.97 and not tag:draft' --sort val_accuracy
  trainvis ls --json | jq -r '.[].id'

\b
Filters
  free text; tag: status: name: note: script: owner: id: parent:
  since:7d before:2026-11-01 epoch>3 length>1h size>1G param.lr=0.01
  loss<0.1 best(val_accuracy)>0.9 min(loss)<0.1 max(loss)>9 last(loss)<1
  and, or, not, parentheses, 'quotes'; a blank means and"""

_STALE = 50  # rows that were read anew: reading them costs more than writing the index
_SORTS: dict[str, Callable[[Row, float], Any]] = {
    "age": lambda row, now: now - (row.created or 0.0),
    "name": lambda row, _: row.title.lower(),
    "status": lambda row, _: type(row.status).__name__,
    "epoch": lambda row, _: -(row.epoch or 0.0),
    "length": lambda row, now: -(row.length(now) or 0.0),
    "size": lambda row, _: -(row.size or 0),
    "owner": lambda row, _: row.owner,
}


@click.command(epilog=_EPILOG)
@click.argument("query", nargs=-1, metavar="[FILTER]...")
@click.option("--size", "sizes", is_flag=True, help="Measure what each run takes on disk.")
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="At most N runs.")
@click.option("--sort", default="age", metavar="BY", help=f"{', '.join(_SORTS)}, or a metric: best first.")
@options.json_option
@options.runs_option
def ls(query: tuple[str, ...], sizes: bool, limit: int | None, sort: str, as_json: bool) -> None:
    """List the runs that fit the filter, with a curve each."""
    now = time.time()
    text = " ".join(query)
    keeps = _filter(text, now)
    root = options.root()
    measured = sizes or sort == "size" or "size" in text
    seen = _look(root, now, sizes=measured)
    chosen = sorted(filter(keeps, seen.rows), key=lambda row: _sort_key(row, sort, now, seen.rows))[:limit]
    if as_json:
        words.print_json([run_table.as_json(row, now) for row in chosen])
    elif chosen:
        _print_table(chosen, now, sizes=sizes)
    else:
        words.hint(seen.problem or _nothing(len(seen.rows)))


def _look(root: Path, now: float, *, sizes: bool) -> runs.Snapshot:
    """All runs, by the index; where much of it was old, the next command and the application find a new one."""
    kept = runs.load_index(root)
    seen = runs.snapshot(root, kept, sizes=sizes, now=now)
    known = {id(row) for row in kept.rows} if kept else set()
    if sum(id(row) not in known for row in seen.rows) > _STALE:
        runs.save_index(seen)
    return seen


def _filter(text: str, now: float) -> Callable[[Row], bool]:
    if not text.strip():
        return lambda row: True  # noqa: ARG005
    from ...engine.query import parse

    try:
        query = parse(text)
    except QueryError as error:
        place = len(printable(text[: error.position]))
        raise click.UsageError(f"{error}\n  {printable(text)}\n  {' ' * place}^") from None
    return lambda row: query.matches(row, now)


def _sort_key(row: Row, sort: str, now: float, rows: Sequence[Row]) -> Any:
    if sort in _SORTS:
        return _SORTS[sort](row, now)
    if not any(sort in other.metrics for other in rows):
        raise click.UsageError(f"no run has the metric {sort!r}; sort by {', '.join(_SORTS)} or a metric")
    metric = row.metrics.get(sort)
    value = math.nan if metric is None else run_table.best(sort, metric)
    return (math.isnan(value), -value if better(sort) == "max" else value)


def _print_table(rows: Sequence[Row], now: float, *, sizes: bool) -> None:
    # click takes the colours out again where standard output is no terminal.
    colored = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    table = run_table.columns(rows, now, sizes=sizes)
    paint = run_table.paint(rows) if colored else lambda _, text: text
    for line in run_table.lines(table, words.width(), paint):
        click.echo(line)
    for row in rows:
        for problem in row.problems:
            words.hint(f"{row.id}: {problem}")


def _nothing(count: int) -> str:
    if count:
        return f"none of {count} runs fits"
    return "there are no runs yet: start one with `trainvis run SCRIPT`, or see `trainvis demo`"
