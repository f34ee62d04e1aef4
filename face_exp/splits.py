"""Which faces a network learns from, which it is chosen by, and which it is tested on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..engine.text import printable
from .errors import FacesError
from .faces import Faces

Array: TypeAlias = np.ndarray

SHARES = (0.7, 0.2, 0.1)  # of training, validation and test, as in the thesis
PARTS = ("training", "validation", "test")
BY = ("image", "group", "stratified")
_NAMED = 5  # people, groups or expressions that a sentence names
_TOLERATED = 0.02  # what a part may miss of its share before it is said


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Numbers of faces (int64, ascending), disjoint. `notes` say in words what the parts lack."""

    train: Array
    validation: Array
    test: Array
    notes: tuple[str, ...] = ()


def split(faces: Faces, by: str = "image", seed: int = 0, shares: Sequence[float] = SHARES) -> Split:
    """Parts of the faces, the same for the same seed. All faces are in one; every person of validation and test is in
    training too, and every expression where that can be.

    `by` image: all shuffled, as in the thesis. `stratified`: what each person has in each part is within one face of
    `shares`, and what each expression has is about as near. `group`: a whole film, sequence or session goes into one
    part. Raises FacesError where these faces cannot be split so.
    """
    wanted = _checked(shares)
    random = np.random.default_rng(seed)
    notes: tuple[str, ...] = ()
    match by:
        case "image":
            part = _by_image(faces, wanted, random)
        case "stratified":
            part = _stratified(faces, wanted, random)
        case "group":
            from .whole_groups import by_group

            part, notes = by_group(faces, wanted, random)
        case _:
            raise FacesError(f"faces are split by {', '.join(BY)}, not by {printable(by, 40)!r}")
    held = np.bincount(part, minlength=3)
    if not held.all():
        raise FacesError(
            f"the {len(faces):,} faces of {printable(faces.name, 80)} are too few for three parts: "
            f"{PARTS[int(held.argmin())]} would be empty"
        )
    train, validation, test = (np.flatnonzero(part == number) for number in range(3))
    return Split(train, validation, test, (*notes, *_of_shares(held, wanted), *_lacking(faces, part)))


def sizes(count: int, shares: Sequence[float] | Array) -> Array:
    """So many of `count` for each share: whole numbers, nearest to them, that add up."""
    wanted = np.asarray(shares, np.float64) * count
    found = np.floor(wanted + 1e-9).astype(np.int64)
    found[np.argsort(found - wanted, kind="stable")[: count - int(found.sum())]] += 1
    return found


def _by_image(faces: Faces, shares: Array, random: np.random.Generator) -> Array:
    train, validation, _ = sizes(len(faces), shares)
    if train < len(faces.identities):
        raise FacesError(
            f"{printable(faces.name, 80)} has {len(faces):,} faces of {len(faces.identities):,} people: {train:,} to "
            "learn from are not one of each; take fewer people, or those with more faces (--least)"
        )
    order = random.permutation(len(faces))
    # A person (an expression) whose first face comes too late gives it for a last one that training can spare.
    _, first = np.unique(faces.identity[order], return_index=True)
    _, shown = np.unique(faces.expression[order], return_index=True)
    first = np.union1d(first, shown) if len(np.union1d(first, shown)) <= train else first
    late = first[first >= train]
    spare = np.setdiff1d(np.arange(train), first)[-len(late) :] if len(late) else late
    order[late], order[spare] = order[spare], order[late]
    part = np.full(len(faces), 2, np.int64)
    part[order[:train]], part[order[train : train + validation]] = 0, 1
    return part


def _stratified(faces: Faces, shares: Array, random: np.random.Generator) -> Array:
    """Each person's faces are rounded down or up to the shares, whichever the parts have missed most so far; of which
    expressions they are, is what the parts have missed most of these.
    """
    part = np.zeros(len(faces), np.int64)
    order = np.lexsort((random.random(len(faces)), faces.expression, faces.identity))
    ends = np.cumsum(np.bincount(faces.identity, minlength=len(faces.identities)))
    missed = np.zeros(3)
    # By lot where expressions are missed as much.
    missed_of = (random.random((3, len(faces.expressions))) * 1e-3).tolist()
    for person in random.permutation(len(ends)):
        here = order[ends[person - 1] if person else 0 : ends[person]]
        wanted = shares * len(here)
        held = np.floor(wanted + 1e-9).astype(np.int64)
        missed += wanted
        need = missed - held
        if not held[0]:
            need[0] = np.inf  # without one to learn from nobody knows that person
        need[wanted - held < 1e-9] = -np.inf
        held[np.argsort(-need, kind="stable")[: len(here) - int(held.sum())]] += 1
        missed -= held
        shown: dict[int, list[int]] = {}
        for face, word in zip(here.tolist(), faces.expression[here].tolist(), strict=True):
            shown.setdefault(word, []).append(face)
        for number in (2, 1):
            wishes = missed_of[number]
            for word, of_word in shown.items():
                wishes[word] += len(of_word) * held[number] / (len(here) - (held[2] if number == 1 else 0))
            for _ in range(held[number]):
                word = max(shown, key=wishes.__getitem__)
                wishes[word] -= 1
                part[shown[word].pop()] = number
                if not shown[word]:
                    del shown[word]
    return part


def _checked(shares: Sequence[float]) -> Array:
    found = np.asarray(shares, np.float64)
    if found.shape != (3,) or not (found > 0).all() or abs(found.sum() - 1) > 1e-6:
        said = ", ".join(f"{each:g}" for each in np.ravel(found))
        raise FacesError(f"the shares of training, validation and test are three that add up to 1, not {said}")
    return found


def _of_shares(held: Array, shares: Array) -> tuple[str, ...]:
    found = held / held.sum()
    if np.abs(found - shares).max() <= _TOLERATED:
        return ()
    said = ", ".join(f"{name} {each:.0%}" for name, each in zip(PARTS, found, strict=True))
    wanted = "/".join(f"{each * 100:.0f}" for each in shares)
    return (f"the parts are not {wanted}, for that cannot be had: {said}",)


def _lacking(faces: Faces, part: Array) -> tuple[str, ...]:
    """What of the expressions and people does not occur in a part."""
    notes: list[str] = []
    for number, name in enumerate(PARTS):
        shown = np.bincount(faces.expression[part == number], minlength=len(faces.expressions)) > 0
        if not shown.all():
            missing = named([faces.expressions[each] for each in np.flatnonzero(~shown)])
            notes.append(f"no face of {name} shows {missing}")
    for number, name in enumerate(PARTS[1:], 1):
        there = len(np.unique(faces.identity[part == number]))
        if there < len(faces.identities):
            notes.append(f"{name} has faces of {there:,} of the {len(faces.identities):,} people")
    return tuple(notes)


def many(count: int, noun: str) -> str:
    """1 face, 2 faces."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def named(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    first = ", ".join(printable(name, 40) for name in names[:_NAMED])
    return first if len(names) <= _NAMED else f"{first} and {len(names) - _NAMED:,} more"
