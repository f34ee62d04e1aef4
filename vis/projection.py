"""Feature maps carried back to the input: the deconvolutional network, for one layer, many maps and many inputs.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901. Its unpooling with
switches is the gradient of the maximum, its transposed convolution that of the convolution; what remains is a rule for
rectifiers (`rules`): on the way back each lets through what is positive. Nothing is built, and whatever has a gradient
can lie on the way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from keras import ops

from ..engine.text import printable
from .attribution import joined
from .gradients import pulled_back
from .keras_private import is_recurrent
from .network import NetworkError, Site
from .probe import Probe

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any
Choice: TypeAlias = tuple[Tensor, Tensor, Tensor]  # maps, places and scores as in a Projection
Signal: TypeAlias = Literal["activation", "one", "map"]
SIGNALS: tuple[Signal, ...] = ("activation", "one", "map")

AT_ONCE = 16  # maps that share a forward pass; the way back of each is compiled
_MOST = 2**26  # numbers in the seeds of one call
_CACHED = 400_000  # numbers in the largest activation of all maps together, up to which one batch is faster


@dataclass(frozen=True, slots=True)
class Projection:
    """For N inputs and K maps of each: the numbers of the `maps`, their largest activations `scores`, and the `places`
    where these are, the first of equal ones, counted row by row (all N×K); `values` N×K×… in the shape of the picture
    input, N×K×0 where nothing was sent back.
    """

    maps: Array
    places: Array
    scores: Array
    values: Array


def projected(
    probe: Probe,
    inputs: Sequence[Array],
    site: Site,
    numbers: Array,
    *,
    ranked: bool = False,
    signal: Signal | None = "activation",
) -> Projection:
    """Maps of a layer carried back to the picture input, for N inputs (arrays as of `probe.inputs`).

    `numbers` N×K are those of the maps, or where `ranked` their ranks by largest activation on that input, from 0.
    `signal` is what is sent back: the largest activation of a map at its place, 1 there, or the whole map; with None
    nothing is, and only the places are found. Raises NetworkError for a layer that has no maps of numbers for each
    input.
    """
    check(site)
    size = min(probe.batch, len(numbers))
    together = max(1, min(AT_ONCE, _MOST // (size * math.prod(site.shape)), numbers.shape[1]))
    function = _function(probe, site, signal, ranked)
    key = ("projection", site.path, signal, ranked, probe.image_input)
    found = []
    for at in range(0, len(numbers), size):
        given = [each[at : at + size] for each in inputs]
        some = [probe.network.call(key, function, *given, part) for part in _parts(numbers[at : at + size], together)]
        *choice, values = zip(*some, strict=True)
        columns = [np.concatenate(each, axis=1) for each in choice]
        columns.append(np.moveaxis(np.concatenate(values) if len(some) > 1 else values[0], 0, 1))
        found.append([each[:, : numbers.shape[1]] for each in columns])
    return Projection(*joined(found))


def check(site: Site) -> None:
    """Raises NetworkError for a layer that gives no numbers with a gradient."""
    if not site.dtype.startswith(("float", "bfloat")):
        raise NetworkError(
            f"layer {printable(site.path, 80)!r} gives {site.dtype}, which has no gradient to carry back"
        )


def units_of(value: Tensor, site: Site, count: int) -> Tensor:
    """The output of a layer for `count` inputs as N×S×C, S places of C maps (tensors)."""
    if value.shape[0] not in (None, count):
        shape = "×".join(map(str, value.shape))
        raise NetworkError(
            f"layer {printable(site.path, 80)!r} gives {shape} for {count} images: it has no maps for each of them"
        )
    if site.channels_first and len(site.shape) > 1:
        value = ops.moveaxis(value, 1, -1)
    return ops.reshape(value, (count, math.prod(site.shape) // site.units, site.units))


def logits_at(probe: Probe, site: Site) -> tuple[str, ...]:
    """Its path where it makes probabilities of the logits, which are what it is asked for then."""
    heads = [head.site for head in probe.network.heads if head.activation is not None]
    return (site.path,) if site in heads else ()


def _parts(numbers: Array, size: int) -> list[Array]:
    """At most `size` maps at once; the last part is filled up, so that nothing is compiled for it alone."""
    lacking = -numbers.shape[1] % size
    full = np.concatenate([numbers, np.repeat(numbers[:, -1:], lacking, axis=1)], axis=1).astype(np.int32)
    return [full[:, at : at + size] for at in range(0, full.shape[1], size)]


def _function(probe: Probe, site: Site, signal: Signal | None, ranked: bool) -> Any:
    network, place, linear = probe.network, probe.image_input, logits_at(probe, site)
    largest = _largest(probe)

    def function(*tensors: Tensor) -> Any:
        *given, numbers = tensors
        count, maps = (int(each) for each in numbers.shape)

        def forward(image: Tensor) -> Any:
            inputs = [*given[:place], image, *given[place + 1 :]]
            run = network.run(inputs, rule="deconvolution", taps=(site.path,), linear=linear, stop=True)
            units = units_of(run.values[site.path], site, count)
            return units, _chosen(units, numbers, ranked)

        if signal is None:
            return (*forward(given[place])[1], ops.zeros((maps, count, 0)))
        sent: Signal = signal

        def seeds(found: Any) -> Tensor:
            units, choice = found
            alone: Any = ops.one_hot(ops.transpose(choice[0]), site.units, dtype=units.dtype)
            return ops.multiply(ops.expand_dims(_patterns(units, choice, sent), -1), ops.expand_dims(alone, 2))

        small = count * maps * largest <= _CACHED
        (units, choice), (values,) = pulled_back(forward, [given[place]], seeds, network.scale, together=small)
        sizes = ops.transpose(_sizes(units, choice, sent))
        sizes = ops.reshape(ops.cast(sizes, values.dtype), (maps, count, *[1] * (len(values.shape) - 2)))
        return (*choice, ops.multiply(values, sizes))

    return function


def _largest(probe: Probe) -> float:
    """How many numbers the largest activation of the network has; infinitely many where it has loops inside, of which
    a batch takes minutes to compile.
    """
    sites = probe.network.sites.values()
    return math.inf if any(is_recurrent(each.layer) for each in sites) else max(math.prod(each.shape) for each in sites)


def _chosen(units: Tensor, numbers: Tensor, ranked: bool) -> Choice:
    """Maps, the places of their maxima and these, all N×K, of N×S×C units."""
    peaks: Any = ops.max(units, axis=1)
    maps = ops.take_along_axis(ops.argsort(-peaks, axis=-1), numbers, axis=1) if ranked else numbers
    places = ops.argmax(_columns(units, maps), axis=1)
    return ops.cast(maps, "int32"), ops.cast(places, "int32"), ops.take_along_axis(peaks, maps, axis=1)


def _columns(units: Tensor, maps: Tensor) -> Tensor:
    """The units of some maps, N×S×K of N×S×C."""
    return ops.take_along_axis(units, ops.expand_dims(maps, 1), axis=2)


def _patterns(units: Tensor, choice: Choice, signal: Signal) -> Tensor:
    """What is sent back, K×N×S of at most 1 in size.

    The way back is positively homogeneous, so the size can wait: half floats have no room for it.
    """
    maps, places, scores = choice
    if signal == "map":
        sizes: Any = _sizes(units, choice, signal)
        safe = ops.where(sizes > 0, sizes, ops.ones_like(sizes))
        return ops.transpose(_columns(units, maps) / ops.expand_dims(safe, 1), (2, 0, 1))
    peaks: Any = ops.one_hot(ops.transpose(places), units.shape[1], dtype=units.dtype)
    heights = ops.sign(scores) if signal == "activation" else ops.cast(scores != 0, units.dtype)
    return peaks * ops.expand_dims(ops.transpose(heights), -1)


def _sizes(units: Tensor, choice: Choice, signal: Signal) -> Tensor:
    """What comes of the patterns is multiplied with these, N×K."""
    maps, _, scores = choice
    match signal:
        case "activation":
            return ops.absolute(scores)
        case "one":
            return ops.ones_like(scores)
        case "map":
            return ops.max(ops.absolute(_columns(units, maps)), axis=1)
