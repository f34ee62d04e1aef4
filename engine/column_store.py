"""Columns that grow: what was read of a run's metrics, handed out as frozen curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .metric_lines import Block, Floats, Group
from .summary import number

NAMES = 2000  # metrics beyond are left out: a hostile file may name a million
_SPARE = 1.1  # lines get longer and shorter as their numbers do
_MOST_ROOM = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric: `steps` int64[N], `epochs`, `times` (Unix, seconds) and `values` float64[N], in order of recording.

    The arrays are never written to again; metrics of the same lines share the first three.
    """

    steps: NDArray[np.int64]
    epochs: Floats
    times: Floats
    values: Floats

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Fit:
    """One `fit` of the script: `step` is the number of steps done before it."""

    number: int | None = None
    step: int | None = None
    time: float | None = None
    epochs: int | None = None
    steps_per_epoch: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """All metrics at one moment. `running`: those that are running means of their epoch.

    `restarted`: the file was truncated or replaced, and this is no continuation of the Curves before.
    """

    names: tuple[str, ...] = ()
    series: Mapping[str, Series] = field(default_factory=dict)
    running: frozenset[str] = frozenset()
    fits: tuple[Fit, ...] = ()
    restarted: bool = False


class _Column:
    """An array that grows at its end; what it gave out before stays as it was.

    `room`: how many values there will be, as far as is known. Memory that is not written to costs none.
    """

    __slots__ = ("_array", "_length")

    def __init__(self, values: NDArray[Any], room: int = 0) -> None:
        self._array = np.empty(max(room, len(values)), dtype=values.dtype)
        self._array[: len(values)] = values
        self._length = len(values)

    def append(self, values: NDArray[Any]) -> None:
        length = self._length + len(values)
        if length > len(self._array):
            larger = np.empty(max(length, self._length * 3 // 2), dtype=self._array.dtype)
            larger[: self._length] = self._array[: self._length]
            self._array = larger
        self._array[self._length : length] = values
        self._length = length

    def view(self) -> NDArray[Any]:
        view = self._array[: self._length]
        view.flags.writeable = False
        return view

    def copy(self) -> _Column:
        return _Column(self.view(), len(self._array))


class _Axis:
    """Steps, epochs and times of metrics that have always been recorded together."""

    __slots__ = ("columns",)

    def __init__(self, columns: tuple[_Column, _Column, _Column]) -> None:
        self.columns = columns

    def append(self, group: Group) -> None:
        for column, values in zip(self.columns, (group.steps, group.epochs, group.times), strict=True):
            column.append(values)


class Store:
    """Everything read so far, as columns that grow."""

    def __init__(self) -> None:
        self._axis_of: dict[str, _Axis] = {}
        self._values: dict[str, _Column] = {}
        self._running: frozenset[str] = frozenset()
        self._fits: list[Fit] = []

    def add(self, block: Block, to_come: float = 0.0) -> None:
        """Take what was read; `to_come`: about how many blocks like this one are still to be read."""
        for event in block.events:
            self._take(event)
        for group in block.groups:
            self._append(group, min(int(len(group.steps) * (1 + _SPARE * to_come)), _MOST_ROOM))

    def _take(self, event: Mapping[str, Any]) -> None:
        match event.get("event"):
            case "fit" if len(self._fits) < NAMES:
                names = ("fit", "step", "epochs", "steps_per_epoch")
                whole = {name: _whole(event.get(name)) for name in names}
                moment = number(event.get("time"))
                self._fits.append(Fit(whole["fit"], whole["step"], moment, whole["epochs"], whole["steps_per_epoch"]))
            case "kinds":
                names = event.get("running")
                if isinstance(names, list):
                    self._running |= {name for name in names[:NAMES] if isinstance(name, str)}
            case _:
                pass

    def _append(self, group: Group, room: int) -> None:
        rows = dict(zip(group.names, group.values, strict=True))
        known: dict[int, list[str]] = {}
        for name in rows:
            if name in self._axis_of:
                known.setdefault(id(self._axis_of[name]), []).append(name)
        for names in known.values():
            self._axis_apart(names).append(group)
            for name in names:
                self._values[name].append(rows[name])
        fresh = [name for name in rows if name not in self._values][: max(NAMES - len(self._values), 0)]
        if fresh:
            axis = _Axis((_Column(group.steps, room), _Column(group.epochs, room), _Column(group.times, room)))
            for name in fresh:
                self._axis_of[name], self._values[name] = axis, _Column(rows[name], room)

    def _axis_apart(self, names: list[str]) -> _Axis:
        """The axis of these metrics, as a copy of their own where others shared it until now."""
        axis = self._axis_of[names[0]]
        if sum(other is axis for other in self._axis_of.values()) > len(names):
            steps, epochs, times = axis.columns
            axis = _Axis((steps.copy(), epochs.copy(), times.copy()))
            for name in names:
                self._axis_of[name] = axis
        return axis

    def curves(self, *, restarted: bool) -> Curves:
        views: dict[int, tuple[NDArray[Any], NDArray[Any], NDArray[Any]]] = {}
        series = {}
        for name, values in self._values.items():
            axis = self._axis_of[name]
            if id(axis) not in views:
                steps, epochs, times = axis.columns
                views[id(axis)] = steps.view(), epochs.view(), times.view()
            series[name] = Series(*views[id(axis)], values.view())
        return Curves(tuple(series), series, self._running, tuple(self._fits), restarted)


def _whole(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**53 else None
