"""Batches of P people with K faces each, as the triplet loss needs them: the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from ..errors import FacesError

Array: TypeAlias = np.ndarray


def of_people(identity: Array, people: int, faces: int, seed: int, epoch: int) -> Iterator[Array]:
    """The batches of an epoch: numbers of faces, int64, `faces` of each of `people` people, person by person.

    In an epoch each person has its faces dealt out in a new order, `faces` at a time; what is left over waits for
    another epoch. Who has fewer shows some of them twice, so that all batches are of one size; who has one face is left
    out, as it makes no pair. No batch has two hands of one person, and each has as many people (all, where there are
    fewer than `people`): the hands for which too few people are left are not dealt. Raises FacesError where there are
    not two people with two faces each.
    """
    _check(identity, people, faces)
    rng = np.random.default_rng((seed, epoch))
    hands: list[list[Array]] = []
    for person in _who(identity):
        own = rng.permutation(np.flatnonzero(identity == person))
        if len(own) < faces:
            own = np.resize(own, faces)
        hands.append(list(own[: len(own) // faces * faces].reshape(-1, faces)))
    people = min(people, len(hands))
    while True:
        # People with most hands left first, by lot among equals: so most hands find their way into a batch.
        left = np.array([len(each) for each in hands]) + rng.random(len(hands))
        chosen = np.argsort(-left)[:people]
        if left[chosen[-1]] < 1:
            return
        yield np.concatenate([hands[each].pop() for each in chosen])


def shuffled(count: int, size: int, seed: int, epoch: int) -> Iterator[Array]:
    """Batches of `size` out of `count` faces in a random order, each once; the last one may be smaller."""
    order = np.random.default_rng((seed, epoch)).permutation(count)
    for at in range(0, count, size):
        yield order[at : at + size]


def _who(identity: Array) -> Array:
    """People with two faces at least."""
    found, counts = np.unique(identity, return_counts=True)
    return found[counts > 1]


def _check(identity: Array, people: int, faces: int) -> None:
    if people < 2 or faces < 2:
        raise FacesError(f"a triplet needs two people and two faces of one: {people} people × {faces} faces is too few")
    if len(_who(identity)) < 2:
        have = len(np.unique(identity))
        raise FacesError(
            f"an embedding learns from two people with two faces each at least: here are {have} "
            f"{'person' if have == 1 else 'people'}, {len(_who(identity))} of them with two faces or more"
        )
