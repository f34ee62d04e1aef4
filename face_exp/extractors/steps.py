"""A network as a list of steps, what is nested in it laid flat: where it can be cut, and built anew from there.

Nothing of the network changes: no layer of it is called, its nodes are only read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
from keras import tree

from ...engine.text import printable
from ...vis import keras_private as private
from ..errors import FacesError

Symbol: TypeAlias = Any  # a KerasTensor: shape and type of a value

_KEEPS_STATISTICS = ("Normalization",)  # what it learned of the data is no weight to begin anew


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A call of a layer or operation. `path` is its address as `vis.network.Site` has it."""

    path: str
    operation: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    outputs: tuple[Symbol, ...]

    @property
    def inputs(self) -> tuple[Symbol, ...]:
        """The values that it reads, each once."""
        found = {id(each): each for each in tree.flatten((self.arguments, self.named)) if _is_symbol(each)}
        return tuple(found.values())


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps in the order of computation, and what goes in. Nested networks are `blocks`: path → their input."""

    steps: tuple[Step, ...]
    taken: Symbol
    blocks: dict[str, Symbol]

    def made_by(self, path: str) -> Symbol:
        """What the step of this path gives. Raises KeyError."""
        return next(step.outputs[0] for step in self.steps if step.path == path)

    def read_by(self, path: str) -> Symbol | None:
        """The one value that a step or nested network reads, None where it reads several. Raises KeyError."""
        if path in self.blocks:
            return self.blocks[path]
        found = {step.path: step.inputs for step in self.steps}[path]
        return found[0] if len(found) == 1 else None

    def maker(self, symbol: Symbol) -> str:
        """The path of the step that makes a value, "" for what goes in."""
        return next((step.path for step in self.steps if any(each is symbol for each in step.outputs)), "")

    def after(self, cut: Symbol, end: Symbol) -> tuple[Step, ...] | None:
        """The steps from one value to another, None where they read anything else that goes in."""
        makers = {id(each): step for step in self.steps for each in step.outputs}
        wanted, waiting = set(), [end]
        while waiting:
            symbol = waiting.pop()
            if symbol is cut:
                continue
            step = makers.get(id(symbol))
            if step is None:
                return None
            if id(step) not in wanted:
                wanted.add(id(step))
                waiting.extend(step.inputs)
        return tuple(step for step in self.steps if id(step) in wanted)

    def cuts(self, end: Symbol) -> list[str]:
        """The paths of all steps on the way to `end` that can be the first after a cut, in their order."""
        way = self.after(self.taken, end) or ()
        found: dict[int, bool] = {}
        for step in way:
            for symbol in step.inputs:
                if id(symbol) not in found:
                    found[id(symbol)] = self.after(symbol, end) is not None
        return [step.path for step in way if len(step.inputs) == 1 and found[id(step.inputs[0])]]


def steps_of(model: keras.Model) -> Steps:
    """Raises FacesError for a network whose layers do not say all that it computes."""
    if not private.is_graph(model):
        raise FacesError(
            f"{printable(model.name, 80)} is a class of its own, whose code nobody but itself knows: it can be used as "
            "it is, but not be cut, nor be trained here"
        )
    graph = private.graph_of(model)
    if len(graph.inputs) != 1:
        raise FacesError(f"{printable(model.name, 80)} has {len(graph.inputs)} inputs: one picture cannot fill them")
    steps: list[Step] = []
    blocks: dict[str, Symbol] = {}
    seen: Counter[tuple[str, ...]] = Counter()

    def inside(graph: Any, given: Sequence[Any], scope: tuple[str, ...]) -> Any:
        def visit(operation: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
            place = (*scope, operation.name)
            seen[place] += 1
            last = operation.name + (f"@{seen[place]}" if seen[place] > 1 else "")
            path = "/".join((*scope, last))
            if private.is_graph(operation):
                values = [each for each in tree.flatten((arguments, named)) if _is_symbol(each)]
                if len(values) == 1:
                    blocks[path] = values[0]
                return inside(private.graph_of(operation), values, (*scope, last))
            found = operation.compute_output_spec(*arguments, **named)
            # Each value is one of its own: an operation may hand on what it was given.
            made = tree.map_structure(lambda each: keras.KerasTensor(each.shape, each.dtype), found)
            steps.append(Step(path, operation, arguments, named, tuple(tree.flatten(made))))
            return made

        return private.passed_through(graph, given, visit)

    taken = keras.KerasTensor(graph.inputs[0].shape, graph.inputs[0].dtype)
    inside(graph, [taken], ())
    return Steps(tuple(steps), taken, blocks)


def rebuilt(steps: Sequence[Step], given: dict[int, Any], end: Symbol, seed: int, *, scratch: bool) -> Any:
    """`end` computed by copies of these steps from values of a new network (`given`: id of a symbol → its value).

    All copies are trainable and begin with the weights of the network; with `scratch` with new ones, determined by the
    seed, as is what drops out.
    """
    values, copies = dict(given), {}
    for step in steps:
        operation = copies.get(id(step.operation))
        if operation is None:
            operation = copies[id(step.operation)] = _copy(step, seed)

        def filled(each: Any) -> Any:
            return values[id(each)] if _is_symbol(each) else each

        arguments: Any = tree.map_structure(filled, step.arguments)
        named: Any = tree.map_structure(filled, step.named)
        found = tree.flatten(operation(*arguments, **named))
        values.update(zip(map(id, step.outputs), found, strict=True))
    for step in steps:
        layer = step.operation
        if isinstance(layer, keras.Layer) and (not scratch or type(layer).__name__ in _KEEPS_STATISTICS):
            copies[id(layer)].set_weights(layer.get_weights())
    return values[id(end)]


def _copy(step: Step, seed: int) -> Any:
    """A layer or operation of its own, with weights of its own."""
    operation = step.operation
    try:
        config = operation.get_config()
        if not isinstance(operation, keras.Layer):
            return type(operation).from_config(config)
        config = _seeded(config, f"{seed} {step.path}")
        config |= {"name": step.path.replace("/", "__").replace(".", "_"), "trainable": True}
        made = type(operation).from_config(config)
        made.trainable = True
        return made
    except Exception as error:
        raise FacesError(
            f"{printable(step.path, 80)} ({type(operation).__name__}) cannot be copied, and each head trains a copy of "
            f"its own: {printable(error, 200)}"
        ) from error


def _seeded(config: Any, path: str) -> Any:
    """Every `seed` in the configuration of a layer becomes one that the path determines."""
    match config:
        case dict():
            return {
                name: _number(f"{path}/{name}") if name == "seed" else _seeded(each, f"{path}/{name}")
                for name, each in config.items()
            }
        case list() | tuple():
            return type(config)(_seeded(each, f"{path}/{at}") for at, each in enumerate(config))
    return config


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "backslashreplace")).digest()[:4], "big") >> 1


def _is_symbol(each: Any) -> bool:
    return isinstance(each, keras.KerasTensor)
