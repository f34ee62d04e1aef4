"""The regularisers of deep visualisation: closed forms, and the published sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.vis.regularisers import SETS, RegulariserError, Regularisers, blurred, contributions, percentiles

PICTURE = np.array([1.0, -2.0, 3.0, -4.0]).reshape(1, 2, 2, 1)
GRADIENT = np.array([1.0, 1.0, -1.0, -1.0]).reshape(1, 2, 2, 1)


def regularised(
    picture: np.ndarray, gradient: np.ndarray = GRADIENT, *, blurs: bool = False, **strengths
) -> np.ndarray:
    return Regularisers(**strengths)(picture, gradient, blurs)


def test_without_strengths_nothing_changes() -> None:
    assert np.array_equal(regularised(PICTURE, blurs=True), PICTURE)


def test_decay_takes_its_share_of_every_value() -> None:
    assert np.allclose(regularised(PICTURE, l2_decay=0.25), 0.75 * PICTURE, rtol=1e-15)


def test_small_values_go() -> None:
    assert regularised(PICTURE, value_percentile=50).ravel().tolist() == [0, 0, 3, -4]


def test_small_contributions_go() -> None:
    assert contributions(PICTURE, GRADIENT).ravel().tolist() == [-1, 2, 3, -4]
    assert regularised(PICTURE, contribution_percentile=50).ravel().tolist() == [0, -2, 3, 0]


def test_contributions_small_in_size_go() -> None:
    assert regularised(PICTURE, abs_contribution_percentile=50).ravel().tolist() == [0, 0, 3, -4]


def test_pixels_of_small_norm_go_with_all_their_channels() -> None:
    pixels = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, -1.0], [6.0, 8.0]]).reshape(1, 2, 2, 2)
    kept = regularised(pixels, pixels, norm_percentile=50)
    assert kept.reshape(4, 2).tolist() == [[3, 4], [0, 0], [0, 0], [6, 8]]


def test_contributions_are_summed_over_the_channels() -> None:
    pixels = np.array([[1.0, -1.0], [1.0, 1.0]]).reshape(1, 1, 2, 2)
    gradient = np.ones((1, 1, 2, 2))
    assert contributions(pixels, gradient).ravel().tolist() == [0, -2]
    assert regularised(pixels, gradient, abs_contribution_percentile=100).reshape(2, 2).tolist() == [[0, 0], [1, 1]]


def test_pictures_of_a_batch_have_percentiles_of_their_own() -> None:
    both = np.concatenate([PICTURE, 100 * PICTURE])
    kept = regularised(both, np.concatenate([GRADIENT, GRADIENT]), value_percentile=50)
    assert kept.reshape(2, 4).tolist() == [[0, 0, 3, -4], [0, 0, 300, -400]]


def test_what_one_has_zeroed_counts_for_the_next() -> None:
    line = np.arange(1.0, 9.0).reshape(1, 1, 8, 1)
    kept = regularised(line, line, value_percentile=50, norm_percentile=50)
    # [0 0 0 0 5 6 7 8] after the values; half of these norms lie below 2.5, so the second takes nothing more.
    assert kept.ravel().tolist() == [0, 0, 0, 0, 5, 6, 7, 8]


def test_blur_is_done_when_it_is_time() -> None:
    noise = np.random.default_rng(0).normal(size=(1, 9, 9, 1))
    strengths = {"blur_interval": 4, "blur_std": 1.0}
    assert np.array_equal(regularised(noise, noise, **strengths), noise)
    assert np.array_equal(regularised(noise, noise, blurs=True, **strengths), blurred(noise, 1.0))


def test_blurring_an_impulse_gives_the_gaussian() -> None:
    impulse = np.zeros((1, 9, 9, 1))
    impulse[0, 4, 4, 0] = 1
    spread = blurred(impulse, 1.0)
    assert spread[0, 4, 4, 0] == pytest.approx(0.1591558917, abs=1e-10)
    assert spread.sum() == pytest.approx(1.0, abs=1e-12)
    assert np.allclose(spread, spread.swapaxes(1, 2), atol=1e-15)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.05, 12))
def test_blur_leaves_a_constant_picture_and_the_sum_of_every_other(height: int, width: int, std: float) -> None:
    constant = np.full((1, height, width, 2), 3.5)
    assert np.allclose(blurred(constant, std), constant, rtol=1e-12)
    noise = np.random.default_rng(height).normal(size=(2, height, width, 3))
    assert np.allclose(blurred(noise, std).sum((1, 2)), noise.sum((1, 2)), atol=1e-9)


def test_channels_and_pictures_are_blurred_apart() -> None:
    noise = np.random.default_rng(1).normal(size=(2, 6, 7, 3))
    for picture in range(2):
        for channel in range(3):
            alone = blurred(noise[picture : picture + 1, ..., channel : channel + 1], 1.5)[0, ..., 0]
            assert np.allclose(blurred(noise, 1.5)[picture, ..., channel], alone, atol=1e-13)


@given(st.integers(1, 4), st.integers(1, 30), st.floats(0, 100), st.integers(0, 9))
def test_percentiles_are_those_of_numpy(rows: int, size: int, percentile: float, seed: int) -> None:
    values = np.random.default_rng(seed).integers(-5, 5, (rows, size)) / 3
    assert np.allclose(percentiles(values, percentile), np.percentile(values, percentile, axis=1), atol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 2, 3, 8, 31])
@pytest.mark.parametrize("std", [0.05, 0.5, 1.0, 3.0, 9.0])
def test_blur_is_the_gaussian_filter_of_scipy(size: int, std: float) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    noise = np.random.default_rng(size).normal(size=(2, size, 13, 3))
    expected = ndimage.gaussian_filter(noise, (0, std, std, 0))
    assert np.allclose(blurred(noise, std), expected, atol=1e-12)


def test_float32_stays_float32() -> None:
    single = PICTURE.astype(np.float32)
    strengths = {name: 30 for name in Regularisers.__dataclass_fields__ if name.endswith("percentile")}
    found = regularised(single, single, blurs=True, l2_decay=0.1, blur_interval=1, blur_std=0.7, **strengths)
    assert found.dtype == np.float32


def test_the_four_sets_are_those_of_the_paper() -> None:
    table = {
        name: (s.l2_decay, s.blur_interval, s.blur_std, s.norm_percentile, s.abs_contribution_percentile)
        for name, s in SETS.items()
    }
    assert table == {
        "sparse": (0, 4, 0.5, 50, 0),
        "high_frequency": (0.3, 0, 0, 20, 0),
        "low_frequency": (0.0001, 4, 1.0, 0, 0),
        "dense": (0, 4, 0.5, 0, 90),
    }


@pytest.mark.parametrize(
    "strengths",
    [{"l2_decay": 1.5}, {"blur_interval": 4}, {"blur_std": 1.0}, {"blur_interval": -1}, {"norm_percentile": 101}],
)
def test_strengths_that_make_no_sense_are_refused_by_name(strengths: dict[str, float]) -> None:
    with pytest.raises(RegulariserError, match=next(iter(strengths))):
        Regularisers(**strengths)
