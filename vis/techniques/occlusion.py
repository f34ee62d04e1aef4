"""Occlusion: how much the score of a class falls when a part of the image is covered.

Zeiler, Fergus 2013, "Visualizing and Understanding Convolutional Networks", arXiv:1311.2901, section 4.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from ...engine.text import printable
from ..attribution import Explained, explain, figure
from ..baselines import Baseline, baseline
from ..figures import Figure, Maps
from ..network import NetworkError
from ..probe import Probe
from ..technique import TechniqueError

Array: TypeAlias = np.ndarray
Score: TypeAlias = Literal["logit", "probability"]

_SHARE = 8  # patches of the usual size stand side by side in the image


@dataclass(frozen=True, slots=True)
class Options:
    """`size`: side of the patch in pixels, None: an eighth of the shorter side of the image. `stride`: pixels from one
    place to the next, None: half the patch. `fill`: what the patch shows: the "mean" colour of the image, "zeros" of
    network units, the image "blurred", "black" or "white"; `value`, a number in network units, goes before. `score`:
    whether the logit of the class falls or its probability.
    """

    size: int | None = None
    stride: int | None = None
    fill: Baseline = "mean"
    value: float | None = None
    score: Score = "logit"

    def __post_init__(self) -> None:
        if (self.size is not None and self.size < 1) or (self.stride is not None and self.stride < 1):
            raise TechniqueError(f"size={self.size}, stride={self.stride}: both are 1 pixel or more")
        if self.size is not None and self.stride is not None and self.stride > self.size:
            raise TechniqueError(
                f"stride={self.stride} leaves pixels between patches of size={self.size}: it is at most the size"
            )


@dataclass(frozen=True, slots=True)
class Grid:
    """Where patches lie along one side of an image, so that all of it is covered; the last may hang over the end."""

    length: int
    size: int
    stride: int

    @property
    def count(self) -> int:
        """How many patches stand along the side."""
        return math.ceil(max(self.length - self.size, 0) / self.stride) + 1

    def span(self, place: int) -> slice:
        """The pixels of one patch."""
        return slice(place * self.stride, min(place * self.stride + self.size, self.length))

    def covers(self) -> Array:
        """1 where a patch covers a pixel, length×count."""
        found = np.zeros((self.length, self.count))
        for place in range(self.count):
            found[self.span(place), place] = 1
        return found


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """Two parts: "input", for each pixel the mean fall over the patches that cover it, and "patches", the fall for each
    place of the patch.
    """
    found = explain(probe, probe.inputs, probe.wanted)
    _check_score(probe, options)
    rows, columns = _grids(probe, options)
    filling, notes = _filling(probe, options)
    falls = np.stack([_falls(probe, found, image, (rows, columns), filling, options) for image in range(probe.count)])
    down, across = rows.covers(), columns.covers()
    over = (down @ falls @ across.T) / np.outer(down.sum(axis=1), across.sum(axis=1))
    said = f"Patches of {rows.size}×{columns.size} pixels, {rows.stride} apart; what falls is the {options.score}."
    items = found.items()
    parts = [
        Maps(over.astype(probe.image.dtype), items, "input", space="input", signed=True),
        Maps(falls.astype(probe.image.dtype), items, "patches", signed=True),
    ]
    zeros = "no patch changes the score"
    return figure(probe, "occlusion", found.attributed(falls), parts, [*notes, said], zeros=zeros, options=options)


def _falls(
    probe: Probe, found: Explained, image: int, grids: tuple[Grid, Grid], filling: Array, options: Options
) -> Array:
    """How much the score of one image falls for each place of the patch."""
    rows, columns = grids
    places = np.arange(rows.count * columns.count)
    clean = _score(found, options)[image]
    falls = []
    for at in range(0, len(places), probe.batch):
        some = places[at : at + probe.batch]
        covered = _beside(probe, image, len(some))
        for picture, place in zip(covered[probe.image_input], some, strict=True):
            row, column = divmod(int(place), columns.count)
            part = (..., rows.span(row), columns.span(column), *[slice(None)] * _behind(probe))
            picture[part] = filling[image][part]
        seen = explain(probe, covered, np.full(len(some), found.classes[image], np.int32))
        falls.append(clean - _score(seen, options))
        probe.progress(image * len(places) + int(some[-1]) + 1, probe.count * len(places))
    return np.concatenate(falls).reshape(rows.count, columns.count)


def _beside(probe: Probe, image: int, count: int) -> list[Array]:
    """The inputs of one image `count` times."""
    return [np.repeat(each[image : image + 1], count, axis=0) for each in probe.inputs]


def _behind(probe: Probe) -> int:
    """How many axes of the picture input stand behind its width."""
    return 1 if probe.image.ndim == 4 and not probe.channels_first else 0


def _score(found: Explained, options: Options) -> Array:
    scores = found.logits if options.score == "logit" else found.scores
    return scores[np.arange(len(scores)), found.classes].astype(np.float64)


def _check_score(probe: Probe, options: Options) -> None:
    if options.score == "probability" and probe.network.heads[probe.output].activation is None:
        raise NetworkError(
            f"the network {printable(probe.network.model.name, 60)!r} gives no probabilities (no softmax or sigmoid "
            "at its end): occlude by the logit, score='logit'"
        )


def _grids(probe: Probe, options: Options) -> tuple[Grid, Grid]:
    shape = probe.channels_last(probe.image).shape
    if len(shape) not in (3, 4):
        raise NetworkError(f"occlusion covers parts of a picture: the input has shape {'×'.join(map(str, shape[1:]))}")
    height, width = shape[1:3]
    size = options.size or max(1, min(height, width) // _SHARE)
    stride = min(options.stride or max(1, size // 2), size)
    if size > min(height, width):
        raise TechniqueError(f"a patch of size={size} is larger than the image, {height}×{width}")
    return Grid(height, size, stride), Grid(width, size, stride)


def _filling(probe: Probe, options: Options) -> tuple[Array, list[str]]:
    if options.value is not None:
        return np.full_like(probe.image, options.value), []
    return baseline(probe, options.fill, probe.image)
