"""Where the value of a batch comes from, for every name in `logs`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras

from . import keras_state
from .ledger import ledger


@dataclass(frozen=True, slots=True)
class Mean:
    """A metric whose result is `curve(total / count)`; the numbers are places in what is read of the state."""

    total: int
    count: int
    curve: Callable[[float], float] | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A metric whose result is its total."""

    total: int


@dataclass(frozen=True, slots=True)
class AsGiven:
    """Written as it comes: no mean (then it runs over the epoch), or returned by a `train_step` of one's own."""

    running: bool


Source = Mean | Sum | AsGiven


@dataclass(frozen=True, slots=True)
class Sources:
    """The source of each name, loss first, and how to read all the state that they need, `width` numbers.

    `exact` is False where the state gives no single numbers: variables on several devices, or a Keras unknown to us.
    """

    by_name: Mapping[str, Source]
    read: keras_state.Read
    width: int
    ledgers: tuple[Any, ...]
    exact: bool
    running: frozenset[str]


def find(model: Any, logs: Mapping[str, Any], numbers: Mapping[str, float]) -> Sources:
    """Explain `numbers`, which are the `logs` after the first batch that has these names, by the model's metrics."""
    metrics = keras_state.metrics_by_log_name(model)
    # What is not in the logs themselves is one value of a vector.
    first: dict[str, Source] = {
        name: _kind(metrics.get(name)) if name in logs else AsGiven(running=True)
        for name in sorted(numbers, key=lambda name: (name != "loss", name))
    }
    read: keras_state.Read = list
    try:
        by_name, variables, ledgers = _placed(model, first, metrics, numbers)
        read = _both(keras_state.pairs(ledgers), keras_state.reader(model, variables))
        exact = True
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        by_name, variables, ledgers, exact = first, [], [], False
    # Some metric gives its results under names of its own: whatever nobody explains may be running.
    foreign = any(name not in logs for name in metrics)
    running = frozenset(
        name
        for name, source in by_name.items()
        if isinstance(source, AsGiven) and (source.running or (foreign and name not in metrics))
    )
    return Sources(by_name, read, 2 * len(ledgers) + len(variables), tuple(ledgers), exact, running)


def _both(one: keras_state.Read, other: keras_state.Read) -> keras_state.Read:
    return lambda: one() + other()


def _kind(metric: Any) -> Source:
    if metric is None:
        return AsGiven(running=False)
    result = type(metric).result
    if isinstance(metric, keras.metrics.RootMeanSquaredError):
        return Mean(0, 1, _square_root)
    if isinstance(metric, keras.metrics.Mean) and result is keras.metrics.Mean.result:
        return Mean(0, 1)
    if isinstance(metric, keras.metrics.Sum) and result is keras.metrics.Sum.result:
        return Sum(0)
    return AsGiven(running=True)


def _placed(
    model: Any, first: Mapping[str, Source], metrics: Mapping[str, Any], numbers: Mapping[str, float]
) -> tuple[dict[str, Source], list[Any], list[Any]]:
    """The sources with their places in the state: the pairs of the ledgers come first, then the variables."""
    with_ledger = {name for name, source in first.items() if _has_ledger(source, metrics.get(name), numbers[name])}
    ledgers: list[Any] = []
    variables: list[Any] = []
    placed: dict[str, Source] = {}
    for name, source in first.items():
        metric: Any = metrics.get(name)
        place = 2 * len(with_ledger) + len(variables)
        if name in with_ledger and isinstance(source, Mean):
            placed[name] = replace(source, total=2 * len(ledgers), count=2 * len(ledgers) + 1)
            ledgers.append(ledger(metric))
        elif isinstance(source, AsGiven):
            placed[name] = source
        else:
            wanted = [metric.total] if isinstance(source, Sum) else [metric.total, metric.count]
            if not _agrees(source, keras_state.reader(model, wanted)(), numbers[name]):
                placed[name] = AsGiven(running=False)
                continue
            variables += wanted
            placed[name] = Sum(place) if isinstance(source, Sum) else replace(source, total=place, count=place + 1)
    return placed, variables, ledgers


def _has_ledger(source: Source, metric: Any, logged: float) -> bool:
    """Whether this metric's account is kept, which it is not by what Keras traced before there was one."""
    if not isinstance(source, Mean) or (account := ledger(metric)) is None:
        return False
    state = keras_state.pairs([account])()
    return state[1] != 0.0 and _agrees(source, state, logged)


def _agrees(source: Mean | Sum, state: list[float], logged: float) -> bool:
    """Whether the logs hold what the state says: a `train_step` of one's own may return anything."""
    if isinstance(source, Sum):
        result = state[0]
    else:
        mean = state[0] / state[1] if state[1] else 0.0  # as Keras divides
        result = source.curve(mean) if source.curve else mean
    return math.isclose(result, logged, rel_tol=1e-4, abs_tol=1e-9) or (result != result and logged != logged)


def _square_root(value: float) -> float:
    return math.sqrt(value) if value >= 0 else math.nan
