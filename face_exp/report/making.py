"""A report of a study: `report`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...engine.files import write_aside
from ..judging.facts import FacesFacts
from ..judging.judge import Judgement, judge
from ..judging.options import Options
from ..scores import read_all
from .document import document
from .markdown import markdown
from .page import page
from .sentences import answers
from .tables import files


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """The files that were written, what they say as numbers, and its shortest form: the answers to the questions."""

    markdown: Path
    html: Path
    csv: tuple[Path, ...]
    judgement: Judgement
    sentences: tuple[tuple[str, ...], ...] = ()


def report(folder: Path, options: Options | None = None, say: Callable[[str], None] | None = None) -> Report:
    """Judge the study in `folder` (its results folder, or its run) and write the report there, also of an unfinished
    one. Raises FacesError where there is no study, OSError where the report cannot be written.
    """
    folder = results_of(folder)
    faces = FacesFacts.read(folder)
    found, problems = read_all(folder / "heads")
    for problem in problems:
        (say or (lambda _: None))(problem)
    judgement = judge(found, faces, options, problems)
    blocks = document(judgement)
    tables = files(judgement)
    for name, text in (tables | {"report.html": page(blocks), "report.md": markdown(blocks)}).items():
        write_aside(folder / name, text.encode("utf-8", "replace"))
    return Report(
        folder / "report.md", folder / "report.html", tuple(folder / name for name in tables), judgement,
        answers(judgement),
    )  # fmt: skip


def results_of(folder: Path) -> Path:
    """The results folder of a run, or the folder itself."""
    return folder / "results" if (folder / "results").is_dir() else folder
