"""Figures of an expression network, against what a hand counts; and shares of one set of words as those of another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.face_exp.emotions import evaluation, mapping
from trainvis.face_exp.errors import FacesError


def shares_saying(said: list[int], classes: int, sure: float) -> np.ndarray:
    made = np.full((len(said), classes), (1 - sure) / (classes - 1))
    made[np.arange(len(said)), said] = sure
    return made


def test_the_figures_are_those_that_a_hand_counts() -> None:
    truth = np.array([0, 0, 0, 1, 1, 2])
    found = evaluation.evaluate(shares_saying([0, 0, 1, 1, 1, 0], 4, 0.7), truth, ("a", "b", "c", "never"))
    assert found.confusion.tolist() == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.chance == pytest.approx(3 / 6)
    np.testing.assert_allclose(found.recall, [2 / 3, 1, 0, np.nan])
    np.testing.assert_allclose(found.precision, [2 / 3, 2 / 3, np.nan, np.nan])
    # 2·right / (occurs + said): 4/6, 4/5, 0; what never occurs has none.
    assert found.macro_f1 == pytest.approx((4 / 6 + 4 / 5 + 0) / 3)
    assert found.loss == pytest.approx(-(4 * np.log(0.7) + 2 * np.log(0.1)) / 6)
    assert found.calibration_error == pytest.approx(0.7 - 4 / 6)  # all of them in one bin


def test_calibration_is_measured_bin_by_bin() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55, 1.0])
    right = np.array([True, True, False, True, False])
    # Bins of a tenth: |2 - 1.9| + |1 - 1.1| of five, and the certain one is in the same bin as the first two.
    assert evaluation.calibration_error(confidence, right, 10) == pytest.approx((abs(2.9 - 2) + abs(1.1 - 1)) / 5)
    assert evaluation.calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0


def test_the_table_says_what_each_expression_was_taken_for() -> None:
    found = evaluation.evaluate(
        shares_saying([0, 1], 3, 0.8), np.array([0, 0]), ("fear", "anger", "joy"), ("one gone",)
    )
    text = "\n".join(evaluation.table(found))
    assert "2 faces: accuracy 50.0% (always the most frequent: 100.0%)" in text
    assert any(line.split() == ["fear", "2", "50.0%", "100.0%", "1", "1", "0"] for line in text.splitlines())
    assert "one gone" in text
    assert found.to_json()["recall"] == [0.5, None, None]


def test_shares_of_merged_words_are_added_and_those_without_a_class_taken_out() -> None:
    words = mapping.words_of(("Angry", "disgust", "HAPPY", "contempt"), "net")
    assert words == ("anger", "disgust", "happiness", "contempt")
    table, homeless = mapping.onto(words, [("anger", "disgust"), ("happiness",), ("neutral",)])
    assert homeless == ("contempt",)
    made = mapping.mapped(np.array([[0.2, 0.1, 0.2, 0.5], [0.0, 0.0, 0.0, 1.0]]), table)
    np.testing.assert_allclose(made, [[0.6, 0.4, 0], [0.5, 0.5, 0]], rtol=1e-6)
    assert made.dtype == np.float32


def test_the_share_of_a_word_in_two_classes_is_divided_evenly() -> None:
    table, _ = mapping.onto(("neutral", "fear"), [("neutral",), ("fear",), ("fear",)])
    np.testing.assert_allclose(mapping.mapped(np.array([[0.4, 0.6]]), table), [[0.4, 0.3, 0.3]], rtol=1e-6)


def test_words_that_cannot_be_mapped_are_refused_in_a_sentence() -> None:
    with pytest.raises(FacesError, match="the classes of cats are no expressions known here: tabby, persian"):
        mapping.words_of(("tabby", "persian"), "cats")
    with pytest.raises(FacesError, match="the network knows anger, fear, and the data only neutral: none is in both"):
        mapping.onto(("anger", "fear"), [("neutral",)])


@given(st.integers(1, 5), st.data())
def test_mapped_shares_are_shares(classes: int, data: st.DataObject) -> None:
    words = ("neutral", "anger", "fear", "happiness", "contempt")
    members = [data.draw(st.lists(st.sampled_from(words), max_size=3)) for _ in range(classes)]
    members[0] = [*members[0], "fear"]
    table, _ = mapping.onto(words, members)
    shares = np.random.default_rng(0).dirichlet(np.full(5, 0.1), 20)
    made = mapping.mapped(shares, table)
    np.testing.assert_allclose(made.sum(axis=1), 1, rtol=1e-5)
    assert (made >= 0).all()
