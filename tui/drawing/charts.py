"""From recorded metrics to charts: which metrics share one, which lines it has, in which colours and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from .model import Axis, Fit, Line, Plot
from .reduce import Floats, Pyramid, Trace
from .smooth import Smoothed

WEIGHTS = (0.0, 0.6, 0.9, 0.99)
VALIDATION = "val_"
_SPARSE = 4  # a series with fewer than one value in so many of the other is no noise to be smoothed
_SET = ("learning_rate", "lr")  # set, not measured: there is no noise to be smoothed
_LAST = ("learning_rate", "lr", "seconds_per_step", "step_seconds", "step_time", "time_per_step")


class Averaged:
    """The debiased average of a series, with the extremes of its blocks."""

    def __init__(self, weight: float, y: Floats) -> None:
        self.smoothed = Smoothed(weight)
        self.pyramid = Pyramid()
        self.extend(y)

    @property
    def weight(self) -> float:
        return self.smoothed.weight

    def extend(self, y: Floats) -> None:
        """Take `y`, which begins with the values that were taken already."""
        self.smoothed.extend(y)
        self.pyramid.extend(self.smoothed.values)


class Recorded:
    """One metric of one run, growing: its values with the three things an x axis can count.

    `extend` takes whole arrays that begin with what is there (int64 or float64, all of one length) and copies none.
    Minimum and maximum blocks and the smoothed curve are kept once and shared by all axes.
    """

    def __init__(self, origin: float = 0.0) -> None:
        self._origin = origin
        self._x: dict[Axis, npt.NDArray] = {}
        self._y: Floats = np.empty(0)
        self._pyramid = Pyramid()
        self._averaged: Averaged | None = None
        self._traces: dict[tuple[Axis, bool], Trace] = {}

    def __len__(self) -> int:
        return len(self._y)

    def extend(self, steps: npt.NDArray, epochs: Floats, times: Floats, values: Floats) -> None:
        """Take the arrays, which begin with the points that are here already."""
        self._x = {Axis.STEP: steps, Axis.EPOCH: epochs, Axis.TIME: times}
        self._y = values
        self._pyramid.extend(values)
        if self._averaged is not None:
            self._averaged.extend(values)

    def trace(self, axis: Axis) -> Trace:
        """The measured values over `axis`; without those whose place on it is not known."""
        return self._made(axis, smooth=False)

    def smooth(self, axis: Axis, weight: float) -> Trace:
        """The debiased average of the values over `axis`. One weight is kept at a time."""
        self.ready(weight)
        return self._made(axis, smooth=True)

    def ready(self, weight: float) -> None:
        """Compute what `smooth` needs, which a thread may do as long as nobody draws."""
        if self._averaged is None or self._averaged.weight != weight:
            self.take(self.averaged(weight))

    def averaged(self, weight: float) -> Averaged:
        """The average at another weight, to be taken later: changes nothing here, so that a thread may compute it."""
        return Averaged(weight, self._y)

    def take(self, averaged: Averaged) -> None:
        """Show this average from now on."""
        averaged.extend(self._y)
        self._averaged = averaged
        self._traces = {key: trace for key, trace in self._traces.items() if not key[1]}

    def _made(self, axis: Axis, *, smooth: bool) -> Trace:
        pyramid = self._averaged.pyramid if smooth and self._averaged else self._pyramid
        x = self._x.get(axis, np.empty(0))
        origin = self._origin if axis is Axis.TIME else 0.0
        if x.dtype.kind == "f" and np.isnan(x).any():
            known = ~np.isnan(x)
            return Trace(x[known], pyramid.y[known], origin)
        trace = self._traces.get((axis, smooth))
        if trace is None:
            # Traces of an axis that is no longer shown would keep outgrown arrays alive.
            self._traces = {key: kept for key, kept in self._traces.items() if key[0] is axis}
            trace = self._traces[axis, smooth] = Trace(origin=origin, pyramid=pyramid)
        trace.extend(x, pyramid.y)
        return trace


@dataclass(slots=True)
class RunCurves:
    """The metrics of one run by name. `running`: those that are means over the epoch so far; `partial`: a coarse
    picture, the rest of the file is still being read.
    """

    id: str
    title: str
    colour: int = 0
    letter: str = ""
    metrics: dict[str, Recorded] = field(default_factory=dict)
    running: frozenset[str] = frozenset()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose for all charts at once. `alone` is the position of the only line to show, None for all."""

    axis: Axis = Axis.STEP
    weight: float = 0.9
    log: bool = False
    fit: Fit = Fit.ROBUST
    x: tuple[float, float] | None = None
    cursor: float | None = None
    alone: int | None = None


