"""What the maps, pictures, vectors, … of a part show: one `Item` each, kept as columns where there are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import repeat
from typing import Any, TypeAlias, overload

import numpy as np
import numpy.typing as npt

from ..engine.errors import TrainvisError

Column: TypeAlias = npt.NDArray[Any] | tuple[str, ...]

NOTHING = -(2**63)  # in a column of whole numbers: does not apply


class FigureError(TrainvisError):
    """A figure that does not hold together, or a figure file that cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Item:
    """What one map, picture, vector, … shows. A field that does not apply is None or empty.

    `image` counts the inputs of the figure; `layer` is the path of a layer; `unit` the index of a unit in it (a
    feature map has one number, a single unit of it row, column, map); `rank` 0 is the first of an order; `score`
    what it was ordered by, or the value of the unit; `target` the class that was explained; `aspect` which one of
    several that a technique makes of the same thing ("positive", "deconvolution"); `record` the key of a record of
    a data set, `box` a part of the input as top, left, bottom, right (half open, in its pixels, and outside of it
    where a receptive field hangs over the border); `note` a sentence about this one.
    """

    image: int | None = None
    layer: str = ""
    unit: tuple[int, ...] | None = None
    rank: int | None = None
    score: float | None = None
    target: int | None = None
    aspect: str = ""
    record: str = ""
    box: tuple[int, int, int, int] | None = None
    note: str = ""


ITEM_FIELDS = tuple(each.name for each in fields(Item))
WHOLE = ("image", "rank", "target")
TUPLES = ("unit", "box")
TEXTS = ("layer", "aspect", "record", "note")


class Items(Sequence[Item]):
    """Items as columns: `same` is what all of them share, `each` one column for every field that differs.

    `Items(64, Item(image=0, layer="conv2d"), unit=np.arange(64), score=maxima)` costs microseconds where 64 items
    made one by one cost a hundred. A column has `count` entries: numbers or None for image, rank, target and score;
    a number or several (N×K) for unit, four (N×4) for box, texts for the others. Raises FigureError.

    Kept are int64, float64 and tuples of str; in the first, `NOTHING` stands for None. A score is None where the
    column `scored` says so, for NaN is a score too.
    """

    __slots__ = ("_count", "each", "same")

    def __init__(self, count: int, same: Item = Item(), **each: Any) -> None:
        self._count = count
        self.same = same
        self.each: Mapping[str, Column] = {}
        for name, values in each.items():
            self.each |= _columns(name, values)
        odd = next((name for name, column in self.each.items() if len(column) != count), None)
        if odd is not None:
            raise FigureError(f"{count} items with {len(self.each[odd])} values of {odd}")

    def sharing(self, same: Item) -> Items:
        """Items with the columns of these, the same arrays, that share something else."""
        other = object.__new__(Items)
        other._count, other.each, other.same = self._count, self.each, same
        return other

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int, /) -> Item: ...
    @overload
    def __getitem__(self, place: slice, /) -> tuple[Item, ...]: ...
    def __getitem__(self, place: int | slice, /) -> Item | tuple[Item, ...]:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._count)
            return tuple(self._some(slice(start, stop if stop >= 0 else None, step), len(range(start, stop, step))))
        if not -self._count <= place < self._count:
            raise IndexError(place)
        at = place % self._count
        return next(self._some(slice(at, at + 1), 1))

    def __iter__(self) -> Iterator[Item]:
        return self._some(slice(None), self._count)

    def _some(self, places: slice, count: int) -> Iterator[Item]:
        names = [name for name in self.each if name != "scored"]
        if not names:
            yield from repeat(self.same, count)
            return
        shared = {name: getattr(self.same, name) for name in ITEM_FIELDS if name not in names}
        for values in zip(*(self._values(name, places) for name in names), strict=True):
            yield Item(**shared, **dict(zip(names, values, strict=True)))

    def _values(self, name: str, places: slice) -> Iterable[Any]:
        column = self.each[name][places]
        if isinstance(column, tuple):
            return column
        values = column.tolist()
        if name in TUPLES:
            return (tuple(number for number in row if number != NOTHING) or None for row in values)
        if name in WHOLE:
            return (None if value == NOTHING else value for value in values)
        if "scored" in self.each:
            scored = self.each["scored"][places]
            return (value if has else None for value, has in zip(values, scored, strict=True))
        return values

    def __repr__(self) -> str:
        return f"Items({self._count}, {self.same!r}, {', '.join(self.each)})"


def as_columns(items: Sequence[Item]) -> Items:
    """The same items as columns. Raises FigureError where a field holds what it cannot."""
    if isinstance(items, Items):
        return items
    same: dict[str, Any] = {}
    each: dict[str, list[Any]] = {}
    for name in ITEM_FIELDS if items else ():
        column = [getattr(item, name) for item in items]
        if all(value == column[0] for value in column):
            same[name] = column[0]
        else:
            each[name] = column
    return Items(len(items), Item(**same), **each)


def _columns(name: str, values: Any) -> dict[str, Column]:
    """One field as it is kept: its column, and for scores of which some are None another one."""
    try:
        if name in TEXTS:
            return {name: tuple(str(value) for value in values)}
        if name in TUPLES:
            return {name: _tuples(values)}
        if name in WHOLE:
            return {name: _whole(values)}
        if name in ("score", "scored"):
            return _scores(name, values)
    except (TypeError, ValueError, OverflowError) as error:
        raise FigureError(f"the column {name} of items holds something else: {error}") from None
    raise FigureError(f"items have no field {name!r}: there are {', '.join(ITEM_FIELDS)}")


def _whole(values: Any) -> npt.NDArray[np.int64]:
    if not isinstance(values, np.ndarray):
        values = [NOTHING if value is None else value for value in values]
        if not all(isinstance(value, int | np.integer) for value in values):
            raise TypeError("whole numbers are needed")
    return np.asarray(values).astype(np.int64, casting="same_kind", copy=False)


def _tuples(values: Any) -> Column:
    if not isinstance(values, np.ndarray):
        rows = [() if row is None else row if isinstance(row, tuple | list) else (row,) for row in values]
        width = max(map(len, rows), default=1)
        padded = [number for row in rows for number in (*row, *[NOTHING] * (width - len(row)))]
        values = _whole(padded).reshape(len(rows), width)
    column = _whole(values)
    return column[:, None] if column.ndim == 1 else column


def _scores(name: str, values: Any) -> dict[str, Column]:
    if name == "scored":
        return {name: np.asarray(values, dtype=bool)}
    if isinstance(values, np.ndarray):
        return {name: values.astype(np.float64, copy=False)}
    column = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    if not any(value is None for value in values):
        return {name: column}
    return {name: column, "scored": np.array([value is not None for value in values], dtype=bool)}
