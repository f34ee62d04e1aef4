"""IMFDB, faces of a hundred Indian film actors: `<Actor>/<Movie>/<Movie>.txt` and `<Actor>/<Movie>/images/*.jpg`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from . import rows, walking
from .layout import found

EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
GENDERS = ("male", "female")
# After the expression, in this order; their words are taken as they are written.
AFTER = ("occlusion", "illumination", "age", "pose", "makeup")
_WORD = re.compile(r"[a-z][a-z _/-]{0,29}")
_LONGEST = 255  # bytes of a file's name
_TITLE = 6  # cells from the name of the picture to the year, behind the title
_NUMBER = re.compile(r"(\d+)\D*$")
NO_TEXT = "a film without a readable text: its pictures have no labels but the actor"
NO_EXPRESSION = "a row in which no expression is to be found"
NO_PICTURE = "a row whose picture is not there, or was named before"


def look(path: Path) -> Found | None:
    if not _is_imfdb(path):
        return None
    fields = (
        Planned("image", "image"), Planned("identity", "class"), Planned("expression", "class", EXPRESSIONS),
        Planned("gender", "class", GENDERS), *(Planned(name, "class") for name in AFTER),
        Planned("film", "text"), Planned("year", "number"),
    )  # fmt: skip
    return found("imfdb", fields, partial(_samples, path))


def _is_imfdb(path: Path) -> bool:
    """Whether one of the first folders of folders has a text beside a folder `images`."""
    for actor in walking.glance(path)[0][:10]:
        for film in walking.glance(path / actor)[0][:10]:
            folders, files = walking.glance(path / actor / film)
            if any(name.lower() == "images" for name in folders) and any(map(_is_text, files)):
                return True
    return False


def _samples(root: Path, problems: Problems) -> Iterator[Sample]:
    for actor in _folders(root, problems):
        for film in _folders(root / actor, problems):
            yield from _film(root, actor, film, problems)


def _film(root: Path, actor: str, film: str, problems: Problems) -> Iterator[Sample]:
    folder = root / actor / film
    images: list[str] = []
    for name in walking.walk(folder, problems):
        if walking.is_picture(folder / name):
            images.append(name)
        elif not _is_text(name):
            problems.add(walking.NO_PICTURE, folder / name)
    told = _labels(folder, film, images, problems)
    group = re.sub(r"[\s_]+", " ", walking.said(film)).strip().casefold()  # the film of another actor's folder
    for name in images:
        values = {"image": FileImage(folder / name), "identity": walking.said(actor), **told.get(name, _UNTOLD)}
        yield Sample(walking.said(f"{actor}/{film}/{name}"), {**values, "film": walking.said(film)}, group)


_UNTOLD: Mapping[str, object] = dict.fromkeys(("expression", "gender", *AFTER, "year"))


def _labels(folder: Path, film: str, images: list[str], problems: Problems) -> dict[str, dict[str, object]]:
    """Picture → what the text of a film says of it."""
    text = _text(folder, film)
    if text is None:
        if images:
            problems.add(NO_TEXT, folder)
        return {}
    by_name = {Path(name).name.casefold(): name for name in images}
    by_number: dict[str, str] = {}
    for name in images:
        if number := _number(name):
            by_number.setdefault(number, name)
    found: dict[str, dict[str, object]] = {}
    try:
        for place, row in enumerate(rows.lines(text, problems), 1):
            cells = [cell.strip() for cell in row.rstrip("\r\n").split("\t")]
            if not any(cells):
                continue
            told = _row(cells)
            if told is None:
                problems.add(NO_EXPRESSION, f"{text}, line {place}")
                continue
            named, values = told
            # Texts and files spell an actor differently; the number at the end is the same.
            image = by_name.get(named.casefold()) or by_number.get(_number(named))
            if image is None or image in found:
                problems.add(NO_PICTURE, f"{text}, line {place}: {named}")
            else:
                found[image] = values
    except SourceError:
        problems.add(NO_TEXT, text)
    return found


def _row(cells: list[str]) -> tuple[str, dict[str, object]] | None:
    """Name of the picture and labels. Files mix rows of 16, 17 and 18 cells: the word of the expression says where all
    else stands. A film may be called Fear: the expression follows a gender, or stands well behind the title.
    """
    words = [cell.casefold() for cell in cells]
    image = next((place for place, cell in enumerate(cells) if walking.named_as_picture(cell)), None)
    if image is None:
        return None
    places = [place for place in range(image + 2, len(words)) if words[place] in EXPRESSIONS]
    sure = [place for place in places if words[place - 1] in GENDERS]
    likely = sure or [place for place in places if place > image + _TITLE]
    if not likely:
        return None
    place = likely[-1]
    gender = words[place - 1] if words[place - 1] in GENDERS else None
    values: dict[str, object] = {**_UNTOLD, "expression": words[place], "gender": gender}
    for name, word in zip(AFTER, words[place + 1 :], strict=False):
        values[name] = word if _WORD.fullmatch(word) else None
    values["year"] = next((int(word) for word in words[:place] if re.fullmatch(r"(?:19|20)[0-9]{2}", word)), None)
    return cells[image], values


def _text(folder: Path, film: str) -> Path | None:
    """The text of a film: the one with its name, else the first."""
    texts = [name for name in walking.glance(folder)[1] if _is_text(name)]
    own = [name for name in texts if name.casefold() == f"{film}.txt".casefold()]
    return folder / (own or texts)[0] if texts else None


def _is_text(name: str) -> bool:
    return name.lower().endswith(".txt")


def _number(name: str) -> str:
    """The digits at the end of a file's name, without leading zeros."""
    match = _NUMBER.search(name.rpartition("/")[2].rpartition(".")[0][-_LONGEST:])
    return match.group(1).lstrip("0") or "0" if match else ""


def _folders(path: Path, problems: Problems) -> list[str]:
    """The folders in a folder; a picture beside them is counted."""
    found: list[str] = []
    try:
        for name, kind in walking.entries(path):
            if kind in (walking.FOLDER, walking.LINK):
                found.append(name)
            elif walking.named_as_picture(name):
                problems.add("a picture in no folder of a film", path / name)
    except OSError:
        problems.add(walking.UNREADABLE, path)
    return found
