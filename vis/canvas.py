"""What a picture is grown on: the picture input of a network as N×H×W×C, however it lies there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from .figures import Item, Maps, Part, Pictures, Vectors
from .input_range import InputRange
from .probe import Probe

Array: TypeAlias = np.ndarray

MEMORY = 128 * 2**20  # bytes of activations of a batch: beyond it a larger one is slower on a CPU, and may not fit


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture input of a probe. `shape` is H×W×C; an input without height and width is L×1×1, and `flat`."""

    probe: Probe
    range: InputRange

    @property
    def flat(self) -> bool:
        """Whether it has no height and width."""
        return self.probe.image.ndim not in (3, 4)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        shape = self.probe.channels_last(self.probe.image[:1]).shape[1:]
        if self.flat:
            return math.prod(shape), 1, 1
        return (*shape, 1) if len(shape) == 2 else shape

    def as_input(self, pictures: Array) -> Array:
        """N×H×W×C in the layout of the input."""
        if self.probe.channels_first:
            return np.ascontiguousarray(np.moveaxis(pictures, -1, 1))
        return pictures.reshape(len(pictures), *self.probe.image.shape[1:])

    def as_pictures(self, inputs: Array) -> Array:
        """An array in the layout of the input as N×H×W×C."""
        return np.ascontiguousarray(self.probe.channels_last(inputs)).reshape(len(inputs), *self.shape)

    def bytes(self, picture: Array, inside: bool) -> Array:
        """One H×W×C picture in network units as bytes. `inside`: it lies in the valid range, so that without a
        postprocessing of somebody's own this is what becomes 0…255, and else what the picture has.
        """
        if self.probe.postprocess is None and inside:
            picture = (picture - self.range.low) * (255.0 / (self.range.high - self.range.low))
            picture = np.clip(np.nan_to_num(picture), 0, 255)
            kept = picture if picture.shape[-1] in (1, 3) else picture.mean(axis=-1, keepdims=True)
            return (kept + 0.5).astype(np.uint8)
        return self.probe.pixels(picture)

    def parts(self, name: str, pictures: Array, items: Sequence[Item], inside: bool, raw: bool) -> list[Part]:
        """N×H×W×C as pictures, with `raw` as numbers too; as vectors where the input is flat."""
        if self.flat:
            return [Vectors(pictures.reshape(len(pictures), -1), tuple(items), name, signed=True)]
        shown = np.stack([self.bytes(each, inside) for each in pictures])
        parts: list[Part] = [Pictures(shown, tuple(items), name, space="input")]
        if raw:
            parts.append(Maps(pictures, tuple(items), f"{name} (numbers)", space="input", signed=True))
        return parts


def batch_size(probe: Probe, path: str) -> int:
    """How many pictures go through the network up to layer `path` ("": all of it) at once."""
    sites = probe.network.sites
    last = sites[path].number if path else len(sites)
    floats = sum(math.prod(site.shape) for site in sites.leaves if site.number <= last)
    return max(1, min(probe.batch, MEMORY // max(1, floats * np.dtype(probe.network.dtype).itemsize)))


def even(items: Sequence, size: int) -> list[Sequence]:
    """`items` in parts of at most `size`, as equal as they come."""
    count = math.ceil(len(items) / size)
    ends = [len(items) * each // count for each in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]
