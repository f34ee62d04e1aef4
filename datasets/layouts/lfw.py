"""Labeled Faces in the Wild: `Aaron_Eckhart/Aaron_Eckhart_0001.jpg`."""

from __future__ import annotations

import re
from pathlib import Path

from ..sample import Found, Planned
from . import walking
from .named import Told, by_name

_NAME = re.compile(r"(?P<identity>[A-Z][^/_]*_[^/]+)/(?P=identity)_\d{4}\.\w+", re.DOTALL)  # unlike cat/cat_0001.jpg
_ANY = re.compile(r"(?P<identity>[^/]+)/[^/]+", re.DOTALL)


def look(path: Path) -> Found | None:
    if not walking.mostly([name for name in walking.peek(path) if walking.named_as_picture(name)], _NAME):
        return None
    return by_name("lfw", path, (Planned("identity", "class"),), _ANY, _tell)


def _tell(match: re.Match[str]) -> Told:
    return {"identity": walking.said(match["identity"])}, ""
