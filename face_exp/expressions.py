"""Sets of expressions: the same faces with seven classes, with fewer by merging, with more by intensity.

Each set of the ladder 7 → 5 → 3 → 2 → 1 merges classes of the one before, so that accuracy against their number tells
of the number and not of another choice:

* `5`: fear + surprise, anger + disgust. Faces of these pairs are taken for each other most: they begin with the same
  movements (eyes wide; nose wrinkled or brows down) and differ only late (Jack, Garrod and Schyns 2014, Current Biology
  24, 187: four patterns early, six later).
* `3`: neutral, happiness, all others: what psychologists call valence (Russell 1980). Surprise may be of either kind;
  it stays with fear, as in `5`.
* `2`: neutral, or any expression.
* `1`: all the same, which says nothing of a face: the control.
* `fine`: each expression but neutral in two, weak and strong, at the median of its intensities.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..engine.text import printable
from .errors import FacesError
from .faces import Faces
from .words import WORDS, nearest, word_of

Array: TypeAlias = np.ndarray
Members: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]  # class and its words, for each class

FINE = "fine"
_REST = ("anger", "disgust", "fear", "sadness", "surprise")
LADDER: dict[str, Members] = {
    "7": tuple((word, (word,)) for word in WORDS),
    "5": (
        ("neutral", ("neutral",)), ("anger+disgust", ("anger", "disgust")), ("fear+surprise", ("fear", "surprise")),
        ("happiness", ("happiness",)), ("sadness", ("sadness",)),
    ),
    "3": (("neutral", ("neutral",)), ("negative", _REST), ("happiness", ("happiness",))),
    "2": (("neutral", ("neutral",)), ("expressive", WORDS[1:])),
    "1": (("any", WORDS),),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionSet:
    """Expressions as classes. `name` is the rule; `of` the class of each face (int64), numbers into `classes`, each of
    which occurs; `words` those of `words.WORDS` that a class is made of (two classes of `fine` share one).
    """

    name: str
    classes: tuple[str, ...]
    of: Array
    words: tuple[tuple[str, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.classes)


def parse_rules(text: str) -> tuple[str, ...]:
    """The rules in `7,3,fine`, each once. Pairs with + that follow each other are one rule of one's own:
    `7,sadness+anger,fear+surprise` are two; a semicolon parts them. Raises FacesError.
    """
    found: list[str] = []
    for part in text.split(";"):
        own: list[str] = []
        for each in (*(token.strip() for token in part.split(",")), ""):
            if "+" in each:
                own.append(each)
                continue
            if own:
                found.append(_named(",".join(own)))
                own = []
            if each:
                found.append(_named(each))
    if not found:
        raise FacesError(f"no set of expressions is named: {_THERE}")
    return tuple(dict.fromkeys(found))


def expression_set(faces: Faces, rule: str) -> ExpressionSet:
    """The faces' expressions by a rule: 7, 5, 3, 2, 1, `fine`, or one of one's own (`sadness+anger,fear+surprise`; the
    rest stay themselves). What no face shows is no class. Raises FacesError.
    """
    rule = _named(rule)
    if rule == FINE:
        return _fine(faces)
    members = members_of(rule)
    by_word = {word: number for number, (_, words) in enumerate(members) for word in words}
    of = np.array([by_word.get(word, 0) for word in faces.expressions], np.int64)[faces.expression]
    return _occurring(rule, members, of)


def expression_sets(
    faces: Faces, rules: Sequence[str], say: Callable[[str], object] = print
) -> tuple[ExpressionSet, ...]:
    """The sets of several rules; of sets that are the same on these faces only the first. Raises FacesError."""
    found: list[ExpressionSet] = []
    for made in (expression_set(faces, rule) for rule in rules):
        same = next((each for each in found if len(each) == len(made) and np.array_equal(each.of, made.of)), None)
        if same is None:
            found.append(made)
        else:
            say(
                f"the expressions {made.name} are those of {same.name} on {printable(faces.name, 80)}, which shows "
                f"{len(faces.expressions)} ({', '.join(faces.expressions)}): {made.name} is left out"
            )
    return tuple(found)


def members_of(rule: str) -> Members:
    """The classes of a rule other than `fine`, with their words, whatever a data set has of them. Raises FacesError."""
    rule = _named(rule)
    if rule in LADDER:
        return LADDER[rule]
    if rule == FINE:
        raise FacesError("the classes of fine are those of a data set, for they are made by its intensities")
    merged = {word: tuple(part.split("+")) for part in rule.split(",") for word in part.split("+")}
    whole = dict.fromkeys(merged.get(word, (word,)) for word in WORDS)
    return tuple(("+".join(words), words) for words in whole)


def _fine(faces: Faces) -> ExpressionSet:
    shown, where = [word for word in faces.expressions if word != "neutral"], printable(faces.name, 80)
    strength = faces.intensity
    if strength is None:
        raise FacesError(
            f"expressions cannot be finer than seven on {where}: it does not say how strong they are (a field "
            "intensity, 0…1); choose of 7, 5, 3, 2, 1"
        )
    unknown = int(
        np.isnan(strength[np.isin(faces.expression, [faces.expressions.index(word) for word in shown])]).sum()
    )
    if unknown:
        raise FacesError(
            f"expressions cannot be finer than seven on {where}: the intensity of {unknown:,} of its expressions is "
            "not known; choose of 7, 5, 3, 2, 1, or leave these faces out"
        )
    members: list[tuple[str, tuple[str, ...]]] = []
    of = np.zeros(len(faces), np.int64)
    for number, word in enumerate(faces.expressions):
        here = np.flatnonzero(faces.expression == number)
        values = strength[here]
        of[here] = len(members)
        # The faces at the median are weak: of two equal halves where no two faces are as strong.
        strong = here[values > np.median(values)] if word != "neutral" else here[:0]
        if not len(strong):
            members.append((word, (word,)))
            continue
        of[strong] = len(members) + 1
        members += [(f"{word} (weak)", (word,)), (f"{word} (strong)", (word,))]
    if len(members) == len(faces.expressions):
        raise FacesError(f"expressions cannot be finer than seven on {where}: all of a kind are of one intensity")
    return _occurring(FINE, tuple(members), of)


def _occurring(rule: str, members: Members, of: Array) -> ExpressionSet:
    there, of = np.unique(of, return_inverse=True)
    kept = [members[number] for number in there]
    return ExpressionSet(
        rule, tuple(name for name, _ in kept), of.reshape(-1).astype(np.int64), tuple(words for _, words in kept)
    )


_THERE = "there are 7, 5, 3, 2, 1, fine, and own ones like sadness+anger,fear+surprise"


def _named(rule: str) -> str:
    """A rule as it is written everywhere. Raises FacesError."""
    rule = "".join(rule.split())
    if rule in LADDER or rule.casefold() == FINE:
        return rule.casefold()
    said = printable(rule, 80)
    if "+" not in rule:
        raise FacesError(f"no set of expressions is called {said!r}: {_THERE}")
    parts: list[tuple[str, ...]] = []
    for part in rule.split(","):
        words = {_word(each, said) for each in part.split("+")}
        if len(words) > 1:
            parts.append(tuple(word for word in WORDS if word in words))
    every = [word for words in parts for word in words]
    twice = next((word for word in every if every.count(word) > 1), None)
    if twice is not None:
        raise FacesError(f"{said}: {twice} is merged twice; write what belongs together once, like anger+disgust+fear")
    if not parts:
        raise FacesError(f"{said} merges nothing: {_THERE}")
    return ",".join("+".join(words) for words in sorted(parts, key=lambda words: WORDS.index(words[0])))


def _word(text: str, rule: str) -> str:
    word = word_of(text)
    if word in WORDS:
        return word
    near = nearest(text)
    hint = f"did you mean {near}?" if near in WORDS else f"there are {', '.join(WORDS)}"
    raise FacesError(f"{rule}: {printable(text, 40)!r} is no expression that can be merged ({hint})")
