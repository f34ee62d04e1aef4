"""The value of each batch, from logs that hold the running mean of the epoch.

A metric that is a mean keeps `total` and `count`; their change over a batch gives that batch's own value. The
total is a float32 that grows all epoch: what it rounds off is kept beside it (see `rounding`), and where it is not
a value errs by up to 6e-8 × (batches so far) of the mean. Where the state cannot be read the running means
themselves are differenced, which loses about three times as much. What is no mean (AUC, F1) stays as it is and is named in `running`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras

from . import keras_state, rounding

_LARGEST_VECTOR = 32  # values of a metric that gives one a class


@dataclass(frozen=True, slots=True)
class _Mean:
    """A metric whose result is `curve(total / count)`; the numbers are places in what the reader reads.

    `lost` is the place of what its total rounded off, None where nobody keeps it.
    """

    total: int
    count: int
    curve: Callable[[float], float] | None = None
    lost: int | None = None


@dataclass(frozen=True, slots=True)
class _Sum:
    total: int


@dataclass(frozen=True, slots=True)
class _AsGiven:
    """Written as it comes: no mean, or computed by a `train_step` of the user's own."""

    running: bool


_Source = _Mean | _Sum | _AsGiven


class BatchValues:
    """Turns the logs of successive batches into the values of those batches.

    `exact=False` differences the running means instead of reading the metrics' state, for a device where each
    read costs much; batches are then taken to be of one size, but for the last of an epoch. `running` names what
    is no value of a batch; it may grow while training shows more.
    """

    def __init__(self, model: Any, *, exact: bool = True) -> None:
        self.running: frozenset[str] = frozenset()
        self._model = model
        self._exact = exact
        self._sources: dict[str, _Source] | None = None
        self._read: keras_state.Read = list
        self._before: list[float] = []
        self._means: Mapping[str, float] = {}
        self._weight = self._size = 0.0
        self._samples: keras_state.Read | None = None

    def begin_epoch(self) -> None:
        """Keras has reset the metrics: what they hold now is where the next batch starts from."""
        self._means, self._weight = {}, 0.0
        if self._sources is not None and self._exact:
            self._before = self._read()

    def of(self, logs: Mapping[str, Any], batches: int = 1, *, last: bool = True) -> dict[str, float]:
        """The values of the `batches` batches since the last call (their mean, by samples), loss first.

        `last`: the last of them may be smaller than the others. Asked for by `exact=False` only.
        """
        numbers = _numbers(logs)
        if self._sources is None or self._sources.keys() != numbers.keys():
            self._find_sources(numbers, logs)
        found = self._from_state(numbers) if self._exact else self._differenced(numbers, batches, last)
        self._means = numbers
        return found

    def _from_state(self, numbers: Mapping[str, float]) -> dict[str, float]:
        state = self._read()
        before, self._before = self._before, state
        found: dict[str, float] = {}
        for name, source in self._sources.items() if self._sources else ():
            if type(source) is _Mean:
                value = _of_mean(source, state, before)
                if value is None:
                    self._demote(name)
                elif value == value or not _weightless(source, state, before):
                    found[name] = value
            elif type(source) is _Sum:
                found[name] = state[source.total] - before[source.total]
            else:
                found[name] = numbers[name]
        return found

    def _differenced(self, numbers: Mapping[str, float], batches: int, last: bool) -> dict[str, float]:
        before = self._weight
        if self._samples and (last or not self._size):
            # One read wakes the device up, which costs more than all the rest: the usual size is asked for once.
            self._weight = self._samples()[0]
            self._size = self._size or (self._weight - before) / batches
        else:
            self._weight = before + batches * (self._size or 1.0)
        if self._weight <= before:  # the metrics were reset on the way
            before, self._means = 0.0, {}
        share = self._weight - before
        found: dict[str, float] = {}
        for name, source in self._sources.items() if self._sources else ():
            mean, old = numbers[name], self._means.get(name, 0.0)
            if type(source) is _Mean and share > 0 and source.curve is None:
                found[name] = (mean * self._weight - old * before) / share
            elif type(source) is _Sum:
                found[name] = mean - old
            else:
                found[name] = mean
        return found

    def _demote(self, name: str) -> None:
        # Its total moved and its count did not: a user's own Mean that does something else than adding up.
        if self._sources is not None:
            self._sources[name] = _AsGiven(running=True)
            self.running |= {name}

    def _find_sources(self, numbers: Mapping[str, float], logs: Mapping[str, Any]) -> None:
        metrics = keras_state.metrics_by_log_name(self._model)
        variables: list[Any] = []
        sources: dict[str, _Source] = {}
        for name in sorted(numbers, key=lambda name: (name != "loss", name)):
            # What is not in the logs themselves is one value of a vector.
            sources[name] = _source(metrics.get(name), variables) if name in logs else _AsGiven(running=True)
        try:
            self._read = keras_state.reader(self._model, variables)
            state = self._read()
            for name, source in sources.items():
                if not _agrees(source, state, numbers[name]):
                    sources[name] = _AsGiven(running=False)
                elif isinstance(source, _Mean) and not state[source.total].is_integer():
                    # A sum of whole numbers (of hits: an accuracy) rounds nothing off, and each read costs.
                    sources[name] = _with_lost(source, metrics[name], variables)
            self._read = keras_state.reader(self._model, variables)
            state = self._read()
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
            self._exact, state = False, []  # a distributed variable that gives no single number, or a new Keras
        if not self._exact:
            self._samples = keras_state.samples_seen(self._model)
        # Some metric gives its results under names of its own: whatever nobody explains may be running.
        foreign = any(name not in logs for name in metrics)
        self.running = frozenset(
            name
            for name, source in sources.items()
            if (isinstance(source, _AsGiven) and (source.running or (foreign and name not in metrics)))
            or (not self._exact and isinstance(source, _Mean) and source.curve is not None)
        )
        self._sources = sources
        self._before = [0.0] * len(state)


