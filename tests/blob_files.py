"""Small blobs for tests of what looks into them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from own_files import write_own
from PIL import Image

from trainvis.datasets.schema import Field, Schema

HOSTILE = "\x1b[2J\x1b]0;gone\x07\u202e\x9b31m"  # what clears a screen, names a window, turns a line round

DIGITS = Schema(
    (
        Field("image", "image", "uint8", (8, 8, 1)),
        Field("label", "class", "int64", classes=("nought", "one", "two")),
        Field("split", "class", "int64", classes=("train", "test")),
        Field("ink", "number", "float64"),
        Field("note", "text"),
    )
)
PETS = Schema(
    (
        Field("image", "image", "uint8", (None, None, 3), encoding="file"),
        Field("label", "class", "int64", classes=("cat", f"dog{HOSTILE}", "../up")),
        Field("points", "array", "float32", (2, 2)),
    )
)


def digits(path: Path, count: int = 12) -> Path:
    """`count` records of 8×8 grey bytes, of classes in turn, every fourth in the part "test"."""
    rng = np.random.default_rng(1)
    rows = []
    for at in range(count):
        image = rng.integers(0, 256, (8, 8, 1), dtype=np.uint8)
        values = {"image": image, "label": at % 3, "split": int(at % 4 == 3), "ink": float(at), "note": f"n{at}"}
        rows.append((f"set/digit-{at:03}.png", values))
    return write_own(path, DIGITS, rows)


def pets(path: Path, broken: int | None = None) -> Path:
    """Five JPEG and PNG files of several sizes; hostile names; record `broken` is no picture."""
    rng = np.random.default_rng(2)
    rows: list[tuple[str, dict[str, Any]]] = []
    for at in range(5):
        size = (20 + at, 30)
        image = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)).resize(size)
        target = io.BytesIO()
        image.save(target, "JPEG" if at % 2 else "PNG")
        data = target.getvalue() if at != broken else b"\xff\xd8\xff no picture at all"
        points = np.full((2, 2), at, np.float32)
        rows.append((f"pets{HOSTILE}/{at}.jpg", {"image": data, "label": at % 3, "points": points}))
    return write_own(path, PETS, rows)
