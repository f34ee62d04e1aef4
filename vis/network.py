"""A model as the techniques see it: its layers by path, its logits, and compiled functions that are kept."""

from __future__ import annotations

import difflib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops, tree

from ..engine.errors import TrainvisError
from ..engine.text import printable
from . import gradients
from .graph import ALL, Call, Change, Walk, head_activation, is_told_apart
from .rules import Rule
from .sentences import reason

Tensor: TypeAlias = Any
Array: TypeAlias = np.ndarray


class NetworkError(TrainvisError):
    """A network, layer, unit or class that a technique cannot work with."""


@dataclass(frozen=True, slots=True)
class Site:
    """One call of one layer. `path` is its address ("block/conv_1"; a second call of it "block/conv_1@2").

    `shape` is that of its output without the batch axis, `number` its place in the order of computation, `leaf`
    whether nothing is inside of it, `maker` the path of the leaf that computed its output (itself where it is one).
    `inputs` are the paths of the leaves that it reads, `reads` the numbers of the inputs of the model that it reads;
    `unseen`: it reads what no layer made, an operation in somebody's own `call`. `channels_first`: its maps lie before
    their height and width.
    """

    path: str
    layer: Any = field(repr=False, compare=False)
    shape: tuple[int, ...]
    dtype: str
    number: int
    leaf: bool
    inputs: tuple[str, ...] = ()
    reads: tuple[int, ...] = ()
    unseen: bool = False
    maker: str = ""
    channels_first: bool = False

    @property
    def kind(self) -> str:
        """The class of the layer: "Conv2D"."""
        return type(self.layer).__name__

    @property
    def is_maps(self) -> bool:
        """Whether its output has a height and a width."""
        return len(self.shape) == 3

    @property
    def units(self) -> int:
        """How many feature maps it has, or how many units where it has none."""
        if not self.shape:
            return 1
        return self.shape[0] if self.is_maps and self.channels_first else self.shape[-1]


