"""Eyes, brows, nose and mouth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from .look import Look
from .paper import Paper, ellipse, mixed, shaded, smooth, tapered
from .person import Colour, Person
from .shape import Shape, Stance

Array: TypeAlias = np.ndarray

SIDES = (-1.0, 1.0)
_WHITE, _DARK = (248, 246, 242), (42, 28, 28)


@dataclass(frozen=True, slots=True)
class Canvas:
    """All that is needed to paint a part of a face. `hair` is its colour at that age, `skin` with the blood in it."""

    paper: Paper
    stance: Stance
    shape: Shape
    who: Person
    look: Look
    skin: Colour
    hair: Colour
    face: Image.Image

    def dark(self, by: float = 0.62) -> Colour:
        """Skin in a shadow, which is redder than it."""
        red, green, blue = shaded(self.skin, by)
        return red + 12, green - 2, blue - 2

    def at(self, points: list[tuple[float, float]] | Array, out: float = 0.0) -> Array:
        """Places in the picture of points of the face."""
        return self.stance.at(np.asarray(points, float), out)

    def wrinkle(self, points: list[tuple[float, float]], share: float, width: float = 0.03) -> None:
        """A line in the skin."""
        if share > 0.04:
            curve = smooth(self.at(points), steps=4)
            widths = tapered(len(curve), width * self.stance.unit, 0.15, 0.15)
            self.paper.line(curve, widths, self.dark(0.55), min(share, 0.85), self.face)


def eyes(canvas: Canvas) -> None:
    """Both eyes with their lids."""
    for side in SIDES:
        _eye(canvas, side)


def _eye(canvas: Canvas, side: float) -> None:
    paper, shape, who, look = canvas.paper, canvas.shape, canvas.who, canvas.look
    unit = canvas.stance.unit
    upper, lower = shape.eye(side, who.eye_tilt)
    top, bottom = canvas.at(upper), canvas.at(lower)
    hole = np.concatenate([top, bottom[::-1]])
    within = paper.mask(hole)
    paper.fill(hole, _WHITE)
    # Who is afraid or surprised looks straight ahead, who is sad down.
    down = 0.03 * max(0.0, -shape.moved["upper_lid"]) - 0.008
    centre = canvas.at([(side * shape.eye_x + 0.05 * look.gaze, shape.eye_y + down)])[0]
    radius = shape.iris * unit
    paper.dot(centre, radius, shaded(who.iris, 0.55), within)
    paper.dot(centre, radius * 0.84, who.iris, within)
    paper.dot(centre, radius * 0.5, (18, 14, 16), within)
    glint = radius * np.array([0.38 if look.light > 0 else -0.38, -0.4])
    paper.dot(centre + glint, radius * 0.27, (255, 255, 255), within)
    shadow = np.concatenate([top, (canvas.at(upper + np.array([0, 0.055])))[::-1]])
    paper.soft([shadow], (60, 44, 48), 0.004, 0.42, within)
    lash = mixed(_DARK, canvas.hair, 0.25)
    wide = (0.026 + 0.016 * who.lashes) * unit
    paper.line(top, tapered(len(top), wide, 0.35, 0.95), lash)
    if who.lashes > 0.45:  # a little wing at the outer corner
        last = upper[-1]
        wing = canvas.at([upper[-4], last, (last[0] + side * 0.05, last[1] - 0.045)])
        paper.line(smooth(wing, steps=3), tapered(7, wide * 0.95, 0.8, 0.1), lash)
    paper.line(bottom, tapered(len(bottom), 0.016 * unit, 0.3, 0.8), canvas.dark(0.5), 0.7)
    lid = max(0.0, -shape.moved["upper_lid"])
    crease = canvas.at(upper[3:-2] - np.array([0, 0.05 + 0.03 * lid]))
    paper.line(crease, tapered(len(crease), 0.018 * unit), canvas.dark(0.6), 0.5 - 0.25 * max(0, -lid), canvas.face)
    push = max(0.0, shape.moved["lower_lid"])
    bag = lower[3:-3] + np.array([0, 0.055 + 0.02 * shape.old])
    if (share := 0.16 + 0.4 * shape.old + 0.4 * push) > 0.04:
        places = canvas.at(bag)
        paper.line(places, tapered(len(places), 0.02 * unit), canvas.dark(0.62), min(share, 0.7), canvas.face)
    x, y = float(upper[-1][0]), float(upper[-1][1])
    feet = 0.55 * shape.old + 0.7 * max(0.0, shape.moved["cheek"]) * (0.35 + 0.65 * shape.old)
    for turn in (-0.05, 0.01, 0.07):
        start, end = x + side * 0.05, x + side * 0.15
        canvas.wrinkle([(start, y + 0.4 * turn), (0.5 * (start + end), y + 0.8 * turn), (end, y + 1.5 * turn)], feet)


def brows(canvas: Canvas) -> None:
    """Both brows, and what they fold."""
    shape, who, moved = canvas.shape, canvas.who, canvas.shape.moved
    raised, outer, pinch = moved["brow_in"], moved["brow_out"], moved["brow_pinch"]
    unit = canvas.stance.unit
    base = -0.300 - 0.022 * who.brow_gap
    colour = mixed(shaded(canvas.hair, 0.72), _DARK, 0.25)
    for side in SIDES:
        lift = (0.15 if raised > 0 else 0.125) * raised
        points = np.array(
            [
                (side * (shape.eye_x - 0.215 - 0.075 * max(pinch, -0.3)), base + 0.012 - lift),
                (side * (shape.eye_x - 0.02), base - 0.022 - 0.012 * who.brow_arch - 0.62 * lift - 0.04 * outer),
                (side * (shape.eye_x + 0.14), base - 0.040 - 0.020 * who.brow_arch - 0.22 * lift - 0.115 * outer),
                (side * (shape.eye_x + 0.285), base + 0.020 - 0.015 * who.brow_tilt - 0.125 * outer),
            ]
        )
        curve = smooth(canvas.at(points), steps=6)
        wide = (0.078 + 0.015 * who.brow_thick) * unit
        place = np.linspace(0, 1, len(curve))
        canvas.paper.line(curve, wide * np.interp(place, [0, 0.12, 0.55, 1], [0.62, 1, 0.85, 0.16]), colour)
    furrow = 0.85 * max(0.0, pinch - 0.5 * max(0.0, raised)) + 0.25 * shape.old
    height = base + 0.02 - 0.1 * raised
    for x in (-0.065, 0.06):
        canvas.wrinkle([(x * 1.1, height - 0.12), (x * 0.8, height - 0.02), (x, height + 0.1)], furrow, 0.028)
    folds = 0.75 * max(0.0, raised) * (0.45 + 0.55 * max(0.0, outer)) * (0.5 + 0.5 * shape.old) + 0.42 * shape.old
    reach = 0.28 + 0.22 * min(max(outer, 0.0), 1.0) + 0.15 * shape.old
    for number in range(3):
        y = base - 0.17 - 0.085 * number - 0.1 * max(0.0, raised)
        bend = 0.03 * (max(0.0, outer) - max(0.0, raised))
        canvas.wrinkle([(-reach, y + bend), (-reach / 2, y - 0.01), (0, y), (reach / 2, y - 0.01), (reach, y + bend)],
                       folds * (1, 0.85, 0.6)[number], 0.02)  # fmt: skip


def nose(canvas: Canvas) -> None:
    """The nose, with what it folds."""
    shape, who, paper, unit = canvas.shape, canvas.who, canvas.paper, canvas.stance.unit
    y, wide, wrinkled = shape.nose, shape.nose_wide, shape.moved["nose"]
    away = -1.0 if canvas.look.light > 0 else 1.0
    flank = canvas.at([(away * 0.05, -0.12), (away * 0.075, 0.1), (away * wide * 0.95, y - 0.06), (away * 0.03, y)])
    paper.soft([flank], canvas.dark(0.62), 0.010, 0.34, canvas.face)
    ridge = canvas.at([(-0.03, -0.05), (0.03, -0.05), (0.045, y - 0.08), (0.0, y - 0.02), (-0.045, y - 0.08)], 0.1)
    paper.soft([ridge], mixed(canvas.skin, (255, 250, 240), 0.6), 0.010, 0.38, canvas.face)
    below = [(-wide, y + 0.03), (0, y + 0.1), (wide, y + 0.03), (0, y + 0.0)]
    paper.soft([canvas.at(below)], canvas.dark(0.6), 0.010, 0.3, canvas.face)
    tip = 0.22
    up = 0.012 * who.nose_tip
    line = canvas.dark(0.5)
    drop = y + 0.045 - up
    curve = [(-0.62 * wide, y + 0.035), (-0.28 * wide, drop), (0, drop + 0.017), (0.28 * wide, drop),
             (0.62 * wide, y + 0.035)]  # fmt: skip
    places = smooth(canvas.at(curve, 0.75 * tip), steps=4)
    paper.line(places, tapered(len(places), 0.024 * unit, 0.3, 0.3), line, 0.85)
    for side in SIDES:
        hole = canvas.at([(side * 0.46 * wide, y + 0.022)], 0.6 * tip)[0]
        turn = -side * 0.35 + canvas.stance.roll
        paper.fill(ellipse(hole, 0.28 * wide * unit, 0.02 * unit * (1 + 0.4 * wrinkled), turn), canvas.dark(0.34))
        wing = [(side * 0.82 * wide, y - 0.10), (side * 1.06 * wide, y - 0.03), (side * 1.0 * wide, y + 0.035),
                (side * 0.72 * wide, y + 0.05)]  # fmt: skip
        places = smooth(canvas.at(wing, 0.3 * tip), steps=4)
        paper.line(places, tapered(len(places), 0.024 * unit, 0.15, 0.4), line, 0.8)
        for number in range(3):  # what disgust folds beside the bridge
            top = -0.05 + 0.075 * number
            canvas.wrinkle([(side * 0.035, top + 0.03), (side * 0.09, top), (side * 0.15, top + 0.05)],
                           0.95 * max(0.0, wrinkled - 0.15), 0.026)  # fmt: skip
    canvas.wrinkle([(-0.07, -0.075), (0, -0.055), (0.07, -0.075)], 0.8 * max(0.0, wrinkled - 0.2), 0.024)
