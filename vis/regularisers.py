"""Regularisers of gradient ascent: what keeps a picture that excites a unit from becoming noise.

Yosinski, Clune, Nguyen, Fuchs, Lipson 2015, "Understanding Neural Networks Through Deep Visualization",
arXiv:1506.06579. Pictures are N×H×W×C in network units, each of the N on its own. The order matters: what one has
set to zero counts in the percentile of the next.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from ..engine.errors import TrainvisError

Array: TypeAlias = np.ndarray

TRUNCATE = 4.0  # standard deviations at which the Gaussian ends, as in scipy.ndimage


class RegulariserError(TrainvisError):
    """A regulariser with a strength that it cannot have."""


@dataclass(frozen=True, slots=True)
class Regularisers:
    """How strong each of the six is; 0 leaves it out.

    `l2_decay` shrinks every value by this share; every `blur_interval` steps a Gaussian of `blur_std` pixels blurs
    each channel; then is set to zero what lies below a percentile of its picture: the values by size, the pixels by
    norm over the channels, by contribution −x·g summed over the channels, by the size of this contribution.
    """

    l2_decay: float = 0.0
    blur_interval: int = 0
    blur_std: float = 0.0
    value_percentile: float = 0.0
    norm_percentile: float = 0.0
    contribution_percentile: float = 0.0
    abs_contribution_percentile: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.l2_decay <= 1:
            raise RegulariserError(f"l2_decay is {self.l2_decay}: it is the share taken away by a step, 0 to 1")
        if self.blur_interval < 0 or self.blur_std < 0:
            raise RegulariserError(
                f"blur_interval is {self.blur_interval} and blur_std {self.blur_std}: both are 0 or more"
            )
        if bool(self.blur_interval) != bool(self.blur_std):
            raise RegulariserError(
                f"blur_interval is {self.blur_interval} and blur_std {self.blur_std}: a blur needs both"
            )
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name.endswith("_percentile") and not 0 <= value <= 100:
                raise RegulariserError(f"{each.name} is {value}: it is 0 to 100")

    def __call__(self, pictures: Array, gradients: Array, blurs: bool) -> Array:
        """The pictures after a step along `gradients`, regularised; `blurs` says that it is time to blur."""
        if self.l2_decay:
            pictures = pictures * pictures.dtype.type(1 - self.l2_decay)
        if blurs and self.blur_interval:
            pictures = blurred(pictures, self.blur_std)
        if self.value_percentile:
            pictures = _kept(pictures, np.abs(pictures), self.value_percentile)
        if self.norm_percentile:
            norms = np.sqrt(np.einsum("nhwc,nhwc->nhw", pictures, pictures))[..., None]
            pictures = _kept(pictures, norms, self.norm_percentile)
        if self.contribution_percentile:
            pictures = _kept(pictures, contributions(pictures, gradients), self.contribution_percentile)
        if self.abs_contribution_percentile:
            sizes = np.abs(contributions(pictures, gradients))
            pictures = _kept(pictures, sizes, self.abs_contribution_percentile)
        return pictures


NOTHING = Regularisers()

# Table 1 of the paper, by what the pictures look like.
SETS: Mapping[str, Regularisers] = MappingProxyType(
    {
        "sparse": Regularisers(blur_interval=4, blur_std=0.5, norm_percentile=50),
        "high_frequency": Regularisers(l2_decay=0.3, norm_percentile=20),
        "low_frequency": Regularisers(l2_decay=0.0001, blur_interval=4, blur_std=1.0),
        "dense": Regularisers(blur_interval=4, blur_std=0.5, abs_contribution_percentile=90),
    }
)


def contributions(pictures: Array, gradients: Array) -> Array:
    """−x·g summed over the channels, N×H×W×1: how much the score would rise if the pixel were zero, to first order."""
    return -np.einsum("nhwc,nhwc->nhw", pictures, gradients)[..., None]


def blurred(pictures: Array, std: float) -> Array:
    """Each channel of N×H×W×C convolved with a Gaussian of `std` pixels, the borders reflected."""
    return _blurred_along(2, _blurred_along(1, pictures, std), std)


def _blurred_along(axis: int, pictures: Array, std: float) -> Array:
    # Sums of shifted pictures: a product with a matrix would be as fast only on cores that do nothing else.
    middle, *sides = gaussian(std).astype(pictures.dtype)
    size, radius = pictures.shape[axis], len(sides)
    around = pictures.take(_reflected(size, radius), axis)

    def shifted(by: int) -> Array:
        places = slice(radius + by, radius + by + size)
        return around[:, places] if axis == 1 else around[:, :, places]

    found, pair = middle * pictures, np.empty_like(pictures)
    for by, weight in enumerate(sides, start=1):
        np.add(shifted(by), shifted(-by), out=pair)
        pair *= weight
        found += pair
    return found


@functools.lru_cache(maxsize=16)
def gaussian(std: float) -> Array:
    """The weights of a blur of a line at distances 0, 1, … on either side, as scipy.ndimage has them by default."""
    radius = int(TRUNCATE * std + 0.5)
    weights = np.exp(-0.5 * (np.arange(radius + 1) / std) ** 2)
    return weights / (2 * weights.sum() - weights[0])


@functools.lru_cache(maxsize=16)
def _reflected(size: int, radius: int) -> Array:
    """The places of a line with its border reflected, d c b a | a b c d | d c b a, over and over where it is short."""
    places = np.arange(-radius, size + radius) % (2 * size)
    return np.where(places < size, places, 2 * size - 1 - places)


def _kept(pictures: Array, sizes: Array, percentile: float) -> Array:
    """The pictures with zeros where `sizes` is below its percentile in the same picture."""
    least = percentiles(sizes.reshape(len(sizes), -1), percentile)
    return np.where(sizes < least[:, None, None, None], pictures.dtype.type(0), pictures)


def percentiles(values: Array, percentile: float) -> Array:
    """A percentile of each row, between two values in proportion: as np.percentile, in a twentieth of the time."""
    place = (values.shape[1] - 1) * percentile / 100
    below = int(place)
    parted = np.partition(values, below, axis=1)  # one place only: with two of them NumPy takes ten times as long
    low = parted[:, below]
    high = parted[:, below + 1 :].min(axis=1, initial=np.inf) if place > below else low
    return low + (high - low) * values.dtype.type(place - below)
