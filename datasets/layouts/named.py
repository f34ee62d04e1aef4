"""Sets that say what a picture shows in the name of its file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..sample import FileImage, Found, Planned, Problems, Sample
from . import walking
from .layout import found

Told = tuple[Mapping[str, Any], str]  # values but the image, group


def by_name(
    layout: str,
    root: Path,
    fields: tuple[Planned, ...],
    pattern: re.Pattern[str],
    tell: Callable[[re.Match[str]], Told | str],
    notes: tuple[str, ...] = (),
) -> Found:
    """The pictures below `root` whose path from there (with slashes) matches; others are counted. `tell` makes of the
    match values and group, or the reason why it is left out.
    """
    step = partial(_samples, root, pattern, tell)
    return found(layout, (Planned("image", "image"), *fields), step, notes=notes)


def _samples(
    root: Path, pattern: re.Pattern[str], tell: Callable[[re.Match[str]], Told | str], problems: Problems
) -> Iterator[Sample]:
    for name in walking.pictures(root, problems):
        match = pattern.fullmatch(name)
        told = tell(match) if match is not None else "a name unlike those of this set"
        if isinstance(told, str):
            problems.add(told, root / name)
        else:
            values, group = told
            yield Sample(walking.said(name), {"image": FileImage(root / name), **values}, walking.said(group))


def folders(root: Path) -> tuple[str, ...]:
    """The names of the folders in `root`, as classes are called."""
    try:
        return tuple(walking.said(name) for name, kind in walking.entries(root) if kind in ("folder", "link"))
    except OSError:
        return ()
