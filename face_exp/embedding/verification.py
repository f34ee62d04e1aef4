"""Are these two faces of one person? What a threshold on the similarity of vectors gets right, in plain NumPy.

A pair is *genuine* where both faces are of one person, else an *impostor*; it is accepted where its similarity is at
least the threshold. FAR is the share of impostors that are accepted, TAR the share of genuine pairs that are. Terms and
figures as in Phillips, Moon, Rizvi and Rauss, "The FERET evaluation methodology", IEEE PAMI 22 (2000), and
ISO/IEC 19795-1; the area under the curve is that of Hanley and McNeil, Radiology 143 (1982): a tie counts half.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ..errors import FacesError

Array: TypeAlias = np.ndarray

FARS = (1e-1, 1e-2, 1e-3)
LIMIT = 200_000  # pairs
_SURE = (
    30  # false acceptances that a rate should rest on: the "rule of 30" of Doddington et al., Speech Comm. 31 (2000)
)
_AT_ONCE = 1 << 16  # pairs


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """How well a similarity tells pairs of one person from pairs of two.

    `roc` is K×2, FAR and TAR at each of the K `thresholds` (descending, the first +inf: nothing is accepted), float64.
    `equal_error_rate` is where FAR is 1 − TAR, on the straight lines between the points. `tar_at[far]` is the highest
    TAR whose FAR is at most `far`; NaN where there are too few impostors to speak of such a FAR. `area` is the share
    of (genuine, impostor) couples in the right order. All are NaN where one of the two kinds of pairs is missing;
    `notes` say so in words.
    """

    roc: Array
    thresholds: Array
    equal_error_rate: float
    tar_at: Mapping[float, float]
    area: float
    genuine: int
    impostors: int
    notes: tuple[str, ...] = ()


def verification(similarity: Array, same: Array, fars: Sequence[float] = FARS) -> Verification:
    """The figures of M pairs: their `similarity` (float) and whether both are of the `same` person (bool).

    Raises FacesError for similarities that are no numbers, or are not as many.
    """
    similarity, same = np.asarray(similarity, np.float64).ravel(), np.asarray(same, bool).ravel()
    if len(similarity) != len(same):
        raise FacesError(f"there are {len(similarity):,} similarities, and {len(same):,} pairs")
    if not np.isfinite(similarity).all():
        raise FacesError("a similarity is no finite number: the network that made the vectors is broken")
    genuine, impostors = int(same.sum()), int((~same).sum())
    roc, thresholds = _roc(similarity, same)
    if not genuine or not impostors:
        missing = "no two faces of one person" if not genuine else "no faces of two people"
        note = f"nothing can be verified: there are {missing} among the pairs"
        nan = float("nan")
        return Verification(roc, thresholds, nan, dict.fromkeys(fars, nan), nan, genuine, impostors, (note,))
    area = float((np.diff(roc[:, 0]) * (roc[1:, 1] + roc[:-1, 1]) / 2).sum())
    found = {far: _tar_at(roc, far, impostors) for far in fars}
    return Verification(
        roc, thresholds, _equal_error_rate(roc), found, area, genuine, impostors, _notes(fars, impostors)
    )


def pairs(
    vectors: Array, identity: Array, limit: int = LIMIT, seed: int = 0, group: Array | None = None
) -> tuple[Array, Array]:
    """Pairs of N faces: their cosine similarity (float32) and whether both are of one person (bool).

    `vectors` are N×D, `identity` N whole numbers. Where N·(N−1)/2 is at most `limit` it is all pairs, in order; else
    at most half of them genuine and the rest impostors, each drawn without repetition by `seed`. Both rates are shares
    within their kind, so that the mixture changes neither. With `group` (N numbers of films, sequences or sessions) a
    pair out of one group is left out: neighbouring frames of a film are nearly one picture.

    Raises FacesError for vectors that are not N×D finite numbers.
    """
    vectors, identity = np.asarray(vectors, np.float32), np.asarray(identity)
    if vectors.ndim != 2 or len(vectors) != len(identity):
        shape = "×".join(map(str, vectors.shape))
        raise FacesError(f"verification takes a vector for each of the {len(identity):,} faces, not {shape} numbers")
    if not np.isfinite(vectors).all():
        raise FacesError("a vector has values that are no finite numbers: the network that made it is broken")
    count = len(vectors)
    if count * (count - 1) // 2 <= limit:
        first, second = np.triu_indices(count, 1)
    else:
        first, second = _drawn(identity, limit, np.random.default_rng(seed))
    if group is not None:
        group = np.asarray(group)
        apart = group[first] != group[second]
        first, second = first[apart], second[apart]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = vectors / np.where(lengths > 0, lengths, 1)
    found = [
        np.einsum("nd,nd->n", units[first[at : at + _AT_ONCE]], units[second[at : at + _AT_ONCE]])
        for at in range(0, len(first), _AT_ONCE)
    ]
    similarity = np.concatenate(found) if found else np.zeros(0, np.float32)
    return similarity.astype(np.float32), identity[first] == identity[second]


def _roc(similarity: Array, same: Array) -> tuple[Array, Array]:
    """A point for each similarity that occurs: pairs of the same similarity are accepted together."""
    order = np.argsort(-similarity, kind="stable")
    ordered, accepted = similarity[order], same[order]
    last = np.flatnonzero(np.append(np.diff(ordered) != 0, True)) if len(ordered) else np.zeros(0, np.int64)
    counts = np.stack([np.cumsum(~accepted)[last], np.cumsum(accepted)[last]], axis=1)
    roc = np.concatenate([np.zeros((1, 2)), counts / np.maximum([(~same).sum(), same.sum()], 1)])
    return roc, np.append(np.inf, ordered[last])


def _equal_error_rate(roc: Array) -> float:
    over = roc[:, 0] + roc[:, 1] - 1  # FAR − (1 − TAR): from −1 to 1, never falling
    at = int(np.argmax(over >= 0))
    part = -over[at - 1] / (over[at] - over[at - 1])
    return float(roc[at - 1, 0] + part * (roc[at, 0] - roc[at - 1, 0]))


def _tar_at(roc: Array, far: float, impostors: int) -> float:
    allowed = int(np.floor(far * impostors + 1e-9))  # 0.29 · 100 is 28.999…
    if allowed < 1:
        return float("nan")
    return float(roc[np.rint(roc[:, 0] * impostors) <= allowed, 1][-1])


def _notes(fars: Sequence[float], impostors: int) -> tuple[str, ...]:
    found = []
    for far in fars:
        allowed = far * impostors
        if allowed < 1 - 1e-9:
            needed = int(np.ceil(1 / far - 1e-9))
            found.append(f"{impostors:,} pairs of two people are too few for a FAR of {far:g}: it takes {needed:,}")
        elif allowed < _SURE:
            found.append(f"TAR at a FAR of {far:g} rests on {allowed:.0f} false acceptances: it is uncertain")
    return tuple(found)


def _drawn(identity: Array, limit: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """At most `limit` pairs, at most half of them genuine. Both kinds are numbered, so that no draw is in vain."""
    order = np.argsort(identity, kind="stable")
    _, sizes = np.unique(identity, return_counts=True)
    ends = np.cumsum(sizes)
    # Genuine pairs, person by person: the n-th of a person's couples.
    upto = np.cumsum(sizes * (sizes - 1) // 2)
    number = _some(rng, int(upto[-1]), limit // 2)
    person = np.searchsorted(upto, number, side="right")
    low, high = _couple(number - (upto - sizes * (sizes - 1) // 2)[person])
    start = (ends - sizes)[person]
    genuine = order[start + low], order[start + high]
    # Impostors, face by face in the order of people: one of those that come after all faces of this person.
    after = np.repeat(ends, sizes)
    upto = np.cumsum(len(identity) - after)
    number = _some(rng, int(upto[-1]), limit - len(genuine[0]))
    face = np.searchsorted(upto, number, side="right")
    other = order[face], order[number - upto[face] + len(identity)]
    return np.concatenate([genuine[0], other[0]]), np.concatenate([genuine[1], other[1]])


def _couple(number: Array) -> tuple[Array, Array]:
    """The `number`-th of the couples (0, 1), (0, 2), (1, 2), (0, 3), …: low and high."""
    high = np.floor((1 + np.sqrt(1 + 8 * number.astype(np.float64))) / 2).astype(np.int64)
    high -= high * (high - 1) // 2 > number  # a root that was rounded up, or down
    high += high * (high + 1) // 2 <= number
    return number - high * (high - 1) // 2, high


def _some(rng: np.random.Generator, total: int, count: int) -> Array:
    """`count` of the numbers below `total`, none twice, all where there are not as many; ascending."""
    if total <= 4 * count:
        return np.sort(rng.permutation(total)[:count])
    found = np.zeros(0, np.int64)
    while len(found) < count:
        both = np.concatenate([found, rng.integers(0, total, count)])
        found = both[np.sort(np.unique(both, return_index=True)[1])]  # in the order of drawing
    return np.sort(found[:count])
