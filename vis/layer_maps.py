"""What a layer put out for some images, as maps, steps or vectors of a figure, and numbers on each of its units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd, prod
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from . import keras_private as private
from .distribution import Spread, histogram, spread
from .figures import Item, Items, Maps, Vectors
from .network import Site

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any

SAMPLED = 1 << 13  # values of a layer for one image that its histogram counts at most

# Activations that let something negative through where they are as good as closed.
_OPEN_BELOW = ("leaky_relu", "leakyrelu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hard_silu")


@dataclass(frozen=True)
class LayerMaps:
    """How the output of a call is shown: as maps H×W, as steps T×C, or as a vector. `most` maps at most (−1: all)."""

    site: Site
    most: int = -1

    @cached_property
    def form(self) -> str:
        """What it is: "maps" with height and width, "steps" of C numbers each, or a "vector"."""
        return {0: "vector", 1: "vector", 2: "steps"}.get(len(self.site.shape), "maps")

    @cached_property
    def channels_last(self) -> tuple[int, ...]:
        """Its shape with the channels behind: (…, height, width, channels)."""
        shape = self.site.shape or (1,)
        return (*shape[1:], shape[0]) if self.site.channels_first and len(shape) > 1 else shape

    @cached_property
    def units(self) -> int:
        """How many feature maps, or units, it has."""
        return self.channels_last[-1]

    @cached_property
    def films(self) -> int:
        """How many maps each unit has: the pictures of a film, the slices of a volume; 1 where it has one."""
        return prod(self.channels_last[:-3])

    @cached_property
    def frames(self) -> int:
        """How many of these are shown."""
        return self.films if self.most < 0 else max(1, min(self.films, self.most))

    @cached_property
    def maps(self) -> int:
        """How many feature maps are shown."""
        return self.units if self.most < 0 else max(1, min(self.units, self.most // self.frames))

    @cached_property
    def hides(self) -> bool:
        """Whether there are maps that are not shown."""
        return self.form == "maps" and self.maps * self.frames < self.units * self.films

    @cached_property
    def open_below(self) -> bool:
        """Whether its activation lets something negative through (LeakyReLU, GELU): below 0 is closed then."""
        both = [each for each in (self.site.layer, private.activation_of(self.site.layer)) if each is not None]
        slopes = [settings.negative_slope for each in both if (settings := private.rectifier_settings(each))]
        return any(slopes) or any(private.name_of(each).lower() in _OPEN_BELOW for each in both)

    @cached_property
    def stride(self) -> int:
        """Of how many values the histogram counts one."""
        size = prod(self.site.shape)
        stride = max(1, -(-size // SAMPLED))
        while gcd(stride, size) > 1:  # else it would pass the same channels again and again
            stride += 1
        return stride

    def active(self, low: Array, high: Array) -> Array:
        """Whether a unit with these extremes is active: above 0, or just not 0 where nothing closes it below."""
        return high > 0 if self.open_below else (high > 0) | (low < 0)

    def taken(self, tensor: Tensor) -> dict[str, Tensor]:
        """What leaves the compiled pass of N×shape: "shown", and where maps are hidden the "low" and "high" of each
        unit (N×C) and a "sample" of all values (N×K). What stays inside needs no memory that outlives the pass.
        """
        dtype = keras.backend.standardize_dtype(tensor.dtype)
        value: Any = tensor if dtype in ("float32", "float64") else ops.cast(tensor, "float32")
        if not self.hides:
            return {"shown": value}
        count = tensor.shape[0]
        flat: Any = ops.reshape(value, (count, -1))
        sample = flat[:, :: self.stride]
        if self.site.channels_first:
            value = ops.moveaxis(value, 1, -1)
        places = tuple(range(1, len(value.shape) - 1))
        extremes = {"low": ops.min(value, axis=places), "high": ops.max(value, axis=places)}
        if self.films > 1:
            films: Any = ops.reshape(value, (count, -1, *self.channels_last[-3:]))
            value = films[:, : self.frames]
        return {"shown": value[..., : self.maps], "sample": sample, **extremes}

    def films_of(self, shown: Array) -> Array:
        """N×F×H×W×K (frames, maps) of what was "shown" of maps, N×T×C of steps, N×C of a vector."""
        if not self.hides and self.site.channels_first and len(self.site.shape) > 1:
            shown = np.moveaxis(shown, 1, -1)
        shape = {"vector": (self.units,), "steps": shown.shape[1:]}.get(self.form)
        return shown.reshape(len(shown), *(shape or (self.frames, *self.channels_last[-3:-1], self.maps)))


@dataclass(frozen=True, eq=False)
class Shown:
    """What a layer put out for N images: `values` N×F×H×W×K (F frames, 1 but for films and volumes, K maps), N×T×C or
    N×C; the `numbers` on each frame and map of these, N×F×K; the smallest and largest value of every unit, shown or
    not, `low` and `high` N×C; and for each image the `whole` of it and the `bars` of its histogram (counts, edges).
    """

    how: LayerMaps
    values: Array
    numbers: Spread
    low: Array
    high: Array
    whole: Spread
    bars: tuple[tuple[Array, Array], ...]

    @classmethod
    def of(cls, how: LayerMaps, taken: Mapping[str, Array], bins: int) -> Shown:
        """From what left the pass."""
        values = how.films_of(taken["shown"])
        count = len(values)
        numbers = _numbers(how, values)
        if how.hides:
            low, high, sample = taken["low"].astype(float), taken["high"].astype(float), taken["sample"]
            whole = spread(sample[..., None])
            whole = Spread(whole.mean[:, 0], whole.std[:, 0], low.min(axis=1), high.max(axis=1), whole.zeros[:, 0])
        else:
            low, high, whole = numbers.low.min(axis=1), numbers.high.max(axis=1), numbers.together((1, 2))
            sample = taken["shown"].reshape(count, -1)[:, :: how.stride]
        return cls(how, values, numbers, low, high, whole, tuple(histogram(row, bins) for row in sample))

    @classmethod
    def joined(cls, parts: Sequence[Shown]) -> Shown:
        """Several of one layer, one after the other."""
        if len(parts) == 1:
            return parts[0]
        values, low, high = (
            np.concatenate([getattr(each, name) for each in parts]) for name in ("values", "low", "high")
        )
        numbers, whole = (Spread.joined([getattr(each, name) for each in parts]) for name in ("numbers", "whole"))
        return cls(parts[0].how, values, numbers, low, high, whole, tuple(each for part in parts for each in part.bars))

    @property
    def images(self) -> int:
        """How many images it was shown."""
        return len(self.values)

    @cached_property
    def alive(self) -> Array:
        """Which units are active on each image, N×C."""
        return self.how.active(self.low, self.high)

    def largest(self, most: int) -> Array:
        """The numbers of so many maps with the largest maxima over all images."""
        return np.argsort(-np.nan_to_num(self.high.max(axis=0)), kind="stable")[:most]

    def part(self, chosen: Array | None = None, notes: Sequence[str] = ()) -> Maps | Vectors:
        """A part of a figure named after the layer. `chosen` are maps in their order, else the first ones are shown.
        `notes` has one text for each image and map, N·C, or none.
        """
        path, how = self.how.site.path, self.how
        signed = bool(np.min(self.low, initial=0.0) < 0)
        if how.form == "maps":
            return self._maps(np.arange(how.maps) if chosen is None else chosen, chosen is not None, notes, signed)
        items = Items(self.images, Item(layer=path), image=np.arange(self.images), score=self.high.max(axis=1))
        if how.form == "steps":
            return Maps(self.values, items, path, space="layer", signed=signed)
        return Vectors(self.values, items, path, signed=signed)

    def _maps(self, maps: Array, ranked: bool, notes: Sequence[str], signed: bool) -> Maps:
        frames, path = self.how.frames, self.how.site.path
        values = self.values[..., maps] if ranked else self.values
        values = np.moveaxis(values, -1, 2).reshape(-1, *self.values.shape[2:4])
        image, frame, unit = (each.ravel() for each in np.indices((self.images, frames, len(maps))))
        more: dict[str, Any] = {"rank": unit} if ranked else {}
        if any(notes):
            more["note"] = [notes[place] for place in (image * self.how.units + maps[unit]).tolist()]
        score = self.numbers.high[:, :, maps].ravel()
        at = maps[unit] if self.how.films == 1 else np.stack([frame, maps[unit]], axis=1)
        items = Items(len(values), Item(layer=path), image=image, unit=at, score=score, **more)
        return Maps(values, items, path, space="layer", signed=signed)


def _numbers(how: LayerMaps, values: Array) -> Spread:
    """On each frame and map of N×F×H×W×K, N×F×K; on each unit of N×T×C or N×C, N×1×C."""
    count, units = len(values), values.shape[-1]
    frames = values.shape[1] if how.form == "maps" else 1
    if how.site.channels_first and frames == 1 and how.form == "maps":
        rows = np.moveaxis(values, -1, 1).reshape(count * units, -1, 1)  # as they lie in memory
        return spread(rows).reshaped(count, 1, units)
    return spread(values.reshape(count * frames, -1, units)).reshaped(count, frames, units)
