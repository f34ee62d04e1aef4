"""What faces are painted on: a picture some times larger than it will be, so that its edges become smooth."""

from __future__ import annotations

import functools
from math import ceil, cos, floor, sin
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Array: TypeAlias = np.ndarray
Colour: TypeAlias = tuple[float, float, float]

_SOFT = 4  # soft shapes are painted so many times smaller


class Paper:
    """A square of `size` pixels, painted `times` as large. Shapes are N×2 points, 0…1 of its side."""

    def __init__(self, size: int, ground: Colour) -> None:
        self.size = size
        self.times = 4 if size <= 100 else 3 if size <= 300 else 2
        self.side = size * self.times
        self.image = Image.new("RGB", (self.side, self.side), _bytes(ground))
        self._pen = ImageDraw.Draw(self.image)
        self.figure = Image.new("L", (self.side, self.side))  # where something was filled: not the ground
        self._figure_pen = ImageDraw.Draw(self.figure)

    def fill(self, points: Array, colour: Colour, within: Image.Image | None = None) -> None:
        """A shape of one colour; `within` a mask, what lies outside of it stays."""
        if within is None:
            places = self._places(points)
            self._pen.polygon(places, _bytes(colour))
            self._figure_pen.polygon(places, 255)
            return
        box = self._box(points, 0.0)
        if box is not None:
            mask = ImageChops.multiply(self._mask(points, box), within.crop(box))
            self.image.paste(_bytes(colour), box, mask)

    def mask(self, *shapes: Array) -> Image.Image:
        """Where shapes are: of all of the paper, to paint within."""
        made = Image.new("L", (self.side, self.side))
        pen = ImageDraw.Draw(made)
        for points in shapes:
            pen.polygon(self._places(points), 255)
        return made

    def line(
        self, points: Array, width: float | Array, colour: Colour, share: float = 1.0, within: Image.Image | None = None
    ) -> None:
        """A line of this width (of the side; one for all points or each its own), round at its ends."""
        shape = stroke(points, np.maximum(width, 0.0035 if share == 1 else 0.0))
        if share < 1:
            self.soft([shape], colour, 0.0, share, within)
        else:
            self.fill(shape, colour, within)

    def soft(
        self, shapes: list[Array], colour: Colour, blur: float, share: float = 1.0, within: Image.Image | None = None
    ) -> None:
        """Shapes that have no edge: `blur` of the side, `share` of the colour at their darkest."""
        if share <= 0:
            return
        scale = _SOFT if blur > 0.008 else 1
        box = self._box(np.concatenate(shapes), 2.5 * blur)
        if box is None:
            return
        width, height = (max((box[2] - box[0]) // scale, 1), max((box[3] - box[1]) // scale, 1))
        mask = Image.new("L", (width, height))
        pen = ImageDraw.Draw(mask)
        for points in shapes:
            places = (points * self.side - (box[0], box[1])) / scale
            pen.polygon(places.ravel().tolist(), round(255 * min(share, 1.0)))
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * self.side / scale))
        if scale > 1:
            mask = mask.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BILINEAR)
        if within is not None:
            mask = ImageChops.multiply(mask, within.crop(box))
        self.image.paste(_bytes(colour), box, mask)

    def dot(self, centre: Array, radius: float, colour: Colour, within: Image.Image | None = None) -> None:
        """A disc."""
        self.fill(ellipse(centre, radius, radius), colour, within)

    def small(self) -> Array:
        """The picture at its own size: H×W×3 float32, 0…255."""
        return np.asarray(self.image.reduce(self.times), np.float32)

    def small_mask(self, mask: Image.Image) -> Array:
        """A mask at the size of the picture: H×W float32, 0…1."""
        return np.asarray(mask.reduce(self.times), np.float32) / 255

    def _mask(self, points: Array, box: tuple[int, int, int, int]) -> Image.Image:
        made = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        places = points * self.side - (box[0], box[1])
        ImageDraw.Draw(made).polygon(places.ravel().tolist(), 255)
        return made

    def _places(self, points: Array) -> list[float]:
        return (points * self.side).ravel().tolist()

    def _box(self, points: Array, around: float) -> tuple[int, int, int, int] | None:
        (least_x, least_y), (most_x, most_y) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        left, top = max(floor((least_x - around) * self.side), 0), max(floor((least_y - around) * self.side), 0)
        right = min(ceil((most_x + around) * self.side) + 1, self.side)
        bottom = min(ceil((most_y + around) * self.side) + 1, self.side)
        return (left, top, right, bottom) if left < right and top < bottom else None


# Lines and shapes


def smooth(points: Array, closed: bool = False, steps: int = 8) -> Array:
    """A curve through N×2 (or N×3) points (Catmull and Rom 1974), `steps` to each piece."""
    points = np.asarray(points, float)
    count = len(points)
    if closed:
        around = points[np.arange(-1, count + 2) % count]
    else:
        around = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    windows = around[np.arange(len(around) - 3)[:, None] + np.arange(4)]
    found = (_weights(steps) @ windows).reshape(-1, points.shape[1])
    return found if closed else np.concatenate([found, points[-1:]])


def mirrored(half: list[tuple[float, float]]) -> Array:
    """A shape of both sides, of the points of one; those at x = 0 stand once."""
    return np.array(half + [(-x, y) for x, y in reversed(half) if x])


@functools.cache
def _weights(steps: int) -> Array:
    """Of the four points around each piece of a curve: steps×4."""
    t = np.arange(steps) / steps
    return 0.5 * np.stack([2 * t**2 - t - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], axis=1)


def stroke(points: Array, width: float | Array) -> Array:
    """The outline of a line of some width."""
    along = np.empty_like(points)
    along[1:-1] = points[2:] - points[:-2]
    along[0], along[-1] = points[1] - points[0], points[-1] - points[-2]
    along /= np.maximum(np.sqrt((along * along).sum(axis=1, keepdims=True)), 1e-9)
    across = along[:, ::-1] * (-0.5, 0.5) * np.broadcast_to(np.asarray(width, float), len(points))[:, None]
    return np.concatenate([points + across, (points - across)[::-1]])


def ellipse(centre: Array, across: float, down: float, turn: float = 0.0, steps: int = 24) -> Array:
    """Points of an ellipse; `turn` in radians."""
    c, s = cos(turn), sin(turn)
    return np.asarray(centre) + _circle(steps) @ np.array([(c * across, s * across), (-s * down, c * down)])


@functools.cache
def _circle(steps: int) -> Array:
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def tapered(count: int, width: float, start: float = 0.2, end: float = 0.2) -> Array:
    """Widths of a line that is thinner at its ends."""
    return width * _taper(count, start, end)


@functools.lru_cache(maxsize=256)
def _taper(count: int, start: float, end: float) -> Array:
    return np.interp(np.linspace(0, 1, count), [0, 0.35, 0.7, 1], [start, 1, 0.9, end])


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the one."""
    found = [a + (b - a) * share for a, b in zip(one, other, strict=True)]
    return found[0], found[1], found[2]


def shaded(colour: Colour, by: float) -> Colour:
    """Darker (below 1) or lighter (above)."""
    red, green, blue = (each * by for each in colour)
    return red, green, blue


def _bytes(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (min(max(round(each), 0), 255) for each in colour)
    return red, green, blue
