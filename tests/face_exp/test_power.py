"""The power of the t-test, against published figures, closed forms and drawn studies."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.judging.options import Options
from trainvis.face_exp.judging.power import needed, power
from trainvis.face_exp.judging.student import quantile


def test_published_figures_are_met():
    # The example of R's power.t.test: two groups of 20, one standard deviation apart (R leaves the far side away).
    assert power(1 / math.sqrt(2 / 20), 38, 0.05) == pytest.approx(0.8689528, abs=1e-6)
    # The one of the handbook of G*Power 3.1 (Faul and others, 2007): 34 pairs, half a standard deviation.
    assert power(0.5 * math.sqrt(34), 33, 0.05) == pytest.approx(0.8077775, abs=1e-7)


@pytest.mark.parametrize("freedom", [1, 2, 9, 1000])
@pytest.mark.parametrize("level", [0.05, 0.05 / 9, 1e-4])
def test_without_a_difference_the_power_is_the_level(freedom, level):
    assert power(0.0, freedom, level) == pytest.approx(level, rel=1e-9)


def test_with_many_degrees_it_is_that_of_a_normal():
    normal = NormalDist()
    by_hand = normal.cdf(2.5 - normal.inv_cdf(0.975)) + normal.cdf(-2.5 - normal.inv_cdf(0.975))
    assert power(2.5, 10**6, 0.05) == pytest.approx(by_hand, abs=1e-5)
    assert needed(10**6, 0.05, 0.8) == pytest.approx(normal.inv_cdf(0.975) + normal.inv_cdf(0.8), abs=1e-4)


@pytest.mark.parametrize(("freedom", "level"), [(1, 0.05), (2, 0.05 / 9), (4, 0.05)])
def test_it_is_how_often_drawn_studies_find_the_difference(freedom, level):
    rng = np.random.default_rng(freedom)
    shift = needed(freedom, level, 0.8)
    t = rng.normal(shift, 1, 40_000) / np.sqrt(rng.chisquare(freedom, 40_000) / freedom)
    assert (np.abs(t) > quantile(1 - level / 2, freedom)).mean() == pytest.approx(0.8, abs=0.008)


def test_the_difference_that_is_needed_grows_with_what_is_asked():
    assert power(needed(2, 0.01, 0.9), 2, 0.01) == pytest.approx(0.9, abs=1e-7)
    assert needed(2, 0.01, 0.9) > needed(2, 0.01, 0.8) > needed(2, 0.05, 0.8) > needed(9, 0.05, 0.8)
    assert needed(2, 0.9, 0.8) == pytest.approx(0.0, abs=1e-6)  # such a test finds anything, also what is not there


@pytest.mark.parametrize("level", [0.0, 1e-17, 0.6, 1 - 1e-16, 1.0, -0.05, math.inf, math.nan])
def test_a_level_that_is_none_is_a_sentence(level):
    with pytest.raises(FacesError, match=r"the level of the tests is from 0\.000001 to 0\.5, not "):
        Options(level)


def test_a_test_that_claims_everything_finds_everything():
    for level in (1 - 1e-16, 1.0):
        assert power(1.0, 2, level) == pytest.approx(1.0)


@pytest.mark.slow
def test_it_is_that_of_scipy_where_there_is_one():
    stats = pytest.importorskip("scipy.stats")
    for freedom in (1, 2, 4, 9, 30):
        for level in (0.05, 0.05 / 9):
            critical = quantile(1 - level / 2, freedom)
            for shift in (0.5, 2.0, 5.0):
                expected = stats.ncf.sf(critical**2, 1, freedom, shift**2)
                assert power(shift, freedom, level) == pytest.approx(expected, rel=1e-6)
