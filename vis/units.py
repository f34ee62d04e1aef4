"""Units of a network by address, and the gradient of many of them by the picture input in one compiled function.

An address is "conv_1:4,5,2" (row, column, map), "conv_1:7" (a whole feature map), "dense_2:3", or the same as a pair:
("conv_1", (4, 5, 2)), (7, 3). A number alone is a unit of the output. Layers are named as `Sites.find` takes them.
The order row, column, map holds for networks with channels first as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from keras import ops

from ..engine.text import printable
from .gradients import value_and_gradient
from .network import Network, NetworkError, Site
from .probe import Probe
from .rules import Rule

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any
Placed: TypeAlias = str | tuple[Any, int | Sequence[int]]
Address: TypeAlias = Placed | int
Over: TypeAlias = Literal["mean", "centre"]

DEFAULT_UNITS = 10  # outputs that are shown where nobody says which


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the layer `path` ("": of the output that the probe explains), or one of its feature maps.

    `shape` is that of the layer's output without the batch axis, `index` has a number for each of its axes, the
    channel last, or the channel alone.
    """

    path: str
    shape: tuple[int, ...]
    index: tuple[int, ...]
    channels_first: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is a whole feature map."""
        return len(self.index) < len(self.shape)

    def weights(self, over: Over = "mean") -> tuple[Array, ...]:
        """For each axis of the layer how much each place of it counts: what the score is a sum with.

        `over` says what the score of a whole map is: its mean, or the unit in its middle.
        """
        *places, channel = range(len(self.shape)) if not self.channels_first else (*range(1, len(self.shape)), 0)
        found = [np.zeros(size) for size in self.shape]
        found[channel][self.index[-1]] = 1
        for axis, place in zip(places, self.index[:-1] or [None] * len(places), strict=True):
            if place is not None:
                found[axis][place] = 1
            elif over == "centre":
                found[axis][self.shape[axis] // 2] = 1
            else:
                found[axis][:] = 1 / self.shape[axis]
        return tuple(found)


def find_units(probe: Probe, addresses: Sequence[Address] | None) -> tuple[Unit, ...]:
    """The units that `addresses` mean; without any the classes to explain, or the first ten outputs.

    Raises NetworkError with what is there instead.
    """
    if addresses is None:
        return _outputs(probe)
    given = [addresses] if isinstance(addresses, str | int) else list(addresses)
    if not given:
        raise NetworkError("no units are given: say layer:index, as conv_1:7, or nothing for the outputs")
    return tuple(_output(probe, each) if isinstance(each, int) else _found(probe.network, each) for each in given)


def _outputs(probe: Probe) -> tuple[Unit, ...]:
    wanted = [each for each in dict.fromkeys(probe.wanted.tolist()) if each >= 0]
    return tuple(_output(probe, each) for each in wanted or range(min(_classes(probe), DEFAULT_UNITS)))


def _output(probe: Probe, number: int) -> Unit:
    head, classes = probe.network.heads[probe.output], _classes(probe)
    if not 0 <= number < classes:
        raise NetworkError(f"the output has no unit {number}: they are 0 to {classes - 1}")
    if head.site is None or not head.shape:  # what no layer made is scored as the output itself
        return Unit("", (classes,), (number,))
    return Unit(head.site.path, head.shape, (number,), head.site.channels_first)


def _classes(probe: Probe) -> int:
    head = probe.network.heads[probe.output]
    if not head.shape:
        return 1
    return head.shape[0 if head.site and head.site.channels_first else -1]


def _found(network: Network, address: Placed) -> Unit:
    layer, index = _parted(address)
    site = network.sites.find(layer)
    if not site.shape:
        raise NetworkError(f"layer {site.path!r} gives one number for each input: leave the units out to show it")
    if len(index) not in (1, len(site.shape)):
        raise NetworkError(f"unit {_said(index)} of layer {site.path!r} has {len(index)} numbers: {_takes(site)}")
    sizes = _sizes(site)
    for number, size in zip(index, sizes[-len(index) :], strict=True):
        if not 0 <= number < size:
            raise NetworkError(f"layer {site.path!r} has no unit {_said(index)}: {_takes(site)}")
    return Unit(site.path, site.shape, index, site.channels_first)


def _parted(address: Placed) -> tuple[Any, tuple[int, ...]]:
    try:
        if isinstance(address, str):
            layer, colon, text = address.rpartition(":")
            if not colon:
                raise ValueError(address)
            return layer, tuple(int(each) for each in text.split(","))
        layer, index = address
        return layer, tuple(int(each) for each in (index if isinstance(index, Sequence) else [index]))
    except (ValueError, TypeError) as error:
        raise NetworkError(
            f"{printable(str(address), 80)!r} is no unit: say layer:index, as dense_2:3, conv_1:7 (a whole feature "
            "map) or conv_1:4,5,7 (row, column, map)"
        ) from error


def _sizes(site: Site) -> tuple[int, ...]:
    """The sizes of the axes of a layer, the channel last."""
    return (*site.shape[1:], site.shape[0]) if site.channels_first else site.shape


def _takes(site: Site) -> str:
    *places, channels = _sizes(site)
    if not places:
        return f"its units are 0 to {channels - 1}"
    around = "×".join(map(str, places))
    return f"its maps are 0 to {channels - 1}, each {around}; say a map, or the place in it and the map"


def _said(index: Sequence[int]) -> str:
    return ",".join(map(str, index))


def by_layer(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    """The units by the path of their layer, in the order in which layers first occur; each unit once."""
    found: dict[str, list[Unit]] = {}
    for unit in dict.fromkeys(units):
        found.setdefault(unit.path, []).append(unit)
    return found


def target_of(probe: Probe, unit: Unit) -> int | None:
    """The class that a unit is the score of, None for a hidden one."""
    head = probe.network.heads[probe.output]
    return unit.index[-1] if unit.path == (head.site.path if head.site else "") else None


def stacked(units: Sequence[Unit], over: Over, dtype: str) -> tuple[Array, ...]:
    """The weights of units of one layer, B×size for each of its axes."""
    columns = zip(*(unit.weights(over) for unit in units), strict=True)
    return tuple(np.stack(column).astype(dtype) for column in columns)


def unit_scores(
    probe: Probe, inputs: Sequence[Tensor], path: str, weights: Sequence[Tensor], rule: Rule = "plain",
    logits: bool = True,
) -> Tensor:  # fmt: skip
    """The score of one unit of layer `path` for each row of `inputs` (tensors), B; to be called in a compiled function.

    The pass ends at the layer. `logits`: an output is scored before its softmax or sigmoid.
    """
    network = probe.network
    value: Any
    if path:
        value = network.run(inputs, taps=(path,), logits=logits, stop=True, rule=rule).values[path]
    else:
        value = probe.logits_of(network.run(inputs, logits=logits, rule=rule))
    value = ops.cast(value, network.dtype)
    for axis in reversed(range(len(weights))):
        share: Any = ops.reshape(weights[axis], (-1, *[1] * axis, weights[axis].shape[-1]))
        value = ops.sum(value * share, axis=-1)
    return value


def unit_gradients(
    probe: Probe, images: Array, path: str, weights: Sequence[Array], rule: Rule = "plain", logits: bool = True
) -> tuple[Array, Array]:
    """The scores B of one unit for each of `images`, and their gradients by these, in the shape of the images.

    `images` lie as the picture input does; `weights` (`stacked`) say which unit each is for. Other inputs are held
    at those of the probe's first.
    """
    place, axes = probe.image_input, len(weights)

    def function(*tensors: Any) -> Any:
        given, said = tensors[:-axes], tensors[-axes:]

        def score(image: Any) -> Any:
            found = unit_scores(probe, [*given[:place], image, *given[place + 1 :]], path, said, rule, logits)
            return ops.sum(found), found

        scores, (gradient,) = value_and_gradient(score, [given[place]], probe.network.scale)
        return scores, gradient

    key = ("unit gradients", path or probe.output, rule, logits, place)
    return probe.network.call(key, function, *probe.filled(images), *weights)


def held_note(probe: Probe) -> str:
    """What has to be said where the network has several inputs, else nothing."""
    count = len(probe.inputs) - 1
    if not count:
        return ""
    what = "those of the first input given" if probe.pictures else "zeros"
    return f"The other {'input is' if count == 1 else f'{count} inputs are'} held at {what}."
