"""What is read from pictures by eye, as numbers: the arithmetic of the worked example. Nothing but NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Verdict: TypeAlias = Literal["holds", "holds in part", "does not hold"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A claim about the pictures, how it was measured, what was found, whether it holds, and what else to say."""

    claim: str
    measured: str
    found: str
    verdict: Verdict
    remark: str = ""


def verdict(*held: bool) -> Verdict:
    """Of several conditions: all, some or none of them."""
    return "holds" if all(held) else "holds in part" if any(held) else "does not hold"


def normal(rows: Array) -> Array:
    """N×… as N×P, each row without its mean and of length 1 (0 where it is constant): products are correlations."""
    flat = rows.reshape(len(rows), -1).astype(np.float64)
    flat = flat - flat.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.where(lengths > 0, lengths, 1)


def changes(stages: Array) -> Array:
    """T×N×… maps at T stages → (T−1)×N: 1 − the correlation of each map with itself at the stage before."""
    found = np.stack([normal(stage) for stage in stages])
    return 1 - np.sum(found[1:] * found[:-1], axis=-1)


def early_share(change: Array, first: int) -> float:
    """Which part of all change happens in the `first` of the T−1 steps."""
    return float(change[:first].sum() / change.sum())


def calming(change: Array) -> float:
    """The mean change in the last third of the steps, over that in the first third."""
    third = max(len(change) // 3, 1)
    return float(change[-third:].mean() / change[:third].mean())


@dataclass(frozen=True, slots=True)
class Alike:
    """Mean correlation of patches that one map found in two images, and of those that two maps did; `maps` has the
    first number for each map, and `more` says for how many of them it is larger than the second.
    """

    same: float
    other: float
    maps: tuple[float, ...]

    @property
    def more(self) -> int:
        return sum(each > self.other for each in self.maps)


def alike(patches: Array) -> Alike:
    """Patches N×M×… that M maps found in N images, compared between different images."""
    images, maps = patches.shape[:2]
    unit = normal(patches.reshape(images * maps, -1)).reshape(images, maps, -1)
    products = np.einsum("nkp,mlp->knlm", unit, unit)  # map, image, map, image
    apart = ~np.eye(images, dtype=bool)
    between = np.stack([[products[one, :, two, :][apart].mean() for two in range(maps)] for one in range(maps)])
    own = np.diagonal(between)
    others = between[~np.eye(maps, dtype=bool)]
    return Alike(float(own.mean()), float(others.mean()) if others.size else 0.0, tuple(own.tolist()))


@dataclass(frozen=True, slots=True)
class Look:
    """What pictures of one kind are like, each the mean over N of them.

    `kept` is the share of pixels that are not 0, `concentrated` the smallest share of pixels that has nine tenths of
    the energy, `frequency` the mean of the spatial frequency over the power spectrum in cycles per pixel (white noise:
    0.38), `neighbours` the share of the pixels around a kept one that are kept too.
    """

    kept: float
    concentrated: float
    frequency: float
    neighbours: float


def look(pictures: Array) -> Look:
    """Of N×H×W numbers around 0."""
    found = [(np.mean(each != 0), concentrated(each), frequency(each), neighbours(each)) for each in pictures]
    return Look(*(float(each) for each in np.mean(found, axis=0)))


def concentrated(picture: Array, share: float = 0.9) -> float:
    """The smallest part of the pixels that holds this share of the sum of squares."""
    energy = np.sort(np.square(picture.astype(np.float64)).ravel())[::-1]
    if not energy.any():
        return 0.0
    parts = np.cumsum(energy) / energy.sum()
    return (int(np.searchsorted(parts, share - 1e-12)) + 1) / energy.size


def frequency(picture: Array) -> float:
    """The mean spatial frequency, in cycles per pixel, weighted with the power spectrum; the mean value is left out."""
    power = np.square(np.abs(np.fft.fft2(picture - picture.mean())))
    rows, columns = (np.fft.fftfreq(size) for size in picture.shape)
    radius = np.hypot(rows[:, None], columns[None, :])
    return float((power * radius).sum() / power.sum()) if power.any() else 0.0


def neighbours(picture: Array) -> float:
    """Of the up to eight pixels around each that is not 0, the share that is not 0 either."""
    kept = np.pad(picture != 0, 1)
    inside = np.pad(np.ones(picture.shape, bool), 1)
    places = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    lit, there = (np.sum([np.roll(each, place, (0, 1)) for place in places], axis=0) for each in (kept, inside))
    return float(lit[kept].sum() / there[kept].sum()) if kept.any() else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Mistaken:
    """Saliency of images that were taken for another class: `places` of these images, the correlation of each with
    the mean saliency of the class it was taken for (`read`) and of its own class (`own`), both of right readings.

    `right`: of the images read rightly, the share whose saliency is most like that of its own class, itself left out.
    """

    places: Array
    read: Array
    own: Array
    right: float
    means: Array  # classes×…, of length 1

    @property
    def like_the_other(self) -> int:
        """How many are more like the class that they were taken for."""
        return int(np.sum(self.read > self.own))


def mistaken(maps: Array, true: Array, read: Array, classes: int) -> Mistaken:
    """Of saliency maps N×…, the true classes N and those read N."""
    unit, right = normal(maps), true == read
    sums = np.stack([unit[right & (true == each)].sum(axis=0) for each in range(classes)])
    means = normal(sums)
    places = np.flatnonzero(~right)
    found = unit[places] @ means.T
    rows = np.arange(len(places))
    best = [
        int(np.argmax(normal(_without(sums, true[each], unit[each])) @ unit[each])) for each in np.flatnonzero(right)
    ]
    agree = float(np.mean(np.array(best) == true[right])) if best else 0.0
    shape = (classes, *maps.shape[1:])
    return Mistaken(places, found[rows, read[places]], found[rows, true[places]], agree, means.reshape(shape))


def _without(sums: Array, place: int, row: Array) -> Array:
    left = sums.copy()
    left[place] -= row
    return left
