"""What an embedding is trained with, and which faces it never sees. Plain values: no framework is loaded for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..errors import FacesError

Array: TypeAlias = np.ndarray

LOSSES = ("triplet", "cosface", "arcface")
HELD_OUT = ("people", "images", "none")
MARGINS = {"triplet": 0.2, "cosface": 0.35, "arcface": 0.5}  # those of the papers
AUGMENT = (("flip", "horizontal"), ("translation", 0.05))  # of vis.augmentation


@dataclass(frozen=True, slots=True)
class Options:
    """`loss` one of LOSSES, with its `margin` (None: that of its paper) and, but for the triplet loss, the `scale` of
    the cosines. `width` numbers are made of a face of `side`×`side` pixels, by our own network or by `base`
    (FILE.keras, `keras:NAME[:WEIGHTS]`), which has a size of its own, and by `preprocess` is given what it was trained
    on. `expression` is the weight of naming the expression beside the person, 0 for the person alone.

    A batch is `people` × `faces` of each for the triplet loss, as many faces by chance for the others. `rate` is that
    of Adam at its height: it rises during the first twentieth of the training and falls to nothing along a half cosine.
    `held_out` says of what `share` is kept from it for verification: people (who are then strangers), images of
    people it knows, or none.
    """

    loss: str = "triplet"
    margin: float | None = None
    scale: float = 30.0
    width: int = 128
    side: int = 64
    base: str = ""
    preprocess: str = ""
    expression: float = 0.0
    epochs: int = 30
    people: int = 32
    faces: int = 4
    rate: float = 2e-3
    augment: bool = True
    held_out: str = "people"
    share: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises FacesError."""
        for value, known, what in ((self.loss, LOSSES, "loss"), (self.held_out, HELD_OUT, "part to hold out")):
            if value not in known:
                raise FacesError(f"there is no {what} {value!r}: {', '.join(known)} are there")
        for what, value, least, most in (
            ("the margin", self.used_margin, 0, 2),
            ("the scale of the cosines", self.scale, 1, 1000),
            ("the width of the embedding", self.width, 2, 4096),
            ("the side of a face in pixels", self.side, 16, 1024),
            ("the weight of the expression", self.expression, 0, 100),
            ("the number of epochs", self.epochs, 1, 100_000),
            ("the people of a batch", self.people, 2, 1024),
            ("the faces of each in a batch", self.faces, 2, 1024),
            ("the learning rate", self.rate, 1e-8, 1),
            ("the share that is held out", self.share, 0.01, 0.9),
            ("the seed", self.seed, 0, 2**31 - 1),
        ):
            if not least <= value <= most:  # NaN is neither
                raise FacesError(f"{what} is {least:g} to {most:g}, not {value:g}")

    @property
    def used_margin(self) -> float:
        return MARGINS[self.loss] if self.margin is None else self.margin

    @property
    def batch(self) -> int:
        """Faces."""
        return self.people * self.faces


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Numbers of faces (int64, ascending): those it `learns` from, and those `held_out`. `notes` say what was done."""

    learns: Array
    held_out: Array
    notes: tuple[str, ...] = ()


def parts(identity: Array, options: Options) -> Parts:
    """Which of N faces (`identity`: N numbers of people) it learns from. Raises FacesError where nothing is left.

    A person with one face makes no pair: the triplet loss leaves them out when it deals, and here they only serve as
    somebody else.
    """
    there, counts = np.unique(identity, return_counts=True)
    several = there[counts > 1]
    if len(several) < 2:
        have = f"{len(there):,} {'person' if len(there) == 1 else 'people'}"
        raise FacesError(
            f"an embedding learns to tell people apart, from two with two faces each at least: here are {have}, "
            f"{len(several)} of them with two faces or more"
        )
    notes: list[str] = []
    if alone := len(there) - len(several):
        notes.append(f"{alone:,} of {len(there):,} people have one face: they make no pair")
    everything, rng = np.arange(len(identity)), np.random.default_rng((options.seed, 1))
    if options.held_out == "none":
        return Parts(everything, everything[:0], (*notes, "nothing is held out: it is not verified"))
    if options.held_out == "people" and len(several) < 4:
        raise FacesError(
            f"of {len(several)} people with two faces or more none can be held out, as it takes two to learn from and "
            "two to verify with: hold out images instead (--held-out images)"
        )
    if options.held_out == "people":
        strangers = rng.permutation(several)[: min(max(round(options.share * len(several)), 2), len(several) - 2)]
        out = np.isin(identity, strangers)
        notes.append(f"{len(strangers):,} of {len(there):,} people are held out for verification: {out.sum():,} faces")
    else:
        out = np.zeros(len(identity), bool)
        for person in several:
            own = rng.permutation(np.flatnonzero(identity == person))
            # Two make a pair; two are left to learn from.
            count = min(max(round(options.share * len(own)), 2), len(own) - 2)
            out[own[: max(count, 0)]] = True
        notes.append(f"{out.sum():,} images of people it learns from are held out for verification")
    return Parts(np.flatnonzero(~out), np.flatnonzero(out), tuple(notes))
