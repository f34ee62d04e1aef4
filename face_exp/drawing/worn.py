"""What is not the face itself: neck, clothes, ears, glasses, and what hides a part of it."""

from __future__ import annotations

import numpy as np

from .features import SIDES, Canvas
from .paper import ellipse, mirrored, mixed, shaded, smooth

_FRAMES = ((34, 32, 36), (92, 56, 34), (70, 76, 92), (150, 120, 70))


def body(canvas: Canvas) -> None:
    """Neck, with the shadow of the head on it, and clothes."""
    who, shape, paper, look = canvas.who, canvas.shape, canvas.paper, canvas.look
    stance = canvas.stance.body()
    wide = 0.40 + 0.045 * who.neck
    neck = [(wide, 0.6), (wide * 0.98, 1.3), (wide + 0.14, 1.6), (0.9, 2.2)]
    places = stance.flat(smooth(mirrored(neck), closed=True, steps=4))
    paper.fill(places, shaded(canvas.skin, 0.93))
    under = canvas.stance.flat(shape.outline() * (0.97, 1.0) + np.array([0, 0.13]))
    paper.soft([under], canvas.dark(0.5), 0.016, 0.62, paper.mask(places))
    broad = 1.25 + 0.16 * (who.gender == "man") + 0.05 * who.neck
    half = [
        (0.0, 1.78),
        (wide * 0.75, 1.64),
        (wide + 0.10, 1.47),
        (0.8 * broad, 1.62),
        (broad, 1.85),
        (broad + 0.15, 2.6),
    ]
    shirt = smooth(mirrored(half), closed=True, steps=5)
    paper.fill(stance.flat(shirt), look.clothes)
    collar = smooth(
        np.array([(-wide - 0.10, 1.47), (-wide * 0.75, 1.64), (0, 1.78), (wide * 0.75, 1.64), (wide + 0.10, 1.47)])
    )
    paper.line(stance.flat(collar), 0.07 * stance.unit, shaded(look.clothes, 0.78))


def ears(canvas: Canvas) -> None:
    """Painted before the face."""
    shape, unit = canvas.shape, canvas.stance.unit
    size = 1 + 0.12 * canvas.who.ears
    for side in SIDES:
        centre = canvas.stance.flat(np.array([(side * (shape.cheek + 0.045 + 0.015 * canvas.who.ears), 0.15)]), -0.12)[
            0
        ]
        turn = canvas.stance.roll + side * 0.16
        canvas.paper.fill(ellipse(centre, 0.13 * size * unit, 0.235 * size * unit, turn), shaded(canvas.skin, 0.94))
        inner = centre + np.array([side * 0.012, 0]) * unit
        canvas.paper.soft([ellipse(inner, 0.07 * size * unit, 0.15 * size * unit, turn)], canvas.dark(0.55), 0.004, 0.6)


def glasses(canvas: Canvas) -> None:
    """One of four frames."""
    who, shape, paper, unit = canvas.who, canvas.shape, canvas.paper, canvas.stance.unit
    colour, thick = _FRAMES[who.frame], (0.05, 0.062, 0.034, 0.03)[who.frame] * unit
    power, high = ((2.0, 0.235), (4.5, 0.2), (3.2, 0.185), (2.4, 0.255))[who.frame]
    angle = np.linspace(0, 2 * np.pi, 37)
    c, s = np.cos(angle), np.sin(angle)
    round_x, round_y = np.sign(c) * np.abs(c) ** (2 / power), np.sign(s) * np.abs(s) ** (2 / power)
    for side in SIDES:
        lens = np.stack([side * shape.eye_x + 0.275 * round_x, 0.025 + high * round_y], axis=1)
        places = canvas.at(lens, 0.1)
        paper.soft([places], (232, 242, 250), 0.0, 0.14)
        corners = np.array([(-0.14, -0.12), (-0.04, -0.15), (-0.15, 0.14), (-0.2, 0.1)])
        streak = canvas.at(corners + np.array([side * shape.eye_x, 0]), 0.1)
        paper.soft([streak], (255, 255, 255), 0.004, 0.3)
        paper.line(places, thick, colour)
        arm = np.array([(side * (shape.eye_x + 0.27), -0.06), (side * (shape.cheek + 0.02), -0.03)])
        start, end = canvas.at(arm[:1], 0.1), canvas.stance.flat(arm[1:], -0.02)
        paper.line(np.concatenate([start, 0.5 * (start + end), end]), thick * 0.9, colour)
    reach = shape.eye_x - 0.27
    bridge = smooth(canvas.at([(-reach, 0.0), (0, -0.045), (reach, 0.0)], 0.14), steps=4)
    paper.line(bridge, thick, colour)


def cover(canvas: Canvas) -> None:
    """A hand at the cheek, or a scarf up to the chin."""
    look, shape, paper, stance = canvas.look, canvas.shape, canvas.paper, canvas.stance
    if look.cover == "scarf":
        top = shape.chin - 0.2
        half = [(0, top), (0.5, top - 0.03), (0.92, top - 0.16), (1.02, top + 0.1), (1.05, top + 0.75)]
        cloth = smooth(mirrored(half), closed=True, steps=5)
        colour = mixed(look.clothes, (200, 60, 60), 0.4)
        paper.fill(stance.flat(cloth, 0.3), colour)
        for y in (0.14, 0.3, 0.46):
            fold = smooth(np.array([(-0.9, top + y - 0.12), (0, top + y), (0.9, top + y - 0.12)]))
            paper.line(stance.flat(fold, 0.3), 0.03 * stance.unit, shaded(colour, 0.75), 0.7)
    elif look.cover == "hand":
        side = look.cover_side
        hand = shaded(canvas.skin, 0.97)
        half = [(0.5, 0.75), (0.8, 0.5), (1.05, 0.8), (1.0, 1.5), (1.05, 2.4), (0.6, 2.4), (0.62, 1.5)]
        palm = smooth(np.array(half) * (side, 1.0), closed=True)
        paper.fill(stance.flat(palm, 0.3), hand)
        for number, (x, y) in enumerate(((0.98, 0.2), (0.86, 0.14), (0.74, 0.16), (0.62, 0.24))):
            finger = np.array(
                [(side * x, y), (side * (x + 0.005), 0.5 * (y + 0.9)), (side * (0.94 - 0.1 * number), 0.95)]
            )
            line = smooth(stance.flat(finger, 0.32), steps=5)
            paper.line(line, 0.135 * stance.unit, shaded(hand, 0.8))
            paper.line(line, 0.112 * stance.unit, hand)
            paper.dot(line[0], 0.056 * stance.unit, hand)
