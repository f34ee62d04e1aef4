"""JAFFE, ten women and seven expressions: `KA.AN1.39.tiff`, subject.expression and its serial number.number."""

from __future__ import annotations

import re
from pathlib import Path

from ..sample import Found, Planned
from . import walking
from .named import Told, by_name

EXPRESSIONS = {
    "AN": "anger", "DI": "disgust", "FE": "fear", "HA": "happiness", "NE": "neutral", "SA": "sadness", "SU": "surprise",
}  # fmt: skip
_NAME = re.compile(
    r"(?:.*/)?(?P<subject>[A-Z]{2})\.(?P<expression>[A-Z]{2})\d?\.(?P<number>\d+)\.tiff?", re.DOTALL | re.IGNORECASE
)


def look(path: Path) -> Found | None:
    names = [name for name in walking.glance(path)[1] if name.lower().endswith((".tiff", ".tif"))]
    if not walking.mostly(names, _NAME):
        return None
    fields = (Planned("expression", "class", tuple(EXPRESSIONS.values())), Planned("subject", "class"))
    return by_name("jaffe", path, fields, _NAME, _tell)


def _tell(match: re.Match[str]) -> Told | str:
    expression, subject = EXPRESSIONS.get(match["expression"].upper()), match["subject"].upper()
    if expression is None:
        return "a name with an expression that is unknown"
    return {"expression": expression, "subject": subject}, subject
