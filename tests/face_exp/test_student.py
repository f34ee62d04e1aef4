"""Student's t, against printed tables (NIST/SEMATECH e-Handbook, 1.3.6.7.2) and closed forms."""

import math

import pytest

from trainvis.face_exp.judging.student import quantile, two_sided

# Share below, degrees of freedom, as printed.
TABLE = [
    (0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 9, 2.262), (0.975, 30, 2.042), (0.975, 100, 1.984),
    (0.95, 5, 2.015), (0.99, 4, 3.747), (0.999, 10, 4.144), (0.90, 1, 3.078),
]  # fmt: skip


@pytest.mark.parametrize(("share", "freedom", "printed"), TABLE)
def test_quantiles_are_those_of_the_tables(share, freedom, printed):
    assert quantile(share, freedom) == pytest.approx(printed, abs=6e-4)
    assert two_sided(quantile(share, freedom), freedom) == pytest.approx(2 * (1 - share), rel=1e-9)
    assert quantile(1 - share, freedom) == -quantile(share, freedom)


def test_one_and_two_degrees_have_closed_forms():
    for t in (0.1, 1.0, 2.5, 40.0):
        assert two_sided(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(t), rel=1e-10)  # Cauchy
        assert two_sided(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), rel=1e-10)


def test_many_degrees_are_a_normal():
    assert quantile(0.975, 1e7) == pytest.approx(1.959964, abs=1e-5)


def test_the_edges_are_said_not_raised():
    assert two_sided(0.0, 4) == 1.0
    assert two_sided(math.inf, 4) == 0.0
    assert math.isnan(two_sided(math.nan, 4))
    assert quantile(0.5, 3) == 0.0


@pytest.mark.slow
def test_it_is_that_of_scipy_where_there_is_one():
    stats = pytest.importorskip("scipy.stats")
    for freedom in (1, 2, 3.5, 9, 59):
        for t in (0.01, 0.7, 2.2, 9.0):
            assert two_sided(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-9)
