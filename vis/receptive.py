"""Receptive fields: which part of the input a unit of a layer can see.

Araujo, Norris, Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks", doi:10.23915/distill.00021:
kernel, stride and padding of each layer on the way, multiplied up; where branches meet, what all of them see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ..engine.text import printable
from .network import Network, NetworkError, Site
from .windows import Number, Step, Tensor, Window, windows_of


@dataclass(frozen=True, slots=True)
class Field:
    """The receptive field of the units of a layer, in pixels of the input, for each of its axes (height, width).

    The unit at place i sees `size` pixels from `start` + i·`stride` on: before 0 and behind the last pixel it sees
    padding, and near the border there may be padding in between too, so that it sees less than its field covers. A
    `stride` of 0 says that all units see the same (behind Flatten or a global pool: what all of them see).
    `exact` is False where it may see less; `note` says why.
    """

    size: tuple[Number, ...]
    stride: tuple[Number, ...]
    start: tuple[Number, ...]
    exact: bool = True
    note: str = ""

    @property
    def whole(self) -> bool:
        """Whether all units see the same."""
        return not any(self.stride)

    def span(self, *place: int) -> tuple[tuple[int, int], ...]:
        """First and last (exclusive) whole pixel of each axis that the unit at `place` sees."""
        places = place or (0,) * len(self.size)
        lows = [start + at * stride for start, at, stride in zip(self.start, places, self.stride, strict=True)]
        return tuple((math.floor(low), math.ceil(low + size)) for low, size in zip(lows, self.size, strict=True))


def box(field: Field, row: int = 0, column: int = 0) -> tuple[int, int, int, int]:
    """Top, left, bottom, right (half open, in pixels of the input, outside of it where it hangs over the border) of
    what the unit at this place sees. Raises NetworkError where the input has no height and width.
    """
    if len(field.size) != 2:
        raise NetworkError(f"a box has two axes: this receptive field lies over an input with {len(field.size)}")
    (top, bottom), (left, right) = field.span(row, column)
    return top, left, bottom, right


def receptive_field(network: Network, path: str, of_input: int | None = None) -> Field:
    """The receptive field of the units of the layer at `path` in one input (the first picture without a number).

    Raises NetworkError for a layer that there is not, or that does not see this input.
    """
    place = network.sites.find(path).path
    found = receptive_fields(network, of_input).get(place)
    if found is None:
        raise NetworkError(f"layer {printable(place, 80)!r} sees nothing of input {picture_input(network, of_input)}")
    return found


def receptive_fields(network: Network, of_input: int | None = None) -> dict[str, Field]:
    """The receptive field of each layer that sees the input, by path, in the order of computation."""
    number = picture_input(network, of_input)
    first = _Seen.of_input(_input(network, number))
    seen: dict[str, _Seen] = {}
    for site in network.sites.leaves:
        reads = [seen[path] for path in site.inputs if path in seen]
        reads += [first] if number in site.reads else []
        if site.unseen:  # whatever came before it may be in what it reads
            reads.append(first.behind(f"{site.path!r} reads what an operation outside of the layers computed"))
        if reads:
            seen[site.path] = _through(site, reads)
    return {path: seen[site.maker].field for path, site in network.sites.items() if site.maker in seen}


def picture_input(network: Network, number: int | None = None) -> int:
    """The number of the input that the fields lie in: the first with the most axes. Raises NetworkError."""
    shapes = network.input_shapes
    if number is None:
        return max(range(len(shapes)), key=lambda place: (min(len(shapes[place]), 3), -place))
    if not 0 <= number < len(shapes):
        raise NetworkError(f"the network has no input {number}: it has {len(shapes)}, counted from 0")
    return number


def picture_places(network: Network, number: int | None = None) -> tuple[int, ...]:
    """The length of each axis that the fields lie over: height and width."""
    return _input(network, number).places


def _input(network: Network, number: int | None) -> Tensor:
    return Tensor(network.input_shapes[picture_input(network, number)], _channels_first(network))


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of the input as the `count` units along it see it; `pixels` is its length."""

    size: Number
    stride: Number
    start: Number
    count: int
    pixels: int

    def through(self, window: Window | None) -> _Axis:
        if window is None:
            return self.together()
        step = Fraction(self.stride, 1) / window.zoom
        return replace(
            self,
            size=_plain(self.size + (window.kernel - 1) * step),
            stride=_plain(step * window.stride),
            start=_plain(self.start - window.before * step),
        )

    def together(self) -> _Axis:
        """What all units see."""
        low = max(self.start, 0)
        high = min(self.start + (self.count - 1) * self.stride + self.size, self.pixels)
        return replace(self, size=high - low, stride=0, start=low, count=1)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the units of a tensor see of the input."""

    axes: tuple[_Axis, ...]
    tensor: Tensor
    exact: bool = True
    note: str = ""

    @classmethod
    def of_input(cls, tensor: Tensor) -> _Seen:
        return cls(tuple(_Axis(1, 1, 0, size, size) for size in tensor.places), tensor)

    @property
    def field(self) -> Field:
        size, stride, start = (tuple(getattr(axis, name) for axis in self.axes) for name in ("size", "stride", "start"))
        return Field(size, stride, start, self.exact, self.note)

    def behind(self, why: str) -> _Seen:
        """All of it, because nobody knows better."""
        return replace(self, axes=tuple(axis.together() for axis in self.axes), exact=False, note=self.note or why)


def _through(site: Site, reads: Sequence[_Seen]) -> _Seen:
    """What the units of a leaf see by way of what it reads."""
    joined = _joined(reads)
    first = joined.tensor.channels_first if not hasattr(site.layer, "data_format") else site.channels_first
    made = Tensor(site.shape, first)
    read = replace(joined.tensor, channels_first=first)
    windows = windows_of(Step(site.layer, read, made))
    if windows is None:
        return replace(joined.behind(f"{site.kind} {site.path!r} may read all of its input"), tensor=made)
    if len(windows) == len(joined.axes):
        axes = tuple(axis.through(window) for axis, window in zip(joined.axes, windows, strict=True))
    else:
        axes = tuple(axis.together() for axis in joined.axes)
    if len(made.places) == len(axes):
        axes = tuple(replace(axis, count=count) for axis, count in zip(axes, made.places, strict=True))
    else:
        axes = tuple(axis.together() for axis in axes)
    zooms = any(window is not None and window.zoom != 1 for window in windows) and not joined.field.whole
    why = f"{site.kind} {site.path!r} makes several units of one: up to a unit less"
    return _Seen(axes, made, joined.exact and not zooms, joined.note or (why if zooms else ""))


def _joined(reads: Sequence[_Seen]) -> _Seen:
    """Where branches meet: what all of them see."""
    widest = max(reads, key=lambda each: math.prod(each.tensor.shape))
    if len(reads) == 1:
        return widest
    axes = tuple(_union(each) for each in zip(*(each.axes for each in reads), strict=True))
    note = next((each.note for each in reads if each.note), "")
    return _Seen(axes, widest.tensor, all(each.exact for each in reads), note)


def _union(axes: Sequence[_Axis]) -> _Axis:
    if len({axis.stride for axis in axes}) > 1:  # they do not move together: one sees all, or they are of other sizes
        axes = [axis.together() for axis in axes]
    start = min(axis.start for axis in axes)
    end = max(axis.start + axis.size for axis in axes)
    return replace(axes[0], size=end - start, start=start, count=max(axis.count for axis in axes))


def _channels_first(network: Network) -> bool:
    found = next((site for site in network.sites.leaves if hasattr(site.layer, "data_format")), None)
    return found is not None and found.channels_first


def _plain(number: Number) -> Number:
    return int(number) if number == int(number) else number
