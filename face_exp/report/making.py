"""A report of a study: `report`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..judging.facts import FacesFacts
from ..judging.judge import Judgement, judge
from ..judging.options import Options
from ..scores import read_all


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """The files that were written, what they say as numbers, and its shortest form: a few sentences."""

    markdown: Path
    html: Path
    csv: tuple[Path, ...]
    judgement: Judgement
    sentences: tuple[str, ...] = ()


def report(folder: Path, options: Options | None = None, say: Callable[[str], None] | None = None) -> Report:
    """Judge the study in `folder` (its results folder, or its run) and write the report there, also of an unfinished
    one. Raises FacesError where there is no study, OSError where the report cannot be written.
    """
    folder = folder / "results" if (folder / "results").is_dir() else folder
    faces = FacesFacts.read(folder)
    found, problems = read_all(folder / "heads")
    for problem in problems:
        (say or print)(problem)
    judgement = judge(found, faces, options)
    return Report(folder / "report.md", folder / "report.html", (folder / "report.csv",), judgement)
