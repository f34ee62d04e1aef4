"""Splitting faces by film, sequence or session: what lies in one group is nearly alike, and is never torn apart."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from ..engine.text import printable
from .errors import FacesError
from .faces import Faces
from .splits import PARTS, named

Array: TypeAlias = np.ndarray

_TRIES, _STEPS = 16, 50_000  # of how many ways the best is taken, and what they may cost together


def by_group(faces: Faces, shares: Array, random: np.random.Generator) -> tuple[Array, tuple[str, ...]]:
    """The part of each face, and what must be said. Of ways that are drawn by lot one that has every expression in
    training is taken, and of these the one nearest to the shares.

    In each, first every person gets one group to be learned from, which puts people of one group only into training
    alone; then each other group goes where it is missed most. Raises FacesError: there are no groups, most people are
    in one only, or a part would be empty.
    """
    _check(faces)
    held = np.bincount(faces.group, minlength=len(faces.groups))
    pairs = np.unique(np.stack([faces.identity, faces.group], axis=1), axis=0)
    shown = np.zeros((len(faces.groups), len(faces.expressions)), bool)
    shown[faces.group, faces.expression] = True
    groups_of = _listed(pairs[:, 0], pairs[:, 1], len(faces.identities))
    people_of = _listed(pairs[:, 1], pairs[:, 0], len(faces.groups))
    single = [number for number, groups in enumerate(groups_of) if len(groups) == 1]
    _check_people(faces, single)
    tries = max(1, min(_TRIES, _STEPS // (len(faces.groups) + len(faces.identities))))
    ways = [_way(held, groups_of, people_of, shares, random) for _ in range(tries)]
    best = min(ways, key=lambda way: _badness(way, held, shown, shares))
    if len(np.unique(best)) < 3:
        largest = int(held.argmax())
        empty = next(name for number, name in enumerate(PARTS) if not (best == number).any())
        raise FacesError(
            f"the {len(faces.groups):,} groups of {printable(faces.name, 80)} cannot be parted: {empty} would be "
            f"empty, for the largest of them ({printable(faces.groups[largest], 60)}) holds "
            f"{held[largest] / len(faces):.0%} of the faces and each person needs one to be learned from; {_INSTEAD}"
        )
    return best[faces.group], _said(faces, single)


def _said(faces: Faces, single: list[int]) -> tuple[str, ...]:
    if not single:
        return ()
    who = named([faces.identities[number] for number in single])
    what = "person is" if len(single) == 1 else "people are"
    return (f"{len(single):,} {what} in one group only, which is learned and never tested: {who}",)


_INSTEAD = "split by image instead (--split image: neighbouring frames are then in training and in test)"


def _check(faces: Faces) -> None:
    where = printable(faces.name, 80)
    if len(faces.groups) == 1:
        raise FacesError(
            f"all faces of {where} are of one group ({printable(faces.groups[0], 60)}), which cannot be parted; "
            f"{_INSTEAD}"
        )
    if len(faces.groups) == len(faces):
        raise FacesError(
            f"{where} has no groups, such as films or sequences, to be split by (no two faces are of one): name the "
            "field that has them (--group), or split by image (--split image)"
        )


def _check_people(faces: Faces, single: list[int]) -> None:
    people = len(faces.identities)
    if 2 * len(single) > people:
        who = named([faces.identities[number] for number in single])
        raise FacesError(
            f"{len(single):,} of the {people:,} people of {printable(faces.name, 80)} are in one group only ({who}), "
            "so they cannot be learned from one and tested on another; leave people with few faces out (--least), or "
            f"{_INSTEAD}"
        )


def _way(
    held: Array, groups_of: list[Array], people_of: list[Array], shares: Array, random: np.random.Generator
) -> Array:
    """The part of each group."""
    part = np.full(len(held), -1, np.int64)
    known = np.zeros(len(groups_of), bool)
    have, wanted = [0.0, 0.0, 0.0], [float(each) for each in shares * held.sum()]
    # Who has the fewest groups comes first: the others are then often known already.
    lots = random.random(len(groups_of))
    for person in np.lexsort((lots, np.array([len(groups) for groups in groups_of]))):
        if not known[person]:
            group = int(random.choice(groups_of[person]))
            part[group] = 0
            have[0] += float(held[group])
            known[people_of[group]] = True
    rest = np.flatnonzero(part < 0)
    for group in random.permutation(rest):
        size = float(held[group])
        # How much nearer to its share, or beyond it, each part gets.
        worse = [(2 * (have[k] - wanted[k]) + size) / wanted[k] for k in range(3)]
        chosen = worse.index(min(worse))
        part[group] = chosen
        have[chosen] += size
    for empty in (2, 1):  # few large groups miss a small part by more than they fill it: better too much than nothing
        spare = [group for group in rest if part[group] == 0 or (part == part[group]).sum() > 1]
        if spare and not (part == empty).any():
            part[min(spare, key=lambda group: (part[group] != 0, held[group]))] = empty
    return part


def _badness(way: Array, held: Array, shown: Array, shares: Array) -> tuple[int, float]:
    """Expressions that nobody shows in training; and how far the parts are from their shares, where an expression that
    validation or test lacks counts as a tenth of a share.
    """
    lacking = [int((~shown[way == number].any(axis=0)).sum()) for number in range(3)]
    return lacking[0], _off(way, held, shares) + 0.1 * sum(lacking[1:])


def _off(way: Array, held: Array, shares: Array) -> float:
    """By how much the part that misses its share most misses it, as a part of that share."""
    return float(np.abs(np.bincount(way, held, minlength=3) / held.sum() / shares - 1).max())


def _listed(keys: Array, values: Array, count: int) -> list[Array]:
    """The values of each key 0…count−1."""
    order = np.argsort(keys, kind="stable")
    return np.split(values[order], np.cumsum(np.bincount(keys, minlength=count))[:-1])
