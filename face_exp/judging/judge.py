"""From the scores of heads to what a study shows: `judge`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..scores import Scores
from .facts import FacesFacts
from .options import Options


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Everything a report says, as numbers."""

    faces: FacesFacts
    options: Options


def judge(scores: Sequence[Scores], faces: FacesFacts, options: Options | None = None) -> Judgement:
    """What these heads show. Any of them may be missing; what cannot be said then is said to be so."""
    return Judgement(faces, options or Options())
