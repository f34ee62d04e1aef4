from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from trainvis.face_exp.embedding.verification import pairs, verification
from trainvis.face_exp.errors import FacesError

# Whole numbers: ties are frequent, and no two similarities are nearly the same.
KINDS = some.lists(some.tuples(some.integers(-4, 4), some.booleans()), min_size=2, max_size=40).filter(
    lambda found: len({same for _, same in found}) == 2
)


def both(found: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([each for each, _ in found], float), np.array([same for _, same in found])


def test_pairs_that_are_told_apart_have_no_error() -> None:
    found = verification(np.array([0.9, 0.8, 0.1, 0.2]), np.array([True, True, False, False]), fars=(0.5,))
    assert (found.equal_error_rate, found.area, found.tar_at[0.5]) == (0, 1, 1)
    assert (found.genuine, found.impostors) == (2, 2)


def test_a_similarity_that_says_nothing_is_half_wrong() -> None:
    found = verification(np.zeros(10), np.arange(10) < 3, fars=(0.5,))
    assert (found.equal_error_rate, found.area, found.tar_at[0.5]) == (0.5, 0.5, 0)


def test_the_equal_error_rate_lies_between_the_points_of_the_curve() -> None:
    # (0, 1/2), then (1/3, 1/2), then (1/3, 1): FAR = 1 − TAR at (1/3, 2/3).
    found = verification(np.array([4, 3, 2, 1.0, 0]), np.array([True, False, True, False, False]))
    assert found.equal_error_rate == pytest.approx(1 / 3)
    # One impostor of four above, one genuine of two below: (0, 1/2) → (1/4, 1/2) → (1/2, 1/2): FAR = 1/2.
    found = verification(np.array([5, 4, 3, 2, 1, 0.0]), np.array([True, False, False, True, False, False]))
    assert found.equal_error_rate == pytest.approx(0.5)
    # A tie of one genuine and two impostors is a slope: from (0, 1/2) to (2/3, 1), FAR = 1 − TAR at 2/7.
    found = verification(np.array([5, 4, 4, 4, 1.0]), np.array([True, True, False, False, False]))
    assert found.equal_error_rate == pytest.approx(2 / 7)


def test_two_normal_distributions_have_the_figures_of_their_closed_form() -> None:
    # Genuine N(2, 1), impostors N(0, 1): EER = Φ(−1), area = Φ(√2), TAR at FAR 0.1 = Φ(2 − 1.2816).
    levels = (np.arange(4000) + 0.5) / 4000
    normal = np.sort(np.sqrt(2) * _inverse_error_function(2 * levels - 1))
    found = verification(np.concatenate([normal + 2, normal]), np.arange(8000) < 4000)
    assert found.equal_error_rate == pytest.approx(0.158655, abs=1e-3)
    assert found.area == pytest.approx(0.921350, abs=1e-3)
    assert found.tar_at[0.1] == pytest.approx(0.763760, abs=1e-3)
    assert not any("0.1 " in note for note in found.notes)


@given(KINDS)
def test_the_area_is_the_share_of_couples_in_the_right_order(found: list[tuple[int, bool]]) -> None:
    similarity, same = both(found)
    couples = np.sign(similarity[same][:, None] - similarity[~same][None, :])
    assert verification(similarity, same).area == pytest.approx(((couples + 1) / 2).mean())


@given(KINDS, some.sampled_from([0.1, 0.25, 0.29, 0.5, 1.0]))
def test_the_tar_at_a_far_is_that_of_the_best_threshold_that_keeps_to_it(
    found: list[tuple[int, bool]], far: float
) -> None:
    similarity, same = both(found)
    thresholds = [*similarity, np.inf]
    kept = [
        (similarity[same] >= each).mean()
        for each in thresholds
        if (similarity[~same] >= each).sum() <= far * (~same).sum() + 1e-9
    ]
    answer = verification(similarity, same, fars=(far,))
    if far * (~same).sum() < 1:
        assert np.isnan(answer.tar_at[far])
        assert "too few" in answer.notes[0]
    else:
        assert answer.tar_at[far] == pytest.approx(max(kept))


@given(KINDS)
def test_the_curve_never_falls_and_no_order_of_pairs_or_growing_function_changes_it(
    found: list[tuple[int, bool]],
) -> None:
    similarity, same = both(found)
    one, other = verification(similarity, same), verification(np.exp(similarity[::-1]), same[::-1])
    assert (np.diff(one.roc, axis=0) >= 0).all()
    assert one.roc[0].tolist() == [0, 0]
    assert one.roc[-1].tolist() == [1, 1]
    np.testing.assert_array_equal(one.roc, other.roc)
    assert one.equal_error_rate == other.equal_error_rate
    # Of what says the opposite the errors are the other way round.
    opposite = verification(-similarity, same)
    assert opposite.equal_error_rate == pytest.approx(1 - one.equal_error_rate)
    assert opposite.area == pytest.approx(1 - one.area)


def test_where_all_faces_are_of_one_person_nothing_is_claimed() -> None:
    found = verification(np.array([0.5, 0.6]), np.array([True, True]))
    assert np.isnan([found.equal_error_rate, found.area, *found.tar_at.values()]).all()
    assert found.notes == ("nothing can be verified: there are no faces of two people among the pairs",)
    assert "no two faces of one person" in verification(np.array([0.5]), np.array([False])).notes[0]
    assert np.isnan(verification(np.zeros(0), np.zeros(0, bool)).area)


def test_a_far_that_few_impostors_speak_of_is_said_to_be_uncertain() -> None:
    found = verification(np.arange(150.0), np.arange(150) >= 100)
    assert found.notes == (
        "TAR at a FAR of 0.1 rests on 10 false acceptances: it is uncertain",
        "TAR at a FAR of 0.01 rests on 1 false acceptances: it is uncertain",
        "100 pairs of two people are too few for a FAR of 0.001: it takes 1,000",
    )


def test_all_pairs_of_few_faces_are_taken_with_their_cosine() -> None:
    vectors = np.array([[2, 0], [0, 3], [1, 1], [0, 0]], np.float32)
    similarity, same = pairs(vectors, np.array([5, 5, 9, 9]))
    assert similarity == pytest.approx(np.array([0, 2**-0.5, 0, 2**-0.5, 0, 0]))
    assert same.tolist() == [True, False, False, False, False, True]


@given(some.lists(some.integers(0, 4), min_size=2, max_size=30), some.integers(0, 60), some.integers(0, 3))
def test_pairs_that_are_drawn_are_of_faces_that_differ_none_twice_and_half_genuine_at_most(
    people: list[int], limit: int, seed: int
) -> None:
    identity = np.array(people)
    # Vectors whose cosine says which faces a pair is of: faces on an arc, no two pairs of them equally far apart.
    angles = np.cumsum(1.0 + np.arange(len(people)) ** 2) * 1e-4
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    similarity, same = pairs(vectors, identity, limit, seed)
    again = pairs(vectors, identity, limit, seed)
    np.testing.assert_array_equal(similarity, again[0])
    one, other = np.triu_indices(len(people), 1)
    genuine = int((identity[one] == identity[other]).sum())
    if len(one) <= limit:
        assert len(same) == len(one)
    else:
        assert same.sum() == min(limit // 2, genuine)
        assert (~same).sum() == min(limit - same.sum(), len(one) - genuine)


@pytest.mark.slow
def test_each_pair_is_drawn_as_often_as_any_other_of_its_kind() -> None:
    from trainvis.face_exp.embedding.verification import _drawn

    identity = np.array([2, 0, 0, 1, 2, 2, 0])
    counts = np.zeros((7, 7), int)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        first, second = _drawn(identity, 6, rng)
        assert len({frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}) == 6
        np.add.at(counts, (np.minimum(first, second), np.maximum(first, second)), 1)
    one, other = np.triu_indices(7, 1)
    same = identity[one] == identity[other]
    assert abs(counts[one, other][same] / 2000 - 3 / 6).max() < 0.05  # 6 genuine pairs
    assert abs(counts[one, other][~same] / 2000 - 3 / 15).max() < 0.05


def test_pairs_out_of_one_film_are_left_out_where_films_are_given() -> None:
    vectors = np.eye(4, dtype=np.float32)
    _, same = pairs(vectors, np.array([0, 0, 0, 1]), group=np.array([7, 7, 8, 8]))
    assert same.tolist() == [True, False, True, False]  # (0,2) (0,3) (1,2) (1,3)


@pytest.mark.parametrize(
    ("vectors", "sentence"),
    [
        (np.zeros((2, 3)), "a vector for each of the 3 faces"),
        (np.zeros((3, 2, 2)), "not 3×2×2 numbers"),
        (np.full((3, 2), np.nan), "the network that made it is broken"),
    ],
)
def test_vectors_that_are_none_are_refused(vectors: np.ndarray, sentence: str) -> None:
    with pytest.raises(FacesError, match=sentence):
        pairs(vectors, np.array([0, 0, 1]))


def test_similarities_that_are_none_are_refused() -> None:
    with pytest.raises(FacesError, match="no finite number"):
        verification(np.array([np.inf, 0]), np.array([True, False]))
    with pytest.raises(FacesError, match="2 similarities, and 1 pairs"):
        verification(np.zeros(2), np.array([True]))


def _inverse_error_function(x: np.ndarray) -> np.ndarray:
    """Newton's method on math.erf, which NumPy has not."""
    import math

    error_function = np.vectorize(math.erf)
    found = np.zeros_like(x)
    for _ in range(60):
        slope = 2 / math.sqrt(math.pi) * np.exp(-(found**2))
        found -= np.clip((error_function(found) - x) / slope, -0.5, 0.5)
    return found
