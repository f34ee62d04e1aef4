"""Tests of faces that were never shown to a network: which are named rightly is drawn, and the true share is known."""

from statistics import NormalDist

import numpy as np

from trainvis.face_exp.judging.bootstrap import Bootstrap

TRUTH = NormalDist().cdf(0.8)  # the share that is named rightly in the long run


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
