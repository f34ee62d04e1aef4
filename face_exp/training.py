"""Training a head: one network, one seed, a child run of its own; what it says of faces it has not seen, its scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .errors import FacesError
from .nets import Net
from .scores import Head, Scores
from .splits import Split

Array: TypeAlias = np.ndarray


class Stopped(FacesError):  # noqa: N818 - a stop that was asked for is no failure
    """Somebody ended this head before its last epoch: it has no scores. `by` says who, where that is known."""

    def __init__(self, head: Head, by: str = "") -> None:
        super().__init__(f"{head.id} was stopped" + (f" by {by}" if by else ""))
        self.head, self.by = head, by


@dataclass(frozen=True, slots=True, eq=False)
class HeadData:
    """N faces as a head learns them; all arrays have N entries, in the order of `Faces`.

    `features` N×D float32, or N×… whatever goes into the trunk; `identity` class numbers (int64) of `identities`
    classes. For nets that know expressions: `given` N×`expressions` float32 what is put *in* (one-hot, probabilities
    or shuffled) and `expression` class numbers (int64) of what is to be put *out*. `split` says which are which.
    Raises FacesError where the arrays do not fit each other.
    """

    features: Array
    identity: Array
    identities: int
    split: Split
    given: Array | None = None
    expression: Array | None = None
    expressions: int = 0


def train(
    net: Net,
    data: HeadData,
    head: Head,
    *,
    run_name: str = "",
    params: Mapping[str, object] | None = None,
    tags: Sequence[str] = (),
    trunk: Callable[[int], Any] | None = None,
    callbacks: Sequence[Any] = (),
    recorded: bool = True,
    pairs: int = 0,
) -> Scores:
    """Train one head with `head.seed` and score it on validation and test.

    Opens the child run `run_name` (default: the head's id) of this process with `params` and `tags` (and those of the
    head) by `Callbacks(run=…).progress()`, unless `recorded` is False. `trunk(seed)` makes a fresh Keras model from
    images (or kept arrays) to the vector, trained together with the head. `callbacks` are further Keras callbacks.
    `pairs`: so many pairs of test faces are compared in the last hidden layer (verification), 0 for none.

    Heads of one net and one set of expressions share a compiled training: the first one compiles. The numbers are the
    same, bit for bit, whatever was trained in the process before. Raises Stopped where somebody ended it (no scores),
    FacesError where it diverged or the data does not fit the net.
    """
    raise NotImplementedError


def forget() -> None:
    """Let go of all that is compiled and kept for later heads."""
    raise NotImplementedError
