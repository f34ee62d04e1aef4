"""What pictures may cost: a share of the training's time, divided fairly among those who want more than they get."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ..engine.errors import TrainvisError

Reason: TypeAlias = Literal["first", "interval", "wish", "last"]
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
    together. While sets wait, each of them earns the same part, which nobody else can spend: a dear one comes to
    its turn beside a cheap one. What is earned while nobody waits is for whoever comes first.
    First, last and wished pictures and compilation cost nothing here; `spent` says what each took.

    Every time is an argument, in seconds of one clock.
    """

    share: float = 0.05
    trained: float = 0.0
    spent: dict[Reason, Spent] = field(default_factory=lambda: {reason: Spent() for reason in REASONS})
    waiting: set[str] = field(default_factory=set)
    _common: float = 0.0
    _own: dict[str, float] = field(default_factory=dict)
    _now: float = math.nan

    def __post_init__(self) -> None:
        checked_share(self.share)

    def resume(self, now: float) -> None:
        """A fit begins: the time since the last one was no training."""
        self._now = now

    def train(self, now: float) -> None:
        """The training went on until `now`, while the `waiting` sets waited."""
        seconds, self._now = max(now - self._now, 0.0), now  # of no time at all the first time: max(nan, 0) is nan
        if math.isnan(seconds):
            return
        self.trained += seconds
        if self.share == 1:
            return
        earned = seconds * self._rate
        for name in self.waiting:
            self._own[name] = self._own.get(name, 0.0) + earned / len(self.waiting)
        if not self.waiting:
            self._common += earned

    def affords(self, name: str, cost: float) -> bool:
        """Whether the set may make a picture that takes `cost` seconds."""
        return self.wait(name, cost) == 0.0

    def wait(self, name: str, cost: float) -> float:
        """Seconds of training until the set can afford it beside those who wait now; infinite without a budget."""
        if self.share in (0, 1):
            return 0.0 if self.share else math.inf
        missing = cost - self._own.get(name, 0.0) - self._common
        return max(missing, 0.0) * len(self.waiting | {name}) / self._rate

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
        return cost

    @property
    def used(self) -> float:
        """The part of the time so far that pictures by interval took."""
        paid = self.spent["interval"].seconds
        return paid / (self.trained + paid) if paid else 0.0

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
