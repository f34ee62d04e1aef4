"""ORL (AT&T) faces: `s1/1.pgm`, forty persons with ten pictures each."""

from __future__ import annotations

import re
from pathlib import Path

from ..sample import Found, Planned
from . import walking
from .named import Told, by_name, folders

_NAME = re.compile(r"(?P<identity>[sS]\d{1,3})/\d{1,4}\.\w+")


def look(path: Path) -> Found | None:
    if not walking.mostly(walking.peek(path), _NAME):
        return None
    persons = [name for name in folders(path) if re.fullmatch(r"[sS][0-9]{1,3}", name)]
    classes = tuple(sorted(persons, key=lambda name: (int(name[1:]), name)))
    return by_name("orl", path, (Planned("identity", "class", classes),), _NAME, _tell)


def _tell(match: re.Match[str]) -> Told:
    return {"identity": match["identity"]}, ""
