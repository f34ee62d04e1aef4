"""Slices of arrays of any rank: the axes to see, the others stepped; only what is seen is read."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np

from ..errors import BlobError

Selection: TypeAlias = tuple[slice, ...]  # one for each axis, with start, stop and a step of 1
LARGEST = 256 << 20  # bytes that are read for a slice
_RUN = 4 << 20  # bytes that are read at once, although not all are wanted
_READS = 200_000
_COLOURS = (1, 3, 4)


class ArrayFile(Protocol):
    """The numbers of a data set in a file. `read` raises BlobError."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype: ...

    def cost(self, selection: Selection) -> int:
        """The bytes that must be read, or unpacked, for it."""
        ...

    def read(self, selection: Selection) -> np.ndarray:
        """These values; the rank stays."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """Where an array of `shape` is cut. `axes` are seen, in this order: rows, columns, colours; of an array with one
    axis only rows. `at` is the place on each axis, that of a seen one where the `window` (rows, columns) begins.
    """

    shape: tuple[int, ...]
    axes: tuple[int, ...]
    at: tuple[int, ...]
    window: tuple[int, int] = (4096, 4096)

    @classmethod
    def first(cls, shape: Sequence[int], *, colours: bool = True) -> Cut:
        """The last axes: an image where they may be one (`colours`: with a last axis of 3 or 4, or of one colour)."""
        shape = tuple(shape)
        rank = len(shape)
        images = colours and rank >= 3 and shape[-1] in _COLOURS and shape[-2] > 4
        axes = (rank - 3, rank - 2, rank - 1) if images else tuple(range(max(rank - 2, 0), rank))
        return cls(shape, axes, (0,) * rank)

    def seeing(self, *axes: int) -> Cut:
        """With other axes to see. Raises BlobError for axes that are not there, or one that is named twice."""
        rank = len(self.shape)
        counted = tuple(axis + rank if axis < 0 else axis for axis in axes)
        if any(not 0 <= axis < rank for axis in counted) or len(set(counted)) < len(counted):
            raise BlobError(f"axes {', '.join(map(str, axes))} cannot be seen: there are {rank}, counted from 0")
        if len(counted) > 3 or len(counted) < min(rank, 1):
            raise BlobError("two axes are seen, or three of which the last is colours")
        if len(counted) == 3 and self.shape[counted[2]] not in _COLOURS:
            raise BlobError(
                f"axis {counted[2]} has {self.shape[counted[2]]:,} places: only one with 1, 3 or 4 can be colours"
            )
        return replace(self, axes=counted)

    def placed(self, *places: int) -> Cut:
        """At these places of the axes that are not seen, in their order. Raises BlobError."""
        others = self.stepped_axes
        if len(places) > len(others):
            raise BlobError(f"{len(places)} places for {len(others)} axes that are not seen")
        found = self
        for axis, place in zip(others, places, strict=False):
            found = found.to(axis, place)
        return found

    def to(self, axis: int, place: int) -> Cut:
        """At a place of an axis. Raises BlobError where there is none."""
        length = self.shape[axis]
        if not -length <= place < length:
            raise BlobError(f"axis {axis} has no place {place}: it has {length:,}, counted from 0")
        at = list(self.at)
        at[axis] = place + length if place < 0 else place
        return replace(self, at=tuple(at))

    def stepped(self, axis: int, by: int) -> Cut:
        """Further on an axis, as far as it goes."""
        return self.to(axis, min(max(self.at[axis] + by, 0), self.shape[axis] - 1)) if self.shape[axis] else self

    @property
    def stepped_axes(self) -> tuple[int, ...]:
        """Those that are not seen."""
        return tuple(axis for axis in range(len(self.shape)) if axis not in self.axes)

    @property
    def selection(self) -> Selection:
        """What is read: on seen axes the window, or all colours; on others one place."""
        found = []
        for axis, (length, place) in enumerate(zip(self.shape, self.at, strict=True)):
            if axis not in self.axes:
                stop = place + 1
            elif self.axes.index(axis) < 2:
                stop = place + self.window[self.axes.index(axis)]
            else:
                place, stop = 0, length
            found.append(slice(min(place, length), min(stop, length)))
        return tuple(found)

    @property
    def words(self) -> str:
        """As NumPy writes it: `[3, :, :, 0]`, a window as `100:4196`."""
        said = []
        for axis, chosen in enumerate(self.selection):
            whole = (chosen.start, chosen.stop) == (0, self.shape[axis])
            said.append(
                str(self.at[axis]) if axis not in self.axes else ":" if whole else f"{chosen.start}:{chosen.stop}"
            )
        return f"[{', '.join(said)}]"


def read_slice(array: ArrayFile, cut: Cut, most: int = LARGEST) -> np.ndarray:
    """The values of a cut, its axes in the order in which they are seen. Raises BlobError, also for one too large."""
    selection = cut.selection
    if array.shape != cut.shape:
        raise BlobError("the array has another shape now: it is being written")
    cost = array.cost(selection)
    if cost > most:
        raise BlobError(
            f"for this slice {_size(cost)} would have to be read, more than {_size(most)}: "
            "see other axes, or a smaller window"
        )
    values = array.read(selection)
    others = cut.stepped_axes
    order = (*cut.axes, *others)
    return values.transpose(order).reshape([values.shape[axis] for axis in cut.axes])


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """`pixels` H×W×C uint8; `reach` the numbers that black and white stand for, None where they are pixels already."""

    pixels: np.ndarray
    reach: tuple[float, float] | None = None


def picture(values: np.ndarray) -> Picture:
    """A slice as a picture: bytes as they are, other numbers from black (least) to white (greatest), no number black.

    Raises BlobError where they are no numbers.
    """
    if values.dtype.kind not in "biufc":
        raise BlobError("these are texts, or of several parts: they make no picture, but a table")
    if values.ndim < 2:
        values = values.reshape(1, -1)
    if values.ndim == 2:
        values = values[:, :, None]
    if values.dtype == np.uint8:
        return Picture(values)
    if values.dtype.kind == "b":
        return Picture(values.astype(np.uint8) * 255)
    wide = np.abs(values) if values.dtype.kind == "c" else values
    wide = wide.astype(np.float64)
    there = np.isfinite(wide)
    if not there.any():
        return Picture(np.zeros(wide.shape, np.uint8), (0.0, 0.0))
    low, high = float(wide[there].min()), float(wide[there].max())
    span = (high / 2 - low / 2) * 2 or 1.0  # in halves, as the span of the largest floats is none
    shares = np.where(there, (wide / span - low / span) if math.isfinite(span) else wide / high, 0.0)
    return Picture(np.clip(shares * 255, 0, 255).round().astype(np.uint8), (low, high))


def _size(count: int) -> str:
    for unit, power in (("EB", 60), ("PB", 50), ("TB", 40), ("GB", 30), ("MB", 20)):
        if count >= 1 << power:
            return f"{count / (1 << power):.0f} {unit}" if power < 70 else "too much"
    return f"{count:,} bytes"


class FlatArray:
    """Numbers that lie in a file one after the other, from `offset` on; read without a map, as files shrink."""

    def __init__(
        self,
        read: Callable[[int, int], bytes],
        offset: int,
        shape: tuple[int, ...],
        dtype: np.dtype,
        *,
        fortran: bool = False,
    ) -> None:
        """`read(offset, size)` gives bytes of the file, or raises BlobError where there are not as many."""
        self.shape, self.dtype = shape, dtype
        self._read, self._offset = read, offset
        strides, step = [], dtype.itemsize
        for length in shape if fortran else reversed(shape):
            strides.append(step)
            step *= max(length, 1)
        self._strides = tuple(strides if fortran else reversed(strides))

    def cost(self, selection: Selection) -> int:
        return math.prod(each.stop - each.start for each in selection) * self.dtype.itemsize

    def read(self, selection: Selection) -> np.ndarray:
        made = np.empty([each.stop - each.start for each in selection], self.dtype)
        if made.size:
            self._reads = 0
            first = sum(each.start * step for each, step in zip(selection, self._strides, strict=True))
            self._fill(made, self._offset + first, self._strides)
        return made

    def _fill(self, target: np.ndarray, offset: int, strides: tuple[int, ...]) -> None:
        """In one read where what lies between is not much, else place by place of the axis that spans most."""
        spans = [(length - 1) * step for length, step in zip(target.shape, strides, strict=True)]
        span = sum(spans) + self.dtype.itemsize
        if span <= max(_RUN, 2 * target.nbytes):
            self._reads += 1
            if self._reads > _READS:
                raise BlobError("this slice lies in too many pieces of the file: see other axes, or a smaller window")
            data = self._read(offset, span)
            target[...] = np.ndarray(target.shape, self.dtype, data, strides=strides)
            return
        axis = spans.index(max(spans))
        for place in range(target.shape[axis]):
            chosen = (slice(None),) * axis + (slice(place, place + 1),)
            self._fill(target[chosen], offset + place * strides[axis], strides)


def file_reader(path: str | os.PathLike[str], name: str) -> Callable[[int, int], bytes]:
    """What reads bytes of a file that is opened for each call: it raises BlobError where there are not as many."""

    def read(offset: int, size: int) -> bytes:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise BlobError(f"{name} cannot be read: {error.strerror}") from None
        try:
            data = os.pread(descriptor, size, offset)
            while len(data) < size and (more := os.pread(descriptor, size - len(data), offset + len(data))):
                data += more
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            raise BlobError(f"{name} cannot be read: {reason}") from None
        finally:
            os.close(descriptor)
        if len(data) < size:
            raise BlobError(f"{name} is cut off: it ends before these numbers")
        return data

    return read
