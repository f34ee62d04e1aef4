"""What a technique says of itself: what one sees, where it was published, what must not be concluded from it."""

from __future__ import annotations

from ...engine.errors import TrainvisError
from ...vis.catalogue import technique
from ...vis.names import parse
from ..drawing.cells import steady
from .words import Lines


def about(name: str) -> Lines:
    """The technique of a figure, with its wrapper first where it has one; [] for one that the catalogue does not know.

    A file of somebody else may name anything.
    """
    try:
        named = parse(name)
    except TrainvisError:
        return [((steady(name, 80), "title"),), (("The script made this figure by itself.", ""),)] if name else []
    entries = [technique(named.wrapper)] if named.wrapper else []
    lines: Lines = [((named.title, "title"), (f"  {named}", "dim"))]
    for entry in (*entries, named.entry):
        lines.append(((entry.sentence, ""),))
        if entry.caveat:
            lines.append(((entry.caveat, "warn"),))
        if entry.paper is not None:
            paper = entry.paper
            lines.append(((f"{paper.authors} ({paper.year}): {paper.title}. {paper.address}", "dim"),))
    return lines


def caveats(name: str) -> list[str]:
    """What must not be concluded."""
    try:
        named = parse(name)
    except TrainvisError:
        return []
    entries = [technique(named.wrapper)] if named.wrapper else []
    return [entry.caveat for entry in (*entries, named.entry) if entry.caveat]
