"""The corrected resampled t-test, Holm and the smallest difference, each by hand; and how often they err."""

import math

import numpy as np
import pytest

from trainvis.face_exp.judging.claims import CLAIMS, weigh
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.judging.paired import corrected_t, holm, smallest
from trainvis.face_exp.judging.student import quantile

NETS = "ABCDEFGHI"
RATIO = 0.1 / 0.7


def test_the_statistic_is_the_mean_over_its_widened_error():
    # Mean 2, variance 1 (sum of squares 2 over 2), n_test / n_train 1/6: error² = (1/3 + 1/6) · 1 = 1/2.
    found = corrected_t([1.0, 2.0, 3.0], 1 / 6)
    assert found.mean == 2.0
    assert found.spread == pytest.approx(1.0)
    assert found.error == pytest.approx(math.sqrt(0.5))
    assert found.t == pytest.approx(2 * math.sqrt(2))
    assert found.freedom == 2
    assert found.p == pytest.approx(1 - math.sqrt(8) / math.sqrt(10))  # the closed form of two degrees
    assert found.high - found.mean == pytest.approx(4.302653 * math.sqrt(0.5), rel=1e-6)
    assert found.low + found.high == pytest.approx(2 * found.mean)


def test_without_shared_faces_it_is_the_paired_t_test():
    found = corrected_t([1.0, 2.0, 3.0, 6.0], 0.0)
    assert found.t == pytest.approx(3.0 / math.sqrt(14 / 3 / 4))


@pytest.mark.parametrize(("given", "said"), [([], "no seed"), ([0.1], "one seed"), ([0.1, math.nan], "one seed")])
def test_less_than_two_seeds_are_no_test(given, said):
    found = corrected_t(given, 0.1)
    assert said in found.why
    assert math.isnan(found.p)


def test_the_same_difference_at_every_seed_is_not_taken_for_certainty():
    assert "nothing to test by" in corrected_t([0.0, 0.0, 0.0], 0.1).why
    # Two seeds that differ by one face of 30 each: rounding alone leaves a spread of 1/30/√12.
    found = corrected_t([1 / 30, 1 / 30], 0.1, finest=1 / 30)
    assert found.error == pytest.approx(math.sqrt(0.6) / 30 / math.sqrt(12))
    assert found.p > 0.1


