"""How a study is judged."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import FacesError

LEVELS = 1e-6, 0.5  # beyond them a test claims nothing ever, or what a coin would


@dataclass(frozen=True, slots=True)
class Options:
    """`level` of the tests after Holm, `confidence` of intervals, `power` that the smallest detectable difference is
    given for, `resamples` of the bootstrap, its `seed`; `expressions` the set the networks are compared with ("" for
    the one of most classes among the named sets, 7 where it is there), `source` where its expressions come from.

    Raises FacesError for a level that is none.
    """

    level: float = 0.05
    confidence: float = 0.95
    power: float = 0.8
    resamples: int = 1000
    seed: int = 0
    expressions: str = ""
    source: str = "label"

    def __post_init__(self) -> None:
        least, most = LEVELS
        if not least <= self.level <= most:
            raise FacesError(f"the level of the tests is from {least:f} to {most:g}, not {self.level}")
