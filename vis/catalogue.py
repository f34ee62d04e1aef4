"""The catalogue: every technique by its name, with all that is shown of it. It loads no framework and no NumPy."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType

from ..engine.text import printable
from .entries import inputs, layers, sets, training, units
from .technique import GROUPS, Group, Kind, Need, Option, Paper, Technique, TechniqueError

__all__ = [
    "GROUPS", "TECHNIQUES", "Group", "Kind", "Need", "Option", "Paper", "Technique", "TechniqueError", "nearest",
    "technique",
]  # fmt: skip

TECHNIQUES: Mapping[str, Technique] = MappingProxyType(
    {each.name: each for each in (*layers.ENTRIES, *inputs.ENTRIES, *units.ENTRIES, *sets.ENTRIES, *training.ENTRIES)}
)


def technique(name: str) -> Technique:
    """The technique of this name. Raises TechniqueError, with the nearest name."""
    found = TECHNIQUES.get(name)
    if found is None:
        hint = nearest(name, TECHNIQUES) or f": there are {', '.join(TECHNIQUES)}"
        raise TechniqueError(f"no technique is called {printable(name, 60)!r}{hint}")
    return found


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """A question that names the nearest of `known`: ", did you mean 'saliency_maps'?", or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""
