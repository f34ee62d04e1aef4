"""How well the expression alone tells who it is: where an actor is mostly glad, gladness is a hint of the actor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray


@dataclass(frozen=True, slots=True)
class Confound:
    """`guess` the share of test faces whose identity is named rightly by the commonest identity of their expression,
    `commonest` by the commonest identity of all (both learned from the training faces, a mean over seeds), `spread`
    the standard deviation of guess − commonest. `information` is what the expression says of the identity in bits,
    less what chance alone would make of so few faces; `share` that as a share of all there is to know of the identity.
    """

    guess: float
    commonest: float
    spread: float
    information: float
    share: float
    seeds: int

    @property
    def gain(self) -> float:
        return self.guess - self.commonest


def guesses(identity: Array, expression: Array, train: Array, test: Array) -> tuple[float, float]:
    """Shares of `test` named rightly by expression, and by the commonest identity of `train`. NaN for empty parts."""
    if not len(train) or not len(test):
        return float("nan"), float("nan")
    table = counts(identity, expression, train)
    overall = int(table.sum(axis=1).argmax())
    # An expression that the training part has not says nothing: then it is the commonest of all.
    named = np.where(table.sum(axis=0) > 0, table.argmax(axis=0), overall)
    return float((named[expression[test]] == identity[test]).mean()), float((identity[test] == overall).mean())


def counts(identity: Array, expression: Array, records: Array | None = None) -> Array:
    """Faces by identity (row) and expression (column)."""
    rows, columns = int(identity.max(initial=0)) + 1, int(expression.max(initial=0)) + 1
    if records is not None:
        identity, expression = identity[records], expression[records]
    return np.bincount(identity * columns + expression, minlength=rows * columns).reshape(rows, columns)


def information(table: Array) -> tuple[float, float]:
    """Mutual information of rows and columns in bits, corrected for chance, and as a share of the rows' entropy.

    Miller & Madow (1955): independent counts show (rows − 1)(columns − 1) / 2N nats all the same.
    """
    table = np.asarray(table, np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    total = table.sum()
    if not total:
        return float("nan"), float("nan")
    rows, columns = table.shape
    chance = (rows - 1) * (columns - 1) / (2 * total * np.log(2))
    whose = _entropy(table.sum(axis=1) / total)
    shared = whose + _entropy(table.sum(axis=0) / total) - _entropy(table.reshape(-1) / total)
    found = max(shared - chance, 0.0)
    return found, found / whose if whose > 0 else float("nan")


def confound(
    identity: Array, expression: Array, parts: list[tuple[Array, Array]], expressions: Array | None = None
) -> Confound:
    """Of the (train, test) parts of each seed; `expressions` in place of the seven, for a set of them."""
    expression = expression if expressions is None else expressions
    both = np.array([guesses(identity, expression, train, test) for train, test in parts]).reshape(-1, 2)
    both = both[np.isfinite(both).all(axis=1)]
    bits, share = information(counts(identity, expression))
    nan = float("nan")
    if not len(both):
        return Confound(nan, nan, nan, bits, share, 0)
    gains = both[:, 0] - both[:, 1]
    spread = float(gains.std(ddof=1)) if len(gains) > 1 else nan
    return Confound(float(both[:, 0].mean()), float(both[:, 1].mean()), spread, bits, share, len(both))


def _entropy(shares: Array) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())
