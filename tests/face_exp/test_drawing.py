"""Faces are drawn the same each time, at any size, and show what they are said to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from trainvis.face_exp.drawing.face import draw
from trainvis.face_exp.drawing.look import Look
from trainvis.face_exp.drawing.muscles import EXPRESSIONS, MUSCLES, muscles
from trainvis.face_exp.drawing.paper import mirrored, smooth
from trainvis.face_exp.drawing.person import BACKS, BEARDS, FRONTS, GENDERS, name_of, person
from trainvis.face_exp.words import WORDS


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Mean distance in grey levels."""
    return float(np.abs(one.astype(float) - other).mean())


def test_the_expressions_are_those_of_the_study() -> None:
    assert EXPRESSIONS == WORDS


@pytest.mark.parametrize("size", [16, 33, 64])
def test_a_face_is_the_same_each_time_at_any_size(size: int) -> None:
    who, look = person(3), Look("fear", 0.8, yaw=12, noise=6, blur=0.005, seed=4, glasses=True)
    first = draw(who, look, size)
    assert first.shape == (size, size, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, draw(who, look, size))
    assert not np.array_equal(first, draw(who, replace(look, seed=5), size))


def test_a_small_face_is_the_large_one_seen_from_afar() -> None:
    who, look = person(6), Look("happiness", 0.9)
    large = Image.fromarray(draw(who, look, 256)).resize((64, 64), Image.Resampling.BOX)
    assert apart(np.asarray(large), draw(who, look, 64)) < 3


def test_edges_are_smooth() -> None:
    grey = draw(person(0), Look(), 96).mean(axis=-1)
    assert len(np.unique(grey.round())) > 120  # of flat shapes with hard edges there would be some thirty


def test_a_person_is_the_same_whoever_else_is_drawn_and_another_by_another_seed() -> None:
    assert person(7, 1) == person(7, 1)
    assert person(7, 1) != person(7, 2)
    assert apart(draw(person(7, 1), Look(), 32), draw(person(8, 1), Look(), 32)) > 3


def test_there_are_as_many_women_as_men_and_no_two_have_one_name() -> None:
    people = [person(number, 5) for number in range(40)]
    assert sum(each.gender == "woman" for each in people) == 20
    names = {name_of(number, 5, gender) for number in range(0, 2400, 2) for gender in GENDERS}
    assert len(names) == 2400


@pytest.mark.parametrize("expression", EXPRESSIONS[1:])
def test_an_expression_moves_a_face_the_further_the_stronger_it_is_and_not_at_all_without_strength(
    expression: str,
) -> None:
    who = person(12)
    rest = draw(who, Look(), 48)
    moved = [apart(rest, draw(who, Look(expression, amount), 48)) for amount in (0.3, 0.65, 1.0)]
    assert 0.2 < moved[0] < moved[1] < moved[2]
    assert np.array_equal(rest, draw(who, Look(expression, 1.0, strength=0), 48))


def test_neutral_is_rest_and_each_expression_moves_other_muscles() -> None:
    assert not any(muscles("neutral", 1.0).values())
    found = np.array([list(muscles(each, 1.0).values()) for each in EXPRESSIONS])
    assert found.shape == (len(EXPRESSIONS), len(MUSCLES))
    distances = np.linalg.norm(found[:, None] - found[None], axis=-1) + 9 * np.eye(len(EXPRESSIONS))
    assert distances.min() > 0.8


def test_people_of_one_difficulty_are_more_alike_than_of_another() -> None:
    def spread(alike: float) -> float:
        return float(np.std([person(number, 0, alike).jaw for number in range(60)]))

    assert spread(1.0) < 0.6 * spread(0.0)


def _centre(picture: np.ndarray, rest: np.ndarray) -> float:
    """Where across a picture differs from another, 0…1."""
    weights = np.abs(picture.astype(float) - rest).sum(axis=(0, 2))
    return float((weights * np.arange(len(weights))).sum() / weights.sum() / len(weights))


def test_a_head_turns_to_the_side_that_is_said() -> None:
    who = replace(person(4), front="bald", back="short")
    mouths = [
        _centre(draw(who, Look("surprise", 1, yaw=yaw), 64), draw(who, Look(yaw=yaw), 64)) for yaw in (-25, 0, 25)
    ]
    assert mouths[0] < mouths[1] - 0.03
    assert mouths[2] > mouths[1] + 0.03


def test_light_comes_from_the_side_that_is_said() -> None:
    def right_minus_left(light: float) -> float:
        face = draw(replace(person(4), parting=1), Look(light=light, hard=0.8), 64).mean(axis=-1)[20:52, 16:48]
        return float(face[:, 16:].mean() - face[:, :16].mean())

    assert right_minus_left(60) > 15
    assert right_minus_left(-60) < -15


def test_hair_greys_with_age() -> None:
    who = replace(person(4), front="short", back="short", hair=(40, 28, 20))
    top = [draw(who, Look(age=age), 64)[6:12, 28:36].mean() for age in (20, 80)]
    assert top[1] > top[0] + 60


@pytest.mark.slow
def test_every_hairdo_beard_pair_of_glasses_and_cover_can_be_drawn() -> None:
    who = person(5)
    for front in FRONTS:
        for back in BACKS:
            draw(replace(who, front=front, back=back), Look(tied=back == "long"), 24)
    plain = draw(replace(who, beard=""), Look(), 32)
    for beard in BEARDS[1:]:
        assert apart(plain, draw(replace(who, beard=beard), Look(), 32)) > 0.3
    for frame in range(4):
        assert apart(plain, draw(replace(who, beard="", frame=frame), Look(glasses=True), 32)) > 0.3
    for cover in ("hand", "scarf"):
        assert apart(plain, draw(replace(who, beard=""), Look(cover=cover), 32)) > 1


@pytest.mark.slow
def test_the_expressions_of_other_people_are_told_apart_by_a_simple_rule() -> None:
    """What a face does, seen against its own rest, is nearest to what other faces do with the same expression."""
    people = [person(number, 3) for number in range(7)]
    faces = np.array([[draw(who, Look(each, 1.0), 32).mean(axis=-1) for each in EXPRESSIONS] for who in people])
    moved = (faces - faces[:, :1]).reshape(len(people), len(EXPRESSIONS), -1)
    right = 0
    for left_out in range(len(people)):
        means = np.delete(moved, left_out, axis=0).mean(axis=0)
        distances = np.linalg.norm(moved[left_out][:, None] - means[None], axis=-1)
        right += int((distances.argmin(axis=1) == np.arange(len(EXPRESSIONS))).sum())
    assert right >= 0.9 * len(people) * len(EXPRESSIONS)


def test_a_curve_goes_through_its_points() -> None:
    points = np.array([(0.0, 0.0), (1.0, 2.0), (3.0, 1.0), (4.0, 4.0)])
    assert np.allclose(smooth(points, steps=5)[::5], points)
    assert np.allclose(smooth(points, closed=True, steps=5)[::5], points)


def test_a_shape_of_both_sides_has_the_points_on_its_axis_once() -> None:
    assert mirrored([(0, 1), (2, 3), (0, 5)]).tolist() == [[0, 1], [2, 3], [0, 5], [-2, 3]]
