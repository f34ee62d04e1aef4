"""Yale faces: `subject01.happy`, GIF files whose ending is what they show."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from ..sample import FileImage, Found, Planned, Problems, Sample
from . import walking
from .layout import found
from .seen import Seen

CONDITIONS = (
    "centerlight", "glasses", "happy", "leftlight", "noglasses", "normal", "rightlight", "sad", "sleepy", "surprised",
    "wink",
)  # fmt: skip
_NAME = re.compile(
    rf"(?:.*/)?(?P<subject>subject\d\d)\.(?P<condition>{'|'.join(CONDITIONS)})(?:\.\w+)?", re.DOTALL | re.IGNORECASE
)
TWIN = "the same picture as one before, under another condition"


def look(path: Path) -> Found | None:
    if not walking.mostly(walking.glance(path)[1], re.compile(r"(?i:subject\d\d\..*)")):
        return None
    fields = (Planned("image", "image"), Planned("identity", "class"), Planned("condition", "class", CONDITIONS))
    return found("yale", fields, partial(_samples, path))


def _samples(root: Path, problems: Problems) -> Iterator[Sample]:
    """Copies have pairs that are the same byte by byte: one of the two conditions is wrong, and nobody can say which.
    The first counts.
    """
    with Seen() as seen:
        for name in walking.pictures(root, problems):
            match = _NAME.fullmatch(name)
            if match is None:
                problems.add("a name without subject and condition", root / name)
            elif seen.add(_digest(root / name)) != "new":
                problems.add(TWIN, root / name)
            else:
                subject = match["subject"].lower()
                told = {"identity": subject, "condition": match["condition"].lower()}
                yield Sample(walking.said(name), {"image": FileImage(root / name), **told}, subject)


def _digest(path: Path) -> str:
    """Of the content; of the path where it cannot be read, which the build will say."""
    found = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for part in islice(iter(partial(file.read, 1 << 20), b""), 64):
                found.update(part)
    except OSError:
        return str(path)
    return found.hexdigest()
