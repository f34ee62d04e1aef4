"""The columns of the runs table: what is always known of a run, its metrics in several forms, its parameters.

A column's key is what is remembered: `status`, `curve:loss`, `best:val_accuracy`, `param:lr`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from operator import attrgetter
from pathlib import PurePath
from typing import Any

from ...engine.metrics import better
from ...engine.runs import Row
from ..drawing import cells
from ..drawing import run_cells as cell_of
from ..drawing.pieces import Cell
from ..widgets.table import Column

SAMPLE = 500  # rows looked at to choose columns and their widths: a folder of one kind of runs says it early
FORMS = {
    "curve": "last value and sparkline of {}",
    "last": "last value of {}",
    "best": "best value of {}",
    "min": "least value of {}",
    "max": "greatest value of {}",
    "spark": "sparkline of {}",
}
_WIDTHS = {"curve": cell_of.NUMBER + 1 + cell_of.SPARK, "spark": cell_of.SPARK}
_PRIORITIES = {"curve": 82, "spark": 55, "last": 81, "best": 70, "min": 45, "max": 45}
_NO_SCORES = frozenset({"loss", "val_loss", "learning_rate", "step_time"})
_SHORT = {
    "sparse_categorical_": "",
    "categorical_": "",
    "binary_": "",
    "accuracy": "acc",
    "precision": "prec",
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "learning_rate": "lr",
}


def columns_for(keys: Iterable[str], rows: Sequence[Row], clock: Callable[[], float]) -> list[Column]:
    """The columns of these keys, the name first; keys that mean nothing are left out.

    `rows` say how wide names and tags are.
    """
    fixed = {column.key: column for column in fixed_columns(rows, clock)}
    found = [fixed["name"]]
    for key in dict.fromkeys(keys):
        form, _, name = key.partition(":")
        if key in fixed and key != "name":
            found.append(fixed[key])
        elif form in FORMS and name:
            found.append(metric_column(form, name))
        elif form == "param" and name:
            found.append(parameter_column(name, rows))
    return found


def default_keys(rows: Sequence[Row]) -> list[str]:
    """What is shown until somebody chooses: the loss, and the metric of the validation that most runs have."""
    counts = Counter(name for row in islice(rows, SAMPLE) for name in row.metrics)
    losses = [name for name in ("loss", "val_loss") if name in counts]
    others = [name for name, _ in counts.most_common() if name not in _NO_SCORES]
    judged = next((name for name in others if name.startswith("val_")), next(iter(others), ""))
    main = losses[:1] + ([judged] if judged else losses[1:])
    curves = [f"curve:{name}" for name in main]
    best = [f"best:{main[-1]}"] if main else []
    return ["tags", "status", "epoch", "eta", *curves, *best, "age", "length", "owner"]


def all_keys(rows: Sequence[Row]) -> list[str]:
    """Every column there could be, in the order in which a chooser offers them."""
    metrics = Counter(name for row in rows for name in row.metrics)
    parameters = Counter(name for row in rows for name in row.parameters)
    fixed = [column.key for column in fixed_columns((), float)]
    forms = [f"{form}:{name}" for name, _ in metrics.most_common() for form in FORMS]
    return [*fixed, *forms, *(f"param:{name}" for name, _ in parameters.most_common())]


def fixed_columns(rows: Sequence[Row], clock: Callable[[], float]) -> list[Column]:
    """The columns that every run has."""
    now = clock()
    words = max((len(cell_of.status(row, now)[0]) for row in islice(rows, SAMPLE)), default=0)
    names = max((cell_of.name_width(row) for row in islice(rows, SAMPLE)), default=0)
    tags = max((sum(map(len, row.tags)) + len(row.tags) for row in islice(rows, SAMPLE)), default=0)

    def length(row: Row) -> float | None:
        return row.length(clock())

    return [
        Column(
            "name", "  name", 16, _always(cell_of.name), lambda row: row.title.casefold(),
            most=min(names, 44), sentence="name, or the run's id",
        ),
        Column(
            "tags", "tags", 10, _always(cell_of.tags), lambda row: " ".join(row.tags) or None,
            most=min(max(tags, 10), 28), priority=78, sentence="tags",
        ),
        Column(
            "status", "status", 12 if words <= 12 else 15, lambda row, now: (cell_of.status(row, now),),
            cell_of.status_order, priority=95, sentence="what it is doing, or how it ended",
        ),
        _number("epoch", 7, lambda row: cells.epochs(row.epoch, row.epochs), _key("epoch"), 85, "epochs done, of all"),
        _number("eta", 6, lambda row: cells.duration(cell_of.eta(row)), cell_of.eta, 74, "time until its last epoch"),
        Column(
            "age", "age", 4, cell_of.age, cell_of.age_order,
            align="right", priority=80, sentence="how long ago it was started",
        ),
        Column(
            "length", "length", 6, lambda row, now: cells.duration(row.length(now)), length,
            align="right", priority=40, descending=True, sentence="how long it ran, or has been running",
        ),
        replace(
            _number("size", 5, lambda row: cells.size(row.size), _key("size"), 30, "size of its directory"),
            descending=True,
        ),
        _field("owner", 8, 10, "who started it"),
        Column(
            "host", "host", 10, _always(lambda row: cell_of.text(cell_of.host(row))), cell_of.host,
            priority=12, sentence="the machine it is on, if another",
        ),
        Column(
            "script", "script", 14, _always(lambda row: cell_of.text(PurePath(row.script).name)), _key("script"),
            most=24, priority=35, sentence="the script",
        ),
        _field("note", 16, 33, "first words of the note", most=48),
        Column(
            "problems", "problems", 16, _always(cell_of.problems), lambda row: "; ".join(row.problems) or None,
            most=60, priority=50, sentence="what is wrong with its files",
        ),
        _number("step", 7, lambda row: cells.number(row.step, 7), _key("step"), 20, "training steps done"),
        _field("launcher", 8, 9, "what started it: local, hand"),
        _field("parent", 16, 8, "the run that it repeats or resumes", most=32),
        _field("id", 24, 7, "the name of its directory", most=40),
    ]  # fmt: skip


def metric_column(form: str, name: str) -> Column:
    """One metric in one form; sorting begins with the better end of it."""
    rising = better(name) == "max"
    number = attrgetter(cell_of.field_of(form, rising))

    def key(row: Row) -> float | None:
        found = row.metrics.get(name)
        return None if found is None else number(found)

    def cell(row: Row) -> Cell:
        found = row.metrics.get(name)
        if form == "spark":
            return cells.NONE if found is None else cell_of.curve(found.sparkline)
        value = cell_of.number(key(row))
        return (value, (" ", ""), *cell_of.curve(found.sparkline)) if form == "curve" and found else (value,)

    title = short(name) if form in ("curve", "last", "spark") else f"{form} {short(name)}"
    return Column(
        f"{form}:{name}",
        title,
        _WIDTHS.get(form, max(6, min(len(title), 12))),
        _always(cell),
        key,
        align="left" if form in _WIDTHS else "right",
        priority=_PRIORITIES[form] - (0 if name == "loss" else 10),
        descending=rising,
        sentence=FORMS[form].format(cells.steady(name)),
    )


def parameter_column(name: str, rows: Sequence[Row]) -> Column:
    """A parameter: of the arguments, `params=` or the optimiser."""
    title = cells.steady(name, 16)
    sample = [cells.value(row.parameters[name]) for row in islice(rows, SAMPLE) if name in row.parameters]
    width = max(6, min(max(map(len, [title, *sample])), 12))

    def key(row: Row) -> object:
        value = row.parameters.get(name)
        return value if isinstance(value, int | float | None) else str(value)

    def cell(row: Row) -> Cell:
        return cells.value(row.parameters[name]) if name in row.parameters else cells.NONE

    return Column(
        f"param:{name}", title, width, _always(cell), key, align="right", priority=48, sentence=f"parameter {title}"
    )


def short(name: str) -> str:
    """A metric's name as a title: the words that all know in fewer letters."""
    for long, brief in _SHORT.items():
        name = name.replace(long, brief)
    return cells.steady(name, 40)


def _always(cell: Callable[[Row], Cell]) -> Callable[[Row, float], Cell]:
    """A cell that time does not change."""
    return lambda row, _now: cell(row)


def _key(field: str) -> Callable[[Row], Any]:
    def key(row: Row) -> Any:
        value = getattr(row, field)
        return None if value == "" else value

    return key


def _field(field: str, width: int, priority: int, sentence: str, most: int = 0) -> Column:
    key = _key(field)
    cell = _always(lambda row: cell_of.text(key(row)))
    return Column(field, field, width, cell, key, most=most, priority=priority, sentence=sentence)


def _number(
    key: str, width: int, cell: Callable[[Row], str], sort: Callable[[Row], Any], priority: int, sentence: str
) -> Column:
    def dimmed(row: Row) -> Cell:
        shown = cell(row)
        return ((shown, "dim"),) if shown == cells.NONE else shown

    return Column(key, key, width, _always(dimmed), sort, align="right", priority=priority, sentence=sentence)
