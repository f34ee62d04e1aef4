"""Intervals hold what they promise: over drawn studies they cover the truth about as often as they say."""

from statistics import NormalDist

import numpy as np
import pytest

from trainvis.face_exp.judging.bootstrap import MOST_CLUSTERS, Bootstrap
from trainvis.face_exp.judging.estimate import corrected


def right_and_faces(values):
    return values[:, 1] / values[:, 0]


def of_study(rng, seeds=5, faces=600, tested=60, size=1):
    """Faces in films of `size`, those of one film alike; test parts are films drawn out of one pool."""
    films = faces // size
    group = np.repeat(np.arange(films), size)
    ability = 0.6 * rng.normal(size=faces) + (0.6 * np.repeat(rng.normal(size=films), size) if size > 1 else 0)
    records, right = {}, {}
    for seed in range(seeds):
        records[seed] = np.flatnonzero(np.isin(group, rng.permutation(films)[: tested // size]))
        noise = rng.normal(0, np.sqrt(1 - 0.36 * (1 + (size > 1))), len(records[seed]))
        right[seed] = 0.8 + ability[records[seed]] + noise > 0
    return records, right, group


def interval_of(records, right, group, resamples=200, seed=0):
    made = Bootstrap(records, group, resamples, 0.95, seed)
    columns = {
        each: made.sums(each, records[each], np.stack([np.ones(len(records[each])), right[each]], axis=1))
        for each in records
    }
    replicates = made.replicates(columns, right_and_faces)
    return (*made.interval(replicates), replicates)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 10])
def test_95_percent_of_intervals_hold_the_truth(size):
    rng = np.random.default_rng(1)
    truth = NormalDist().cdf(0.8)
    hits = 0
    for study in range(120):
        low, high, _ = interval_of(*of_study(rng, size=size), seed=study)
        hits += low <= truth <= high
    assert 0.9 <= hits / 120 <= 1.0


def test_intervals_by_student_over_seeds_hold_the_truth_too():
    rng = np.random.default_rng(6)
    truth = NormalDist().cdf(0.8)
    hits = 0
    for _ in range(150):
        _, right, _ = of_study(rng, seeds=3)
        found = corrected([each.mean() for each in right.values()], 60 / 540, 0.95)
        hits += found.low <= truth <= found.high
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
