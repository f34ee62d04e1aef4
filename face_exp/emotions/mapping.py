"""The expressions that one network knows, as those that other data has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ...engine.text import printable
from ..errors import FacesError
from ..words import word_of

if TYPE_CHECKING:
    from ..expressions import ExpressionSet
    from ..faces import Faces

Array: TypeAlias = np.ndarray


def words_of(classes: Sequence[str], name: str) -> tuple[str, ...]:
    """The word of each class of a network, "" where it is none. Raises FacesError where fewer than two are known."""
    words = tuple(word_of(each) or "" for each in classes)
    if len({word for word in words if word}) < 2:
        raise FacesError(
            f"the classes of {printable(name, 80)} are no expressions known here: {printable(', '.join(classes), 200)}"
        )
    return words


def onto(words: Sequence[str], members: Sequence[Sequence[str]]) -> tuple[Array, tuple[str, ...]]:
    """K×C: how much of the share of each of a network's K classes (their `words`) goes to each of C classes, of which
    `members` are the words; and the words for which there is no class. A word in several classes is divided evenly.

    Raises FacesError where none is known.
    """
    table = np.array([[word in inside for inside in members] for word in words], np.float64).reshape(
        len(words), len(members)
    )
    homeless = tuple(dict.fromkeys(word for word, row in zip(words, table, strict=True) if word and not row.any()))
    if not table.any():
        raise FacesError(
            f"the network knows {printable(', '.join(filter(None, words)), 200)}, and the data only "
            f"{printable(', '.join(sorted({each for inside in members for each in inside})), 200)}: none is in both"
        )
    return table / np.maximum(table.sum(axis=1, keepdims=True), 1), homeless


def mapped(shares: Array, table: Array) -> Array:
    """N×C float32 of N×K shares: what has no class is taken out, and each row made to sum to 1 (evenly, where nothing
    is left of it).
    """
    found = np.asarray(shares, np.float64) @ table
    total = found.sum(axis=1, keepdims=True)
    reachable = table.any(axis=0) / table.any(axis=0).sum()
    return np.where(total > 1e-12, found / np.maximum(total, 1e-12), reachable).astype(np.float32)


def members_of(faces: Faces, expression_set: ExpressionSet) -> list[tuple[str, ...]]:
    """The words of expressions that each class of the set is made of: as it says, else as its faces show."""
    if expression_set.words:
        return list(expression_set.words)
    shown = [np.unique(faces.expression[expression_set.of == number]) for number in range(len(expression_set.classes))]
    return [tuple(faces.expressions[each] for each in found.tolist()) for found in shown]