def chart_names(runs: Iterable[RunCurves]) -> list[str]:
    """One name a chart, validation under the name of its metric: the loss first, rates and times last."""
    names: dict[str, None] = {}
    for run in runs:
        names.update(dict.fromkeys(name.removeprefix(VALIDATION) for name in run.metrics))
    return sorted(names, key=lambda name: (name in _LAST) - (name == "loss"))


def chart(name: str, runs: Sequence[RunCurves], choices: Choices, *, hint: str = "", titles: bool = True) -> Plot:
    """The chart of one metric: every run's values and validation values of that name.

    Without `titles` several runs are told apart by their letters alone, for a small chart beside a list of runs.
    """
    several = len(runs) > 1
    lines = [
        line
        for run in runs
        for metric in (name, VALIDATION + name)
        if metric in run.metrics
        for line in [_line(run, metric, name, choices, several)]
    ]
    if not several:
        # One run: colour tells training from validation instead of run from run.
        lines = [replace(line, colour=index) for index, line in enumerate(lines)]
    if choices.alone is not None and lines:
        lines = [lines[choices.alone % len(lines)]]
    if several and not titles:
        lines = [replace(line, label="") for line in lines]
    return Plot(
        lines,
        name,
        choices.axis,
        log=choices.log,
        fit=choices.fit,
        x=choices.x,
        cursor=choices.cursor,
        hint=hint,
    )


def _line(run: RunCurves, metric: str, name: str, choices: Choices, several: bool) -> Line:
    recorded = run.metrics[metric]
    validation = metric != name
    role = "val" if validation else ("train" if VALIDATION + name in run.metrics else "")
    exact = metric in _SET or (validation and _sparse(run, metric, name)) or len(recorded) <= 2
    smoothed = choices.weight > 0 and not exact
    beside = validation and name in run.metrics
    return Line(
        recorded.trace(choices.axis),
        role if beside or not several else run.title,
        run.colour,
        recorded.smooth(choices.axis, choices.weight) if smoothed else None,
        dashed=validation,
        key=(run.letter.upper() if validation else run.letter) if several else "",
        note="running mean" if metric in run.running else "",
    )


def _sparse(run: RunCurves, metric: str, name: str) -> bool:
    """Whether validation came once an epoch: each of its values is a mean already, smoothing would only delay it."""
    training = run.metrics.get(name)
    return training is None or len(run.metrics[metric]) * _SPARSE < len(training)


def whole_extent(runs: Iterable[RunCurves], axis: Axis) -> tuple[float, float]:
    """The range of x that all metrics of all runs need together; (0, 1) where there is no value."""
    metrics = [metric for run in runs for metric in run.metrics.values()]
    ranges = [found for metric in metrics if (found := metric.trace(axis).extent()) is not None]
    low, high = min((low for low, _ in ranges), default=0.0), max((high for _, high in ranges), default=1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def zoomed(window: tuple[float, float], factor: float, at: float) -> tuple[float, float]:
    """The window scaled by `factor` about `at`, which keeps its place; never narrower than a double can tell apart."""
    low, high = at - (at - window[0]) * factor, at + (window[1] - at) * factor
    least = 1e-9 * max(abs(low), abs(high), 1e-9)
    return (low, high) if high - low > least else window


def grid(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns of a grid of `count` charts and the rows of cells of each: about four cells wide for one high."""
    best = (1, max(height, 1))
    least = float("inf")
    for across in range(1, max(1, min(count, width // 34)) + 1):
        down = -(-count // across)
        high = max(height // down, min(9, height), 1)
        scrolled = max(down * high - height, 0) / max(height, 1)
        aspect = width / across / high / 4
        cost = max(aspect, 1 / aspect) + 2 * scrolled
        if cost < least:
            best, least = (across, high), cost
    return best
