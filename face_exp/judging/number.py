"""Does the number of expressions matter? Accuracy against it, network by network, over the same splits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..nets import NETS
from .arms import Seen
from .estimate import Estimate
from .facts import FacesFacts
from .options import Options
from .paired import Paired, corrected_t, holm, smallest


@dataclass(frozen=True, slots=True)
class Point:
    """Identification in the test part with one set of expressions."""

    expressions: str
    number: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Trend:
    """A network over several sets. `found` tests the slopes over seeds: the change of accuracy for each doubling of
    the number of expressions, over the sets of two or more (of one or more, where there are no two such).
    """

    net: str
    source: str
    points: tuple[Point, ...]
    found: Paired
    adjusted: float = math.nan
    significant: bool = False
    smallest: float = math.nan
    least: int = 2


def trends(arms: Sequence[Seen], faces: FacesFacts, options: Options, ratio: float, finest: float) -> tuple[Trend, ...]:
    """Of every network and source that has sets of different numbers."""
    groups: dict[tuple[str, str], list[tuple[int, Seen]]] = {}
    for each in arms:
        if each.arm.expressions and each.accuracy:
            groups.setdefault((each.arm.net, each.arm.source), []).append((classes_of(each, faces), each))
    made: list[Trend] = []
    for (net, source), found in sorted(groups.items()):
        found.sort(key=lambda one: (one[0], one[1].arm.expressions))
        if len({number for number, _ in found}) < 2:
            continue
        points = tuple(Point(each.arm.expressions, number, each.get("accuracy")) for number, each in found)
        least = 2 if len({number for number, _ in found if number >= 2}) > 1 else 1
        used = [(number, each.accuracy) for number, each in found if number >= least]
        made.append(Trend(net, source, points, _slopes(used, options, ratio, finest), least=least))
    asked = [each for each in made if each.net in NETS and each.source in {"", options.source}]
    others = [each for each in made if each not in asked]
    return (*_adjusted(asked, options), *_adjusted(others, options))


def _adjusted(made: Sequence[Trend], options: Options) -> tuple[Trend, ...]:
    """Holm over the networks that the question is asked of, and by themselves over controls and other sources."""
    adjusted = holm([each.found.p for each in made])
    tested = sum(not math.isnan(p) for p in adjusted)
    level = options.level / max(tested - sum(p <= options.level for p in adjusted), 1)
    return tuple(
        replace(
            each, adjusted=p, significant=p <= options.level,
            smallest=smallest(each.found.error, each.found.freedom, level, options.power),
        )
        for each, p in zip(made, adjusted, strict=True)
    )  # fmt: skip


def classes_of(seen: Seen, faces: FacesFacts) -> int:
    """How many expressions the set of an arm has."""
    found = faces.sets.get(seen.arm.expressions)
    if found is not None:
        return len(found.classes)
    return len(seen.classes.get("expression", ())) or (
        int(seen.arm.expressions) if seen.arm.expressions.isdecimal() else 0
    )


def _slopes(used: Sequence[tuple[int, Mapping[int, float]]], options: Options, ratio: float, finest: float) -> Paired:
    x = np.log2([number for number, _ in used])
    x = x - x.mean()
    scale = float((x**2).sum())
    shared = sorted(set.intersection(*(set(each) for _, each in used)))
    slopes = [float(sum(a * each[seed] for a, (_, each) in zip(x, used, strict=True)) / scale) for seed in shared]
    return corrected_t(slopes, ratio, options.confidence, finest * float(np.abs(x).max()) / scale)
