"""Many points, few columns: the minimum and maximum of a curve in every column of a chart, at any zoom.

Thinning a curve by taking every n-th point loses the spikes a person looks for. Here each column gets the
exact minimum and maximum of the polyline inside it (the idea of M4, Jugel et al. 2014, "M4: A
Visualization-Oriented Time Series Data Aggregation"), found in a pyramid of block extremes, so that a repaint
costs the same for a thousand points and for a million. Everything grows by appending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Reals = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

FANOUT = 16
MOST_STROKES = 256
_FEW = 48  # values a column that are folded one by one rather than looked up in blocks


class Growing:
    """An append buffer: amortised constant cost a value, `values` is a view of what is in it."""

    __slots__ = ("_room", "_size")

    def __init__(self, dtype: npt.DTypeLike = np.float64) -> None:
        self._room = np.empty(64, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> npt.NDArray:
        return self._room[: self._size]

    def reserve(self, size: int) -> None:
        """Have room for `size` values in all."""
        if size > len(self._room):
            # A quarter more, not double: eight curves of a million points shall fit beside everything else.
            room = np.empty(max(size, len(self._room) + len(self._room) // 4, 64), self._room.dtype)
            room[: self._size] = self.values
            self._room = room

    def append(self, values: npt.NDArray) -> None:
        """Put `values` behind what is there."""
        size = self._size + len(values)
        self.reserve(size)
        self._room[self._size : size] = values
        self._size = size


class Pyramid:
    """The extremes of any stretch of a growing array, NaN and infinities left out and counted apart.

    Level k holds the minimum and maximum of blocks of FANOUT**k values, in the type of the array (float64 or float32).
    Only whole blocks are kept, so that appending never changes what is there. The array itself is not copied.
    """

    def __init__(self) -> None:
        self.y: Reals = np.empty(0)
        self.nan = Growing(np.intp)
        self.up = Growing(np.intp)
        self.down = Growing(np.intp)
        self._levels: list[tuple[Growing, Growing]] = []

    def __len__(self) -> int:
        return len(self.y)

    def extend(self, y: Reals) -> None:
        """Take `y`, float64[N] or float32[N], which begins with the values that are here already."""
        new = len(self.y)
        self._note_odd(y[new:], new)
        self.y = y
        below: tuple[npt.NDArray, npt.NDArray] = (y, y)
        level = 0
        while len(below[0]) >= FANOUT:
            if level == len(self._levels):
                self._levels.append((Growing(y.dtype), Growing(y.dtype)))
            low, high = self._levels[level]
            first, last = len(low) * FANOUT, len(below[0]) // FANOUT * FANOUT
            blocks = (_finite(side[first:last]).reshape(-1, FANOUT) for side in below)
            low.append(_across(next(blocks), np.fmin))
            high.append(_across(next(blocks), np.fmax))
            below = (low.values, high.values)
            level += 1

    def _note_odd(self, new: Reals, offset: int) -> None:
        odd = np.flatnonzero(~np.isfinite(new))
        if len(odd) == 0:
            return
        values = new[odd]
        self.nan.append(odd[np.isnan(values)] + offset)
        self.up.append(odd[values == np.inf] + offset)
        self.down.append(odd[values == -np.inf] + offset)

    def extremes(self, first: Indices, last: Indices) -> tuple[Floats, Floats]:
        """Minimum and maximum of y[first[i]:last[i]] for each i; NaN where nothing finite is in it."""
        low, high = np.full(len(first), np.nan), np.full(len(first), np.nan)
        level: tuple[npt.NDArray, npt.NDArray] = (self.y, self.y)
        odd = len(self.up) + len(self.down) > 0
        # Where every value is finite, the folds that need not look out for NaN are three times as fast.
        folds = (np.fmin, np.fmax) if odd or len(self.nan) else (np.minimum, np.maximum)
        for above in self._levels:
            if len(first) == 0 or int((last - first).max()) <= _FEW:
                break
            _fold_ends(level, first, last, low, high, folds, odd=odd)
            # What lies between the ends of a stretch is whole blocks of the next level.
            first, last = -(-first // FANOUT), last // FANOUT
            level, odd = (above[0].values, above[1].values), False
        _fold_all(level, first, last, low, high, folds, odd=odd)
        return low, high


def _across(blocks: npt.NDArray, fold: np.ufunc) -> npt.NDArray:
    # Halving with whole-array operations: five times as fast as fold.reduce(axis=1) on short rows.
    while blocks.shape[1] > 1:
        half = blocks.shape[1] // 2
        blocks = fold(blocks[:, :half], blocks[:, half:])
    return blocks[:, 0]


def _finite(values: npt.NDArray) -> npt.NDArray:
    odd = np.isinf(values)
    return np.where(odd, np.nan, values) if odd.any() else values


def _fold_ends(
    level: tuple[npt.NDArray, npt.NDArray],
    first: Indices,
    last: Indices,
    low: Floats,
    high: Floats,
    folds: tuple[np.ufunc, np.ufunc],
    *,
    odd: bool,
) -> None:
    """Fold the FANOUT - 1 values at either end of level[first[i]:last[i]], or all where there are fewer, into row i."""
    rows = np.flatnonzero(last > first)
    first, last = first[rows], last[rows]
    reach = np.arange(FANOUT - 1)[:, None]
    # A short stretch repeats its own values, which changes no extreme.
    at = np.concatenate([np.minimum(first + reach, last - 1), np.maximum(last - 1 - reach, first)])
    lows = _finite(level[0][at]) if odd else level[0][at]
    highs = lows if level[0] is level[1] else level[1][at]
    low[rows] = np.fmin(low[rows], folds[0].reduce(lows, axis=0))
    high[rows] = np.fmax(high[rows], folds[1].reduce(highs, axis=0))


def _fold_all(
    level: tuple[npt.NDArray, npt.NDArray],
    first: Indices,
    last: Indices,
    low: Floats,
    high: Floats,
    folds: tuple[np.ufunc, np.ufunc],
    *,
    odd: bool,
) -> None:
    """Fold all of level[first[i]:last[i]] into low[i] and high[i]: for few values a stretch."""
    rows = np.flatnonzero(last > first)
    if len(rows) == 0:
        return
    start, end = int(first[rows].min()), int(last[rows].max())
    # One value more than the last stretch has, so that its end is a place to cut at.
    sides = [np.append(side[start:end], np.nan) for side in level]
    if odd:
        sides = [_finite(side) for side in sides]
    cuts = np.stack([first[rows], last[rows]], axis=1).ravel() - start
    low[rows] = np.fmin(low[rows], folds[0].reduceat(sides[0], cuts)[::2])
    high[rows] = np.fmax(high[rows], folds[1].reduceat(sides[1], cuts)[::2])


class Trace:
    """A curve that grows: x (any real type, ascending within a stroke), y float64, both of the same length.

    Where x falls back (a second `fit`, a restarted script, a clock set back) a new *stroke* begins: strokes are
    drawn one over the other and never joined. `origin` is taken from every x: seconds since a run's start. A `pyramid`
    may be shared with other traces of the same y.
    """

    def __init__(
        self, x: npt.ArrayLike = (), y: npt.ArrayLike = (), origin: float = 0.0, pyramid: Pyramid | None = None
    ) -> None:
        self.origin = origin
        self.x: npt.NDArray = np.empty(0)
        self.pyramid = pyramid if pyramid is not None else Pyramid()
        self._starts = Growing(np.intp)
        self._kept: tuple[object, list[Columns]] = (None, [])
        self.extend(np.asarray(x), np.asarray(y, np.float64))

    def __len__(self) -> int:
        return len(self.x)

    @property
    def y(self) -> Reals:
        return self.pyramid.y

    def extend(self, x: npt.NDArray, y: Reals) -> None:
        """Take the whole arrays, which begin with the points that are here already. Nothing is copied."""
        new = len(self.x)
        if new == 0 and len(x):
            self._starts.append(np.zeros(1, np.intp))
        begin = max(new - 1, 0)
        falls = np.flatnonzero(x[begin + 1 :] < x[begin:-1]) + begin + 1
        self._starts.append(falls)
        self.x = x
        if len(y) > len(self.pyramid):
            self.pyramid.extend(y)

    def strokes(self) -> Iterator[slice]:
        """The stretches in which x does not fall."""
        starts = self._starts.values.tolist()
        for start, end in pairwise([*starts, len(self.x)]):
            yield slice(start, end)

    def extent(self) -> tuple[float, float] | None:
        """Smallest and largest x, None where there is no point."""
        if not len(self.x):
            return None
        starts = self._starts.values
        ends = np.append(starts[1:], len(self.x)) - 1
        return float(self.x[starts].min() - self.origin), float(self.x[ends].max() - self.origin)

    def nearest(self, x: float) -> int | None:
        """The index of the real point nearest in x, the later one of two as near; None where there is no point."""
        best: int | None = None
        for stroke in self.strokes():
            after = stroke.start + int(_search(self.x[stroke], np.array([x + self.origin]), "right")[0])
            for index in (after - 1, after):
                if stroke.start <= index < stroke.stop and (best is None or self._gap(index, x) <= self._gap(best, x)):
                    best = index
        return best

    def _gap(self, index: int, x: float) -> float:
        return abs(float(self.x[index] - self.origin) - x)

    def kept(self, key: object, make: Callable[[], list[Columns]]) -> list[Columns]:
        """What `make` gave for the same key the last time, else what it gives now."""
        if self._kept[0] != key:
            self._kept = (key, make())
        return self._kept[1]

    def point(self, index: int) -> tuple[float, float]:
        """Position (less the origin) and value of a real point."""
        return float(self.x[index] - self.origin), float(self.y[index])


@dataclass(frozen=True, slots=True)
class Columns:
    """A curve reduced to W columns; every field has length W and NaN where the curve is not.

    `low`, `high`: extremes of the polyline in the closed column; `left`, `right`: its values at the column's edges.
    `real`: whether a measured point lies in the column; `nan`, `up`, `down`: whether a NaN, +inf, −inf does.
    """

    low: Floats
    high: Floats
    left: Floats
    right: Floats
    real: Flags
    nan: Flags
    up: Flags
    down: Flags


def columns(trace: Trace, edges: Floats, *, log: bool = False) -> list[Columns]:
    """Each stroke of `trace` that touches the W columns between the ascending `edges`, float64[W + 1].

    With `log` the polyline is straight on a logarithmic y axis. The last answer is kept: a cursor that moves over a
    chart asks for the same again.
    """
    return trace.kept((edges.tobytes(), log, len(trace)), lambda: list(_strokes(trace, edges, log)))


def _strokes(trace: Trace, edges: Floats, log: bool) -> Iterator[Columns]:
    strokes = list(trace.strokes())
    if len(strokes) > MOST_STROKES:
        # x that jumps to and fro is no curve: its points in order of x are the best picture of it.
        order = np.argsort(trace.x, kind="stable")
        trace = Trace(trace.x[order], trace.y[order], trace.origin)
        strokes = list(trace.strokes())
    for stroke in strokes:
        x = trace.x[stroke]
        if x[0] - trace.origin <= edges[-1] and x[-1] - trace.origin >= edges[0]:
            yield _stroke_columns(trace, stroke, edges, log)


def _stroke_columns(trace: Trace, stroke: slice, edges: Floats, log: bool) -> Columns:
    moved = edges + trace.origin
    at = _search(trace.x[stroke], moved, "left") + stroke.start
    first, last = at[:-1], at[1:].copy()
    last[-1] = int(_search(trace.x[stroke], moved[-1:], "right")[0]) + stroke.start
    low, high = trace.pyramid.extremes(first, last)
    border = _at_edges(trace, stroke, moved, at, log)
    left, right = border[:-1], border[1:]
    return Columns(
        np.fmin(low, np.fmin(left, right)),
        np.fmax(high, np.fmax(left, right)),
        left,
        right,
        last > first,
        *(_any_between(odd.values, first, last) for odd in (trace.pyramid.nan, trace.pyramid.up, trace.pyramid.down)),
    )


def _search(x: npt.NDArray, wanted: Floats, side: str) -> Indices:
    if x.dtype.kind in "iu":
        # Comparing integers with floats would copy all of x: round the few wanted values instead.
        rounded = np.ceil(wanted) if side == "left" else np.floor(wanted)
        limits = np.iinfo(x.dtype)
        wanted = np.clip(rounded, float(limits.min), float(limits.max) * (1 - 2**-52)).astype(x.dtype)
    return np.searchsorted(x, wanted, side=side)  # type: ignore[call-overload]


def _at_edges(trace: Trace, stroke: slice, edges: Floats, at: Indices, log: bool) -> Floats:
    """The polyline's value at each edge: NaN before its first point, behind its last, and beside what is not finite."""
    inside = (at > stroke.start) & (at < stroke.stop)
    after = np.clip(at, stroke.start, stroke.stop - 1)
    before = np.where(inside, after - 1, after)
    x1, y1 = trace.x[after].astype(np.float64), _finite(trace.y[after])
    x0, y0 = trace.x[before].astype(np.float64), _finite(trace.y[before])
    hit = x1 == edges
    with np.errstate(all="ignore"):
        share = np.where(hit, 1.0, (edges - x0) / (x1 - x0))
        value = _between(y0, y1, share, log)
    return np.where(hit, y1, np.where(inside, value, np.nan))


