"""Every private part of Keras that a walk through a model touches, each with a test of its own.

A new Keras that moves one of them is told by tests/vis/on_backends/keras_private.py, by name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
from keras import tree
from keras.src import backend
from keras.src.activations import activations
from keras.src.backend.common import global_state
from keras.src.layers.layer import CallContext, Layer
from keras.src.models.functional import Functional

from . import native

Tensor: TypeAlias = Any
Visit: TypeAlias = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]

_FOREIGN = ("Lambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")  # layers of Keras around a user's function
_RNN = (keras.layers.RNN, keras.layers.Bidirectional)
_ACTIVATION_LAYERS = (
    keras.layers.Activation,
    keras.layers.ELU,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.ReLU,
    keras.layers.Softmax,
)
_ACTIVATION_OPERATIONS = {
    "Celu", "Elu", "Gelu", "HardShrink", "HardSigmoid", "HardSilu", "HardTanh", "LeakyRelu", "LogSigmoid", "LogSoftmax",
    "Relu", "Relu6", "Selu", "Sigmoid", "Silu", "SoftShrink", "Softmax", "Softplus", "Softsign", "SparsePlus",
    "SparseSigmoid", "Sparsemax", "Squareplus", "Tanh", "TanhShrink", "Threshold",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rectifier:
    """The settings of a ReLU in whatever form it comes."""

    negative_slope: float = 0.0
    max_value: float | None = None
    threshold: float = 0.0


def is_graph(model: Any) -> bool:
    """Whether the nodes of this model say all that it computes (a `call` of the user's own may do more)."""
    kind = type(model).call
    if isinstance(model, keras.Sequential):
        return kind is keras.Sequential.call and model._functional is not None  # noqa: SLF001
    return isinstance(model, Functional) and kind is Functional.call


def graph_of(model: Any) -> Any:
    """The object that has the nodes."""
    return model._functional if isinstance(model, keras.Sequential) else model  # noqa: SLF001


def is_opaque(layer: Any) -> bool:
    """Whether a layer is the user's own, so that only calling it shows what happens inside."""
    if not isinstance(layer, Layer):
        return False
    if isinstance(layer, keras.Model):
        return True
    return not str(getattr(type(layer).call, "__module__", "")).startswith("keras.")


def has_inner_calls(layer: Any) -> bool:
    """Whether a layer of Keras calls other layers, or a user's function, inside of itself."""
    if not isinstance(layer, Layer) or isinstance(layer, _RNN):
        return False
    if type(layer).__name__ in _FOREIGN:
        return True
    activation = activation_of(layer)
    inner = list(layer._flatten_layers(include_self=False, recursive=False))  # noqa: SLF001
    return bool([each for each in inner if each is not activation])


def is_own(activation: Any) -> bool:
    """Whether an activation is a function of somebody's own, in which a rectifier may stand."""
    if activation is None or native.ceiling(activation) is not None:
        return False
    return str(getattr(activation, "__module__", "")).partition(".")[0] != "keras"


def may_hide_activation(layer: Any) -> bool:
    """Whether a layer runs somebody's own code, at the end of which there may be an activation that nobody sees."""
    return is_opaque(layer) or type(layer).__name__ in _FOREIGN or is_own(activation_of(layer))


def walked(graph: Any, inputs: Any, visit: Visit) -> Any:
    """Compute a graph node by node, each by `visit`, in Keras' own order."""
    return passed_through(graph, graph._standardize_inputs(inputs), visit)  # noqa: SLF001


def passed_through(graph: Any, inputs: Sequence[Any], visit: Visit) -> Any:
    """The same with one value for each input, taken as it is: symbolic ones too."""
    tensors: dict[int, Tensor] = {}
    for symbol, value in zip(graph.inputs, inputs, strict=True):
        tensors[id(symbol)] = value
    nodes = graph._nodes_by_depth  # noqa: SLF001
    for depth in sorted(nodes, reverse=True):
        for node in nodes[depth]:
            if not node.operation or node.is_input or any(id(each) not in tensors for each in node.input_tensors):
                continue
            arguments, named = node.arguments.fill_in(tensors)
            found = tree.flatten(visit(node.operation, arguments, named))
            for symbol, value in zip(node.outputs, found, strict=False):
                tensors[id(symbol)] = value
    flat = [tensors[id(symbol)] for symbol in graph.outputs]
    packed = tree.pack_sequence_as(graph._outputs_struct, flat)  # noqa: SLF001
    return packed[0] if isinstance(packed, list | tuple) and len(packed) == 1 else packed


@contextmanager
def inference() -> Iterator[None]:
    """While it lasts a layer that is called on its own keeps the losses of the last call of its model, and nothing is
    trained.
    """
    before = global_state.get_global_attribute("current_call_ctx")
    context = CallContext(entry_layer=None)
    context.training = False  # type: ignore[attr-defined]
    global_state.set_global_attribute("current_call_ctx", context)
    try:
        yield
    finally:
        global_state.set_global_attribute("current_call_ctx", before)


def called(layer: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call a layer for what it computes when nothing is trained."""
    named = dict(named)
    if "training" in getattr(layer, "_call_context_args", ()) and getattr(layer, "_call_has_training_arg", False):
        named["training"] = False
    if not isinstance(layer, Layer):
        return layer(*arguments, **named)
    _local.entering = layer
    try:
        return layer(*arguments, **named)
    finally:
        _local.entering = None


_local = threading.local()


@contextmanager
def intercepted(visit: Visit, rectify: native.Rectify) -> Iterator[None]:
    """While it lasts every call of a layer by this thread goes to `visit`, and every ReLU to `rectify`.

    Other threads are served as ever. One interception may lie within another; the outermost takes it away.
    """
    before, _local.visit = getattr(_local, "visit", None), visit
    _patch.hold()
    try:
        with _wanted.instead(rectify), native.as_written(_wanted):
            yield
    finally:
        _patch.release()
        _local.visit = before


class _Patch:
    """What stands in the place of `Layer.__call__` and of every ReLU while somebody holds it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = 0
        self._kept: list[tuple[Any, str, Any]] = []

    def hold(self) -> None:
        with self._lock:
            self._held += 1
            if self._held > 1:
                return
            for owner, name, around in _places():
                original = getattr(owner, name)
                # A static method would become a plain one if it were put back as what it gives.
                self._kept.append((owner, name, vars(owner).get(name, original)))
                setattr(owner, name, around(original))

    def release(self) -> None:
        with self._lock:
            self._held -= 1
            while not self._held and self._kept:
                setattr(*self._kept.pop())


_patch = _Patch()
_wanted = native.Wanted()


def _places() -> list[tuple[Any, str, native.Around]]:
    return [
        (Layer, "__call__", _leading),
        (backend.nn, "relu", native.around(_wanted, None)),
        (backend.nn, "relu6", native.around(_wanted, 6.0)),
        (activations.ReLU, "static_call", _with_settings),
        *native.places(_wanted),
    ]


def _leading(original: Any) -> Any:
    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        visit = getattr(_local, "visit", None)
        if visit is None:
            return original(self, *arguments, **named)
        if getattr(_local, "entering", None) is self:
            _local.entering = None
            return original(self, *arguments, **named)
        return visit(self, arguments, named)

    return call


def _with_settings(original: Any) -> Any:
    """`keras.activations.relu` with settings: one with a slope below 0 is no rectifier, though it is made of one."""

    def call(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
        given = {"negative_slope": negative_slope, "max_value": max_value, "threshold": threshold}
        if negative_slope:
            with _wanted.instead(None):
                return original(x, **given)
        return _wanted.applied(original, (x,), given, (max_value, threshold))

    return staticmethod(call)


def twin(layer: Any, activation: Any) -> Any:
    """An object that is this layer, variables and all, but for its activation. The layer itself does not change."""
    other = object.__new__(type(layer))
    # Not copy.copy: Keras layers answer it with a serialised copy that has weights of its own.
    other.__dict__.update(layer.__dict__)
    other.__dict__["activation"] = activation
    return other


def activation_of(layer: Any) -> Any:
    """The activation that a layer applies at its end and that a twin can replace, None without one."""
    if not isinstance(layer, Layer) or isinstance(layer, _RNN) or is_opaque(layer):
        return None
    found: Any = getattr(layer, "activation", None)  # on PyTorch a layer or module that is one is no plain attribute
    if type(found).__name__ == "TorchModuleWrapper":
        found = found.module
    return found if callable(found) else None


def only_activates(what: Any) -> bool:
    """Whether a layer or operation applies an activation and nothing else."""
    if isinstance(what, Layer):
        return isinstance(what, _ACTIVATION_LAYERS)
    return type(what).__module__.startswith("keras.") and type(what).__name__ in _ACTIVATION_OPERATIONS


def is_recurrent(layer: Any) -> bool:
    """Whether a layer has its activations in the steps of a loop, where no twin can replace them."""
    return isinstance(layer, _RNN)


def name_of(activation: Any) -> str:
    """The name that says what a function, layer or operation computes."""
    if isinstance(activation, Layer) or not hasattr(activation, "__name__"):
        return type(activation).__name__
    return activation.__name__.removesuffix("_v2")  # TensorFlow's softmax


def rectifier_settings(what: Any) -> Rectifier | None:
    """The settings of a ReLU (a function, a layer, an operation of a graph), None for anything else."""
    if what is keras.activations.relu or what is keras.ops.relu:
        return Rectifier()
    if what is keras.activations.relu6 or what is keras.ops.relu6:
        return Rectifier(max_value=6.0)
    if (most := native.ceiling(what)) is not None:
        return Rectifier(max_value=most[0])
    match type(what).__name__:
        case "ReLU" if type(what).__module__.startswith("keras."):
            slope, threshold = float(what.negative_slope or 0), float(what.threshold or 0)
            return Rectifier(slope, None if what.max_value is None else float(what.max_value), threshold)
        case "Relu" if type(what).__module__.startswith("keras."):
            return Rectifier()
        case "Relu6" if type(what).__module__.startswith("keras."):
            return Rectifier(max_value=6.0)
    return None


def with_mask_of(tensor: Tensor, other: Tensor) -> Tensor:
    """`tensor`, with the mask that Keras hung on the other."""
    if tensor is not other and hasattr(tensor, "shape"):
        mask = backend.get_keras_mask(other) if hasattr(other, "shape") else None
        if mask is not None:
            backend.set_keras_mask(tensor, mask)
    return tensor


def value_of(variable: Any) -> Tensor:
    """The value of a variable outside of any scope, without the questions that Keras asks before: 5 µs each."""
    found = getattr(variable, "_value", None)
    return variable.value if found is None else found
