"""CK+48, the last frames of posed expressions: `<expression>/S010_004_00000017.png`, subject_sequence_frame."""

from __future__ import annotations

import re
from pathlib import Path

from ..sample import Found, Planned
from . import walking
from .named import Told, by_name, folders

_NAME = re.compile(
    r"(?P<expression>[^/]+)/(?:.*/)?(?P<subject>S\d{3})_(?P<sequence>\d{3})_(?P<frame>\d{8})\.\w+", re.DOTALL
)


def look(path: Path) -> Found | None:
    """The three frames of a sequence are one group: nearly alike, they must not be torn apart by a split."""
    if not walking.mostly(walking.peek(path), _NAME):
        return None
    fields = (Planned("expression", "class", folders(path)), Planned("subject", "class"), Planned("frame", "number"))
    return by_name("ck_plus", path, fields, _NAME, _tell)


def _tell(match: re.Match[str]) -> Told:
    told = {"expression": walking.said(match["expression"]), "subject": match["subject"], "frame": int(match["frame"])}
    return told, f"{match['subject']}_{match['sequence']}"
