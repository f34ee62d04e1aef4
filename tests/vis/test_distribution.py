"""Distributions are those of NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trainvis.vis.distribution import NAMES, Spread, histogram, spread

FINITE = st.floats(-1e6, 1e6, width=32)


@given(hnp.arrays(np.float32, st.integers(1, 60), elements=FINITE), st.integers(1, 30))
def test_histograms_count_every_number_between_their_edges(values: np.ndarray, bins: int) -> None:
    counts, edges = histogram(values, bins)
    expected = np.histogram(values.astype(np.float64), bins)
    assert counts.sum() == len(values)
    np.testing.assert_allclose(edges, expected[1], rtol=1e-6, atol=1e-6 * max(1.0, np.abs(values).max()))
    # A number that lies on an edge within rounding may be counted on either side of it.
    width = edges[1] - edges[0]
    near = np.abs((values.astype(np.float64) - edges[0]) / width % 1.0 - 0.5) > 0.5 - 1e-2
    assert np.abs(counts - expected[0]).sum() <= 2 * near.sum()


def test_histograms_leave_out_what_is_no_finite_number() -> None:
    counts, edges = histogram(np.array([0.0, 1.0, np.nan, np.inf, -np.inf, 0.6]), 2)
    assert counts.tolist() == [1, 2]
    assert edges.tolist() == [0.0, 0.5, 1.0]
    counts, edges = histogram(np.full(3, np.nan), 4)
    assert counts.tolist() == [0, 0, 0, 0]
    assert np.isfinite(edges).all()


def test_a_histogram_of_one_number_has_it_in_the_middle() -> None:
    counts, edges = histogram(np.full(5, 3.0, np.float32), 5)
    assert counts.tolist() == [0, 0, 5, 0, 0]
    assert (edges[0], edges[-1]) == (2.5, 3.5)


def test_histograms_of_the_largest_and_the_smallest_numbers_have_them_all() -> None:
    for size in (3e38, 1e-40):
        values = np.array([-size, 0.0, size], np.float32)
        counts, _ = histogram(values, 2)
        assert counts.sum() == 3


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=3, max_dims=3, max_side=6),
        elements=st.sampled_from([-2.5, 0.0, 0.25, 7.0]),
    )
)
def test_mean_std_extremes_and_zeros_are_those_of_each_channel(numbers: np.ndarray) -> None:
    found = spread(numbers)
    wide = numbers.astype(np.float64)
    for name, expected in zip(
        NAMES, (wide.mean(1), wide.std(1), wide.min(1), wide.max(1), (wide == 0).mean(1)), strict=True
    ):
        column = found.columns()[..., NAMES.index(name)]
        np.testing.assert_allclose(column, expected, rtol=1e-6, atol=1e-7, err_msg=name)
    whole = found.together((0, 1))
    assert float(whole.std) == pytest.approx(wide.std(), abs=1e-7)
    assert float(whole.mean) == pytest.approx(wide.mean(), abs=1e-7)


def test_more_numbers_than_fit_a_block_are_all_counted() -> None:
    numbers = np.random.default_rng(0).normal(size=(1, 80_000, 3)).astype(np.float32)
    numbers[0, 60_000:, 1] = 0
    found = spread(numbers)
    assert found.zeros[0].tolist() == [0.0, 0.25, 0.0]
    np.testing.assert_allclose(found.std[0], numbers[0].astype(np.float64).std(axis=0), rtol=1e-5)


def test_a_small_spread_around_a_large_mean_is_found() -> None:
    numbers = (10_000 + np.random.default_rng(0).normal(size=(1, 5000, 1))).astype(np.float32)
    assert spread(numbers).std[0, 0] == pytest.approx(numbers.astype(np.float64).std(), rel=1e-3)


def test_what_holds_nan_is_nan_and_the_rest_is_not() -> None:
    numbers = np.zeros((1, 4, 2), np.float32)
    numbers[0, 1, 0] = np.nan
    found = spread(numbers)
    assert np.isnan([found.mean[0, 0], found.std[0, 0], found.low[0, 0], found.high[0, 0]]).all()
    assert np.isfinite([found.mean[0, 1], found.std[0, 1]]).all()


def test_nothing_has_no_mean() -> None:
    assert np.isnan(spread(np.zeros((2, 0, 3))).columns()).all()


def test_parts_are_joined_in_their_order() -> None:
    numbers = np.random.default_rng(0).normal(size=(4, 5, 2))
    joined = Spread.joined([spread(numbers[:1]), spread(numbers[1:])])
    np.testing.assert_array_equal(joined.columns(), spread(numbers).columns())
