"""Faces into the three parts of a training, so that nobody is in two of them where the data says who is who."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from ..errors import FacesError
from ..splits import SHARES, Split

Array: TypeAlias = np.ndarray

_TRIES = 50  # orders of the people: the first in which every part has every expression is taken
_PARTS = ("train", "validation", "test")


def apart(truth: Array, units: Array | None, seed: int, shares: tuple[float, float, float] = SHARES) -> Split:
    """Parts of N faces with these expressions (int64). `units` (N, int64) are the people, films or sequences, each of
    which goes into one part; None: each face by itself, every expression with its share in each part.

    Raises FacesError where there are too few units.
    """
    if units is None:
        return _stratified(truth, seed, shares)
    if len(np.unique(units)) < len(_PARTS):
        raise FacesError("three people or more are needed to have each of them in one part only")
    tries = (_by_unit(units, np.random.default_rng([seed, attempt]), shares) for attempt in range(_TRIES))
    best = next(tries)
    for other in tries:
        if not lacking(best, truth):
            break
        best = min(best, other, key=lambda split: len(lacking(split, truth)))
    return best


def lacking(split: Split, truth: Array) -> list[tuple[str, int]]:
    """The parts that lack an expression, each with its number."""
    everything, found = set(np.unique(truth).tolist()), []
    for name in _PARTS:
        part = getattr(split, name)
        found += [(name, number) for number in sorted(everything - set(truth[part].tolist())) if len(part)]
    return found


def completed(parts: Mapping[str, Array], truth: Array, units: Array | None, seed: int) -> Split:
    """The parts that a data set has itself, with those it lacks taken from the one to train on. Raises FacesError."""
    found = {name: np.asarray(parts.get(name, ()), np.int64) for name in _PARTS}
    if not len(found["train"]):
        raise FacesError("none of its records is in the part to train on: --split own makes parts anew")
    for name in [name for name in _PARTS[1:] if not len(found[name])]:
        train = found["train"]
        own = None if units is None or len(np.unique(units[train])) < len(_PARTS) else units[train]
        inner = apart(truth[train], own, seed, (0.85, 0.15, 0.0))
        found["train"], found[name] = train[inner.train], train[inner.validation]
    return Split(found["train"], found["validation"], found["test"])


def _stratified(truth: Array, seed: int, shares: tuple[float, float, float]) -> Split:
    order = np.random.default_rng(seed)
    cuts: list[list[Array]] = [[], [], []]
    for number in np.unique(truth):
        places = order.permutation(np.flatnonzero(truth == number))
        # A part that is wanted at all gets one of each expression that has as many.
        wanted = [max(round(share * len(places)), 1) if share else 0 for share in shares[1:]]
        if len(places) <= sum(wanted):
            wanted = [min(each, 1) for each in wanted] if len(places) > 2 else [0, 0]
        first, second = wanted[0], wanted[0] + wanted[1]
        for cut, part in zip(cuts, (places[second:], places[:first], places[first:second]), strict=True):
            cut.append(part)
    train, validation, test = (np.sort(np.concatenate(part)) for part in cuts)
    return Split(train, validation, test)


def _by_unit(units: Array, order: np.random.Generator, shares: tuple[float, float, float]) -> Split:
    """Units by lot, until validation and test have their shares of faces."""
    names, counts = np.unique(units, return_counts=True)
    lot = order.permutation(len(names))
    owner = np.zeros(len(names), int)  # part 0: train
    place = 0
    for part in (1, 2):
        wanted, got = shares[part] * len(units), 0
        # Two parts need one unit more each at least; it stops before it gets farther from its share than it was.
        while shares[part] and place < len(lot) - (3 - part):
            more = int(counts[lot[place]])
            if got and abs(got + more - wanted) > abs(got - wanted):
                break
            owner[lot[place]], got, place = part, got + more, place + 1
            if got >= wanted:
                break
    whose = owner[np.searchsorted(names, units)]
    return Split(np.flatnonzero(whose == 0), np.flatnonzero(whose == 1), np.flatnonzero(whose == 2))
