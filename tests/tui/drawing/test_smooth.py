from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.smooth import Smoothed

SEVEN_DIGITS = 2e-7  # what float32 keeps


def closed_form(y: np.ndarray, weight: float) -> np.ndarray:
    """The weighted mean of all finite values so far, weights falling by `weight` for each step back."""
    out = np.full(len(y), np.nan)
    kept: list[float] = []
    for index, value in enumerate(y):
        if np.isfinite(value):
            kept.append(value)
            weights = weight ** np.arange(len(kept))[::-1]
            out[index] = weights @ np.array(kept) / weights.sum()
    return out


def smoothed(y: np.ndarray, weight: float) -> np.ndarray:
    average = Smoothed(weight)
    average.extend(y)
    return average.values


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.6, 0.9, 0.99, 0.999])
def test_it_is_the_weighted_mean_of_all_values_so_far(weight: float) -> None:
    y = np.random.default_rng(3).normal(size=300) + 5
    assert np.allclose(smoothed(y, weight), closed_form(y, weight), rtol=SEVEN_DIGITS)


def test_the_first_value_is_itself_and_a_constant_stays_where_it_is() -> None:
    assert smoothed(np.array([7.0, 9.0]), 0.99)[0] == pytest.approx(7.0)
    assert np.allclose(smoothed(np.full(100_000, 3.25), 0.9), 3.25, rtol=1e-12)


def test_what_is_no_number_is_left_out_and_stays_a_gap() -> None:
    y = np.random.default_rng(4).normal(size=400)
    y[10:60] = np.nan
    y[100] = np.inf
    y[101] = -np.inf
    found = smoothed(y, 0.9)
    assert np.array_equal(np.isnan(found), ~np.isfinite(y))
    assert np.allclose(found, closed_form(y, 0.9), rtol=SEVEN_DIGITS, atol=SEVEN_DIGITS, equal_nan=True)


def test_a_value_too_large_to_be_added_up_spoils_no_other() -> None:
    found = smoothed(np.array([1.0, 1.7e308, 1.0, 1.0]), 0.9)
    assert found[[0, 2, 3]] == pytest.approx([1.0, 1.0, 1.0])


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=6), st.sampled_from([0.3, 0.6, 0.9, 0.99]))
def test_feeding_in_pieces_gives_the_same_as_all_at_once(sizes: list[int], weight: float) -> None:
    y = np.random.default_rng(5).normal(size=sum(sizes))
    y[::13] = np.nan
    pieces = Smoothed(weight)
    for end in np.cumsum(sizes):
        pieces.extend(y[:end])
    assert np.allclose(pieces.values, smoothed(y, weight), rtol=SEVEN_DIGITS, atol=SEVEN_DIGITS, equal_nan=True)


@pytest.mark.parametrize("weight", [0.6, 0.99])
def test_millions_are_as_the_plain_recursion(weight: float) -> None:
    y = np.random.default_rng(6).normal(size=100_000) + 1
    mean, expected = 0.0, np.empty(len(y))
    for index, value in enumerate(y.tolist()):
        mean = weight * mean + (1 - weight) * value
        expected[index] = mean / (1 - weight ** (index + 1))
    assert np.allclose(smoothed(y, weight), expected, rtol=SEVEN_DIGITS, atol=SEVEN_DIGITS)


def test_a_weight_outside_of_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Smoothed(1.0)