def _source(metric: Any, variables: list[Any]) -> _Source:
    if metric is None:
        return _AsGiven(running=False)
    kind, place = type(metric), len(variables)
    squared = isinstance(metric, keras.metrics.RootMeanSquaredError)
    if squared or (isinstance(metric, keras.metrics.Mean) and kind.result is keras.metrics.Mean.result):
        variables += [metric.total, metric.count]
        rounded_off = rounding.lost(metric)
        if rounded_off is not None:
            variables.append(rounded_off)
        return _Mean(
            place, place + 1, _square_root if squared else None, place + 2 if rounded_off is not None else None
        )
    if isinstance(metric, keras.metrics.Sum) and kind.result is keras.metrics.Sum.result:
        variables.append(metric.total)
        return _Sum(place)
    return _AsGiven(running=True)


def _with_lost(source: _Mean, metric: Any, variables: list[Any]) -> _Mean:
    rounded_off = rounding.lost(metric)
    if rounded_off is None:
        return source
    variables.append(rounded_off)
    return replace(source, lost=len(variables) - 1)


def _of_mean(source: _Mean, state: list[float], before: list[float]) -> float | None:
    """The value of what came since `before`, NaN where nothing had a weight, None where this is no sum."""
    total, count = state[source.total] - before[source.total], state[source.count] - before[source.count]
    if count < 0:  # reset within the epoch
        total, count = state[source.total], state[source.count]
    if count == 0:
        return None if total > 0 or total < 0 else math.nan
    if source.lost is not None:
        regained = state[source.lost] - before[source.lost]
        total += regained if regained == regained else 0.0  # a NaN stays in there for ever
    value = total / count
    return source.curve(value) if source.curve else value


def _weightless(source: _Mean, state: list[float], before: list[float]) -> bool:
    return state[source.count] == before[source.count]


def _agrees(source: _Source, state: list[float], logged: float) -> bool:
    """Whether the logs hold what the state says: a `train_step` of the user's own may return anything."""
    match source:
        case _Mean(total=total, count=count, curve=curve):
            mean = state[total] / state[count] if state[count] else 0.0
            result = curve(mean) if curve else mean
        case _Sum(total=total):
            result = state[total]
        case _AsGiven():
            return True
    return math.isclose(result, logged, rel_tol=1e-4, abs_tol=1e-9) or (result != result and logged != logged)


def _square_root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan


def _numbers(logs: Mapping[str, Any]) -> Mapping[str, float]:
    """The logs as numbers; a vector (one value a class) becomes `name_0`, `name_1` and so on."""
    if all(type(value) is float for value in logs.values()):
        return logs
    found: dict[str, float] = {}
    for name, value in logs.items():
        if isinstance(value, int | float):
            found[name] = float(value)
            continue
        try:
            values = keras.ops.convert_to_numpy(value).ravel().tolist()
        except (AttributeError, TypeError, ValueError):
            continue
        for place, item in enumerate(values[:_LARGEST_VECTOR]):
            found[f"{name}_{place}" if len(values) > 1 else name] = float(item)
    return found
