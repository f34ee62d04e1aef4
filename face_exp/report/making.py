"""A report of a study: `report`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...engine.files import write_aside
from ...engine.text import printable
from ..errors import FacesError
from ..judging.facts import FacesFacts
from ..judging.judge import Judgement, judge
from ..judging.options import Options
from ..scores import Scores, read_all
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
    _check(options or Options(), faces, found)
    judgement = judge(found, faces, options, problems)
    blocks = document(judgement)
    tables = files(judgement)
    for name, text in (tables | {"report.html": page(blocks), "report.md": markdown(blocks)}).items():
        write_aside(folder / name, text.encode("utf-8", "replace"))
    return Report(
        folder / "report.md", folder / "report.html", tuple(folder / name for name in tables), judgement,
        answers(judgement),
    )  # fmt: skip


def _check(options: Options, faces: FacesFacts, found: Sequence[Scores]) -> None:
    """What is asked for is there: a report of nothing would take the place of a good one. Raises FacesError."""
    sets = list(dict.fromkeys([*faces.sets, *(each.head.expressions for each in found if each.head.expressions)]))
    sources = {each.head.source for each in found}
    if options.expressions and options.expressions not in sets:
        there = f"there are {', '.join(sets)}" if sets else "it has none"
        raise FacesError(f"{printable(options.expressions, 60)} is no set of expressions of this study: {there}")
    if options.source != "label" and options.source not in sources:  # for labels, which are usual, others stand in
        raise FacesError(f"no network of this study was given {printable(options.source, 60)} expressions")


def results_of(folder: Path) -> Path:
    """The results folder of a run, or the folder itself."""
    return folder / "results" if (folder / "results").is_dir() else folder
