"""A data set of drawn faces: a blob with identity, expression, pose and the rest of each, made by a few processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from .errors import FacesError

SIZES = 16, 1024  # pixels a side
MOST_PEOPLE, MOST_FACES = 2400, 5_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """What is drawn. The same options give the same faces, with any number of `workers` (0: one a core).

    `correlation` 0…1 is how far the expression tells who it is: a face of a person has an expression by
    (1 − correlation) · COMMON + correlation · own, where own is the one expression of that person. `difficulty` 0…1
    makes people more alike and pose, light, hair and noise of their pictures less so. `strength` 0…2 is how far an
    expression moves a face: with 0 nobody moves. `sessions` are the occasions on which a person was taken, each with
    its own light, hair, clothes and background: the field `session` is what a split by group keeps together.
    """

    people: int = 60
    faces: int = 3000
    size: int = 130
    seed: int = 0
    correlation: float = 0.3
    difficulty: float = 0.5
    strength: float = 1.0
    sessions: int = 6
    workers: int = 0

    def __post_init__(self) -> None:
        """Raises FacesError."""
        for what, value, least, most in (
            ("the number of people", self.people, 1, MOST_PEOPLE),
            ("the number of faces", self.faces, 1, MOST_FACES),
            ("the size of a face in pixels", self.size, *SIZES),
            ("the seed", self.seed, 0, 2**63 - 1),
            ("the correlation of person and expression", self.correlation, 0, 1),
            ("the difficulty", self.difficulty, 0, 1),
            ("the strength of expressions", self.strength, 0, 2),
            ("the number of sessions of a person", self.sessions, 1, 1000),
            ("the number of workers", self.workers, 0, 1024),
        ):
            if not least <= value <= most:
                raise FacesError(f"{what} is {least:,} to {most:,}, not {value:,}")
        if self.faces < self.people:
            raise FacesError(
                f"{self.faces:,} faces are too few for {self.people:,} people: each needs one at least; "
                "ask for more faces or fewer people"
            )


def generate(
    out: str | PathLike[str],
    options: Options | None = None,
    say: Callable[[str], None] = print,
    *,
    tell: Callable[[int, int], None] | None = None,
    replace: bool = False,
) -> Path:
    """Draw the faces into the blob `out` (.h5 or .lmdb), which is there once it is whole; its path.

    `say` gets sentences, how far it is among them; `tell(done, of)` gets that instead where it is given. The fields
    are image, identity, expression, intensity, gender, age, glasses, yaw, pitch, roll, light and session. Raises
    FacesError, BlobError; KeyboardInterrupt leaves nothing.
    """
    raise FacesError("faces cannot be drawn yet")
