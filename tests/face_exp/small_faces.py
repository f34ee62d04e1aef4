"""Small data sets of “faces” whose pixels are numbers we chose, so that what a study is to find in them is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from own_files import write_own

from trainvis.datasets.schema import Field, Schema

WORDS = ("neutral", "anger", "fear", "happiness", "sadness")
SIDE = 6  # pixels: `--extractor pixels:6`


def small_faces(path: Path, people: int = 9, each: int = 40, moves: float = 1.0, noise: float = 0.2) -> Path:
    """A blob in which people stand on the points of a square lattice, and an expression moves them all by `moves` of
    its steps in a direction of its own. So with `moves` 1 nobody can be told from a neighbour who shows another
    expression, unless the expression is known; with 0 it makes no difference. Each face is moved by chance too, by
    `noise` steps. What lies on the two axes of the lattice is spread over all pixels.
    """
    random = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(people)))
    steps = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)], float) * moves
    spread = random.choice([-1.0, 1.0], size=(2, SIDE * SIDE))
    schema = Schema(
        (
            Field("image", "image", "uint8", (SIDE, SIDE, 1)),
            Field("identity", "class", "int64", classes=tuple(f"person {number}" for number in range(people))),
            Field("expression", "class", "int64", classes=WORDS),
            Field("session", "text"),
        )
    )
    rows = []
    for person in range(people):
        for number in range(each):
            shown = int(random.integers(len(WORDS)))
            place = np.array([person % side, person // side]) - (side - 1) / 2 + steps[shown]
            place = place + random.normal(size=2) * noise
            image = np.clip(128 + 30 * place @ spread, 0, 255).astype(np.uint8).reshape(SIDE, SIDE, 1)
            values = {"image": image, "identity": person, "expression": shown, "session": f"{person}/{number // 4}"}
            rows.append((f"{person}/{number:03}.png", values))
    return write_own(path, schema, rows)
