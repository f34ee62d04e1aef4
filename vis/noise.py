"""An attribution over many copies of an image with noise: what SmoothGrad and VarGrad are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .attribution import Attribution, Explained, explained, figure
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
    """`mean` and `variance` of an attribution over the copies, for each of N images; what was `explained` is the class
    of the image without noise; `deviations` are those of the noise, in network units.
    """

    explained: Explained
    mean: Array
    variance: Array
    deviations: Array

    @property
    def note(self) -> str:
        """How strong the noise was."""
        low, high = float(np.min(self.deviations)), float(np.max(self.deviations))
        said = f"{low:.3g}" if f"{low:.3g}" == f"{high:.3g}" else f"{low:.3g} to {high:.3g}"
        return f"Noise with a standard deviation of {said} in network units."


def spread(probe: Probe, technique: Attribution, inner: Any, options: Noise) -> Spread:
    """Mean and variance of a technique with the options `inner`, over `options.samples` copies of each image."""
    clean = explained(probe)
    deviations = options.noise * np.array([float(np.ptp(picture)) for picture in probe.image])
    found = []
    for image, picture in enumerate(probe.image):
        running = _Running()
        random = np.random.default_rng([options.seed, image])
        for copies in _copies(picture, deviations[image], random, options.samples, probe.batch):
            wanted = np.full(len(copies), clean.classes[image], np.int32)
            running.add(technique.attribute(probe, _beside(probe, image, copies), wanted, inner))
            probe.progress(image * options.samples + running.count, probe.count * options.samples)
        found.append(running)
    kind = probe.image.dtype
    mean = np.stack([running.mean for running in found]).astype(kind)
    variance = np.stack([running.squares / running.count for running in found]).astype(kind)
    return Spread(clean, mean, variance, deviations)


def figure_of(
    probe: Probe,
    wrapper: str,
    found: Spread,
    parts: Sequence[Part],
    values: Array,
    technique: Attribution,
    inner: Any,
    options: Noise,
) -> Figure:
    """The figure of a wrapper around a technique."""
    name = technique.__name__.rpartition(".")[2]
    notes = [*technique.remarks(probe, inner), found.note]
    return figure(
        probe, f"{wrapper}({name})", found.explained, parts, values, notes, options=options, of=as_recipe(inner)
    )


class _Running:
    """Mean and sum of squared differences from it, of what comes in parts (Chan, Golub, LeVeque 1979)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Array = np.zeros(())
        self.squares: Array = np.zeros(())

    def add(self, values: Array) -> None:
        count = self.count + len(values)
        mean = values.mean(axis=0, dtype=np.float64)
        apart = mean - self.mean
        self.squares = self.squares + ((values - mean) ** 2).sum(axis=0) + apart**2 * (self.count * len(values) / count)
        self.mean = self.mean + apart * (len(values) / count)
        self.count = count


def _copies(picture: Array, deviation: float, random: np.random.Generator, count: int, most: int) -> Iterator[Array]:
    """Copies of a picture with noise, at most so many at once. The noise does not depend on how many these are."""
    kind = np.float64 if picture.dtype == np.float64 else np.float32
    for at in range(0, count, most):
        noise = random.standard_normal((min(most, count - at), *picture.shape), kind)
        noise *= kind(deviation)
        noise += picture
        yield noise


def _beside(probe: Probe, image: int, copies: Array) -> list[Array]:
    """The inputs of one image as often as there are copies of its picture."""
    return [
        copies if place == probe.image_input else np.repeat(each[image : image + 1], len(copies), axis=0)
        for place, each in enumerate(probe.inputs)
    ]
