"""When pictures are due: every so many batches, epochs or seconds, counted over the epochs and fits of a run."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..engine.errors import TrainvisError
from ..engine.text import printable

Unit: TypeAlias = Literal["batches", "epochs", "seconds"]

_UNITS: dict[str, tuple[Unit, float]] = {
    **dict.fromkeys(("batch", "batches", "step", "steps"), ("batches", 1.0)),
    **dict.fromkeys(("epoch", "epochs"), ("epochs", 1.0)),
    **dict.fromkeys(("s", "sec", "second", "seconds"), ("seconds", 1.0)),
    **dict.fromkeys(("m", "min", "minute", "minutes"), ("seconds", 60.0)),
    **dict.fromkeys(("h", "hour", "hours"), ("seconds", 3600.0)),
}
_TEXT = re.compile(r"\s*(?P<amount>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)?\s*(?P<unit>[a-z]*)\s*", re.IGNORECASE)
_ROUNDING = 1e-9  # of a mark: 1 + 3/15 epochs are 5.999… fifths of one


class ScheduleError(TrainvisError):
    """An interval that nobody can keep."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a training is: batches over all fits, epochs of this fit as a fraction, seconds since it began."""

    step: int = 0
    epoch: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """From one picture to the next. Its marks are the multiples of `amount`."""

    amount: float
    unit: Unit = "batches"

    def __post_init__(self) -> None:
        if not (math.isfinite(self.amount) and self.amount > 0):
            raise ScheduleError(f"every={self.amount:g}: an interval is longer than nothing")
        if self.unit == "batches" and self.amount != int(self.amount):
            raise ScheduleError(f"every={self.amount:g}: batches are whole; '0.5 epochs' and '0.5 s' can be parts")

    def __str__(self) -> str:
        if self.unit == "seconds":
            return f"{self.amount:g} s"
        one = {"batches": "batch", "epochs": "epoch"}[self.unit]
        return one if self.amount == 1 else f"{self.amount:g} {self.unit}"

    def marks(self, reached: Reached) -> int:
        """How many marks lie behind."""
        match self.unit:
            case "batches":
                return reached.step // int(self.amount)
            case "epochs":
                return math.floor(reached.epoch / self.amount + _ROUNDING)
            case "seconds":
                return math.floor(reached.seconds / self.amount)


def interval_of(every: Any) -> Interval | None:
    """The interval that `every` says: a number of batches, or text: "100 batches", "epoch", "0.2 epochs", "30 s",
    "5 min", "2 h". None and "" are no interval: a picture at the start, at the end and when somebody wishes for one.

    Raises ScheduleError.
    """
    if every is None or every == "":
        return None
    if isinstance(every, str):
        return _of_text(every)
    if isinstance(every, bool) or not hasattr(every, "__index__"):  # a NumPy integer has it too
        raise _unclear(every)
    return Interval(operator.index(every))


def _of_text(text: str) -> Interval:
    found = _TEXT.fullmatch(text)
    unit = _UNITS.get((found["unit"] or "batches").lower()) if found and any(found.groups()) else None
    if found is None or unit is None:
        raise _unclear(text)
    return Interval(float(found["amount"] or 1) * unit[1], unit[0])


def _unclear(every: object) -> ScheduleError:
    return ScheduleError(
        f"every={printable(repr(every), 60)} says no interval: give a number of batches, or 'epoch', '0.5 epochs', "
        "'30 s', '5 min'; None for pictures at the start and at the end only"
    )


class Schedule:
    """Whether a picture is due. One that comes late (the budget made it wait) does not move the marks."""

    def __init__(self, interval: Interval | None) -> None:
        self.interval = interval
        self._passed = 0

    def begin(self, reached: Reached) -> None:
        """A fit begins here: what lies behind is not made up for."""
        self.made(reached)

    def due(self, reached: Reached) -> bool:
        """Whether a mark was passed since the last picture."""
        return self.interval is not None and self.interval.marks(reached) != self._passed

    def made(self, reached: Reached) -> None:
        """A picture shows this moment."""
        if self.interval is not None:
            self._passed = self.interval.marks(reached)
