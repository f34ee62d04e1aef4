"""UTKFace: `39_1_0_20170116174525125.jpg.chip.jpg`, age_gender_race_time."""

from __future__ import annotations

import re
from pathlib import Path

from ..sample import Found, Planned
from . import walking
from .named import Told, by_name

GENDERS = ("male", "female")
RACES = ("white", "black", "asian", "indian", "other")
OLDEST = 120
_NAME = re.compile(r"\d{1,3}_[01]_[0-4]_\d+\..*")
_ANY = re.compile(r"(?:.*/)?(?P<fields>[^/.]*)[^/]*", re.DOTALL)


def look(path: Path) -> Found | None:
    folders, files = walking.glance(path)
    for folder in folders[:3]:  # part1 part2 part3
        files = files or [name for name in walking.glance(path / folder)[1] if walking.named_as_picture(name)]
    if not walking.mostly([name for name in files if walking.named_as_picture(name)], _NAME):
        return None
    fields = (Planned("age", "number"), Planned("gender", "class", GENDERS), Planned("race", "class", RACES))
    return by_name("utkface", path, fields, _ANY, _tell)


def _tell(match: re.Match[str]) -> Told | str:
    told = match["fields"].split("_")
    if len(told) != 4:
        return "a name with a field missing"
    age, gender, race, _ = (int(each) if re.fullmatch("[0-9]{1,20}", each) else -1 for each in told)
    if not (0 <= age <= OLDEST and 0 <= gender < len(GENDERS) and 0 <= race < len(RACES)):
        return "a name with an age, a gender or a race that is none"
    return {"age": age, "gender": GENDERS[gender], "race": RACES[race]}, ""
