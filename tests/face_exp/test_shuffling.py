"""Expressions that say nothing: the control of a study."""

from __future__ import annotations

import numpy as np
from some_faces import some_faces

from trainvis.face_exp.shuffling import shuffled
from trainvis.face_exp.splits import Split, split


def test_each_part_keeps_its_expressions_and_gives_them_to_other_faces():
    faces = some_faces(np.arange(400) % 10, np.arange(400) % 7)
    parts = split(faces, seed=1)
    found = shuffled(faces.expression, parts, seed=1)
    for part in (parts.train, parts.validation, parts.test):
        assert sorted(found[part]) == sorted(faces.expression[part])
    assert (found != faces.expression).mean() > 0.7
    np.testing.assert_array_equal(found, shuffled(faces.expression, parts, seed=1))
    assert (found != shuffled(faces.expression, parts, seed=2)).any()


def test_shares_of_classes_stay_whole_rows_and_faces_of_no_part_keep_theirs():
    shares = np.arange(20, dtype=np.float32).reshape(10, 2)
    found = shuffled(shares, Split(np.arange(4), np.arange(4, 6), np.arange(6, 8)), seed=3)
    assert {tuple(row) for row in found.tolist()} == {tuple(row) for row in shares.tolist()}
    np.testing.assert_array_equal(found[8:], shares[8:])
    np.testing.assert_array_equal(shares, np.arange(20).reshape(10, 2))
