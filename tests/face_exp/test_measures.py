"""Figures of predictions, each against numbers made by hand."""

import math

import numpy as np
import pytest

from trainvis.face_exp.judging import confound, measures
from trainvis.face_exp.scores import Predictions


def said(truth, predicted, confidence=None, rank=None, loss=None):
    truth, predicted = np.array(truth), np.array(predicted)
    number = len(truth)
    return Predictions(
        np.arange(number), truth, predicted, np.array(rank if rank is not None else truth != predicted, int),
        np.array(confidence if confidence is not None else [0.5] * number, np.float32),
        np.array(loss if loss is not None else [1.0] * number, np.float32),
    )  # fmt: skip


def test_macro_f1_by_hand():
    # Class 0: 2 hits, 3 true, 2 named: 4/5. Class 1: 1 hit, 1 true, 3 named: 2/4. Class 2: 0 hits, 1 true: 0.
    # Class 3 occurs nowhere and does not count.
    found = said([0, 0, 0, 1, 2], [0, 0, 1, 1, 1])
    assert measures.macro_f1(found, 4) == pytest.approx((0.8 + 0.5 + 0.0) / 3)
    assert measures.accuracy(found) == pytest.approx(0.6)


def test_calibration_error_by_hand():
    # Bin (0.6, 0.667]: 2 faces, confidence 0.65, 1 right: gap 0.15. Bin (0.933, 1]: 2 faces, 1.0, both right: gap 0.
    found = said([0, 0, 1, 1], [0, 1, 1, 1], [0.65, 0.65, 1.0, 1.0])
    assert measures.calibration_error(measures.calibration(found)) == pytest.approx(0.5 * 0.15)
    assert measures.calibration(found)[:, 0].sum() == 4


def test_top_5_and_confusion_by_hand():
    found = said([0, 1, 1, 2], [0, 2, 1, 2], rank=[0, 4, 0, 5])
    assert measures.top(found) == 0.75
    assert measures.confusion(found, 3).tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]


def test_values_that_are_no_numbers_are_left_out():
    found = said([0, 1], [0, 1], [math.nan, 0.9], loss=[math.inf, 0.5])
    assert measures.mean(found.loss) == 0.5
    assert measures.calibration(found)[:, 0].sum() == 1
    assert math.isnan(measures.mean(np.zeros(0)))
    assert math.isnan(measures.calibration_error(np.zeros((15, 3))))


def test_the_expression_that_says_all_names_everybody():
    identity = np.arange(40) % 4
    train, test = np.arange(20), np.arange(20, 40)
    found = confound.confound(identity, identity.copy(), [(train, test)] * 3)
    assert (found.guess, found.commonest, found.gain) == (1.0, 0.25, 0.75)
    # 2 bits, less (4 − 1)²/(2 · 40 · ln 2) that chance would show
    assert found.information == pytest.approx(2 - 9 / (80 * math.log(2)))
    assert found.share == pytest.approx(found.information / 2)


def test_the_expression_that_says_nothing_says_nothing():
    rng = np.random.default_rng(0)
    identity, expression = rng.integers(0, 20, 4000), rng.integers(0, 7, 4000)
    order = rng.permutation(4000)
    found = confound.confound(identity, expression, [(order[:3000], order[3000:])] * 2)
    assert found.share < 0.003  # without the correction it is 0.005 by chance alone
    assert abs(found.gain) < 0.03


def test_the_confound_by_hand():
    # Trained on: expression 0 is person 0 twice, person 1 once; expression 1 is person 1 once. Commonest: a tie, 0.
    identity = np.array([0, 0, 1, 1, 1, 0, 0, 1])
    expression = np.array([0, 0, 0, 1, 1, 1, 0, 2])
    guess, commonest = confound.guesses(identity, expression, np.arange(4), np.arange(4, 8))
    assert guess == 0.5  # right, wrong, right; the last has an expression never seen: person 0, wrong
    assert commonest == 0.5


def test_one_person_or_no_face_is_no_crash():
    one = confound.confound(np.zeros(5, int), np.arange(5), [(np.arange(3), np.arange(3, 5))])
    assert one.information == 0.0
    assert math.isnan(one.share)
    none = confound.confound(np.zeros(0, int), np.zeros(0, int), [])
    assert none.seeds == 0
