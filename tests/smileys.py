"""The simplest faces that show an expression: a disc, brows, eyes and a mouth, of people who differ in width."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from own_files import write_own
from PIL import Image, ImageDraw

from trainvis.datasets.schema import Field, Schema

# How far the corners of the mouth are up, how far the inner brows, how open the mouth is.
SHAPES = {
    "neutral": (0.0, 0.0, 0.0),
    "anger": (-0.5, -1.0, 0.0),
    "happiness": (1.0, 0.0, 0.0),
    "sadness": (-1.0, 1.0, 0.0),
    "surprise": (0.0, 0.5, 1.0),
}


def smiley(person: int, word: str, random: np.random.Generator, side: int = 32) -> np.ndarray:
    """side×side×1 uint8; drawn four times as large, and made smaller."""
    up, brow, opened = SHAPES[word]
    of_person = np.random.default_rng(person)
    wide, skin = of_person.uniform(0.32, 0.45), int(of_person.uniform(140, 230))
    big = side * 4
    picture = Image.new("L", (big, big), int(random.uniform(0, 60)))
    draw = ImageDraw.Draw(picture)
    x, y = big * (0.5 + random.uniform(-0.04, 0.04)), big * (0.5 + random.uniform(-0.04, 0.04))
    draw.ellipse((x - wide * big, y - 0.46 * big, x + wide * big, y + 0.46 * big), fill=skin)
    unit, pen = big / 10, big // 24
    for turn in (-1, 1):
        eye = x + turn * 1.6 * unit
        draw.ellipse((eye - 0.5 * unit, y - 1.3 * unit, eye + 0.5 * unit, y - 0.5 * unit), fill=20)
        inner = (eye - turn * unit, y - (2 + brow) * unit)
        draw.line((inner, (eye + turn * unit, y - 2 * unit)), fill=20, width=pen)
    corner, middle = y + (2.2 - 0.7 * up) * unit, y + (2.2 + 0.5 * up) * unit
    if opened:
        draw.ellipse((x - unit, y + 1.4 * unit, x + unit, y + 3.4 * unit), fill=20)
    else:
        points = [(x - 2 * unit, corner), (x - unit, middle), (x + unit, middle), (x + 2 * unit, corner)]
        draw.line(points, fill=20, width=pen, joint="curve")
    small = np.asarray(picture.resize((side, side), Image.Resampling.BOX), np.float64)
    return np.clip(small + random.normal(0, 6, small.shape), 0, 255).astype(np.uint8)[..., None]


def smileys(
    path: Path,
    people: Sequence[int] = range(12),
    words: Sequence[str] = tuple(SHAPES),
    each: int = 4,
    *,
    named: dict[str, str] | None = None,
    side: int = 32,
    seed: int = 0,
) -> Path:
    """A blob: `each` pictures of each person and word; `named` says what the data set calls a word."""
    random = np.random.default_rng(seed)
    called = tuple((named or {}).get(word, word) for word in words)
    fields = (
        Field("image", "image", "uint8", (side, side, 1)),
        Field("expression", "class", "int64", (), called),
        Field("identity", "class", "int64", (), tuple(f"person {number}" for number in people)),
    )
    rows: list[tuple[str, dict[str, Any]]] = [
        (f"{person}-{word}-{one}", {"image": smiley(person, word, random, side), "expression": number, "identity": who})
        for who, person in enumerate(people)
        for number, word in enumerate(words)
        for one in range(each)
    ]
    return write_own(path, Schema(fields), rows)
