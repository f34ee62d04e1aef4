"""The value of each batch, from logs that hold the running mean of the epoch.

A metric that is a mean keeps `total` and `count`; their change over a batch gives that batch's own value. The
total is a float32 that grows all epoch: where no `ledger` is kept beside it a value errs by up to 6e-8 × (batches
so far) of the mean. Where the state cannot be read the running means themselves are differenced, which loses
about three times as much. What is no mean (AUC, F1) stays as it is and is named in `running`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from . import keras_state, ledger, sources
from .sources import AsGiven, Mean, Source, Sum

_LARGEST_VECTOR = 32  # values of a metric that gives one a class


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
        self._sources: dict[str, Source] = {}
        self._ledgers: tuple[Any, ...] = ()
        self._read: keras_state.Read = list
        self._before: list[float] = []
        self._means: Mapping[str, float] = {}
        self._weight = self._size = 0.0
        self._samples: keras_state.Read | None = None

    def begin_epoch(self) -> None:
        """Keras has reset the metrics: what they hold now is where the next batch starts from."""
        self._means, self._weight = {}, 0.0
        if self._exact:
            ledger.clear(self._ledgers)
            self._before = self._read()

    def of(self, logs: Mapping[str, Any], batches: int = 1, *, last: bool = True) -> dict[str, float]:
        """The values of the `batches` batches since the last call (their mean, by samples), loss first.

        `last`: the last of them may be smaller than the others. Asked for by `exact=False` only.
        """
        numbers = _numbers(logs)
        if self._sources.keys() != numbers.keys():
            self._find_sources(logs, numbers)
        found = self._from_state(numbers) if self._exact else self._differenced(numbers, batches, last)
        self._means = numbers
        return found

    def _find_sources(self, logs: Mapping[str, Any], numbers: Mapping[str, float]) -> None:
        found = sources.find(self._model, logs, numbers)
        self._sources, self._read, self._ledgers = dict(found.by_name), found.read, found.ledgers
        self._before = [0.0] * found.width
        self._exact = self._exact and found.exact
        self.running = found.running
        if not self._exact:
            self._samples = keras_state.samples_seen(self._model)
            curved = (name for name, source in self._sources.items() if isinstance(source, Mean) and source.curve)
            self.running |= frozenset(curved)

    def _from_state(self, numbers: Mapping[str, float]) -> dict[str, float]:
        state = self._read()
        before, self._before = self._before, state
        found: dict[str, float] = {}
        for name, source in tuple(self._sources.items()):
            if type(source) is Mean:
                total, count = state[source.total] - before[source.total], state[source.count] - before[source.count]
                if count < 0:  # reset within the epoch
                    total, count = state[source.total], state[source.count]
                if count:
                    value = total / count
                    found[name] = source.curve(value) if source.curve else value
                elif total > 0 or total < 0:
                    # Its total moved and its count did not: a user's own Mean that does something else than adding.
                    self._demote(name)
                    found[name] = numbers[name]
            elif type(source) is Sum:
                found[name] = state[source.total] - before[source.total]
            else:
                found[name] = numbers[name]
        return found

    def _demote(self, name: str) -> None:
        self._sources[name] = AsGiven(running=True)
        self.running |= {name}

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
        for name, source in self._sources.items():
            mean, old = numbers[name], self._means.get(name, 0.0)
            if type(source) is Mean and share > 0 and source.curve is None:
                found[name] = (mean * self._weight - old * before) / share
            elif type(source) is Sum:
                found[name] = mean - old
            else:
                found[name] = mean
        return found


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
            array: Any = keras.ops.convert_to_numpy(value)
            values = array.ravel().tolist()
        except (AttributeError, TypeError, ValueError):
            continue
        for place, item in enumerate(values[:_LARGEST_VECTOR]):
            found[f"{name}_{place}" if len(values) > 1 else name] = float(item)
    return found
