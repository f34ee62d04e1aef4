"""What the figures of a run say of each of its layers, put together: for the network pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from ...vis.figures import Cell, Graph, Table
from ...vis.results import Entry
from ..drawing.rows import real
from .sheet import Ask, Sheet, read_sheet

_MOST = 32  # steps of a figure that are read: more than a sparkline has cells

# What each technique is asked for: the part that is read.
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "layer_graph": "layers",
        "layer_activations": "layers",
        "weights": "weights",
        "gradient_norms": "layers",
        "update_ratios": "layers",
    }
)
# What is missing without a technique, and how a script gets it.
MISSING: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "layer_graph": ("the graph, parameters", 'pictures("layer_graph")'),
        "layer_activations": ("dead units, zeros", 'pictures("layer_activations", images=…, sample=x)'),
        "weights": ("weights", 'pictures("weights")'),
        "gradient_norms": ("gradients", 'pictures("gradient_norms", data=(x, y))'),
        "update_ratios": ("updates", 'pictures("update_ratios")'),
    }
)


@dataclass(frozen=True, slots=True)
class Course:
    """A number over the steps at which it was looked at, oldest first."""

    steps: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    @property
    def last(self) -> float | None:
        return self.values[-1] if self.values else None


@dataclass(frozen=True, slots=True)
class Layer:
    """All that is known of a layer. `parameters` None: not known. `dead` is the share of its units that are dead,
    `zeros` of its values, `weights` the spread (std) of its largest variable, `gradient` the norm of the loss's
    gradient, `update` ‖Δw‖ / ‖w‖ a step.
    """

    path: str
    kind: str = ""
    shape: str = ""
    parameters: int | None = None
    trainable: bool = True
    inside: str = ""
    dead: Course = Course()
    zeros: Course = Course()
    weights: Course = Course()
    gradient: Course = Course()
    update: Course = Course()


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a network in the order of computation; `graph` is the sheet they come from.

    `missing` are the techniques of which the run has no figures, `totals` what the graph counted.
    """

    layers: tuple[Layer, ...] = ()
    graph: Sheet | None = None
    totals: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = tuple(PARTS)
    problems: tuple[str, ...] = ()


Moments = Sequence[tuple[int, Table]]


def layers_of(graph: Graph | None, tables: Mapping[str, Moments]) -> tuple[Layer, ...]:
    """The layers of a graph, or where there is none those that the tables name, with what the tables say of them.

    `tables` are by technique, with their steps, oldest first.
    """
    found: dict[str, Layer] = {}
    for node in graph.nodes if graph else ():
        found[node.path] = Layer(node.path, node.layer, node.shape, node.parameters, node.trainable, node.inside)
    for technique in ("layer_activations", "weights", "gradient_norms", "update_ratios"):
        moments = tables.get(technique, ())
        for row in moments[-1][1].rows if moments else ():
            path = str(row[0])
            inside = path.rpartition("/")[0]
            found.setdefault(path, Layer(path, inside=inside))
            if technique == "layer_activations" and not found[path].kind:
                named = dict(zip(moments[-1][1].columns, row, strict=True))
                kind, shape = str(named.get("kind") or ""), str(named.get("shape") or "")
                found[path] = replace(found[path], kind=kind, shape=shape)
    activations, weights = tables.get("layer_activations", ()), tables.get("weights", ())
    courses: dict[str, dict[str, Course]] = {
        "dead": _courses(activations, _dead),
        "zeros": _courses(activations, lambda row: real(row.get("zeros"))),
        "weights": _courses(weights, lambda row: real(row.get("std")), largest="count"),
        "gradient": _courses(tables.get("gradient_norms", ()), lambda row: real(row.get("gradient norm"))),
        "update": _courses(tables.get("update_ratios", ()), lambda row: real(row.get("ratio a step"))),
    }
    return tuple(
        replace(layer, **{name: known[path] for name, known in courses.items() if path in known})
        for path, layer in found.items()
    )


Row = Mapping[str, Cell]


def _courses(moments: Moments, value: Callable[[Row], float | None], largest: str = "") -> dict[str, Course]:
    """One number of each layer over the steps: the mean of its rows, or of the row where `largest` is greatest."""
    found: dict[str, list[tuple[int, float]]] = {}
    for step, table in moments:
        rows: dict[str, list[Row]] = {}
        for cells in table.rows:
            rows.setdefault(str(cells[0]), []).append(dict(zip(table.columns, cells, strict=True)))
        for path, of_layer in rows.items():
            chosen = [max(of_layer, key=lambda row: real(row.get(largest)) or 0.0)] if largest else of_layer
            numbers = [number for row in chosen if (number := value(row)) is not None]
            if numbers:
                found.setdefault(path, []).append((step, sum(numbers) / len(numbers)))
    return {path: Course(*map(tuple, zip(*pairs, strict=True))) for path, pairs in found.items()}


def _dead(row: Row) -> float | None:
    dead, units = real(row.get("dead")), real(row.get("units"))
    return dead / units if dead is not None and units else None


class LayerReader:
    """Reads what `layers_of` needs; what was read before is kept. For a thread."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, str, int, float], Sheet] = {}

    def read(self, run: Path, figures: Mapping[str, Sequence[Entry]]) -> Layers:
        """All there is of a run: `figures` are its figures by name."""
        by_technique: dict[str, tuple[str, Sequence[Entry]]] = {}
        for name, entries in figures.items():
            if entries and entries[-1].technique in PARTS:
                by_technique.setdefault(entries[-1].technique, (name, entries))
        tables: dict[str, list[tuple[int, Table]]] = {}
        problems: list[str] = []
        graph = totals = None
        for technique, (name, entries) in by_technique.items():
            chosen = entries[-1:] if technique == "layer_graph" else _spread(entries)
            for entry in chosen:
                sheet = self._sheet(run, name, entry, PARTS[technique])
                if sheet.problem:
                    problems.append(sheet.problem)
                elif isinstance(sheet.part, Table):
                    tables.setdefault(technique, []).append((entry.step, sheet.part))
                elif isinstance(sheet.part, Graph):
                    graph = sheet
            if technique == "layer_graph":
                totals = self._sheet(run, name, entries[-1], "totals").part
        counted = {str(row[0]): int(row[1]) for row in totals.rows if isinstance(row[1], int)} if isinstance(
            totals, Table
        ) else {}  # fmt: skip
        part = graph.part if graph else None
        missing = tuple(each for each in PARTS if each not in by_technique)
        layers = layers_of(part if isinstance(part, Graph) else None, tables)
        return Layers(layers, graph, counted, missing, tuple(dict.fromkeys(problems)))

    def _sheet(self, run: Path, name: str, entry: Entry, part: str) -> Sheet:
        key = (run, f"{name}/{part}", entry.step, entry.time)
        if key not in self._kept:
            sheet = read_sheet(Ask(run, name, entry.step, part), (entry,))
            if sheet.problem:
                return sheet  # a file that is being written is whole the next time
            # A network of a thousand layers has a table of some hundred KB at each step: only these steps are kept.
            if len(self._kept) > 8 * _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = sheet
        return self._kept[key]


def _spread(entries: Sequence[Entry]) -> list[Entry]:
    """At most about `_MOST` of the steps, evenly, the first and the last among them.

    Every second, fourth, eighth … one: with each step that comes nearly all were read before.
    """
    stride = 1
    while len(entries) > _MOST * stride:
        stride *= 2
    places = range(0, len(entries), stride)
    return [entries[at] for at in sorted({*places, len(entries) - 1})]
