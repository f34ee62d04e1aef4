"""A picture a little shifted, scaled and turned: what a feature is robust against is seen, noise is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

Array: TypeAlias = np.ndarray
Tensor: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Views:
    """How much pictures vary: shifted by up to `jitter` pixels each way, scaled by 1 ± `scale`, turned by up to
    `rotate` degrees either way.
    """

    jitter: float = 0.0
    scale: float = 0.0
    rotate: float = 0.0

    def draw(self, rng: np.random.Generator, height: int, width: int) -> tuple[Array, Array]:
        """One at random, as `view` has it."""
        down, right, scale, turn = rng.uniform(-1, 1, 4) * (self.jitter, self.jitter, self.scale, self.rotate)
        return view(height, width, (down, right), 1 + scale, turn)


def view(
    height: int, width: int, shift: tuple[float, float] = (0.0, 0.0), scale: float = 1.0, degrees: float = 0.0
) -> tuple[Array, Array]:
    """Where each pixel of the view comes from: four `places` in the flat picture, and the share that each has, both
    H·W×4. Between pixels it is bilinear, beyond the border the border goes on.
    """
    middle = np.array([height - 1, width - 1])[:, None] / 2
    across = np.stack([each.ravel() for each in np.indices((height, width))]) - middle
    angle = np.deg2rad(degrees)
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ across
    source = turned / scale + middle + np.asarray(shift)[:, None]
    last = np.array([height - 1, width - 1])[:, None]
    source = np.clip(source, 0, last)
    near = np.floor(source).astype(np.int32)
    (top, left), (bottom, right) = near, np.minimum(near + 1, last)
    down, over = source - near
    places = np.stack([top * width + left, top * width + right, bottom * width + left, bottom * width + right], -1)
    shares = np.stack([(1 - down) * (1 - over), (1 - down) * over, down * (1 - over), down * over], -1)
    return places.astype(np.int32), shares


def seen(pictures: Tensor, places: Tensor, shares: Tensor) -> Tensor:
    """N×H×W×C pictures from a view (tensors)."""
    _, height, width, channels = pictures.shape
    flat = ops.reshape(pictures, (-1, height * width, channels))
    around = ops.take(flat, ops.reshape(places, (-1,)), axis=1)
    found = ops.multiply(ops.reshape(around, (-1, height * width, 4, channels)), ops.expand_dims(shares, -1))
    return ops.reshape(ops.sum(found, axis=2), (-1, height, width, channels))
