"""A forward pass of any Keras 3 model, call by call, in which activations can be kept, changed or rectified by rule.

Functional and Sequential models are walked node by node, nested ones too; a layer whose activation is to be another
is called through a *twin*, an object with the same variables. A layer of the user's own (subclassed, or with
layers inside) is called as it is while `Layer.__call__` leads through here, for this thread and this call only.
No layer is changed, none is called symbolically (that would add a node to it), no second network is built.
Every private part of Keras that this needs is in this file and in `keras_private`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
from keras import ops, tree

from . import keras_private as private
from .rules import Rule, rectifier

Tensor: TypeAlias = Any
Change: TypeAlias = Callable[[Tensor], Tensor]
ALL = "all"

_LINEAR = ("linear", "identity")
_PROBABILITIES = ("softmax", "sigmoid", "log_softmax", "log_sigmoid", "hard_sigmoid", "sparsemax", "tanh")
_PROBABILITY_OPERATIONS = ("Softmax", "Sigmoid", "LogSoftmax", "LogSigmoid", "HardSigmoid", "Sparsemax")


class Enough(BaseException):  # not an error: no `except Exception` of a user's layer may keep it
    """Everything that was asked for is there."""


@dataclass(slots=True)
class Call:
    """One call of one layer during a walk: what it is, what went in and what came out (the first of several, and
    the `others`). `hidden`: it stands in the code of somebody's own layer, which may compute more than its layers do.
    """

    path: str
    layer: Any
    leaf: bool
    value: Tensor
    inputs: tuple[Tensor, ...] = ()
    others: tuple[Tensor, ...] = ()
    hidden: bool = False


class Walk:
    """One forward pass. `rule` is what rectifiers do to a gradient; `taps` are the paths whose outputs are kept in
    `values` (ALL: every leaf); `linear` the paths whose activation is left out; `change` maps a path to a function
    that replaces its output; `stop` ends the pass as soon as every tap is there; `record` is called with each call.
    """

    def __init__(
        self,
        *,
        rule: Rule = "plain",
        taps: Collection[str] | str = (),
        linear: Collection[str] = (),
        change: Mapping[str, Change] | None = None,
        stop: bool = False,
        record: Callable[[Call], None] | None = None,
    ) -> None:
        self.rule: Rule = rule
        self.taps = taps if taps == ALL else frozenset(taps)
        self.linear = frozenset(linear)
        self.change = dict(change or {})
        self.stop = stop
        self.record = record
        self.values: dict[str, Tensor] = {}
        self.names: tuple[str, ...] = ()  # of the outputs, where the model gives a dict of them
        self.rectifiers = 0  # that follow the rule
        self.others: Counter[str] = Counter()  # nonlinearities that do not: name → how many
        self._scope: list[str] = []
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._muted = 0
        self._hidden = 0
        self._visits = 0

    def __call__(self, model: Any, inputs: Any) -> list[Tensor]:
        """The outputs of the model, flat; [] where the pass was stopped before."""
        try:
            with private.inference():
                if private.is_graph(model):
                    found = self._graph(private.graph_of(model), (inputs,), {})
                else:
                    found = self._opaque(model, (inputs,), {})
        except Enough:
            return []
        self.names = tuple(sorted(map(str, found))) if isinstance(found, dict) else ()
        return tree.flatten(found)

    def visit(self, layer: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call one layer or operation in its place."""
        if self._muted:
            return self._leaf(layer, arguments, named, "")
        path = self._path(layer.name)
        self._visits += 1
        before = self._visits
        leaf = False
        if private.is_graph(layer):
            with self._inside(layer.name):
                found = self._graph(private.graph_of(layer), arguments, named)
        elif private.is_opaque(layer):
            with self._inside(layer.name):
                found = self._opaque(layer, arguments, named)
            leaf = self._visits == before  # a layer of one's own that calls no other
        else:
            leaf = True
            found = self._leaf(layer, arguments, named, path)
        return self._noted(path, layer, leaf, (arguments, named), found)

    def _noted(self, path: str, layer: Any, leaf: bool, arguments: Any, found: Any) -> Any:
        if path in self.change:
            found = private.with_mask_of(self.change[path](found), found)
        if self.record is not None:
            tensors = tuple(each for each in tree.flatten(arguments) if ops.is_tensor(each))
            if leaf and any(each is found for each in tensors):
                found = private.with_mask_of(ops.copy(found), found)  # so that it can be told from its input
            value, *others = (each for each in tree.flatten(found) if ops.is_tensor(each))
            self.record(Call(path, layer, leaf, value, tensors, tuple(others), bool(self._hidden)))
        if (leaf and self.taps == ALL) or path in self.taps:
            self.values[path] = _first(found)
            if self.stop and self.taps != ALL and len(self.values) == len(self.taps):
                raise Enough
        return found

    def _path(self, name: str) -> str:
        place = (*self._scope, name)
        self._seen[place] += 1
        count = self._seen[place]
        return "/".join(place) + (f"@{count}" if count > 1 else "")

    @contextmanager
    def _inside(self, name: str) -> Iterator[None]:
        count = self._seen[(*self._scope, name)]
        self._scope.append(name if count == 1 else f"{name}@{count}")
        try:
            yield
        finally:
            self._scope.pop()

    def _graph(self, graph: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        inputs = arguments[0] if arguments else next(iter(named.values()))
        return private.walked(graph, inputs, self.visit)

    def _opaque(self, layer: Any, arguments: tuple[Any, ...], named: dict[str, Any], muted: bool = False) -> Any:
        with private.intercepted(self.visit, self._rectified):
            self._muted += muted
            self._hidden += 1
            try:
                return private.called(layer, arguments, named)
            finally:
                self._muted -= muted
                self._hidden -= 1

    def _rectified(self, x: Tensor, max_value: float | None, threshold: float) -> Tensor | None:
        """What a ReLU in somebody's own code gives by the rule; None: what it gives anyhow."""
        ruled = self._ruled(private.Rectifier(0.0, max_value, threshold))
        return None if ruled is None else ruled(x)

    def _leaf(self, layer: Any, arguments: tuple[Any, ...], named: dict[str, Any], path: str) -> Any:
        if path and path in self.linear and private.only_activates(layer):
            return arguments[0]
        instead = self._rectifier(layer)
        if instead is not None:
            return private.with_mask_of(instead(arguments[0]), arguments[0])
        twin, before = self._twin(layer, path), self.rectifiers
        activation = private.activation_of(layer) if twin is layer else None
        own = private.is_own(activation)
        if not own and not private.has_inner_calls(layer):
            return private.called(twin, arguments, named)
        found = self._opaque(twin, arguments, named, muted=True)
        if own and self.rectifiers == before:
            self.others[private.name_of(activation)] += 1
        return found

    def _rectifier(self, layer: Any) -> Change | None:
        """What to call instead of a layer or operation that does nothing but rectify, None to call it."""
        settings = private.rectifier_settings(layer)
        if settings is None:
            if _bends(layer):
                self.others[type(layer).__name__] += 1
            return None
        if settings.negative_slope:
            self.others["LeakyReLU"] += 1
            return None
        return self._ruled(settings)

    def _ruled(self, settings: private.Rectifier) -> Change | None:
        self.rectifiers += 1
        return None if self.rule == "plain" else rectifier(self.rule, settings.max_value, settings.threshold)

    def _twin(self, layer: Any, path: str) -> Any:
        activation = private.activation_of(layer)
        if activation is None or (name := private.name_of(activation)) in _LINEAR:
            return layer
        if path and path in self.linear:
            return private.twin(layer, keras.activations.linear)
        settings = private.rectifier_settings(activation)
        if settings is None or settings.negative_slope:
            if not private.is_own(activation) and (name not in _PROBABILITIES or name == "tanh"):
                self.others[name] += 1
            return layer
        ruled = self._ruled(settings)
        return layer if ruled is None else private.twin(layer, ruled)


def _bends(layer: Any) -> bool:
    """Whether a layer or operation is a nonlinearity of its own that knows no rule."""
    if isinstance(layer, keras.layers.Activation | keras.layers.Softmax):
        return False  # by its function
    name = type(layer).__name__
    return private.is_recurrent(layer) or (private.only_activates(layer) and name not in _PROBABILITY_OPERATIONS)


def _first(found: Any) -> Tensor:
    return tree.flatten(found)[0]


def head_activation(layer: Any) -> Callable[[Tensor], Tensor] | None:
    """What makes probabilities of the logits at the end of a network, None where nothing does."""
    if isinstance(layer, keras.layers.Softmax) or private.name_of(layer).lower() in ("softmax", "sigmoid"):
        return lambda x: private.called(layer, (x,), {})
    activation = private.activation_of(layer)
    if activation is not None and private.name_of(activation).lower() in _PROBABILITIES[:-1]:
        return activation
    return None


def is_told_apart(layer: Any) -> bool:
    """Whether it is known what a layer at the end of a network makes of its logits, be it nothing."""
    return head_activation(layer) is not None or not private.may_hide_activation(layer)
