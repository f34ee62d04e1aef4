"""A face is painted: `draw(person, look, size)`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from PIL import Image

from . import camera, features, hair, worn
from .features import Canvas
from .look import Look
from .mouth import mouth
from .paper import Paper, ellipse, mixed
from .person import Colour, Person
from .shape import Shape, Stance

Array: TypeAlias = np.ndarray

# What an expression does to the blood in a face: a colour, and how much of it at its full.
_BLOOD: dict[str, tuple[Colour, float]] = {
    "anger": ((206, 60, 48), 0.16), "fear": ((236, 232, 226), 0.16), "disgust": ((150, 168, 96), 0.13),
}  # fmt: skip


def draw(who: Person, look: Look, size: int = 130) -> Array:
    """The picture of a person who looks so: size×size×3 uint8, the same each time."""
    stance, shape = Stance.of(look), Shape.of(who, look)
    paper = Paper(size, look.backdrop)
    outline = stance.flat(shape.outline())
    age = who.age if look.age is None else look.age
    canvas = Canvas(paper, stance, shape, who, look, _blood(who, look), _greyed(who, age), paper.mask(outline))
    hair.behind(canvas)
    worn.body(canvas)
    worn.ears(canvas)
    paper.fill(outline, canvas.skin)
    _skin(canvas)
    features.brows(canvas)
    features.nose(canvas)
    hair.beard(canvas)
    mouth(canvas)
    features.eyes(canvas)
    hair.front(canvas)
    if look.glasses:
        worn.glasses(canvas)
    worn.cover(canvas)
    figure = paper.small_mask(paper.figure)
    found = paper.small() + (1 - figure)[..., None] * (_wall(look, size) - np.array(look.backdrop, np.float32).round())
    return camera.taken(camera.lit(found, figure, stance, look), look)


def _wall(look: Look, size: int) -> Array:
    """Something out of focus behind the head: size×size×3 float32."""
    lot = np.random.default_rng([int(sum(look.backdrop) * 1000), 8])
    grains = np.array(look.backdrop) * (lot.uniform(0.78, 1.22, (3, 3, 1)) + lot.normal(0, 0.03, (3, 3, 3)))
    small = Image.fromarray(np.clip(grains, 0, 255).astype(np.uint8))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC), np.float32)


def _blood(who: Person, look: Look) -> Colour:
    colour, share = _BLOOD.get(look.expression, ((0.0, 0.0, 0.0), 0.0))
    return mixed(who.skin, colour, share * min(look.intensity * look.strength, 1.5))


def _greyed(who: Person, age: float) -> Colour:
    """Hair at an age."""
    share = float(np.clip((age - 42 - 5 * who.eye_apart) / 30, 0, 0.9))
    return mixed(who.hair, (196, 194, 192), share)


def _skin(canvas: Canvas) -> None:
    """Hollows, blush, freckles, moles."""
    paper, shape, who, face = canvas.paper, canvas.shape, canvas.who, canvas.face
    sockets = [
        canvas.at(ellipse(np.array([side * (shape.eye_x - 0.03), -0.07]), 0.26, 0.17)) for side in features.SIDES
    ]
    paper.soft(sockets, canvas.dark(0.66), 0.022, 0.34 + 0.15 * shape.old, face)
    side = -1.0 if canvas.look.light > 0 else 1.0
    hollow = canvas.at(ellipse(np.array([side * 0.66, 0.6]), 0.14, 0.3, side * 0.35))
    paper.soft([hollow], canvas.dark(0.68), 0.028, 0.22 + 0.2 * shape.old, face)
    cheek = max(0.0, shape.moved["cheek"])
    red = mixed(canvas.skin, (214, 74, 74), 0.55)
    for each in features.SIDES:
        spot = canvas.at(ellipse(np.array([each * 0.53, 0.42 - 0.05 * cheek]), 0.19, 0.15))
        paper.soft([spot], red, 0.024, 0.15 + 0.4 * who.blush + 0.12 * cheek, face)
    if who.freckles > 0.15:
        lot = np.random.default_rng(round(1e6 * who.freckles))
        for x, y in zip(lot.normal(0, 0.34, 26), lot.normal(0.3, 0.1, 26), strict=True):
            spot = ellipse(
                canvas.at([(float(x), float(y))])[0], 0.016 * canvas.stance.unit, 0.014 * canvas.stance.unit, steps=8
            )
            paper.soft([spot], (150, 92, 62), 0.0, 0.55 * who.freckles + 0.15, face)
    for x, y, radius in who.moles:
        centre = canvas.at([(x, y)])[0]
        paper.soft([ellipse(centre, radius * canvas.stance.unit, radius * canvas.stance.unit, steps=12)],
                   (84, 52, 40), 0.0, 0.85, face)  # fmt: skip
