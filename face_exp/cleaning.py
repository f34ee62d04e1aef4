"""Which faces an experiment can use, and which of them are drawn by lot."""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

import numpy as np

from ..datasets.blob import Blob
from ..engine.text import printable
from .columns import Column
from .errors import FacesError
from .splits import many
from .unreadable import unreadable
from .words import EXTRA, WORDS, nearest, word_of

Array: TypeAlias = np.ndarray

_LIT = ("centerlight", "leftlight", "rightlight", "glasses", "noglasses")  # conditions of Yale: the face is neutral
_NAMED = 8  # unknown words that a sentence names


def numbers_of(shown: Column) -> Array:
    """The number in WORDS of each name of a column (int64), −1 where it is none of them."""
    words = [word_of(each) or ("neutral" if each in _lit(shown) else None) for each in shown.names]
    return np.array([WORDS.index(word) if word in WORDS else -1 for word in words], np.int64)


def cleaned(blob: Blob, name: str, who: Column, shown: Column, least: int, notes: list[str]) -> Array:
    """The places of the faces that are kept (int64, ascending). Raises FacesError where none or one person is left."""
    kept, lost = np.arange(len(blob)), list[str]()

    def without(bad: Array, reason: str) -> None:
        nonlocal kept
        if bad.any():
            lost.append(f"{int(bad.sum()):,} {reason}")
            kept = kept[~bad]

    without(who.of[kept] < 0, "without a person")
    missing = shown.of[kept] < 0
    without(missing, "without an expression" + _suggested(blob, shown.field, kept[missing]))
    known = np.append(numbers_of(shown), -1)[shown.of[kept]] >= 0
    if len(kept) and not known.any():
        raise FacesError(
            f"the field {printable(shown.field, 60)!r} of {printable(name, 80)} says no expression that is known, "
            f"all {many(len(kept), 'face')} are {_unknown(shown, shown.of[kept])}: name another field (--expression)"
        )
    without(~known, _unknown(shown, shown.of[kept][~known]))
    without(np.isin(kept, unreadable(blob, kept)), "that cannot be read")
    if who.field:
        count = np.bincount(who.of[kept], minlength=len(who.names))
        few = int(((count > 0) & (count < least)).sum())
        people = "1 person" if few == 1 else f"{few:,} people"
        without(count[who.of[kept]] < least, f"of {people} with fewer than {least} (--least)")
    said = f"{len(blob) - len(kept):,} of {many(len(blob), 'face')} left out: {'; '.join(lost)}"
    if not len(kept):
        raise FacesError(f"no face of {printable(name, 80)} can be used: {said}")
    if who.field and len(np.unique(who.of[kept])) < 2:
        one = printable(who.names[who.of[kept[0]]], 60)
        raise FacesError(
            f"to recognise people takes two or more, and {printable(name, 80)} has one ({one})"
            + (f": {said}" if lost else "")
        )
    if lost:
        notes.append(said)
    lit = int(np.isin(shown.of[kept], [shown.names.index(each) for each in _lit(shown)]).sum())
    if lit:
        notes.append(f"faces under another light or with glasses count as neutral: {lit:,}")
    return kept


def drawn(
    kept: Array, of: Array, least: int, people: int | None, limit: int | None, seed: int, notes: list[str]
) -> Array:
    """So many people and faces of those that are kept, by lot; of each person at least `least`. `of` is the person of
    each record. Raises FacesError where so few faces are not so many of each.
    """
    random = np.random.default_rng(seed)
    there = np.unique(of[kept])
    if people is not None and people > len(there):
        notes.append(f"{people:,} people were asked for, {len(there):,} are there: all are taken")
    elif people is not None and people < len(there):
        notes.append(f"{people:,} of the {len(there):,} people were drawn by lot")
        there = np.sort(random.choice(there, people, replace=False))
        kept = kept[np.isin(of[kept], there)]
    if limit is None or limit == len(kept):
        return kept
    if limit > len(kept):
        notes.append(f"{limit:,} faces were asked for, {len(kept):,} are there: all are taken")
        return kept
    if limit < len(there) * least:
        raise FacesError(
            f"{limit:,} faces (--limit) are not {least} of each of {len(there):,} people: take fewer people "
            "(--people), more faces, or fewer of each (--least)"
        )
    notes.append(f"{limit:,} of the {len(kept):,} faces were drawn by lot")
    order = random.permutation(len(kept))
    by_person = order[np.argsort(of[kept[order]], kind="stable")]
    sorted_of = of[kept[by_person]]
    first = np.arange(len(kept)) - np.searchsorted(sorted_of, sorted_of) < least
    rest = random.permutation(by_person[~first])
    return np.sort(kept[np.concatenate([by_person[first], rest])[:limit]])


def _lit(shown: Column) -> list[str]:
    """The names that say of a face only how it is lit."""
    return [each for each in shown.names if each in _LIT] if shown.field == "condition" else []


def _unknown(shown: Column, of: Array) -> str:
    count, said = Counter(of.tolist()), list[str]()
    for number, often in count.most_common(_NAMED):
        text = shown.names[number]
        near = nearest(text) if word_of(text) not in EXTRA else None
        said.append(f"{printable(text, 40)!r} ({often:,}" + (f", nearest: {near})" if near else ")"))
    more = f" and {len(count) - _NAMED:,} more" if len(count) > _NAMED else ""
    return f"with a word that is none of the seven expressions: {', '.join(said)}{more}"


def _suggested(blob: Blob, field: str, places: Array) -> str:
    """How many of those without an expression a network has an opinion of, which is no label."""
    side = blob.side_labels
    if side is None or not len(places):
        return ""
    said = {each.key for each in side.suggestions(field) if each.value is not None}
    count = sum(key in said for key in blob.keys(places.tolist())) if said else 0
    return f" ({count:,} of them with a suggestion of a network that nobody has confirmed)" if count else ""
