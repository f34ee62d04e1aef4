"""The mouth and the folds around it."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .features import SIDES, Canvas
from .paper import mirrored, mixed, shaded, smooth, tapered

Array: TypeAlias = np.ndarray

_ACROSS = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 9))  # from corner to corner
_TEETH = np.interp(np.abs(_ACROSS), [0, 0.8, 1], [1.0, 0.85, 0.2])  # how far they reach
_LIP = np.array([0, 0.45, 0.8, 0.98, 0.86, 0.98, 0.8, 0.45, 0])  # of the upper one, which has a bow
_LOWER = np.array([0, 0.42, 0.76, 0.95, 1.0, 0.95, 0.76, 0.42, 0])


def _bow(power: float) -> Array:
    """From 0 at the corners to 1 in the middle; the higher the power, the squarer."""
    return (1 - np.abs(_ACROSS) ** power) ** (1 / max(power - 0.6, 1.0))


def mouth(canvas: Canvas) -> None:
    """Lips, and what is seen between them."""
    shape, who, moved, paper = canvas.shape, canvas.who, canvas.shape.moved, canvas.paper
    unit, stance = canvas.stance.unit, canvas.stance
    up, opened, raised, press = moved["corner_up"], moved["open"], moved["lip_raise"], moved["press"]
    sneer = 0.5 * (1 + _ACROSS * np.sign(moved["lopsided"])) * abs(moved["lopsided"])
    wide = shape.mouth_wide * (1 + 0.42 * moved["corner_out"])
    gap = 0.37 * opened + 0.05 * max(0.0, moved["lip_drop"]) * (opened > 0.1)
    x = wide * _ACROSS
    # Corners hang in the middle of a mouth that is open round, and go up or down with their muscles.
    corner = shape.mouth - 0.165 * up + 0.40 * gap * (1 - max(0.0, min(up, 1.0)))
    middle = shape.mouth + 0.035 * up - 0.075 * raised - 0.02 * opened
    round_ = min(1.0, max(0.0, opened * (1 - max(0.0, up))))
    upper = corner + (middle - corner) * _bow(1.6 + 0.5 * round_) - 0.055 * sneer * (1 - 0.4 * _bow(2.0))
    square = min(1.0, max(0.0, moved["teeth_low"]))
    low = middle + gap
    lower = np.maximum(corner + (low - corner) * _bow(1.8 + 0.3 * round_ + 0.9 * square) - 0.03 * sneer, upper)
    thin = max(0.12, 1 - 0.85 * max(0.0, press) - 0.18 * abs(min(up, 0.0)) - 0.15 * max(0.0, up))
    top = (0.062 + 0.011 * who.lip_up) * thin * _LIP
    bottom = (0.086 + 0.014 * who.lip_low) * thin * _LOWER
    red = mixed(canvas.skin, (176, 52, 62), 0.40 + 0.14 * (who.gender == "woman"))

    def curve(y: Array) -> Array:
        return smooth(stance.at(np.stack([x, y], axis=1), 0.03), steps=3)

    edge_up, edge_low = curve(upper), curve(lower)
    outer_up, outer_low = curve(upper - top), curve(lower + bottom)
    _around(canvas, wide, corner, float(np.max(lower + bottom)))
    paper.fill(np.concatenate([outer_up, edge_up[::-1]]), shaded(red, 0.88))
    paper.fill(np.concatenate([edge_low, outer_low[::-1]]), red)
    shine = smooth(
        stance.at(np.array([(-0.12, 0), (0, 0.01), (0.12, 0)]) + np.array([0, float(lower[4] + 0.4 * bottom[4])]), 0.05)
    )
    paper.line(shine, tapered(len(shine), 0.02 * unit), mixed(red, (255, 255, 255), 0.6), 0.45)
    if gap > 0.035:
        hole = np.concatenate([edge_up, edge_low[::-1]])
        within = paper.mask(hole)
        paper.fill(hole, (74, 20, 26))
        if gap > 0.12:
            tongue = stance.at(np.array([(0.62 * wide * np.cos(a), low + 0.03 + 0.42 * gap * np.sin(a))
                                         for a in np.linspace(0, 2 * np.pi, 20)]))  # fmt: skip
            paper.fill(tongue, (196, 88, 92), within)
        ivory = (250, 247, 238)
        if moved["teeth"] > 0.1:
            reach = min(0.13 * min(moved["teeth"], 1.1), 0.62 * gap)
            paper.fill(np.concatenate([edge_up, curve(upper + reach * _TEETH)[::-1]]), ivory, within)
        if moved["teeth_low"] > 0.1:
            reach = min(0.085 * moved["teeth_low"], 0.34 * gap)
            paper.fill(np.concatenate([edge_low, curve(lower - reach * _TEETH)[::-1]]), ivory, within)
        if (out := moved["tongue"]) > 0.3:  # over the lower lip
            end = low + float(bottom[4]) + 0.13 * out
            half = [(0.0, end), (0.1, end - 0.02), (0.14, end - 0.1), (0.13, low - 0.3 * gap), (0.0, low - 0.4 * gap)]
            flesh = stance.at(smooth(mirrored(half), closed=True, steps=5), 0.06)
            paper.fill(flesh, (204, 84, 92))
            seam = smooth(stance.at(np.array([(0, low - 0.25 * gap), (0, low), (0, end - 0.06)]), 0.06), steps=4)
            paper.line(seam, tapered(len(seam), 0.02 * unit), (150, 48, 58), 0.7)
        paper.line(edge_up, tapered(len(edge_up), 0.018 * unit, 0.6, 0.6), (70, 24, 28), 0.8)
    else:
        line = 0.5 * (edge_up + edge_low)
        paper.line(line, tapered(len(line), 0.034 * unit, 0.45, 0.45), mixed(shaded(red, 0.38), (50, 20, 24), 0.4))


def _around(canvas: Canvas, wide: float, corner: float, below: float) -> None:
    """Folds from the nose to the corners, dimples, the shadow under the lip."""
    shape, moved, paper = canvas.shape, canvas.shape.moved, canvas.paper
    cheek, wrinkled = max(0.0, moved["cheek"]), max(0.0, moved["nose"])
    fold = 0.10 + 0.42 * shape.old + 0.55 * cheek + 0.45 * wrinkled
    for side in SIDES:
        start = (side * (shape.nose_wide + 0.055), shape.nose - 0.05 - 0.02 * wrinkled)
        end = (side * (wide + 0.085), corner - 0.01)
        bulge = side * (0.05 + 0.05 * cheek)
        middle = (0.5 * (start[0] + end[0]) + bulge, 0.5 * (start[1] + end[1]) - 0.03)
        canvas.wrinkle([start, middle, end], fold, 0.03)
        down = max(0.0, -moved["corner_up"])
        canvas.wrinkle([(side * (wide + 0.02), corner + 0.02), (side * (wide + 0.05), corner + 0.08),
                        (side * (wide + 0.045), corner + 0.15)], 0.65 * down + 0.3 * shape.old, 0.028)  # fmt: skip
    under = canvas.at([(-0.16, below + 0.03), (0, below + 0.05), (0.16, below + 0.03), (0, below + 0.085)])
    paper.soft([under], canvas.dark(0.6), 0.008, 0.35 + 0.25 * max(0.0, -moved["corner_up"]), canvas.face)
