"""An attribution over many copies of an image with noise: what SmoothGrad and VarGrad are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from .attribution import AS_FIRST, Attributed, Attribution, Explained, figure, joined
from .figures import Figure, Part
from .probe import Probe, as_recipe
from .technique import TechniqueError

Array: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True)
class Noise:
    """`samples`: copies of each image. `noise`: its standard deviation as a share of the image's range, from its
    least to its largest value. `seed`: where the random numbers start.
    """

    samples: int = 20
    noise: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        if self.samples < 1 or not 0 <= self.noise < np.inf or self.seed < 0:
            raise TechniqueError(
                f"samples={self.samples}, noise={self.noise}, seed={self.seed}: at least one copy, and neither noise "
                "nor seed below 0, are needed"
            )


@dataclass(frozen=True, slots=True)
class Spread:
    """`mean` and `variance` of an attribution over the copies, for each of N images; what is explained is the class of
    the image without noise. `deviations` are those of the noise, in network units.
    """

    mean: Attributed
    variance: Attributed
    deviations: Array

    @property
    def note(self) -> str:
        """How strong the noise was."""
        low, high = float(np.min(self.deviations)), float(np.max(self.deviations))
        said = f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
        return f"Noise with a standard deviation of {said} in network units."


def spread(probe: Probe, technique: Attribution, inner: Any, options: Noise) -> Spread:
    """Mean and variance of a technique with the options `inner`, over `options.samples` copies of each image."""
    deviations = options.noise * np.array([float(np.ptp(picture)) for picture in probe.image])
    found = []
    for image, deviation in enumerate(deviations):
        found.append(_over_copies(probe, image, deviation, partial(technique.attribute, options=inner), options))
        probe.progress(image + 1, probe.count)
    clean = Explained(*joined((each.scores[:1], each.logits[:1], each.classes[:1]) for each, _ in found))
    kind = probe.image.dtype
    mean = np.stack([running.mean for _, running in found]).astype(kind)
    variance = np.stack([running.squares / running.count for _, running in found]).astype(kind)
    return Spread(clean.attributed(mean), clean.attributed(variance), deviations)


def figure_of(
    probe: Probe, wrapper: str, technique: Attribution, inner: Any, found: Attributed, parts: Sequence[Part], note: str,
    options: Noise,
) -> Figure:  # fmt: skip
    """The figure of a wrapper around a technique with the options `inner`."""
    name = technique.__name__.rpartition(".")[2]
    notes = [*technique.remarks(probe, inner), note]
    return figure(probe, f"{wrapper}({name})", found, parts, notes, options=options, of=as_recipe(inner))


def _over_copies(
    probe: Probe, image: int, deviation: float, attribute: Callable[..., Attributed], options: Noise
) -> tuple[Attributed, _Running]:
    """What is explained of one image, and the spread over its copies.

    The first part begins with the image itself: its class is found in the same pass.
    """
    picture, random, running = probe.image[image], np.random.default_rng([options.seed, image]), _Running()
    count = min(options.samples, probe.batch - 1)
    wanted = np.full(count + 1, AS_FIRST, np.int32)
    wanted[0] = probe.wanted[image]
    first = attribute(probe, _beside(probe, image, _noisy(picture, deviation, random, count, clean=True)), wanted)
    running.add(first.values[1:])
    while running.count < options.samples:
        count = min(options.samples - running.count, probe.batch)
        wanted = np.full(count, first.classes[0], np.int32)
        found = attribute(probe, _beside(probe, image, _noisy(picture, deviation, random, count)), wanted)
        running.add(found.values)
    return first, running


class _Running:
    """Mean and sum of squared differences from it, of what comes in parts (Chan, Golub, LeVeque 1979)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Array = np.zeros(())
        self.squares: Array = np.zeros(())

    def add(self, values: Array) -> None:
        if not len(values):
            return
        count = self.count + len(values)
        mean = values.mean(axis=0, dtype=np.float64)
        apart = mean - self.mean
        self.squares = self.squares + ((values - mean) ** 2).sum(axis=0) + apart**2 * (self.count * len(values) / count)
        self.mean = self.mean + apart * (len(values) / count)
        self.count = count


def _noisy(picture: Array, deviation: float, random: np.random.Generator, count: int, *, clean: bool = False) -> Array:
    """Copies of a picture with noise, behind the picture itself where `clean`."""
    copies = np.empty((count + clean, *picture.shape), picture.dtype)
    noise = copies[1:] if clean else copies
    random.standard_normal(dtype=picture.dtype.type, out=noise)
    noise *= picture.dtype.type(deviation)
    noise += picture
    if clean:
        copies[0] = picture
    return copies


def _beside(probe: Probe, image: int, copies: Array) -> list[Array]:
    """The inputs of one image as often as there are copies of its picture."""
    return [
        copies if place == probe.image_input else np.repeat(each[image : image + 1], len(copies), axis=0)
        for place, each in enumerate(probe.inputs)
    ]