class Sites(Mapping[str, Site]):
    """The calls of a network by path, in the order of computation."""

    def __init__(self, sites: Sequence[Site], thesis: Sequence[str] = ()) -> None:
        self._sites = {site.path: site for site in sites}
        self._thesis = tuple(thesis)

    def __getitem__(self, path: str) -> Site:
        return self._sites[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    @property
    def leaves(self) -> tuple[Site, ...]:
        """The calls that have nothing inside."""
        return tuple(site for site in self._sites.values() if site.leaf)

    def find(self, address: str | int | Any) -> Site:
        """The call that `address` means: a path, a name that occurs once, a layer, or a number as of the layers
        of the model with its InputLayer counted (−1 is the last). Raises NetworkError with the nearest.
        """
        if isinstance(address, keras.Layer):
            found = next((site for site in self._sites.values() if site.layer is address), None)
            if found is None:
                raise NetworkError(f"layer {address.name!r} is not called in this network")
            return found
        if isinstance(address, int | np.integer) or address.lstrip("-").isdigit():
            return self._numbered(int(address))
        if address in self._sites:
            return self._sites[address]
        ends = [path for path in self._sites if path.endswith("/" + address)]
        if len(ends) == 1:
            return self._sites[ends[0]]
        if ends:
            raise NetworkError(f"layer {printable(address, 60)!r} occurs several times: say {_listed(ends)}")
        names = dict.fromkeys([*self._sites, *(path.rpartition("/")[2] for path in self._sites)])
        near = difflib.get_close_matches(address, names, 3, 0.4)
        said = f"did you mean {_listed(near)}?" if near else f"its layers are {_listed(self._sites)}"
        raise NetworkError(f"the network has no layer {printable(address, 60)!r}: {said}")

    def _numbered(self, number: int) -> Site:
        if -len(self._thesis) <= number < len(self._thesis):
            path = self._thesis[number]
            if path in self._sites:
                return self._sites[path]
            raise NetworkError(f"layer {number} is the input: it has no activations of its own")
        last = len(self._thesis) - 1
        raise NetworkError(
            f"the network has no layer {number}: they count from 0 (the input) to {last} ({self._thesis[-1]})"
            if self._thesis
            else f"the layers of this network have no numbers: say {_listed(self._sites)}"
        )


@dataclass(frozen=True, slots=True)
class Head:
    """Where an output of the model comes from: the call that makes it, and what it makes of the logits.

    `activation` is None where the output are the logits already, or where nobody could find how to part them
    (`apart` is then False).
    """

    site: Site | None
    activation: Callable[[Tensor], Tensor] | None
    name: str
    shape: tuple[int, ...]
    apart: bool = True


@dataclass(slots=True)
class Run:
    """What one pass gave, in tensors: `outputs` of the model (logits where asked), `values` by path."""

    outputs: list[Tensor]
    values: dict[str, Tensor]
    rectifiers: int = 0
    others: Counter[str] = field(default_factory=Counter)


class Network:
    """A built model. `inputs` is an example of what it is called with, a batch of at least one, in the structure it
    takes (array, list or dict): one pass over it shows the layers. `sites` are these, `heads` the outputs,
    `input_shapes` the shapes of what it was given, without the batch axis, `rectifiers` how many calls of a ReLU were
    found, `others` what other nonlinearities: name → how many.

    Raises NetworkError for a model that has no weights yet, or that cannot be called with `inputs`.
    """

    def __init__(self, model: keras.Model, inputs: Any) -> None:
        if not model.built:
            raise NetworkError(
                f"the network {model.name!r} has no weights yet: build it (keras.Input as its first layer, "
                "model.build(shape), or one call) before looking inside"
            )
        self.model = model
        self.seconds_compiling = 0.0
        self._functions: dict[tuple[Any, ...], Callable[..., Any]] = {}
        self._structure = tree.map_structure(lambda _: None, inputs)
        self._look(inputs)

    @property
    def dtype(self) -> str:
        """What its inputs are computed in: float64 for a float64 network, else float32."""
        return "float64" if str(self.model.variable_dtype) == "float64" else "float32"

    @property
    def scale(self) -> float:
        """What a gradient is multiplied by on its way through half floats, in which small ones vanish."""
        halves = any(str(getattr(site.layer, "compute_dtype", "")) == "float16" for site in self.sites.values())
        return 1024.0 if halves else 1.0

    def run(
        self,
        inputs: Sequence[Tensor],
        *,
        rule: Rule = "plain",
        taps: Collection[str] | str = (),
        linear: Collection[str] = (),
        logits: bool = False,
        change: Mapping[str, Change] | None = None,
        stop: bool = False,
    ) -> Run:
        """One forward pass over tensors (one for each input of the model). To be called in a compiled function.

        `logits` leaves the activation of each head out; the rest is explained at graph.Walk.
        """
        out = {head.site.path for head in self.heads if head.site and head.activation} if logits else set()
        walk = Walk(rule=rule, taps=taps, linear={*linear, *out}, change=change, stop=stop)
        outputs = walk(self.model, self.packed(inputs))
        return Run(outputs, walk.values, walk.rectifiers, walk.others)

    def call(self, key: tuple[Any, ...], function: Callable[..., Any], *arrays: Array) -> Any:
        """`function(*tensors)` compiled and called with arrays: NumPy in, NumPy out.

        Functions are kept under `key`, which has to say all that tells one from another but the shapes of the
        arrays: a second call compiles nothing.
        """
        kept = self._functions.get(key)
        if kept is None:
            kept = self._functions[key] = gradients.compiled(self.model, function)
        before, began = kept.traces(), time.perf_counter()  # type: ignore[attr-defined]
        found = kept(*arrays)
        if kept.traces() != before:  # type: ignore[attr-defined]
            self.seconds_compiling += time.perf_counter() - began
        return found

    def packed(self, inputs: Sequence[Tensor]) -> Any:
        """Tensors in the structure that the model takes."""
        return tree.pack_sequence_as(self._structure, list(inputs))

    def takes(self, inputs: Any) -> bool:
        """Whether inputs are in the structure that it was made for."""
        return tree.map_structure(lambda _: None, inputs) == self._structure

    def changed(self) -> bool:
        """Whether layers were added or taken away since it was made."""
        return self._layers() != self._known

    def probabilities(self, output: int, logits: Tensor) -> Tensor | None:
        """What the head makes of logits, None where it makes nothing of them."""
        activation = self.heads[output].activation
        return None if activation is None else activation(logits)

    def _layers(self) -> tuple[int, ...]:
        return tuple(id(each) for each in self.model._flatten_layers())  # noqa: SLF001

    def _look(self, inputs: Any) -> None:
        """One pass over one example, not compiled: which layers are called, on what, and what makes the outputs."""
        self._known = self._layers()
        sites: list[Site] = []
        maker: dict[int, Site] = {}
        given: dict[int, int] = {}
        alive: list[Tensor] = []
        outputs: list[Tensor] = []

        def record(call: Call) -> None:
            value = call.value
            makers = [maker[id(each)] for each in call.inputs if id(each) in maker]
            made = [site.path for site in makers]
            read = [given[id(each)] for each in call.inputs if id(each) in given]
            unknown = len(made) + len(read) < len(call.inputs)
            if unknown and not made and not read and not call.hidden:
                read, unknown = list(range(len(first)))[:1], len(first) > 1  # an input that the graph cast or reshaped
            around = makers if call.leaf else [maker[id(value)]] if id(value) in maker else []
            site = Site(
                path=call.path,
                layer=call.layer,
                shape=tuple(int(each) for each in value.shape[1:]),
                dtype=keras.backend.standardize_dtype(value.dtype),
                number=len(sites),
                leaf=call.leaf,
                inputs=tuple(dict.fromkeys(made)),
                reads=tuple(dict.fromkeys(read)),
                unseen=unknown and call.hidden,  # elsewhere it is a constant of the graph
                maker=call.path if call.leaf or id(value) not in maker else maker[id(value)].path,
                channels_first=_channels_first(call, around or sites[-1:]),
            )
            sites.append(site)
            alive.extend((value, *call.others))  # so that no other tensor is given its id
            if call.leaf:
                for each in (value, *call.others):
                    maker.setdefault(id(each), site)

        def look(*tensors: Tensor) -> None:
            given.update({id(each): place for place, each in enumerate(tensors)})
            alive.extend(tensors)
            outputs.extend(walk(self.model, self.packed(tensors)))

        walk = Walk(rule="guided", record=record)  # forward as any; it is told of what rectifies in a user's code
        first = [np.asarray(each)[:1] for each in tree.flatten(inputs)]
        self.input_shapes = tuple(each.shape[1:] for each in first)
        try:
            gradients.once(look, *first)
        except Exception as error:  # whatever a backend, or a layer of the user's own, raises
            shapes = ", ".join(str(each.shape[1:]) for each in first)
            why = printable(reason(error), 300) or type(error).__name__
            raise NetworkError(f"the network {self.model.name!r} cannot take an input of {shapes}: {why}") from error
        self.rectifiers, self.others = walk.rectifiers, walk.others
        self.sites = Sites(sites, self._numbers(sites))
        names = list(walk.names or getattr(self.model, "output_names", None) or [])
        self.heads = tuple(
            _head(maker.get(id(each)), tuple(each.shape[1:]), names[place] if place < len(names) else f"output_{place}")
            for place, each in enumerate(outputs)
        )

    def _numbers(self, sites: Sequence[Site]) -> list[str]:
        layers = list(self.model.layers)
        if layers and not isinstance(layers[0], keras.layers.InputLayer):
            layers.insert(0, None)  # Keras 3 leaves the InputLayer of a Sequential model out, Keras 2 counted it
        first = {id(site.layer): site.path for site in reversed(sites)}
        return [first.get(id(layer), "") for layer in layers]


def _channels_first(call: Call, around: Sequence[Site]) -> bool:
    """Layers that say nothing of it (an activation, a normalisation, a sum) keep the order of what they read."""
    said = getattr(call.layer, "data_format", None)
    if said is not None:
        return said == "channels_first"
    if type(call.layer).__name__ in ("Permute", "Reshape", "Transpose"):
        return False
    rank = len(call.value.shape) - 1
    return any(site.channels_first and len(site.shape) == rank for site in around)


def _head(site: Site | None, shape: tuple[int, ...], name: str) -> Head:
    if site is None:
        return Head(None, None, name, shape, apart=False)
    return Head(site, head_activation(site.layer), name, shape, is_told_apart(site.layer))


def _listed(names: Collection[str], most: int = 12) -> str:
    shown = ", ".join(printable(each, 60) for each in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def as_logits(output: Tensor) -> Tensor:
    """An output as N×C: the mean over height and width where it has them."""
    rank = len(output.shape)
    if rank == 1:
        return ops.expand_dims(output, -1)
    return output if rank == 2 else ops.mean(output, axis=tuple(range(1, rank - 1)))


__all__ = ["ALL", "Head", "Network", "NetworkError", "Run", "Site", "Sites", "as_logits"]
