"""Going on with a study: which one, whether its data is still the same, and which of its heads are finished."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.files import read_json
from ..engine.rundir import RunDir
from ..engine.text import printable
from . import settings as kept
from .errors import FacesError
from .scores import Head, read, scores_file


def results_of(path: str) -> Path:
    """The results folder of a study that is to be gone on with. One that went on itself, and ended before it had taken
    over a head (it was refused, or stopped that early), stands for the one that it went on with. Raises FacesError.
    """
    run, visited = RunDir(Path(path).expanduser()), set()
    while True:
        file = kept.study_file(run.results)
        if not file.exists():
            raise FacesError(f"{printable(run.id, 100)} is no study: it has no {file.parent.name}/{file.name}")
        visited.add(run.id)
        said = read_json(file).value
        name = said.get("resumes")
        if said.get("heads") or not isinstance(name, str) or not RunDir.looks_like_id(name) or name in visited:
            return run.results
        before = RunDir(run.path.parent / name)
        if not kept.study_file(before.results).exists():
            return run.results
        run = before


def other_data(before: Path, about: Mapping[str, Any]) -> str:
    """What is wrong where the faces are not those that the study in `before` was begun with, "" where they are: heads
    of others cannot be compared with its own.
    """
    _, then = kept.read(before)
    facts = then.get("data", {})
    if not isinstance(facts, dict) or facts.get("digest") in (None, "", about["digest"]):
        return ""
    return (
        f"the data is not what it was when {printable(before.parent.name, 100)} was begun ({facts.get('faces')} faces "
        f"then, {about['faces']} now): begin a new study"
    )


def other_features(before: Path, about: Mapping[str, Any]) -> str:
    """What is wrong where the vectors of faces are made by another network than those of the study in `before`: a file
    of the same name may have been trained anew meanwhile. "" where they are not, or nobody knows.
    """
    _, then = kept.read(before)
    facts = then.get("data", {})
    if not isinstance(facts, dict) or facts.get("made_by") in (None, "", about.get("made_by")):
        return ""
    return (
        f"the extractor {printable(about.get('extractor', ''), 100)} is not what it was when "
        f"{printable(before.parent.name, 100)} was begun: begin a new study"
    )


def other_expressions(before: Path, about: Mapping[str, Any]) -> str:
    """What is wrong where expressions are predicted by another network than in the study in `before`: its file may
    have been replaced meanwhile. "" where they are not, or nobody knows.
    """
    _, then = kept.read(before)
    facts = then.get("data", {})
    if not isinstance(facts, dict) or facts.get("expressions_by") in (None, "", about.get("expressions_by")):
        return ""
    return (
        f"the network that predicts expressions, {printable(about.get('expressions_from', ''), 200)}, is not what it "
        f"was when {printable(before.parent.name, 100)} was begun: begin a new study"
    )


def taken_over(head: Head, results: Path, before: Path | None) -> bool:
    """Whether the scores of a head are whole: in `results`, or in those of the study that is gone on with (`before`),
    whose file is shared then. What is damaged is taken away, and trained again. Raises OSError.
    """
    here = scores_file(results / "heads", head)
    there = scores_file(before / "heads", head) if before else None
    if there is not None and there.exists() and not here.exists():
        here.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(there, here)
        except OSError:  # another file system, or one without links
            shutil.copy2(there, here)
    try:
        return read(here).head == head
    except FacesError:
        here.unlink(missing_ok=True)
        return False
