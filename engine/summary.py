"""What a table row needs of a run's metrics, kept while they are written: `results/summary.json`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

POINTS = 64  # of a sparkline
METRICS = 256  # names beyond are left out: a row is no place for a thousand layers
PACE_WINDOW = 300.0  # seconds over which the pace of a training is measured
_PACE_STEP = 5.0

# The keys of a metric line that are no metric.
RESERVED = frozenset({"event", "fit", "step", "epoch", "time", "batches", "schema"})


def number(value: object) -> float | None:
    """A value of a metric line: numbers and "nan", "inf", "-inf"; None for everything else."""
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    return _NON_FINITE.get(value) if isinstance(value, str) else None


_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def spelled(value: float) -> float | str:
    """The reverse of `number`: JSON has no word for what is not finite."""
    if value - value == 0.0:
        return value
    return "nan" if value != value else "inf" if value > 0 else "-inf"


class Tally:
    """One metric: last, smallest and largest value, and a sparkline that halves itself whenever it is full.

    `min` and `max` are of the finite values, NaN where there is none. A point of the sparkline is the mean
    of the finite values of `width` successive ones, NaN where none was finite.
    """

    __slots__ = ("_count", "_finite", "_points", "_total", "_width", "last", "max", "min")

    def __init__(self) -> None:
        self.last = self.min = self.max = math.nan
        self._points: list[float] = []
        self._width = 1
        self._count = self._finite = 0
        self._total = 0.0

    def add(self, value: float) -> None:
        self.last = value
        if value - value == 0.0:
            if not value >= self.min:  # also true while min is NaN
                self.min = value
            if not value <= self.max:
                self.max = value
            self._total += value
            self._finite += 1
        self._count += 1
        if self._count == self._width:
            self._close_point()

    def _close_point(self) -> None:
        self._points.append(self._open_point())
        self._count = self._finite = 0
        self._total = 0.0
        if len(self._points) == POINTS:
            pairs = zip(self._points[::2], self._points[1::2], strict=True)
            self._points = [_mean(first, second) for first, second in pairs]
            self._width *= 2

    def _open_point(self) -> float:
        return self._total / self._finite if self._finite else math.nan

    def sparkline(self) -> tuple[float, ...]:
        """At most 64 values, oldest first; the last one may stand for fewer values than the others."""
        return (*self._points, self._open_point()) if self._count else tuple(self._points)

    def as_json(self) -> dict[str, Any]:
        return {
            "last": spelled(self.last),
            "min": spelled(self.min),
            "max": spelled(self.max),
            "sparkline": [spelled(float(f"{point:.6g}")) for point in self.sparkline()],
            "width": self._width,
            "open": [self._count, self._finite, spelled(self._total)],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Tally:
        """Raises ValueError, TypeError or KeyError where `value` is none of ours."""
        tally = cls()
        tally.last, tally.min, tally.max = (_required(value[key]) for key in ("last", "min", "max"))
        given = value["sparkline"][:POINTS]
        points = [point if type(point) is float else _required(point) for point in given]
        count, finite, total = value.get("open", (0, 0, 0.0))
        tally._count, tally._finite, tally._total = int(count), int(finite), _required(total)
        tally._points = points[:-1] if tally._count else points[: POINTS - 1]
        tally._width = max(int(value.get("width", 1)), tally._count + 1, 1)
        return tally


def _mean(first: float, second: float) -> float:
    if first != first:
        return second
    return first if second != second else (first + second) / 2


def _required(value: object) -> float:
    found = number(value)
    if found is None:
        raise ValueError("not a number")
    return found


@dataclass
class Summary:
    """Of all metric lines so far: where the training stands, and a `Tally` a metric.

    `epoch` is a fraction of `epochs`, `steps` the step at which the last epoch ends (None where unknown),
    `started` and `time` the Unix time of the running fit's start and of the last line, `stated` when all will be over,
    where the program says it itself, `offset` the bytes of `metrics.jsonl` that are in it, `pace` some (time, epoch) of
    the last minutes.
    """

    fit: int | None = None
    step: int | None = None
    steps: int | None = None
    epoch: float | None = None
    epochs: int | None = None
    started: float | None = None
    time: float | None = None
    stated: float | None = None
    ended: str = ""
    offset: int = 0
    running: frozenset[str] = frozenset()
    params: dict[str, Any] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    pace: list[tuple[float, float]] = field(default_factory=list)
    metrics: dict[str, Tally] = field(default_factory=dict)

    def add(self, line: Mapping[str, Any]) -> None:
        """Take in one line of `metrics.jsonl`, whatever it holds."""
        match line.get("event"):
            case None:
                self._take_position(line)
                self.add_values((name, number(value)) for name, value in line.items() if name not in RESERVED)
            case "fit":
                self._begin(line)
            case "kinds":
                names = line.get("running")
                if isinstance(names, list):
                    self.running |= {name for name in names[:METRICS] if isinstance(name, str)}
            case "left":
                moment, left = _finite(number(line.get("time"))), _finite(number(line.get("left")))
                self.stated = None if moment is None or left is None else _finite(moment + left)
            case "end":
                self.ended = str(line.get("reason", ""))
                # A training that records no metrics takes steps all the same: the next one counts on from there.
                self.step = max(
                    (each for each in (self.step, _whole(line.get("step"))) if each is not None), default=None
                )
            case _:
                pass

    def add_values(self, values: Iterable[tuple[str, float | None]]) -> None:
        """Take in the values of one line."""
        tallies = self.metrics
        for name, value in values:
            if value is None:
                continue
            tally = tallies.get(name)
            if tally is None:
                if len(tallies) >= METRICS:
                    continue
                tally = tallies[name] = Tally()
            tally.add(value)

    def at(self, fit: int | None, step: int | None, epoch: float | None, moment: float | None) -> None:
        """The place in the training of the last line."""
        self.fit = fit if fit is not None else self.fit
        self.step = step if step is not None else self.step
        self.epoch = epoch if epoch is not None else self.epoch
        self.time = moment if moment is not None else self.time
        if epoch is not None and moment is not None and self._is_new_mark(epoch, moment):
            self.pace.append((moment, epoch))
            while len(self.pace) > 2 and moment - self.pace[1][0] > PACE_WINDOW:
                del self.pace[0]

    def _is_new_mark(self, epoch: float, moment: float) -> bool:
        if not self.pace:
            return True
        last, reached = self.pace[-1]
        if moment < last or epoch < reached:  # the clock was put back, or a new fit began
            self.pace.clear()
        return not self.pace or (moment - last >= _PACE_STEP and epoch > reached)

    def _take_position(self, line: Mapping[str, Any]) -> None:
        epoch, moment = number(line.get("epoch")), number(line.get("time"))
        self.at(_whole(line.get("fit")), _whole(line.get("step")), _finite(epoch), _finite(moment))

    def _begin(self, line: Mapping[str, Any]) -> None:
        self.fit = _whole(line.get("fit"))
        self.started = self.time = _finite(number(line.get("time")))
        self.epochs = _whole(line.get("epochs"))
        self.epoch = _finite(number(line.get("initial_epoch"))) or 0.0
        self.ended = ""
        self.stated = None
        self.pace.clear()
        for name in ("params", "optimizer"):
            value = line.get(name)
            if isinstance(value, dict) and value:
                setattr(self, name, value)
        done, per_epoch = _whole(line.get("step")) or 0, _whole(line.get("steps_per_epoch"))
        known = per_epoch is not None and self.epochs is not None
        self.steps = done + max(int((self.epochs or 0) - self.epoch), 0) * (per_epoch or 0) if known else None

    def due(self) -> float | None:
        """When it is over (Unix time): as the program says, else when the last epoch ends at the pace of the last
        minutes; None where nobody can know.
        """
        if self.stated is not None:
            return self.stated
        if not self.pace or self.epochs is None or self.epoch is None or self.time is None:
            return None
        moment, epoch = self.pace[0]
        if self.epoch <= epoch or self.time <= moment:
            return None
        return _finite(self.time + (self.epochs - self.epoch) * (self.time - moment) / (self.epoch - epoch))

    def as_json(self) -> dict[str, Any]:
        plain = (
            "fit", "step", "steps", "epoch", "epochs", "started", "time", "stated", "ended", "offset", "params",
            "optimizer",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "running": sorted(self.running),
            "pace": [list(mark) for mark in self.pace],
            "metrics": {name: tally.as_json() for name, tally in self.metrics.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Summary:
        """Read what `as_json` wrote; what does not fit is left out. Raises ValueError where nothing fits."""
        if not isinstance(value.get("metrics"), dict):
            raise ValueError("it holds no metrics")
        summary = cls()
        for name in ("fit", "step", "steps", "epochs"):
            setattr(summary, name, _whole(value.get(name)))
        for name in ("epoch", "started", "time", "stated"):
            setattr(summary, name, _finite(number(value.get(name))))
        summary.ended = str(value.get("ended", ""))
        summary.offset = max(_whole(value.get("offset")) or 0, 0)
        for name in ("params", "optimizer"):
            if isinstance(value.get(name), dict):
                setattr(summary, name, value[name])
        summary.running = frozenset(name for name in _list(value.get("running")) if isinstance(name, str))
        summary.pace = [mark for mark in map(_mark, _list(value.get("pace"))) if mark]
        for name, tally in list(value["metrics"].items())[:METRICS]:
            try:
                summary.metrics[name] = Tally.from_json(tally)
            except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
                continue
        return summary


def _list(value: object) -> list[Any]:
    return value[:METRICS] if isinstance(value, list) else []


def _mark(value: object) -> tuple[float, float] | None:
    match value:
        case [int() | float() as moment, int() | float() as epoch] if _finite(moment) and _finite(epoch) is not None:
            return float(moment), float(epoch)
    return None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or _finite(value) is None:
        return None
    return int(value) if abs(value) < 1 << 63 else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and abs(value) < math.inf else None
