"""What a picture is grown on: the picture input of a network as N×H×W×C, however it lies there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from .figures import Item, Maps, Part, Pictures, Vectors
from .input_range import InputRange
from .probe import Probe

Array: TypeAlias = np.ndarray


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
        """N×H×W×C in the layout of the input; of another size, where the input has one."""
        if self.probe.channels_first:
            return np.ascontiguousarray(np.moveaxis(pictures, -1, 1))
        return pictures if pictures.ndim == self.probe.image.ndim else pictures.reshape(-1, *self.probe.image.shape[1:])

    def tensor_as_input(self, pictures: Any) -> Any:
        """The same for tensors."""
        if self.probe.channels_first:
            return ops.transpose(pictures, (0, 3, 1, 2))
        return ops.reshape(pictures, (-1, *self.probe.image.shape[1:]))

    def as_pictures(self, inputs: Array) -> Array:
        """An array in the layout of the input as N×H×W×C."""
        if inputs.ndim == 4:
            return np.ascontiguousarray(self.probe.channels_last(inputs))
        return inputs.reshape(len(inputs), *self.shape)

    def bytes(self, picture: Array, inside: bool) -> Array:
        """One H×W×C picture in network units as bytes: by the postprocessing, else from the lowest to the highest value
        where the picture lies `inside` the valid range, else with zero as grey.
        """
        if self.probe.postprocess is not None:
            return self.probe.pixels(picture)
        picture = picture.astype(np.float64)
        share = (picture - self.range.low) / (self.range.high - self.range.low) if inside else centred(picture)
        share = np.clip(np.nan_to_num(share), 0, 1)
        share = share[..., ::-1] if self.range.bgr else share
        kept = share if share.shape[-1] in (1, 3) else share.mean(axis=-1, keepdims=True)
        return (kept * 255 + 0.5).astype(np.uint8)

    def parts(self, name: str, pictures: Array, items: Sequence[Item], inside: bool, raw: bool) -> list[Part]:
        """N×H×W×C as pictures, with `raw` as numbers too; as vectors where the input is flat."""
        if self.flat:
            return [Vectors(pictures.reshape(len(pictures), -1), tuple(items), name, signed=True)]
        shown = np.stack([self.bytes(each, inside) for each in pictures])
        parts: list[Part] = [Pictures(shown, tuple(items), name, space="input")]
        if raw:
            parts.append(Maps(pictures, tuple(items), f"{name} (numbers)", space="input", signed=True))
        return parts


def centred(picture: Array) -> Array:
    """Values as shares of 0 to 1, zero in the middle and the one that is farthest from it at an end."""
    most = 2 * max(float(np.nanmax(picture, initial=0)), -float(np.nanmin(picture, initial=0)))
    return picture / (most or 1.0) + 0.5
