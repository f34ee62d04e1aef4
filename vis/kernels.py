"""Kernels with a meaning, and one image through convolution, ReLU and pool with them, in NumPy."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
KernelName: TypeAlias = Literal["vertical", "horizontal", "edge", "random"]

# Sobel and Feldman 1968: a smoothing across, a derivative along. The rows of Pascal's triangle give other sizes.
_SMOOTH = {3: (1.0, 2.0, 1.0), 5: (1.0, 4.0, 6.0, 4.0, 1.0)}
_SLOPE = {3: (-1.0, 0.0, 1.0), 5: (-1.0, -2.0, 0.0, 2.0, 1.0)}
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601


def kernel(name: KernelName, size: int, seed: int = 0) -> Array:
    """A size×size kernel (3 or 5) that answers to vertical edges, horizontal ones, any, or to chance. Sums to 0."""
    smooth, slope = np.array(_SMOOTH[size]), np.array(_SLOPE[size])
    match name:
        case "vertical":
            return np.outer(smooth, slope)
        case "horizontal":
            return np.outer(slope, smooth)
        case "edge":
            found = -np.ones((size, size))
            found[size // 2, size // 2] = size * size - 1
            return found
        case "random":
            drawn = np.random.default_rng(seed).normal(size=(size, size))
            return drawn - drawn.mean()


def grey(image: Array) -> Array:
    """H×W of an H×W×C image: luminance of colours, else the mean of the channels."""
    return image @ np.array(_LUMINANCE, image.dtype) if image.shape[-1] == 3 else image.mean(axis=-1)


def convolved(image: Array, kernels: Array) -> Array:
    """H×W×C and h×w×C×N give (H−h+1)×(W−w+1)×N: a valid cross-correlation, as of keras.layers.Conv2D."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[:2], axis=(0, 1))
    return np.einsum("yxchw,hwcn->yxn", windows, kernels, optimize=True)


def pooled(maps: Array, size: int = 2) -> Array:
    """H×W×N → the largest of each size×size window; a rest at the border is left out, as keras.layers.MaxPooling2D."""
    height, width = maps.shape[0] // size, maps.shape[1] // size
    cut = maps[: height * size, : width * size]
    return cut.reshape(height, size, width, size, -1).max(axis=(1, 3))
