"""Who is drawn with which expression: the closed form, by counts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from trainvis.face_exp.drawing.muscles import EXPRESSIONS
from trainvis.face_exp.drawing.person import person
from trainvis.face_exp.drawing.population import COMMON, faces_of, population, shares, shots


def counts(number: int, many: int, correlation: float) -> np.ndarray:
    found = Counter(shot.look.expression for shot in shots(number, many, seed=2, correlation=correlation))
    return np.array([found[each] for each in EXPRESSIONS])


def test_neutral_is_the_commonest_and_all_add_up_to_one() -> None:
    assert sum(COMMON) == pytest.approx(1)
    assert max(COMMON) == COMMON[EXPRESSIONS.index("neutral")]
    for correlation in (0.0, 0.4, 1.0):
        for own in range(7):
            said = shares(own, correlation)
            assert said.sum() == pytest.approx(1)
            assert said[own] == pytest.approx((1 - correlation) * COMMON[own] + correlation)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8])
def test_a_person_has_each_expression_as_often_as_the_closed_form_says(correlation: float) -> None:
    many = 500
    for number in (0, 3):
        said = shares(person(number, 2).own, correlation)
        error = np.sqrt(said * (1 - said) / many)
        assert (np.abs(counts(number, many, correlation) / many - said) <= 3.5 * error + 1e-9).all()


def test_with_a_correlation_of_one_everybody_has_one_expression_and_without_none_is_told_by_it() -> None:
    for number in range(7):
        own = EXPRESSIONS[person(number, 2).own]
        assert {shot.look.expression for shot in shots(number, 20, seed=2, correlation=1)} == {own}
    table = np.array([counts(number, 120, 0.0) for number in range(7)], float)
    expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
    chi_square = ((table - expected) ** 2 / expected).sum()
    assert chi_square < 58.6  # the 99 % point of 36 degrees of freedom


def test_each_expression_is_the_own_of_as_many_people() -> None:
    owns = Counter(person(number, 9).own for number in range(60))
    assert set(owns) == set(range(7))
    assert max(owns.values()) - min(owns.values()) <= 1


def test_everybody_has_as_many_faces_in_sessions_of_their_own() -> None:
    found = list(population(7, 45, seed=1, sessions=3))
    assert len(found) == 45 == sum(faces_of(number, 7, 45) for number in range(7))
    assert {*Counter(shot.person.name for shot in found).values()} == {6, 7}
    assert len({shot.key for shot in found}) == 45
    owners: dict[str, set[str]] = {}
    for shot in found:
        owners.setdefault(shot.session, set()).add(shot.person.name)
    assert len(owners) == 21
    assert all(len(names) == 1 for names in owners.values())


def test_what_lasts_a_session_is_the_same_in_it_and_another_in_the_next() -> None:
    first, second, third, fourth = (shot.look for shot in shots(0, 4, sessions=2))
    assert first.clothes == second.clothes != third.clothes == fourth.clothes
    assert first.backdrop == second.backdrop != third.backdrop
    assert first.yaw != second.yaw


def test_a_part_of_the_pictures_is_the_same_as_in_all_of_them() -> None:
    assert shots(3, 20)[8:13] == shots(3, 20, first=8, last=13)


def test_a_neutral_face_has_no_intensity_and_every_other_one_has_some() -> None:
    for shot in shots(1, 100, correlation=0):
        neutral = shot.look.expression == "neutral"
        assert (shot.look.intensity == 0) == neutral
        assert 0 <= shot.look.intensity <= 1


def test_without_difficulty_pictures_hardly_differ() -> None:
    def spread(difficulty: float) -> float:
        return float(np.std([shot.look.light for shot in shots(0, 60, difficulty=difficulty, sessions=20)]))

    assert spread(0.0) < 0.4 * spread(1.0)
