"""Going on with a study: which one, whether its data is still the same, and which of its heads are finished."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..engine.files import read_json
from ..engine.places import expanded
from ..engine.rundir import RunDir
from ..engine.text import printable
from . import settings as kept
from .errors import FacesError
from .scores import Head, read, scores_file


def results_of(path: str) -> Path:
    """The results folder of a study that is to be gone on with. One that went on itself, and ended before it had taken
    over a head (it was refused, or stopped that early), stands for the one that it went on with. Raises FacesError.
    """
    run, visited = RunDir(expanded(path)), set()
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
    """What is wrong where the vectors of faces are not made as those of the study in `before`: a file of the same name
    may have been trained anew meanwhile, an older version scaled them otherwise. "" where they are, or nobody knows.
    """
    _, then = kept.read(before)
    facts = then.get("data", {})
    if not isinstance(facts, dict) or facts.get("made_by") in (None, "", about.get("made_by")):
        return ""
    return (
        f"what heads are given of {printable(about.get('extractor', ''), 100)} is not what it was when "
        f"{printable(before.parent.name, 100)} was begun (its file was replaced, or its vectors are scaled otherwise "
        "now): begin a new study"
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


def other_training(before: Path, about: Mapping[str, Any]) -> str:
    """What is wrong where a network is not trained, or its pairs of faces not drawn, as in the study in `before`: its
    heads could not be averaged with those to come. "" where they are. Raises FacesError.
    """
    settings, then = kept.read(before)
    facts = then.get("data", {})
    if not isinstance(facts, dict) or not any((before / "heads").glob("*.npz")):
        return ""
    study, nets = printable(before.parent.name, 100), facts.get("nets")
    trained = nets if isinstance(nets, dict) else _before_it_was_kept(settings)
    older = "" if trained is nets else f"{study} was begun by an older trainvis, which may have "
    for name, now in about["nets"].items():
        was = trained.get(name, now)
        was = was if isinstance(was, dict) else {}
        if what := ", ".join(
            f"{each} {was.get(each)} then, {now[each]} now" for each in now if was.get(each) != now[each]
        ):
            said = f"trained {name} otherwise" if older else f"{name} is not trained as when {study} was begun"
            return f"{older}{said} ({printable(what, 300)}): begin a new study"
    apart = about["films_apart"]
    if settings.pairs and apart != facts.get("films_apart", False):
        if older:
            return f"{older}compared faces of one film with each other, which is not done now: begin a new study"
        return f"faces of one film were {'' if apart else 'not '}compared when {study} was begun: begin a new study"
    return ""


def _before_it_was_kept(settings: kept.Settings) -> dict[str, Any]:
    """How networks were trained where that was not kept: what a configuration file says did not reach those of a sweep
    then, unless they were named beside it.
    """
    from . import config, nets, sweep

    said = config.read(Path(settings.config)).nets if settings.config else {}
    named = nets.nets(settings.nets, said) if settings.nets else ()
    swept = sweep.sweep(settings.sweep) if settings.sweep is not None else ()
    return {net.name: nets.training(net) for net in (*swept, *named)}


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
