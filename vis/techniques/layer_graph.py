"""The layers of a network as they are connected, with the shape of their outputs and their parameters."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from .. import keras_private as private
from ..figures import Cell, Figure, Graph, Node, Table
from ..network import Site
from ..probe import Probe


@dataclass(frozen=True, slots=True)
class Options:
    """There is nothing to choose."""


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """A graph of the calls, inputs first, nested ones with the path that they lie inside of, and a table of totals.

    A layer that is called several times is a node for each call; its parameters are those of the first.
    """
    network = probe.network
    inputs = [_input(probe, place) for place in range(len(probe.inputs))]
    counted: set[int] = set()
    nodes = [*inputs, *(_node(site, counted) for site in network.sites.leaves)]
    number = {node.path: place for place, node in enumerate(nodes)}
    edges = [
        (source, number[site.path])
        for site in network.sites.leaves
        for source in (*site.reads, *(number[path] for path in site.inputs))
    ]
    unseen = [site.path for site in network.sites.leaves if site.unseen]
    notes = []
    if unseen:
        notes.append(
            f"{', '.join(unseen[:3])}{' and others' if len(unseen) > 3 else ''}: reads what an operation outside of "
            "the layers computed, which is no part of the graph"
        )
    graph = Graph(tuple(nodes), np.array(edges, np.int32).reshape(-1, 2), "layers")
    return probe.figure("layer_graph", [graph, _totals(network.model)], notes)


def _input(probe: Probe, place: int) -> Node:
    names = list(getattr(probe.network.model, "input_names", None) or [])
    name = names[place] if len(names) == len(probe.inputs) else f"input_{place}"
    taken = name in probe.network.sites
    return Node(f"input:{name}" if taken else name, "Input", _shape(probe.inputs[place].shape[1:]))


def _node(site: Site, counted: set[int]) -> Node:
    weights = [] if id(site.layer) in counted else getattr(site.layer, "weights", [])
    counted.add(id(site.layer))
    activation = private.activation_of(site.layer)
    return Node(
        site.path,
        site.kind,
        _shape(site.shape),
        sum(prod(weight.shape) for weight in weights),
        bool(getattr(site.layer, "trainable", True)),
        private.name_of(activation) if activation is not None else "",
        site.path.rpartition("/")[0],
    )


def _totals(model: Any) -> Table:
    def count(variables: Any) -> int:
        return sum(prod(each.shape) for each in variables)

    size = sum(prod(each.shape) * np.dtype(_kept(each)).itemsize for each in model.weights)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("parameters", count(model.weights)),
        ("of these trainable", count(model.trainable_weights)),
        ("not trainable", count(model.non_trainable_weights)),
        ("bytes", size),
    )
    return Table(("what", "count"), rows, "totals")


def _kept(variable: Any) -> str:
    return {"bfloat16": "float16"}.get(str(variable.dtype), str(variable.dtype))


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one"