def _between(y0: Floats, y1: Floats, share: Floats, log: bool) -> Floats:
    if not log:
        return y0 * (1 - share) + y1 * share
    # Towards a value that no logarithmic axis has, the line falls out of the chart at once.
    value = np.exp(np.log(y0) * (1 - share) + np.log(y1) * share)
    value = np.where((y0 <= 0) | (y1 <= 0), 0.0, value)
    return np.where(np.isnan(y0) | np.isnan(y1), np.nan, value)


def _any_between(positions: Indices, first: Indices, last: Indices) -> Flags:
    if not len(positions):
        return np.zeros(len(first), np.bool_)
    return np.searchsorted(positions, last) > np.searchsorted(positions, first)


def path(trace: Trace, x0: float, x1: float, wide: int, *, log: bool = False) -> Iterator[tuple[Floats, Floats]]:
    """Pieces of polyline (x, y) for a picture `wide` pixels wide: the points themselves, or column extremes where
    there are more than two points a pixel. Gaps where the data has them.
    """
    edges = np.linspace(x0, x1, wide + 1)
    for stroke in trace.strokes():
        moved = np.array([x0, x1]) + trace.origin
        first = max(int(_search(trace.x[stroke], moved[:1], "left")[0]) - 1, 0) + stroke.start
        last = min(int(_search(trace.x[stroke], moved[1:], "right")[0]) + 1, stroke.stop - stroke.start) + stroke.start
        if last - first <= 2 * wide:
            x = trace.x[first:last].astype(np.float64) - trace.origin
            yield from _unbroken(x, _finite(trace.y[first:last]))
            continue
        reduced = _stroke_columns(trace, stroke, edges, log)
        middle = np.repeat((edges[:-1] + edges[1:]) / 2, 2)
        yield from _unbroken(middle, np.stack([reduced.low, reduced.high], axis=1).ravel())


def _unbroken(x: Floats, y: Floats) -> Iterator[tuple[Floats, Floats]]:
    there = np.concatenate([[False], np.isfinite(y), [False]])
    turns = np.flatnonzero(there[1:] != there[:-1])
    for start, end in zip(turns[::2], turns[1::2], strict=True):
        yield x[start:end], y[start:end]
