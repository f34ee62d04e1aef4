"""What pictures may cost: a share of the training's time, divided fairly among those who want more than they get."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ..engine.errors import TrainvisError

Reason: TypeAlias = Literal["first", "interval", "wish", "last"]
_CHEAP = 8  # pictures of a set that its part of all that was earned so far would pay for, or it is dear
REASONS: tuple[Reason, ...] = ("first", "interval", "wish", "last")


class BudgetError(TrainvisError):
    """A share of the time, or a room on the disk, that is none."""


@dataclass(slots=True)
class Spent:
    """What pictures of one kind took: how many, their seconds without compilation, and those of compilation."""

    pictures: int = 0
    seconds: float = 0.0
    compile_seconds: float = 0.0


@dataclass(slots=True)
class Budget:
    """`share` of a training's time, from its first picture on, that pictures made by interval may take. 1: no limit.

    Time that no picture takes earns `share / (1 - share)` seconds of pictures, so that these are `share` of both
    together. `sets` are those who make pictures by interval, with what the next one of each is expected to cost. Each
    that has less than this earns the same part, which nobody else can spend, so that a dear one comes to its turn
    beside a cheap one; the rest is for whoever comes first. Of those that are dear for the age of the training only
    one saves at a time, and not before its part of all that was earned would pay for it: what is being saved, and not
    spent yet, stays a small part of the budget.
    First, last and wished pictures and compilation cost nothing here; `spent` says what each took.

    Every time is an argument, in seconds of one clock.
    """

    share: float = 0.05
    trained: float = 0.0
    spent: dict[Reason, Spent] = field(default_factory=lambda: {reason: Spent() for reason in REASONS})
    sets: dict[str, float] = field(default_factory=dict)
    _common: float = 0.0
    _own: dict[str, float] = field(default_factory=dict)
    _now: float = math.nan

    def __post_init__(self) -> None:
        checked_share(self.share)

    def resume(self, now: float) -> None:
        """A fit begins: the time since the last one was no training."""
        self._now = now

    def train(self, now: float) -> None:
        """The training went on until `now`."""
        seconds, self._now = max(now - self._now, 0.0), now  # of no time at all the first time: max(nan, 0) is nan
        if math.isnan(seconds):
            return
        self.trained += seconds
        if self.share == 1:
            return
        earned = seconds * self._rate
        earning = self._earning()
        for name in earning:
            self._own[name] = self._own.get(name, 0.0) + earned / len(earning)
        if not earning:
            self._common += earned

    def affords(self, name: str, cost: float) -> bool:
        """Whether the set may make a picture that takes `cost` seconds."""
        return self.share == 1 or (self.share > 0 and self._missing(name, cost) <= 0)

    def wait(self, name: str, cost: float) -> float:
        """Seconds of training until the set can afford it while the others go on as they are; else infinite."""
        if self.affords(name, cost):
            return 0.0
        if self.share == 0:
            return math.inf
        earning = self._earning()
        alone = not earning or name in earning
        before = 0.0 if alone else max(cost * len(self.sets) - self._earned, 0.0)
        return (before + self._missing(name, cost) * max(len(earning) + (not alone), 1)) / self._rate

    def pay(self, name: str, reason: Reason, now: float, compiling: float = 0.0) -> float:
        """A picture was made since the last call of `train`, until `now`; `compiling` seconds of it compiled.

        Returns what it cost without compilation. What is more than was saved for it is owed out of what comes.
        """
        cost = max(now - self._now - compiling, 0.0)
        self._now = now
        spent = self.spent[reason]
        spent.pictures += 1
        spent.seconds += cost
        spent.compile_seconds += compiling
        if reason == "interval" and self.share < 1:
            own = self._own.get(name, 0.0) - cost
            shared = min(max(self._common, 0.0), max(-own, 0.0))
            self._common -= shared
            self._own[name] = own + shared
            if name in self.sets:
                self.sets[name] = self.sets.pop(name)  # who saves for a dear one next is another one
        return cost

    @property
    def used(self) -> float:
        """The part of the time so far that pictures by interval took."""
        paid = self.spent["interval"].seconds
        return paid / (self.trained + paid) if paid else 0.0

    def _missing(self, name: str, cost: float) -> float:
        return cost - self._own.get(name, 0.0) - self._common

    def _earning(self) -> list[str]:
        """Who earns just now, all of them the same part."""
        fair = self._earned / max(len(self.sets), 1)
        short = {name: cost for name, cost in self.sets.items() if self._own.get(name, 0.0) < cost}
        cheap = [name for name, cost in short.items() if cost <= fair / _CHEAP]
        saving = [name for name, cost in short.items() if fair / _CHEAP < cost <= fair]
        return cheap + saving[:1]

    @property
    def _earned(self) -> float:
        return self.trained * self._rate

    @property
    def _rate(self) -> float:
        return self.share / (1.0 - self.share)


def checked_share(share: float) -> float:
    """The share as it was given. Raises BudgetError for one that is no part of a whole."""
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:  # also of NaN
        raise BudgetError(f"budget={share!r}: give a part of the training's time, 0.05 for 5 %, 1 for no limit")
    return share


def checked_disk(room: int) -> int:
    """The bytes as they were given. Raises BudgetError for what are none."""
    if isinstance(room, bool) or not isinstance(room, int | float) or not room > 0:
        raise BudgetError(f"disk={room!r}: give the bytes that the figures of a run may take, 2_000_000_000 say")
    return int(min(room, 2**62))
