"""Maps in half the bytes, and their thumbnails.

A map of floats becomes 16-bit whole numbers with a scale and an offset of its own. Its error is below a ten-thousandth
of the map's range (half floats err five times more and take three times longer to make), and 0 stays 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

THUMBNAIL = 32  # pixels, the larger side at most
_WORTH = 64  # pixels from which on a thumbnail is stored: smaller maps are reduced as fast as they are read
SMALL = 1 << 16  # bytes of a part that halving would not make much smaller
_LEVELS = 65_000  # of 65,536: what rounding adds at either end still fits
_MARGIN = 256
_SMALLEST, _LARGEST = 1e-290, 1e290
_BLOCK = 1 << 16  # numbers at a time: they stay in the cache of a core from one pass to the next


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Maps as they are stored: value = number × scale + offset, where they are scaled.

    `thumbnails` are coded as the values are; None where the maps are small, or none are wanted.
    """

    values: Array
    thumbnails: Array | None = None
    scale: Array | None = None
    offset: Array | None = None


def encode(values: Array, *, thumbnails: bool = True) -> Encoded:
    """Maps or pictures, N×H×W or N×H×W×C, as they are stored.

    What is not finite stays as it is, as do whole numbers, half floats and small parts.
    """
    values = np.ascontiguousarray(values)
    factor = shrinking(values.shape) if thumbnails and max(values.shape[1:3]) > _WORTH else 1
    if values.dtype in (np.float32, np.float64) and values.nbytes > SMALL:
        encoded = _scaled(values, factor)
        if encoded is not None:
            return encoded
    return Encoded(values, thumbnails_of(values) if factor > 1 else None)


def decode(values: Array, scale: Array, offset: Array, dtype: npt.DTypeLike) -> Array:
    """The values of scaled maps, N×H×W[×C], as `dtype`; `scale` and `offset` have N numbers."""
    across = (slice(None), *[None] * (values.ndim - 1))
    with np.errstate(over="ignore", invalid="ignore"):
        return (values * scale[across] + offset[across]).astype(dtype)


def thumbnails_of(values: Array) -> Array:
    """Means of boxes of N×H×W[×C], at most 32×32; bytes remain bytes, floats what they are, the rest is float32."""
    factor = shrinking(values.shape)
    if factor == 1:
        return values
    if values.dtype == np.uint8:
        return np.rint(_boxes(values, factor, np.float32)).astype(np.uint8)
    with np.errstate(all="ignore"):
        return _boxes(values, factor, np.float64).astype(values.dtype if values.dtype.kind == "f" else np.float32)


def shrinking(shape: tuple[int, ...]) -> int:
    """By how much N×H×W[×C] is reduced for its thumbnails: 1 where each is one already."""
    return max(1, -(-max(shape[1:3]) // THUMBNAIL))


def _scaled(values: Array, factor: int) -> Encoded | None:
    flat = values.reshape(len(values), -1)
    low, high = (each.astype(np.float64) for each in (flat.min(axis=1), flat.max(axis=1)))
    with np.errstate(over="ignore", invalid="ignore"):
        scale = (high - low) / _LEVELS
    # What is not finite, or at the ends of double precision, stays as it is.
    if not np.all(((scale > _SMALLEST) & (scale < _LARGEST)) | ((low == high) & np.isfinite(low))):
        return None
    steps = np.where(scale > 0, scale, 1.0)
    around_zero = (low <= 0) & (high >= 0)
    anchor = np.where(around_zero, 0.0, low)
    zero = np.where(around_zero, np.rint(-low / steps), 0.0) + _MARGIN  # the number that `anchor` becomes
    simple = values.dtype == np.float32 and steps.min() > 1e-30 and steps.max() < 1e30
    working = np.float32 if simple else np.float64
    lines = np.stack([anchor, 1 / steps, zero + 0.5])[:, :, None].astype(working)
    numbers, means = _numbers(values, lines, factor)
    return Encoded(numbers, means, scale, anchor - zero * scale)


def _numbers(values: Array, lines: Array, factor: int) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16] | None]:
    """(value − anchor) × per_step + zero, cut off, of each map, and the means of its boxes."""
    anchor, per_step, zero = lines
    numbers = np.empty(values.shape, np.uint16)
    count, size = len(values), values[0].size
    rows = max(1, min(_BLOCK // size, count))
    buffer = np.empty((rows, size), zero.dtype)
    means = np.empty((count, *reduced(values.shape[1:], factor)), np.uint16) if factor > 1 else None
    flat, out = values.reshape(count, size), numbers.reshape(count, size)
    for start in range(0, count, rows):
        some = slice(start, min(start + rows, count))
        block = buffer[: some.stop - start]
        source = flat[some]
        if anchor[some].any():
            source = np.subtract(source, anchor[some], out=block)
        np.multiply(source, per_step[some], out=block)
        np.add(block, zero[some], out=block)
        np.copyto(out[some], block, casting="unsafe")
        if means is not None:
            np.copyto(means[some], _boxes(block.reshape(-1, *values.shape[1:]), factor, block.dtype), casting="unsafe")
    return numbers, means


def reduced(size: tuple[int, ...], factor: int) -> tuple[int, ...]:
    """H×W[×C] reduced by boxes of factor × factor, those at the lower and right border may be cut."""
    return (-(-size[0] // factor), -(-size[1] // factor), *size[2:])


def _boxes(maps: Array, factor: int, dtype: npt.DTypeLike) -> Array:
    """The means of boxes of factor × factor, of N×H×W[×C]. Rows are summed first: they lie side by side."""
    for axis in (1, 2):
        rows = np.moveaxis(maps, axis, 0)
        sums = rows[::factor].astype(dtype)
        for first in range(1, min(factor, len(rows))):
            some = rows[first::factor]
            into = sums[: len(some)]
            np.add(into, some, out=into)
        counts = np.minimum(factor, len(rows) - np.arange(0, len(rows), factor))
        sums *= (1 / counts).astype(dtype).reshape(-1, *[1] * (maps.ndim - 1))
        maps = np.moveaxis(sums, 0, axis)
    return maps
