"""Maps of one size stretched to another, as pictures are: bilinear, each pixel a square of the same area."""

from __future__ import annotations

import functools

import numpy as np

Array = np.ndarray


def stretched(maps: Array, height: int, width: int) -> Array:
    """N×h×w maps as N×height×width: between the middles of the pixels linear, outside of the outermost constant.

    What `resize` of keras.ops.image does with "bilinear" (and OpenCV, for which the papers were written).
    """
    rows, columns = between(maps.shape[1], height), between(maps.shape[2], width)
    return rows.astype(maps.dtype) @ maps @ columns.astype(maps.dtype).T


@functools.lru_cache(maxsize=64)
def between(size: int, wanted: int) -> Array:
    """A line of `size` pixels stretched to `wanted`, as a matrix wanted×size."""
    middle = np.clip((np.arange(wanted) + 0.5) * size / wanted - 0.5, 0, size - 1)
    left = np.minimum(middle.astype(int), max(size - 2, 0))
    share = middle - left
    matrix = np.zeros((wanted, size))
    np.add.at(matrix, (np.arange(wanted), left), 1 - share)
    np.add.at(matrix, (np.arange(wanted), np.minimum(left + 1, size - 1)), share)
    matrix.setflags(write=False)
    return matrix
