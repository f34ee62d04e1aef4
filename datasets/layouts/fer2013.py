"""FER2013: `fer2013.csv` with `emotion,pixels,Usage`, 48×48 grey values as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from math import isqrt
from pathlib import Path

from ..errors import SourceError
from ..sample import Found, Planned, Problems, Sample
from . import rows, walking
from .layout import found

EXPRESSIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
_SPLITS = {"training": "train", "publictest": "validation", "privatetest": "test"}
_NAMES = ("fer2013.csv", "icml_face_data.csv")


def look(path: Path) -> Found | None:
    if path.is_dir():
        named = [name for name in walking.glance(path)[1] if name.lower() in _NAMES]
        path = path / named[0] if named else path
    if path.suffix.lower() != ".csv" or not walking.is_file(path):
        return None
    try:
        table = rows.table(path, "comma", header=True)
    except SourceError:
        return None
    if "pixels" not in map(str.casefold, table.names):
        return None
    fields = (Planned("image", "image"), Planned("expression", "class", EXPRESSIONS))
    return found("fer2013", fields, partial(_samples, table))


def _samples(table: rows.Table, problems: Problems) -> Iterator[Sample]:
    names = [name.casefold() for name in table.names]
    for place, row in table.rows(problems):
        told = dict(zip(names, row, strict=False))
        sample = _sample(f"{place:05}", told)
        if isinstance(sample, str):
            problems.add(sample, f"{table.path.name}, row {place}")
        else:
            yield sample


def _sample(key: str, told: dict[str, str]) -> Sample | str:
    import numpy as np

    if not re.fullmatch(r"[0-9 ]+", told.get("pixels", "")):
        return "pixels that are no numbers"
    values = told["pixels"].split()
    side = isqrt(len(values))
    if side * side != len(values):
        return "pixels that are no square"
    if any(len(value) > 3 for value in values) or max(pixels := list(map(int, values))) > 255:
        return "pixels over 255"
    expression = told.get("emotion", "")
    if expression and expression not in tuple("0123456"):
        return "an emotion that is none of 0…6"
    image = np.array(pixels, np.uint8).reshape(side, side, 1)
    usage = _SPLITS.get(told.get("usage", "").casefold(), "")
    return Sample(key, {"image": image, "expression": EXPRESSIONS[int(expression)] if expression else None}, "", usage)
