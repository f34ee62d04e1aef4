"""Tests of rows that a filter line is made of: of one row, or of all at once, where a column of values is kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .rows import Row

# The values of a column of rows by what it holds. Whoever holds one throws it away when the rows change.
Kept = dict[Hashable, list[Any]]


class Test(Protocol):
    """Whether a row passes; `now` (Unix time) is what ages count from."""

    def __call__(self, row: Row, now: float) -> bool: ...

    def verdicts(self, rows: Sequence[Row], now: float, kept: Kept) -> list[bool]:
        """The same of each row, with what `kept` holds of these rows already."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """`accepts(value(row, now))`.

    `key` names the value among those that are kept, None where it changes with `now`. `few`: values are hashable and
    most rows share theirs, so that each is looked at once.
    """

    value: Callable[[Row, float], Any]
    accepts: Callable[[Any], bool]
    key: Hashable = None
    few: bool = False

    def __call__(self, row: Row, now: float) -> bool:
        return self.accepts(self.value(row, now))

    def verdicts(self, rows: Sequence[Row], now: float, kept: Kept) -> list[bool]:
        column = kept.get(self.key) if self.key is not None else None
        if column is None:
            value = self.value
            column = [value(row, now) for row in rows]
            if self.key is not None:
                kept[self.key] = column
        if not self.few:
            return list(map(self.accepts, column))
        accepted = {each: self.accepts(each) for each in set(column)}
        return [accepted[each] for each in column]


@dataclass(frozen=True, slots=True)
class Each:
    """Rows that pass each of several tests."""

    tests: tuple[Test, ...]

    def __call__(self, row: Row, now: float) -> bool:
        return all(test(row, now) for test in self.tests)

    def verdicts(self, rows: Sequence[Row], now: float, kept: Kept) -> list[bool]:
        passing = [True] * len(rows)
        for test in self.tests:
            passing = [a and b for a, b in zip(passing, test.verdicts(rows, now, kept), strict=True)]
        return passing


@dataclass(frozen=True, slots=True)
class Either:
    """Rows that pass one of several tests."""

    tests: tuple[Test, ...]

    def __call__(self, row: Row, now: float) -> bool:
        return any(test(row, now) for test in self.tests)

    def verdicts(self, rows: Sequence[Row], now: float, kept: Kept) -> list[bool]:
        passing = [False] * len(rows)
        for test in self.tests:
            passing = [a or b for a, b in zip(passing, test.verdicts(rows, now, kept), strict=True)]
        return passing


@dataclass(frozen=True, slots=True)
class Not:
    """Rows that do not pass a test."""

    test: Test

    def __call__(self, row: Row, now: float) -> bool:
        return not self.test(row, now)

    def verdicts(self, rows: Sequence[Row], now: float, kept: Kept) -> list[bool]:
        return [not passed for passed in self.test.verdicts(rows, now, kept)]
