"""Gradient ascent on pictures, many at once: the loop of deep visualisation, without the network.

Two conventions, which differ in what the papers leave open. "thesis": N updates, the blur at steps 4, 8, …, nothing
clipped, and a picture without a gradient is regularised on. "yosinski" (the authors' own program): N evaluations and
N − 1 updates, the blur at steps 1, 5, …, clipped to the valid range before each evaluation, and a picture without
a gradient stays as it is. In both the score that is returned is that of the returned picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from ..engine.errors import TrainvisError
from .regularisers import NOTHING, Regularisers

Array: TypeAlias = np.ndarray
Convention: TypeAlias = Literal["thesis", "yosinski"]
Keep: TypeAlias = Literal["best", "last"]
Policy: TypeAlias = Literal["constant", "relative", "progress", "progress01"]
# (pictures N×H×W×C, past dead rectifiers?) → scores N, gradients like the pictures
Gradient: TypeAlias = Callable[[Array, bool], tuple[Array, Array]]

RESCUE_STEPS = 16


class AscentError(TrainvisError):
    """Settings of a gradient ascent that make no sense."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How far a step goes along the gradient g.

    constant    size · g
    relative    so far that the picture changes by `size` in the root mean square: the same for every network
    progress    as far as the score should rise by `progress`, at most size · g
    progress01  the same for a score that ends at 1: by at most `late` of what is missing
    """

    policy: Policy = "constant"
    size: float = 1.0
    progress: float = 2.0
    late: float = 0.1

    def __call__(self, scores: Array, gradients: Array) -> Array:
        """The factor of each of N gradients. One of nothing has the factor 0, where the factor divides by it."""
        if self.policy == "constant":
            return np.full(len(gradients), self.size)
        flat = gradients.reshape(len(gradients), -1)
        squares = np.einsum("ni,ni->n", flat, flat, dtype=np.float64)
        some = squares > 0
        squares = np.where(some, squares, 1.0)
        match self.policy:
            case "relative":
                return some * self.size * np.sqrt(flat.shape[1] / squares)
            case "progress":
                return some * np.minimum(self.size, self.progress / squares)
            case _:
                wanted = np.minimum(self.progress, self.late * (1 - scores))
                return some * np.minimum(self.size, wanted / squares)


@dataclass(frozen=True, slots=True)
class Ascent:
    """The settings of one ascent. `clip` are the lowest and the highest value, numbers or one for each channel.

    `rescue` is for how many steps a picture whose gradient is zero everywhere may go along the gradient past dead
    rectifiers.
    """

    iterations: int
    rate: Rate = Rate()
    regularisers: Regularisers = NOTHING
    convention: Convention = "thesis"
    keep: Keep = "best"
    clip: tuple[Array, Array] | None = None
    rescue: int = RESCUE_STEPS

    def __post_init__(self) -> None:
        if self.iterations < 1:
            raise AscentError(f"iterations is {self.iterations}: at least one is needed")

    @property
    def updates(self) -> int:
        """How often the pictures are changed; they are evaluated once more than that."""
        return self.iterations - (self.convention == "yosinski")

    def __call__(self, gradient: Gradient, start: Array) -> Climbed:
        """Climb from `start`, N×H×W×C."""
        climbed = Climbed(start.copy(), np.full(len(start), -np.inf), np.zeros(len(start), bool))
        pictures, rescue = start, Rescue(len(start), self.rescue)
        for step in range(self.updates + 1):
            pictures = pictures if self.clip is None else np.clip(pictures, *self.clip).astype(start.dtype)
            scores, gradients = gradient(pictures, False)
            climbed.lived |= moves(gradients)
            climbed.keep(pictures, scores, self.keep == "last" or step <= 1)
            if step < self.updates:
                gradients = rescue(gradients, lambda now=pictures: gradient(now, True)[1])
                pictures = self._step(step, pictures, scores, gradients)
        return climbed

    def _step(self, step: int, pictures: Array, scores: Array, gradients: Array) -> Array:
        rates = self.rate(scores, gradients).astype(pictures.dtype)
        moved = pictures + rates[:, None, None, None] * gradients
        every = self.regularisers.blur_interval
        counted = step + (self.convention == "thesis")
        moved = self.regularisers(moved, gradients, bool(every) and counted % every == 0)
        if self.convention == "yosinski":
            return np.where(moves(gradients)[:, None, None, None], moved, pictures)
        return moved


class Rescue:
    """For how many `steps` each of `count` pictures without any gradient may go along that past dead rectifiers."""

    def __init__(self, count: int, steps: int = RESCUE_STEPS) -> None:
        self.left = np.full(count, steps)

    def __call__(self, gradients: Array, past_dead: Callable[[], Array]) -> Array:
        """The gradients, those that are zero everywhere replaced by what `past_dead()` gives for them."""
        stuck = ~moves(gradients) & (self.left > 0)
        if not stuck.any():
            return gradients
        self.left -= stuck
        others = past_dead()
        self.left[stuck & ~moves(others)] = 0  # nothing to be had: do not ask again
        return np.where(stuck.reshape(-1, *[1] * (others.ndim - 1)), others, gradients)


class Adam:
    """Steps upwards with a size of their own for each parameter (Kingma and Ba 2014, arXiv:1412.6980)."""

    def __init__(self, rate: float, momentum: float = 0.9, memory: float = 0.999, epsilon: float = 1e-8) -> None:
        self.rate, self.momentum, self.memory, self.epsilon = rate, momentum, memory, epsilon
        self.steps, self.mean, self.square = 0, 0.0, 0.0

    def __call__(self, parameters: Array, gradients: Array) -> Array:
        """The parameters after a step along the gradients."""
        self.steps += 1
        self.mean = self.momentum * self.mean + (1 - self.momentum) * gradients
        self.square = self.memory * self.square + (1 - self.memory) * gradients**2
        mean = self.mean / (1 - self.momentum**self.steps)
        square = self.square / (1 - self.memory**self.steps)
        return parameters + self.rate * mean / (np.sqrt(square) + self.epsilon)


@dataclass(slots=True)
class Climbed:
    """What an ascent came to: pictures N×H×W×C, the score of each, and whether it ever had a gradient of its own."""

    pictures: Array
    scores: Array
    lived: Array = field(repr=False)

    def keep(self, pictures: Array, scores: Array, anyway: bool) -> None:
        """Keep those pictures whose score is better than what is kept (or all of them)."""
        better = (scores > self.scores) | anyway
        self.pictures[better] = pictures[better]
        self.scores = np.where(better, scores, self.scores).astype(np.float64)


def moves(gradients: Array) -> Array:
    """Which of N gradients are not zero everywhere, N bools."""
    return np.asarray(gradients.reshape(len(gradients), -1).any(axis=1))
