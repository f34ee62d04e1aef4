"""Hair on the head: what hangs behind the face, what falls over it; and the beard."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from PIL import Image

from .features import SIDES, Canvas
from .paper import ellipse, mirrored, mixed, shaded, smooth
from .person import Colour

Array: TypeAlias = np.ndarray

# Where hair begins, from the viewer's right to the left: x as a share of the temple, y in units of a face.
_LINES: dict[str, tuple[tuple[float, float], ...]] = {
    "fringe": ((1.03, 0.12), (0.97, -0.22), (0.6, -0.42), (0.0, -0.46), (-0.6, -0.42), (-0.97, -0.22), (-1.03, 0.12)),
    "side": ((1.03, 0.08), (0.97, -0.38), (0.52, -0.86), (-0.05, -0.62), (-0.55, -0.47), (-0.95, -0.24), (-1.03, 0.12)),
    "centre": ((1.03, 0.16), (0.96, -0.20), (0.58, -0.52), (0.0, -0.90), (-0.58, -0.52), (-0.96, -0.20), (-1.03, 0.16)),
    "back": ((1.02, 0.08), (0.96, -0.36), (0.70, -0.72), (0.0, -0.86), (-0.70, -0.72), (-0.96, -0.36), (-1.02, 0.08)),
    "short": ((1.01, 0.02), (0.97, -0.42), (0.80, -0.66), (0.0, -0.74), (-0.80, -0.66), (-0.97, -0.42), (-1.01, 0.02)),
    "receding": ((1.01, 0.02), (0.97, -0.45), (0.62, -0.97), (0, -0.84), (-0.62, -0.97), (-0.97, -0.45), (-1.01, 0.02)),
}  # fmt: skip


def behind(canvas: Canvas) -> None:
    """What is seen behind head and neck."""
    who, shape, paper, stance = canvas.who, canvas.shape, canvas.paper, canvas.stance
    style, puff = _style(canvas), _puff(canvas)
    dark = shaded(canvas.hair, 0.72)
    if who.front == "bald":
        return
    if style == "cloud":
        ball = ellipse(np.array([0, -0.28]), 1.2 + puff, 1.12 + puff, steps=60)
        paper.fill(stance.flat(_waves(ball, 0.05, 13), -0.2), dark)
    elif style in ("bob", "long"):
        low = 0.92 if style == "bob" else 1.62
        wide = shape.cheek + 0.16 + 0.7 * puff
        end = wide * (0.93 if style == "bob" else 1.08)
        half = [(0, -1.3 - puff), (0.62 * wide, -1.12 - puff), (wide, -0.5), (wide + 0.02, 0.2), (end, low - 0.25),
                (0.85 * end, low + 0.08), (0.3 * end, low + 0.1)]  # fmt: skip
        places = smooth(mirrored(half), closed=True, steps=6)
        paper.fill(stance.flat(_waves(places, 0.035 * who.wave, 17), -0.25), dark)
    else:
        if style == "bun":
            knot = ellipse(np.array([0, -1.33 - puff]), 0.36 + 0.3 * puff, 0.3 + 0.3 * puff)
            paper.fill(stance.flat(_waves(knot, 0.02 * who.wave, 9), -0.25), shaded(canvas.hair, 0.85))
        cap = ellipse(np.array([0, -0.2]), shape.cheek + 0.04 + 0.6 * puff, 1.02 + 0.6 * puff, steps=48)
        cap[:, 1] = np.minimum(cap[:, 1], 0.42)
        paper.fill(stance.flat(cap, -0.25), dark)
    # What closes the gap between back and front where the head is turned.
    between = ellipse(np.array([0, -0.2]), shape.cheek + 0.03, 0.9, steps=48)
    between[:, 1] = np.minimum(between[:, 1], 0.05)
    paper.fill(stance.flat(between), shaded(canvas.hair, 0.85))


def front(canvas: Canvas) -> None:
    """What lies on the head and falls over the forehead, with its shadow."""
    who, shape, paper, stance = canvas.who, canvas.shape, canvas.paper, canvas.stance
    if who.front == "bald":
        _rim(canvas)
        return
    puff = _puff(canvas)
    line = np.array(_LINES[who.front]) * (who.parting if who.front == "side" else 1.0, 1.0)
    if line[0, 0] < 0:
        line = line[::-1]
    line[:, 0] *= shape.temple + 0.035
    line[:, 1] += 0.03 * canvas.look.growth * (np.abs(line[:, 1]) > 0.2)
    inner = smooth(line, steps=7)
    if who.front in ("fringe", "centre", "side") and who.wave < 0.6:  # ends of locks
        inner[:, 1] += 0.022 * np.abs(np.sin(np.linspace(0, 9 * np.pi, len(inner)))) * (np.abs(inner[:, 1]) > 0.15)
    wide, high = shape.cheek + 0.055 + 0.55 * puff, -shape.top + 0.1 + puff
    angle = np.linspace(0.07, np.pi - 0.07, len(inner))
    outer = np.stack([wide * np.cos(angle), 0.1 - (high + 0.1) * np.sin(angle) ** 0.86], axis=1)
    outer = _waves(outer, 0.012 + 0.035 * who.wave * (who.front not in ("short", "receding")), 12, closed=False)
    if _style(canvas) == "cloud":
        outer = outer * (1.12, 1.06)
    edge, rim = stance.at(inner, 0.02), stance.flat(outer, 0.0)
    below = stance.at(inner + np.array([0, 0.07]))
    paper.soft([np.concatenate([rim, below[::-1]])], canvas.dark(0.55), 0.012, 0.5, canvas.face)
    lock = np.concatenate([rim, edge[::-1]])
    paper.fill(lock, canvas.hair)
    within = paper.mask(lock)
    light = mixed(canvas.hair, (255, 236, 210), 0.38)
    band = np.concatenate([rim[8:-8] * 0.62 + edge[8:-8] * 0.38, (rim[8:-8] * 0.40 + edge[8:-8] * 0.60)[::-1]])
    paper.soft([band], light, 0.018, 0.55, within)
    _strands(canvas, rim, edge, within)
    _sides(canvas, wide, shaded(canvas.hair, 0.86))


def beard(canvas: Canvas) -> None:
    """Painted before the mouth."""
    who, shape, paper = canvas.who, canvas.shape, canvas.paper
    if not who.beard:
        return
    y, nose, drop = shape.mouth, shape.nose, 0.2 * shape.moved["open"]
    wide = shape.mouth_wide * (1 + 0.3 * shape.moved["corner_out"])
    lip = y - 0.075 - 0.06 * shape.moved["lip_raise"]
    smile = 0.12 * shape.moved["corner_up"]
    colour = mixed(shaded(canvas.hair, 0.82), canvas.dark(0.5), 0.12)
    under = nose + 0.10
    bar = [(0, under), (0.55 * wide, under + 0.02), (1.12 * wide, y - 0.02 - smile), (1.2 * wide, y + 0.10 - smile),
           (0.75 * wide, lip + 0.03 - 0.5 * smile), (0, lip + 0.02)]  # fmt: skip
    hairs = smooth(mirrored(bar), closed=True, steps=5)
    if who.beard in ("stubble", "full"):
        ring = [(0, shape.chin + 0.09), (0.36 + shape.chin_wide * 0.4, shape.chin + 0.04),
                (shape.jaw + 0.05, 0.86 + drop), (shape.cheek * 1.03, 0.3), (shape.cheek * 1.02, 0.1),
                (shape.cheek * 0.9, 0.42), (0.66 * shape.jaw + 0.08, 0.62), (1.25 * wide, y - 0.12 - smile),
                (0.8 * wide, lip), (0, under + 0.01)]  # fmt: skip
        points = smooth(mirrored(ring), closed=True, steps=5)
        if who.beard == "stubble":
            paper.soft([canvas.at(points)], colour, 0.014, 0.34, canvas.face)
            return
        paper.soft([canvas.at(points)], colour, 0.005, 1.0, None)
    if who.beard == "goatee":
        chin = [(0, y + 0.15 + drop), (0.8 * wide, y + 0.12 + 0.7 * drop), (0.95 * wide, y + 0.26 + drop),
                (0.6 * wide, shape.chin + 0.02), (0, shape.chin + 0.06)]  # fmt: skip
        points = smooth(mirrored(chin), closed=True, steps=5)
        paper.soft([canvas.at(points)], colour, 0.004, 0.95, None)
    if who.beard in ("moustache", "goatee"):
        paper.soft([canvas.at(hairs, 0.05)], colour, 0.003, 1.0, None)


def _style(canvas: Canvas) -> str:
    """Long hair may be tied for a session."""
    back = canvas.who.back
    return "bun" if canvas.look.tied and back in ("bob", "long") else back


def _puff(canvas: Canvas) -> float:
    """How far hair stands off, in units of a face."""
    who = canvas.who
    if who.front in ("short", "receding"):
        return 0.02 + 0.012 * (who.volume + canvas.look.growth)
    return max(0.03, 0.12 + 0.035 * who.volume + 0.045 * canvas.look.growth + 0.07 * who.wave)


def _waves(points: Array, much: float, many: int, closed: bool = True) -> Array:
    """The outline with bumps, as locks make it."""
    centre = points.mean(axis=0)
    away = points - centre
    away = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    phase = np.linspace(0, 2 * np.pi * many * (1 if closed else 0.6), len(points), endpoint=not closed)
    return points + away * (much * np.abs(np.sin(phase / 2)))[:, None]


def _strands(canvas: Canvas, rim: Array, edge: Array, within: Image.Image) -> None:
    unit, count = canvas.stance.unit, len(rim)
    for number, place in enumerate(np.linspace(0.08, 0.92, 9)):
        start = int(place * (count - 1))
        end = int(np.clip(start + (3 if number % 2 else -2), 0, count - 1))
        bend = 0.5 * (rim[start] + edge[end]) + 0.02 * unit * (1 if number % 2 else -1)
        colour = shaded(canvas.hair, 0.66 if number % 3 else 1.3)
        curve = smooth(np.stack([rim[start], bend, edge[end]]), steps=4)
        canvas.paper.line(curve, 0.022 * unit, colour, 0.4, within)


def _sides(canvas: Canvas, wide: float, colour: Colour) -> None:
    """Of long hair, what falls beside the face, over the ears."""
    style, shape = _style(canvas), canvas.shape
    if style not in ("bob", "long"):
        return
    low = 0.86 if style == "bob" else 1.5
    half = [(0.99 * shape.temple, -0.42), (shape.cheek - 0.015, 0.1), (shape.cheek - 0.02, 0.5),
            (shape.jaw + 0.09, low - 0.1), (shape.jaw + 0.2, low), (wide + 0.06, low - 0.06), (wide + 0.06, 0.3),
            (wide, -0.3)]  # fmt: skip
    for side in SIDES:
        places = smooth(np.array(half) * (side, 1.0), closed=True, steps=5)
        canvas.paper.fill(canvas.stance.flat(_waves(places, 0.03 * canvas.who.wave, 9), 0.02), colour)
        for share in (0.35, 0.7):
            x = side * (shape.cheek + share * (wide - shape.cheek) + 0.03)
            strand = np.array([(x, -0.2), (x + 0.02 * side, 0.3), (x, low - 0.15)])
            line = smooth(canvas.stance.flat(strand, 0.02), steps=5)
            canvas.paper.line(line, 0.02 * canvas.stance.unit, shaded(canvas.hair, 0.62), 0.4)


def _rim(canvas: Canvas) -> None:
    """What is left on a bald head: a shine above, hair beside it."""
    shape, paper = canvas.shape, canvas.paper
    x = 0.3 if canvas.look.light > 0 else -0.3
    paper.soft([canvas.at(ellipse(np.array([x, -0.78]), 0.22, 0.1))], (255, 255, 255), 0.018, 0.35, canvas.face)
    half = [(shape.cheek + 0.005, 0.14), (shape.cheek + 0.035, -0.06), (shape.temple + 0.05, -0.30),
            (shape.temple - 0.005, -0.43), (shape.temple - 0.055, -0.24), (shape.temple - 0.01, -0.02)]  # fmt: skip
    for side in SIDES:
        places = smooth(np.array(half) * (side, 1.0), closed=True, steps=5)
        paper.fill(canvas.stance.flat(places, 0.03), canvas.hair)
