"""The claims of the thesis of 2017, each as a comparison of two networks that can fail, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .options import Options
from .paired import Paired, corrected_t, holm, smallest


@dataclass(frozen=True, slots=True)
class Claim:
    """`first` against `second`. `holds` is what is claimed of the difference: more, less, or "no more" (no gain)."""

    first: str
    second: str
    holds: str
    words: str
    question: int  # 1 input or output, 2 which way, as the three questions are numbered

    @property
    def pair(self) -> str:
        return f"{self.first}–{self.second}"


CLAIMS = (
    Claim("D", "A", "more", "extra input helps the minimal net", 1),
    Claim("E", "B", "more", "extra input, late, helps the preferred net", 1),
    Claim("F", "B", "more", "extra input, early, helps the preferred net", 1),
    Claim("G", "A", "no more", "extra output does not help the minimal net", 1),
    Claim("H", "B", "no more", "extra output does not help the preferred net", 1),
    Claim("H", "C", "no more", "nor against a deeper net without it", 1),
    Claim("I", "C", "no more", "nor, other way round, against the deeper net", 1),
    Claim("E", "F", "more", "late injection beats early", 2),
    Claim("C", "B", "less", "the deeper baseline overfits", 2),
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two networks over the same splits, in shares (0.01 is a percentage point).

    `adjusted` is p after Holm over all comparisons of its table, `significant` whether that is below the level, and
    `smallest` the smallest true difference that this study would have found with the power of the options.
    """

    claim: Claim
    found: Paired
    adjusted: float = math.nan
    significant: bool = False
    smallest: float = math.nan

    @property
    def verdict(self) -> str:
        """shown, not shown, opposite shown; stands, refuted, worse for "no gain"; untested."""
        up = self.found.mean > 0
        if math.isnan(self.found.p):
            return "untested"
        if self.claim.holds == "no more":
            return ("refuted" if up else "worse") if self.significant else "stands"
        if not self.significant:
            return "not shown"
        return "shown" if up == (self.claim.holds == "more") else "opposite shown"


def weigh(
    accuracy: Mapping[str, Mapping[int, float]],
    options: Options,
    ratio: float,
    finest: float = 0.0,
    claims: Sequence[Claim] = CLAIMS,
) -> tuple[Comparison, ...]:
    """Test claims by accuracies, net → seed → share; networks that are missing leave a comparison untested.

    `ratio` is n_test / n_train, `finest` 1 / n_test. Holm counts the comparisons that could be tested.
    """
    found: list[Paired] = []
    for claim in claims:
        first, second = accuracy.get(claim.first, {}), accuracy.get(claim.second, {})
        shared = sorted(first.keys() & second.keys())
        found.append(corrected_t([first[s] - second[s] for s in shared], ratio, options.confidence, finest))
    adjusted = holm([each.p for each in found])
    made = sum(not math.isnan(each.p) for each in found)
    shown = sum(p <= options.level for p in adjusted)  # NaN is not
    # Holm stops at the first that it does not reject: all that are left have to pass the level of that step.
    level = options.level / max(made - shown, 1)
    return tuple(
        Comparison(claim, each, p, p <= options.level, smallest(each.error, each.freedom, level, options.power))
        for claim, each, p in zip(claims, found, adjusted, strict=True)
    )
