"""Which heads a study trains, in which order, and about how long each takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .nets import Net
from .scores import Head

Kind: TypeAlias = tuple[str, str]

# Measured with TensorFlow on two cores of a server of 2020; each finished head corrects it.
_OPERATIONS = 60e9  # a second, of one core
_A_STEP = 0.002  # seconds that a batch costs however small the network is
_A_HEAD = 1.5  # the same of a head: a run of its own, weights, predictions
_LATE = 0.1  # of the time that a head has taken, it takes at least still: nobody knows more of one that is late


@dataclass(frozen=True, slots=True)
class Plan:
    """The heads of a study in the order they are begun, with the seconds that each may take (`expected`).

    Of all networks one seed comes after the other, so that a study that ends early has compared all of them; within a
    seed the long ones first, so that at the end no worker is left alone with a long one.
    """

    heads: tuple[Head, ...]
    expected: Mapping[Head, float]

    def __len__(self) -> int:
        return len(self.heads)

    def seconds(self, heads: Iterable[Head] | None = None) -> float:
        """What these (all) heads cost one worker."""
        return sum(self.expected[head] for head in (self.heads if heads is None else heads))


def heads_of(nets: Sequence[Net], seeds: int, sets: Sequence[str], sources: Sequence[str]) -> tuple[Head, ...]:
    """Networks × seeds × sets of expressions × sources, each as often as it differs: one that knows no expression
    once a seed, one that only names it once a seed and set.
    """
    return tuple(
        Head(net.name, each, source, seed)
        for seed in range(seeds)
        for net in nets
        for each in (sets if net.knows_expression else ("",))
        for source in (sources if net.takes_expression else ("",))
    )


def plan(
    heads: Sequence[Head],
    nets: Mapping[str, Net],
    *,
    faces: int,
    width: int,
    identities: int,
    classes: Mapping[str, int],
) -> Plan:
    """Order and times of heads that learn from `faces` vectors of `width` numbers; `classes` counts those of a set."""
    expected = {
        head: seconds_of(nets[head.net], faces, width, identities, classes.get(head.expressions, 0)) for head in heads
    }
    place = {head: number for number, head in enumerate(heads)}
    ordered = sorted(heads, key=lambda head: (head.seed, -expected[head], place[head]))
    return Plan(tuple(ordered), expected)


def seconds_of(net: Net, faces: int, width: int, identities: int, expressions: int) -> float:
    """About how long a head trains on one core: each parameter is used six times a face and epoch (forward, twice
    backward, a multiplication and an addition each).
    """
    parameters = net.layers.parameters(width, identities, expressions)
    steps = -(-faces // net.batch)
    return _A_HEAD + net.epochs * (steps * _A_STEP + 6.0 * parameters * faces / _OPERATIONS)


def kind_of(head: Head) -> Kind:
    """Heads of one kind share what is compiled."""
    return head.net, head.expressions


def next_head(waiting: Sequence[Head], mine: Collection[Kind], others: Collection[Kind]) -> Head:
    """The head a worker begins: of the first seed that waits, one of a kind it has compiled; else one that nobody has;
    else one that another worker has too, rather than to wait.
    """
    seed = waiting[0].seed
    now = [head for head in waiting if head.seed == seed]
    for wanted in (lambda head: kind_of(head) in mine, lambda head: kind_of(head) not in others):
        found = next((head for head in now if wanted(head)), None)
        if found is not None:
            return found
    return now[0]


class Pace:
    """How long the rest takes: what was expected, corrected by what finished heads really took, and by running ones
    that are late. With `guessed` what was expected says which heads are the longer ones, and nothing of seconds: before
    a head is finished nobody knows those.
    """

    def __init__(self, plan: Plan, workers: int, *, guessed: bool = False) -> None:
        self._plan = plan
        self._workers = max(workers, 1)
        # As if one head of the mean length had gone as expected: the first one alone must not decide.
        self._prior = 0.0 if guessed else plan.seconds() / max(len(plan), 1)
        self._took = self._expected = 0.0

    def finished(self, head: Head, seconds: float) -> None:
        """A head is done, `seconds` after it was begun."""
        self._took += seconds
        self._expected += self._plan.expected[head]

    def factor(self, running: Mapping[Head, float]) -> float | None:
        """How many times longer than expected heads take; None where nobody knows yet."""
        if not self._expected + self._prior:
            return None
        factor = (self._took + self._prior) / (self._expected + self._prior)
        expected = self._plan.expected
        late = {head: since for head, since in running.items() if since > expected[head] * factor}
        if late:  # each takes at least what it has taken, which is no accident of a single head
            whole = self._expected + sum(expected[head] for head in late)
            factor = max(factor, (self._took + sum(late.values())) / whole)
        return factor

    def left(self, waiting: Iterable[Head], running: Mapping[Head, float]) -> float | None:
        """Seconds until all is done, None where nobody knows; `running` heads with the seconds since each was begun."""
        factor, queued = self.factor(running), self._plan.seconds(waiting)
        if factor is None:
            return None if queued or running else 0.0
        rests = [self._rest(head, since, factor) for head, since in running.items()]
        return max((queued * factor + sum(rests)) / self._workers, max(rests, default=0.0))

    def share(self, waiting: Iterable[Head], running: Mapping[Head, float]) -> float:
        """The part of the work that is done, 0…1."""
        whole = self._plan.seconds()
        open_ = self._plan.seconds(waiting)
        factor = self.factor(running)
        for head, since in running.items():
            mine = self._plan.expected[head]
            open_ += mine if factor is None else min(self._rest(head, since, factor) / factor, mine)
        return min(max(1 - open_ / whole, 0.0), 1.0) if whole else 1.0

    def _rest(self, head: Head, since: float, factor: float) -> float:
        """Seconds until a running head is done; a late one is not done at once."""
        return max(self._plan.expected[head] * factor - since, _LATE * since)


def said(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`: as exactly as it can be known."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
