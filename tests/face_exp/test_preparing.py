"""What heads are given to learn from."""

from __future__ import annotations

import numpy as np

from trainvis.face_exp.preparing import of_usual_size


def test_vectors_of_length_one_get_numbers_of_the_size_of_one() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled, said = of_usual_size(unit)
    np.testing.assert_allclose(scaled, unit * 4, rtol=1e-6)
    assert "√16" in said
    assert scaled.dtype == np.float32


def test_other_vectors_stay_as_they_are() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    same, said = of_usual_size(vectors)
    assert same is vectors
    assert said == ""
