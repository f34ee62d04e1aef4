"""Splits: by image, by person and expression, by whole groups."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from some_faces import some_faces

from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.faces import Faces
from trainvis.face_exp.splits import SHARES, Split, sizes, split


def parts_of(found: Split) -> tuple[np.ndarray, ...]:
    return found.train, found.validation, found.test


def holds(faces: Faces, found: Split) -> None:
    """What is true of every split."""
    parts = parts_of(found)
    everything = np.concatenate(parts)
    assert sorted(everything.tolist()) == list(range(len(faces))), "disjoint and complete"
    assert all(len(part) and (np.diff(part) > 0).all() for part in parts)
    learned = set(faces.identity[found.train].tolist())
    assert learned == set(range(len(faces.identities))), "every person can be learned"


@some.composite
def drawn(draw: some.DrawFn) -> Faces:
    """10 to 200 faces of 2 to 8 people, some with a single face, in films of their own and of others."""
    seed, people = draw(some.integers(0, 10_000)), draw(some.integers(2, 8))
    random = np.random.default_rng(seed)
    count = draw(some.integers(4 * people, 200))
    identity = np.concatenate([np.arange(people), random.integers(0, draw(some.integers(1, people)), count)])
    films = draw(some.integers(3, 30))
    return some_faces(identity, random.integers(0, 7, len(identity)), random.integers(0, films, len(identity)))


@given(drawn(), some.integers(0, 1000))
def test_by_image_parts_are_of_exactly_the_shares_and_know_everybody(faces: Faces, seed: int):
    found = split(faces, "image", seed)
    holds(faces, found)
    assert [len(part) for part in parts_of(found)] == sizes(len(faces), SHARES).tolist()


@given(drawn(), some.integers(0, 1000))
def test_stratified_each_person_is_within_one_face_of_the_shares(faces: Faces, seed: int):
    found = split(faces, "stratified", seed)
    holds(faces, found)
    count = np.bincount(faces.identity)
    for part, share in zip(parts_of(found), SHARES, strict=True):
        held = np.bincount(faces.identity[part], minlength=len(count))
        assert (np.abs(held - share * count) < 1).all()
        assert abs(len(part) - share * len(faces)) <= len(faces.identities)


@given(drawn(), some.integers(0, 1000))
def test_by_group_no_group_is_torn_and_nobody_is_tested_who_was_not_learned(faces: Faces, seed: int):
    try:
        found = split(faces, "group", seed)
    except FacesError:  # which has tests of its own
        return
    holds(faces, found)
    of = np.zeros(len(faces), int)
    of[found.validation], of[found.test] = 1, 2
    assert all(len(set(of[faces.group == group].tolist())) == 1 for group in range(len(faces.groups)))


@pytest.mark.parametrize("by", ["image", "stratified", "group"])
def test_a_seed_gives_one_split_and_another_seed_another(by: str):
    random = np.random.default_rng(0)
    faces = some_faces(random.integers(0, 5, 300), random.integers(0, 7, 300), random.integers(0, 40, 300))
    first, again, other = split(faces, by, 3), split(faces, by, 3), split(faces, by, 4)
    np.testing.assert_array_equal(first.train, again.train)
    np.testing.assert_array_equal(first.test, again.test)
    assert first.train.tolist() != other.train.tolist()


def test_the_thesis_split_its_faces_so():
    assert sizes(30_091, SHARES).tolist() == [21_064, 6_018, 3_009]


def test_stratified_totals_and_expressions_are_near_the_shares_too():
    random = np.random.default_rng(1)
    faces = some_faces(np.arange(900) % 90, random.integers(0, 7, 900))
    found = split(faces, "stratified", 2)
    assert [len(part) for part in parts_of(found)] == [630, 180, 90]
    shown = np.bincount(faces.expression)
    for part, share in zip(parts_of(found), SHARES, strict=True):
        assert (np.abs(np.bincount(faces.expression[part], minlength=7) - share * shown) < 1.5).all()


@pytest.mark.parametrize("by", ["image", "group"])
def test_an_expression_that_few_show_can_be_learned(by: str):
    faces = some_faces(np.arange(200) % 4, [5] + [0] * 199, np.arange(200) // 5)
    assert all(0 in split(faces, by, seed).train for seed in range(20))


def test_people_of_few_faces_are_spread_over_validation_and_test():
    found = split(some_faces(np.arange(300) // 3), "stratified", 1)
    assert [len(part) for part in parts_of(found)] == [210, 60, 30]


def test_whole_groups_come_near_the_shares():
    random = np.random.default_rng(1)
    person = random.integers(0, 20, 3000)
    faces = some_faces(person, None, person * 6 + random.integers(0, 6, 3000))
    found = split(faces, "group", 1)
    assert np.abs(np.array([len(part) for part in parts_of(found)]) / 3000 - SHARES).max() < 0.01
    assert found.notes == tuple(note for note in found.notes if "people" in note)


def test_what_a_part_lacks_is_said():
    faces = some_faces(np.arange(40) % 4, [3] * 1 + [0] * 39)
    found = split(faces, "image", 1)
    assert sum("shows fear" in note for note in found.notes) == 2
    assert not any("shows neutral" in note for note in found.notes)
    few = split(some_faces([0, 1, 2, 3] * 3), "image", 1)
    assert any(note.startswith("test has faces of 1 of the 4 people") for note in few.notes)


@pytest.mark.parametrize("groups", [3, 4, 5, 6])
def test_a_few_large_groups_are_parted_as_far_as_they_go(groups: int):
    person, film = [each % 2 for each in range(12 * groups)], [each // 2 % groups for each in range(12 * groups)]
    for seed in range(5):
        found = split(some_faces(person, None, film), "group", seed)
        assert min(len(found.train), len(found.validation), len(found.test)) == 12
        assert len(found.train) == 12 * (groups - 2)


def test_people_of_one_group_are_learned_and_never_tested_and_named():
    person = [0] * 40 + [1] * 40 + [2] * 40 + [3] * 4
    film = [n % 8 for n in range(40)] + [8 + n % 8 for n in range(40)] + [16 + n % 8 for n in range(40)] + [30] * 4
    found = split(some_faces(person, None, film), "group", 0)
    assert found.notes[0] == "1 person is in one group only, which is learned and never tested: person 3"


@pytest.mark.parametrize(
    ("person", "film", "said"),
    [
        ([0, 1] * 10, [0] * 20, r"all faces of faces.h5 are of one group \(film 0\).*--split image"),
        ([0, 1] * 10, None, r"no groups, such as films.*--group.*--split image"),
        (
            [0, 1, 2] * 8,
            [0, 1, 2] * 8,
            r"3 of the 3 people .* one group only \(person 0, person 1, person 2\).*--least",
        ),
        ([0, 1] * 10, [0, 1, 0, 0] * 5, r"2 groups of faces.h5 cannot be parted: .* would be empty.*\(film 0\)"),
    ],
)
def test_groups_that_cannot_be_split_are_refused_with_what_to_do(person: list[int], film: list[int] | None, said: str):
    with pytest.raises(FacesError, match=said):
        split(some_faces(person, None, film), "group")


@pytest.mark.parametrize(
    ("by", "person", "shares", "said"),
    [
        ("film", [0, 1] * 9, SHARES, "by image, group, stratified, not by 'film'"),
        ("image", [0, 1] * 9, (0.7, 0.3), "three that add up to 1, not 0.7, 0.3"),
        ("image", [0, 1] * 9, (0.8, 0.3, -0.1), "three that add up to 1"),
        ("image", [0, 1, 1], SHARES, "too few for three parts: test would be empty"),
        ("image", range(10), SHARES, r"10 faces of 10 people: 7 to learn from are not one of each.*--least"),
        ("stratified", range(10), SHARES, "validation would be empty"),
    ],
)
def test_what_cannot_be_split_is_refused(by: str, person: list[int], shares: tuple[float, ...], said: str):
    with pytest.raises(FacesError, match=said):
        split(some_faces(person), by, 0, shares)
