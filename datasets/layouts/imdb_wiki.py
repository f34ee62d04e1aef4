"""IMDB-WIKI: `imdb.mat` or `wiki.mat` with dates of birth and years of photos, beside folders of the pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import repeat
from math import isfinite
from pathlib import Path
from typing import Any

from ...engine.text import printable
from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from . import walking
from .layout import found
from .listed import below, root_of
from .seen import Seen

GENDERS = ("female", "male")  # 0 and 1
OLDEST = 100
_FIELDS = ("dob", "photo_taken", "full_path", "gender", "name", "face_score", "second_face_score")
_MATLAB_DAYS = 366  # Matlab counts days from the year 0, Python from the year 1


def look(path: Path, root: str | os.PathLike[str] | None = None) -> Found | None:
    """Raises SourceError where the .mat file cannot be read or holds something else."""
    if path.is_dir():
        path = next((path / name for name in ("imdb.mat", "wiki.mat") if walking.is_file(path / name)), path)
    if path.suffix.lower() != ".mat" or not walking.is_file(path):
        return None
    held = _read(path)
    fields = [Planned("image", "image"), Planned("gender", "class", GENDERS), Planned("age", "number")]
    step = partial(_samples, path, held, root_of(root, path.parent))
    return found("imdb_wiki", (*fields, Planned("name", "text")), step)


def _read(path: Path) -> dict[str, Any]:
    from .matfile import Cells, read

    held = next((each for each in read(path, _FIELDS).values() if isinstance(each, dict) and "full_path" in each), None)
    if held is None or not isinstance(held["full_path"], Cells) or not {"dob", "photo_taken"} <= held.keys():
        raise SourceError(f"{printable(path, 300)} has not what IMDB-WIKI has: dob, photo_taken, full_path")
    count = len(held["full_path"])
    for name in ("dob", "photo_taken", "gender", "face_score", "second_face_score"):
        if name in held and getattr(held[name], "size", -1) != count:
            raise SourceError(f"{printable(path, 300)} has {count} paths and not as many of {name}")
    return held


def _samples(path: Path, held: dict[str, Any], root: str, problems: Problems) -> Iterator[Sample]:
    columns = [
        held[name].ravel(order="F").tolist() if name in held else repeat(None)
        for name in ("dob", "photo_taken", "gender", "face_score", "second_face_score")
    ]
    names = held["name"] if hasattr(held.get("name"), "__len__") else repeat(None)
    with Seen() as seen:
        try:
            for place, (name, who, *told) in enumerate(zip(held["full_path"], names, *columns, strict=False), 1):
                name = name if isinstance(name, str) else ""
                sample = _sample(root, name, who if isinstance(who, str) else "", told)
                if not isinstance(sample, str) and seen.add(sample.key) != "new":
                    sample = "a picture that was listed before"
                if isinstance(sample, str):
                    problems.add(sample, f"{path.name}, number {place}: {name}")
                else:
                    yield sample
        except SourceError as error:
            problems.add("the list ends early, for it is damaged", error)


def _sample(root: str, name: str, who: str, told: list[Any]) -> Sample | str:
    born, taken, gender, score, second = told
    if score is not None and not isfinite(score):
        return "no face was found in it"
    if second is not None and isfinite(second) and second > 0:
        return "a second face was found in it"
    age = _age(born, taken)
    if age is None:
        return f"an age outside 0…{OLDEST}, or dates that are none"
    file = below(root, name) if name else "a row without a picture"
    if isinstance(file, str):
        return file
    who = walking.said(who)
    values = {
        "image": FileImage(file.path),
        "gender": {0: GENDERS[0], 1: GENDERS[1]}.get(gender),
        "age": age,
        "name": who,
    }
    return Sample(walking.said(file.name), values, who)


def _age(born: float, taken: float) -> int | None:
    """At the middle of the year in which the photo was taken; `born` is a serial date of Matlab."""
    try:
        birth = date.fromordinal(int(born) - _MATLAB_DAYS)
        age = int(taken) - birth.year - ((birth.month, birth.day) > (7, 1))
    except (ValueError, OverflowError):
        return None
    return age if 0 <= age <= OLDEST else None