def test_holm_by_hand():
    # Ascending 0.01·4, 0.02·3, 0.03·2 (but no less than the one before), 0.5·1.
    assert holm([0.03, 0.01, 0.5, 0.02]) == pytest.approx([0.06, 0.04, 0.5, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    adjusted = holm([0.02, math.nan, 0.04])
    assert adjusted[0] == pytest.approx(0.04)  # what was no test is not counted
    assert math.isnan(adjusted[1])
    assert adjusted[2] == pytest.approx(0.04)


def test_the_smallest_difference_is_that_of_the_test_as_it_is():
    # 10 pairs, two-sided 0.05, power 0.8: an effect of 0.996 standard deviations (G*Power 3.1), of an error √10 less.
    assert smallest(0.01, 9, 0.05, 0.8) == pytest.approx(0.996 * math.sqrt(10) * 0.01, rel=1e-3)
    assert math.isnan(smallest(math.nan, 0, 0.05, 0.8))


def test_the_smallest_difference_is_of_the_step_at_which_holm_stops():
    rng = np.random.default_rng(3)
    noise = {net: rng.normal(0, 0.01, 10) for net in NETS}
    noise["E"] += 0.2  # E–B and E–F are shown: 7 of 9 are left
    made = weigh({net: dict(enumerate(0.7 + each)) for net, each in noise.items()}, Options(), RATIO)
    shown = [each for each in made if each.significant]
    assert [each.claim.pair for each in shown] == ["E–B", "E–F"]
    last = made[-1]
    assert last.smallest == pytest.approx(smallest(last.found.error, 9, 0.05 / 7, 0.8))


@pytest.mark.parametrize(
    ("shift", "more", "less", "no_more"),
    [
        (0.0, "not shown", "not shown", "stands"),
        (0.2, "shown", "opposite shown", "refuted"),
        (-0.2, "opposite shown", "shown", "worse"),
    ],
)
def test_each_claim_has_its_verdict(shift, more, less, no_more):
    rng = np.random.default_rng(0)
    expected = {"more": more, "less": less, "no more": no_more}
    for claim in CLAIMS:
        table = {
            claim.first: dict(enumerate(0.5 + shift + rng.normal(0, 0.01, 10))),
            claim.second: dict(enumerate(0.5 + rng.normal(0, 0.01, 10))),
        }
        (found,) = weigh(table, Options(), RATIO, claims=(claim,))
        assert found.verdict == expected[claim.holds]


def test_missing_networks_and_seeds_leave_the_rest_tested():
    table = {"A": {0: 0.5, 1: 0.52, 2: 0.49}, "D": {1: 0.6, 2: 0.58, 7: 0.9}, "G": {0: 0.5}}
    made = {each.claim.pair: each for each in weigh(table, Options(), RATIO)}
    assert made["D–A"].found.differences == pytest.approx((0.08, 0.09))  # the seeds that both have
    assert made["G–A"].verdict == made["E–B"].verdict == "untested"
    assert made["D–A"].adjusted == pytest.approx(made["D–A"].found.p)  # a family of one


def null_studies(count, seeds=10, faces=1000, tested=100):
    """Accuracy tables of studies in which no network is better: count × 9 × seeds.

    Test parts are drawn out of one pool; which faces a network finds hard stays the same over seeds, as it does where
    training parts overlap. So its differences from another network vary less over seeds than over data sets.
    """
    rng = np.random.default_rng(20)
    tables = np.empty((count, len(NETS), seeds))
    for study in range(count):
        lasting = rng.random((len(NETS), faces), np.float32)  # what a network makes of a face at every seed
        order = rng.random((seeds, faces), np.float32).argpartition(tested, axis=1)[:, :tested]
        fresh = rng.random((len(NETS), seeds, tested), np.float32)
        again = rng.random((len(NETS), seeds, tested), np.float32) < 0.25
        tables[study] = (np.where(again, fresh, lasting[:, order]) < 0.75).mean(axis=2)
    return tables


def claimed(tables, ratio, tested=100):
    """In how many studies anything is claimed, of the nine comparisons together."""
    options = Options()
    return sum(
        any(
            each.significant
            for each in weigh(
                {net: dict(enumerate(row)) for net, row in zip(NETS, table, strict=True)}, options, ratio, 1 / tested
            )
        )
        for table in tables
    )


def test_in_200_studies_without_an_effect_at_most_8_percent_claim_one():
    tables = null_studies(200)
    assert claimed(tables, RATIO) <= 0.08 * 200
    assert claimed(tables, 0.0) > 0.08 * 200  # the plain paired t-test is fooled by faces that are tested again


def test_an_effect_of_five_points_is_found():
    found = 0
    rng = np.random.default_rng(5)
    for _ in range(40):
        table = {net: dict(enumerate(0.75 + 0.05 * (net in "DEF") + rng.normal(0, 0.01, 10))) for net in NETS}
        made = {each.claim.pair: each for each in weigh(table, Options(), RATIO, 1 / 300)}
        found += all(made[pair].verdict == "shown" for pair in ("D–A", "E–B", "F–B"))
        assert made["E–B"].found.mean == pytest.approx(0.05, abs=0.02)
    assert found >= 36


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_the_smallest_difference_is_found_as_often_as_it_says(seeds):
    rng = np.random.default_rng(8)
    claim, spread, studies = CLAIMS[1], 0.02, 40_000
    true = smallest(math.sqrt(1 / seeds) * spread, seeds - 1, 0.05, 0.8)
    drawn = rng.normal(true, spread, (studies, seeds))
    t = drawn.mean(axis=1) / (drawn.std(axis=1, ddof=1) / math.sqrt(seeds))
    hits = np.abs(t) > quantile(0.975, seeds - 1)
    assert hits.mean() == pytest.approx(0.8, abs=0.007)  # the sum of quantiles was found 77 % of the time by 3 seeds
    for some, hit in zip(drawn[:20], hits[:20], strict=True):  # and this is how a study is judged
        table = {"E": dict(enumerate(some)), "B": dict.fromkeys(range(seeds), 0.0)}
        assert weigh(table, Options(), 0.0, claims=(claim,))[0].significant == hit
