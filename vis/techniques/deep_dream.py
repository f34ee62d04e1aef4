"""Deep dream: an image changed so that a layer sees more of what it sees in it, from small sizes to its own.

Mordvintsev, Olah, Tyka 2015, "Inceptionism: Going Deeper into Neural Networks"; loss, octaves and steps as in the
example of Keras (keras.io/examples/generative/deep_dream). At each size is put back what shrinking had lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from ..canvas import Canvas
from ..figures import Figure, Item
from ..gradients import value_and_gradient
from ..growing import batch_size, even
from ..input_range import input_range
from ..network import NetworkError, Site
from ..probe import Probe
from ..resampling import stretched
from ..technique import TechniqueError
from ..units import held_note

Array: TypeAlias = np.ndarray

BORDER = 2  # places of a map that do not count: they see more border than image
SMALLEST = 8  # pixels of a side of the first octave


@dataclass(frozen=True, slots=True)
class Options:
    """`layers` grow (none: the last of those of the middle size), weighted with `coefficients` (none: alike).

    The image goes through `octaves` sizes, each `scale` times the one before, with `iterations` steps at each. A step
    changes it by `step` times the input range in the mean; with `clip` it stays in this range (in the example it may
    leave it). A size ends earlier where the loss passes `most`.
    """

    layers: tuple[Any, ...] | None = None
    coefficients: tuple[float, ...] | None = None
    octaves: int = 3
    scale: float = 1.4
    iterations: int = 20
    step: float = 0.005
    most: float | None = None
    clip: bool = True
    input_range: tuple[float, float] | None = None
    raw: bool = False

    def __post_init__(self) -> None:
        if self.octaves < 1 or self.iterations < 1:
            raise TechniqueError(f"octaves is {self.octaves} and iterations {self.iterations}: both are at least 1")
        if not self.scale > 1 or not self.step > 0:
            raise TechniqueError(f"scale is {self.scale} and step {self.step}: more than 1, and more than 0")
        if self.coefficients is not None and len(self.coefficients) != len(self.layers or ()):
            count = len(self.layers or ())
            raise TechniqueError(f"{len(self.coefficients)} coefficients are given for {count} layers: one for each")


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """One picture an image; its score is the loss, the weighted sum of the layers' mean squares. Raises NetworkError
    without an image, and for a layer that takes no other size than the image's.
    """
    if not probe.pictures:
        raise NetworkError("deep_dream changes an image: give one")
    canvas = Canvas(probe, input_range(probe, options.input_range))
    if probe.image.ndim != 4:
        raise NetworkError(f"deep_dream needs an input with height and width, this one is {probe.image.shape[1:]}")
    sites = [probe.network.sites.find(each) for each in options.layers or (_middle(probe),)]
    dream = Dream(canvas, options, tuple(dict.fromkeys(site.path for site in sites)))
    found = [dream(chunk) for chunk in even(range(probe.count), batch_size(probe, dream.deepest))]
    pictures = np.concatenate([pictures for pictures, _ in found])
    losses = np.concatenate([losses for _, losses in found]).tolist()
    layer = dream.paths[0] if len(dream.paths) == 1 else ""
    items = [Item(image=place, layer=layer, score=loss) for place, loss in enumerate(losses)]
    notes = [held_note(probe), canvas.range.note if canvas.range.guessed else "", f"Layers: {', '.join(dream.paths)}."]
    parts = canvas.parts("dream", pictures, items, inside=True, raw=options.raw)
    return probe.figure("deep_dream", parts, [note for note in notes if note], options, layers=list(dream.paths))


def _middle(probe: Probe) -> str:
    """The last layer of those whose maps have the middle one of the sizes that occur."""
    maps = [site for site in probe.network.sites.leaves if site.is_maps and not site.kind.startswith("ZeroPadding")]
    sizes = list(dict.fromkeys(_size(site) for site in maps))
    if not maps:
        raise NetworkError("deep_dream needs a layer with height and width, the network has none: say layers")
    return next(site.path for site in reversed(maps) if _size(site) == sizes[len(sizes) // 2])


def _size(site: Site) -> tuple[int, ...]:
    return site.shape[1:] if site.channels_first else site.shape[:-1]


class Dream:
    """The dream of some layers, `paths`; `deepest` is the one at which a pass ends."""

    def __init__(self, canvas: Canvas, options: Options, paths: tuple[str, ...]) -> None:
        self.canvas, self.options, self.paths = canvas, options, paths
        self.sites = [canvas.probe.network.sites[path] for path in paths]
        self.deepest = max(self.sites, key=lambda site: site.number).path
        self.sizes = octave_sizes(canvas.shape[:2], options.octaves, options.scale)

    def __call__(self, images: Sequence[int]) -> tuple[Array, Array]:
        """Some of the images of the probe, N×H×W×C in network units, and their losses."""
        original = self.canvas.as_pictures(self.canvas.probe.image[list(images)])
        picture = before = resized(original, *self.sizes[0])
        losses = np.zeros(len(original))
        for number, size in enumerate(self.sizes):
            here = resized(original, *size)
            picture = resized(picture, *size) + (here - resized(before, *size))
            picture, losses = self._climbed(images, picture, number)
            before = here
        return picture, losses

    def _climbed(self, images: Sequence[int], picture: Array, number: int) -> tuple[Array, Array]:
        """The pictures after the steps at one size."""
        probe, total = self.canvas.probe, len(self.sizes) * self.options.iterations
        step = self.options.step * self.canvas.range.span
        for iteration in range(self.options.iterations):
            losses, gradient = self._gradients(images, picture)
            sizes = np.maximum(np.abs(gradient).mean(axis=(1, 2, 3), keepdims=True), 1e-12)
            goes_on = losses <= (np.inf if self.options.most is None else self.options.most)
            change = np.where(goes_on[:, None, None, None], step * gradient / sizes, 0).astype(picture.dtype)
            picture = self._inside(picture + change)
            done = images[0] * total + (number * self.options.iterations + iteration + 1) * len(images)
            probe.progress(done, probe.count * total)
        return picture, self._gradients(images, picture)[0]

    def _inside(self, pictures: Array) -> Array:
        ends = self.canvas.range
        return np.clip(pictures, ends.low, ends.high).astype(pictures.dtype) if self.options.clip else pictures

    def _gradients(self, images: Sequence[int], pictures: Array) -> tuple[Array, Array]:
        """The loss of each picture, and its gradient."""
        canvas, probe = self.canvas, self.canvas.probe
        inputs = [each[list(images)] for each in probe.inputs]
        inputs[probe.image_input] = canvas.as_input(pictures)
        weights = self.options.coefficients or [1.0] * len(self.paths)
        key = ("deep dream", self.paths, probe.image_input)
        shares = np.asarray(weights, probe.network.dtype)
        try:
            losses, gradient = probe.network.call(key, self._function, *inputs, shares)
        except (ValueError, TypeError, RuntimeError) as error:
            height, width = pictures.shape[1:3]
            raise NetworkError(
                f"the network up to layer {self.deepest!r} cannot take an image of {height}×{width}: say octaves=1, or "
                "layers before the first dense one"
            ) from error
        return losses, canvas.as_pictures(gradient)

    def _function(self, *tensors: Any) -> Any:
        probe, place, (*given, shares) = self.canvas.probe, self.canvas.probe.image_input, tensors

        def score(image: Any) -> Any:
            inputs = [*given[:place], image, *given[place + 1 :]]
            values = probe.network.run(inputs, taps=self.paths, logits=True, stop=True).values
            losses = [_mean_square(ops.cast(values[site.path], probe.network.dtype), site) for site in self.sites]
            found = ops.matmul(ops.stack(losses, axis=-1), shares)
            return ops.sum(found), found

        losses, (gradient,) = value_and_gradient(score, [given[place]], probe.network.scale)
        return losses, gradient


def _mean_square(value: Any, site: Site) -> Any:
    """Of each sample, the border of large maps left out (tensors). What is left out counts in the number of values."""
    count = float(np.prod(value.shape[1:]))
    if site.is_maps and min(each for each in _size_of(value, site)) > 4 * BORDER:
        inner = slice(BORDER, -BORDER)
        value = value[:, :, inner, inner] if site.channels_first else value[:, inner, inner]
    return ops.divide(ops.sum(ops.square(value), axis=tuple(range(1, len(value.shape)))), count)


def _size_of(value: Any, site: Site) -> tuple[int, ...]:
    return tuple(value.shape[2:] if site.channels_first else value.shape[1:-1])


def octave_sizes(size: tuple[int, int], octaves: int, scale: float) -> list[tuple[int, int]]:
    """Heights and widths from the smallest to the image's own; those that are too small are left out."""
    found = [tuple(int(side / scale**number) for side in size) for number in reversed(range(octaves))]
    return [(height, width) for height, width in found if min(height, width) >= SMALLEST] or [size]


def resized(pictures: Array, height: int, width: int) -> Array:
    """N×h×w×C pictures as N×height×width×C."""
    count, *size, channels = pictures.shape
    if size == [height, width]:
        return pictures
    flat = np.moveaxis(pictures, -1, 1).reshape(count * channels, *size)
    return np.moveaxis(stretched(flat, height, width).reshape(count, channels, height, width), 1, -1)
