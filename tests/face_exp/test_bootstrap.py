"""Intervals hold what they promise: over drawn studies they cover the truth about as often as they say."""

import numpy as np
import pytest
from right_answers import TRUTH, interval_of, of_study, right_and_faces

from trainvis.face_exp.judging.bootstrap import MOST_CLUSTERS, Bootstrap
from trainvis.face_exp.judging.estimate import corrected


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 10])
def test_95_percent_of_intervals_hold_the_truth(size):
    rng = np.random.default_rng(1)
    hits = 0
    for study in range(120):
        low, high, _ = interval_of(*of_study(rng, size=size), seed=study)
        hits += low <= TRUTH <= high
    assert 0.9 <= hits / 120 <= 1.0


def test_intervals_by_student_over_seeds_hold_the_truth_too():
    rng = np.random.default_rng(6)
    hits = 0
    for _ in range(150):
        _, right, _ = of_study(rng, seeds=3)
        found = corrected([each.mean() for each in right.values()], 60 / 540, 0.95)
        hits += found.low <= TRUTH <= found.high
    assert 0.9 <= hits / 150 <= 1.0


def test_faces_of_one_film_are_drawn_together():
    rng = np.random.default_rng(2)
    records, right, group = of_study(rng, size=10)
    low, high, _ = interval_of(records, right, group)
    alone_low, alone_high, _ = interval_of(records, right, np.arange(len(group)))
    assert high - low > 1.2 * (alone_high - alone_low)


def test_the_spread_over_groups_is_the_closed_form():
    # One seed only here, so that it is the inner level alone: a share p of n faces has variance p(1 − p)/n.
    records, right = {0: np.arange(400)}, {0: np.arange(400) < 300}
    _, _, replicates = interval_of(records, right, np.arange(400), 4000)
    assert replicates.std() == pytest.approx(np.sqrt(0.75 * 0.25 / 400), rel=0.08)
    assert replicates.mean() == pytest.approx(0.75, abs=0.002)


def test_the_spread_over_seeds_is_the_closed_form():
    # All faces of a seed are one film: nothing varies inside, and the mean over 4 seeds has variance σ²/4.
    values = {0: 0.2, 1: 0.4, 2: 0.6, 3: 0.8}
    records = {seed: np.arange(10) for seed in values}
    right = {seed: np.arange(10) < 10 * share for seed, share in values.items()}
    _, _, replicates = interval_of(records, right, np.zeros(10, int), 4000)
    assert replicates.var() == pytest.approx(0.05 / 4, rel=0.1)


def test_many_groups_are_put_together_without_loss_of_spread():
    faces = 5 * MOST_CLUSTERS
    rng = np.random.default_rng(4)
    records, right = {0: np.arange(faces)}, {0: rng.random(faces) < 0.5}
    _, _, replicates = interval_of(records, right, np.arange(faces), 2000)
    assert replicates.std() == pytest.approx(0.5 / np.sqrt(faces), rel=0.2)


def test_what_cannot_be_computed_in_a_resample_is_left_out():
    records = {0: np.arange(3), 1: np.arange(3)}
    made = Bootstrap(records, np.arange(3), 50)
    empty = {seed: made.sums(seed, records[seed], np.zeros((3, 2))) for seed in records}
    with np.errstate(invalid="ignore"):
        low, high = made.interval(made.replicates(empty, right_and_faces))
    assert np.isnan(low)
    assert np.isnan(high)
