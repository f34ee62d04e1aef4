"""Which part of a picture is seen, and how large: what linked pictures share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Index: TypeAlias = npt.NDArray[np.intp]

# What a step of zooming goes to. Magnified pixels are whole numbers of pixels wide, so nothing lies between these.
_LADDER = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0)


@dataclass(frozen=True, slots=True)
class Viewport:
    """`x` and `y`: the middle of what is seen, as shares of width and height. `zoom` 1 shows the whole picture.

    Shares, not pixels: pictures of other sizes show the same place.
    """

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0

    def stepped(self, steps: int, at: tuple[float, float] | None = None) -> Viewport:
        """So many steps of zoom nearer (or, negative, farther); the place `at` (shares) keeps where it is seen."""
        nearest = min(range(len(_LADDER)), key=lambda step: abs(_LADDER[step] - self.zoom))
        zoom = _LADDER[min(max(nearest + steps, 0), len(_LADDER) - 1)]
        if at is None or zoom == self.zoom:
            return _inside(self.x, self.y, zoom)
        kept = self.zoom / zoom
        return _inside(at[0] + (self.x - at[0]) * kept, at[1] + (self.y - at[1]) * kept, zoom)

    def moved(self, right: float, down: float) -> Viewport:
        """Moved by shares of what is seen."""
        return _inside(self.x + right / self.zoom, self.y + down / self.zoom, self.zoom)


def _inside(x: float, y: float, zoom: float) -> Viewport:
    half = 0.5 / zoom
    return Viewport(min(max(x, half), 1 - half), min(max(y, half), 1 - half), zoom)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A part of a picture as output pixels: column i shows the picture's columns `x0[i]` to `x1[i]` (half open).

    Magnified, each output pixel shows one pixel of the picture; reduced, the mean of those that fall on it.
    """

    x0: Index
    x1: Index
    y0: Index
    y1: Index

    @property
    def width(self) -> int:
        """Output pixels from left to right."""
        return len(self.x0)

    @property
    def height(self) -> int:
        """Output pixels from top to bottom."""
        return len(self.y0)

    @property
    def exact(self) -> bool:
        """Whether no output pixel is made of several."""
        return bool((self.x1 - self.x0 == 1).all() and (self.y1 - self.y0 == 1).all())


def window(view: Viewport, size: tuple[int, int], room: tuple[int, int], aspect: float = 1.0) -> Window:
    """What is seen of a picture of `size` (width, height) in `room` (width, height) output pixels.

    `aspect`: height of an output pixel by its width. Where a picture is magnified, by a whole number.
    """
    (width, height), (across, down) = size, room
    if min(width, height, across, down) < 1:
        nothing = np.zeros(0, np.intp)
        return Window(nothing, nothing, nothing, nothing)
    fit = min(across / (width * aspect), down / height)
    scale = (math.floor(fit) if fit >= 1 else fit) * view.zoom
    if scale * min(aspect, 1.0) >= 1:
        scale = float(round(scale))
    x0, x1 = _axis(view.x, width, scale * aspect, across)
    y0, y1 = _axis(view.y, height, scale, down)
    return Window(x0, x1, y0, y1)


def _axis(middle: float, length: int, scale: float, room: int) -> tuple[Index, Index]:
    shown = max(min(room, round(length * scale)), 1)
    left = min(max(middle * length - shown / scale / 2, 0.0), max(length - shown / scale, 0.0))
    left = round(left * scale) / scale
    if scale >= 1:
        at = np.minimum(((np.arange(shown) + 0.5) / scale + left).astype(np.intp), length - 1)
        return at, at + 1
    edges = np.minimum(np.rint(left + np.arange(shown + 1) / scale).astype(np.intp), length)
    return edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)


def reduced(values: npt.NDArray[Any], seen: Window) -> npt.NDArray[Any]:
    """H×W or H×W×C values as the window shows them: the mean where several fall on one pixel."""
    if seen.exact:
        return values[seen.y0[:, None], seen.x0]
    part = values[seen.y0[0] : seen.y1[-1], seen.x0[0] : seen.x1[-1]].astype(np.float32)
    part = np.add.reduceat(part, seen.y0 - seen.y0[0], axis=0)
    part = np.add.reduceat(part, seen.x0 - seen.x0[0], axis=1)
    count = (seen.y1 - seen.y0)[:, None] * (seen.x1 - seen.x0)
    part /= count.reshape(count.shape + (1,) * (part.ndim - 2))
    return np.rint(part).astype(values.dtype) if values.dtype == np.uint8 else part
