from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from trainvis.vis.resampling import between, stretched

SIZES = st.integers(1, 40)


@given(SIZES, SIZES)
def test_a_map_of_one_value_stays_one(size: int, wanted: int) -> None:
    assert np.allclose(between(size, wanted).sum(axis=1), 1)
    assert between(size, wanted).min() >= 0


@given(SIZES, SIZES)
def test_a_mirrored_map_gives_a_mirrored_one(size: int, wanted: int) -> None:
    assert np.allclose(between(size, wanted)[::-1, ::-1], between(size, wanted))


def test_a_map_of_the_wanted_size_is_itself() -> None:
    maps = np.random.default_rng(0).normal(size=(2, 5, 7))
    assert np.array_equal(stretched(maps, 5, 7), maps)


def test_a_ramp_stays_a_ramp_between_the_middles_of_the_outer_pixels() -> None:
    assert np.allclose(between(3, 6) @ [0, 1, 2], [0, 0.25, 0.75, 1.25, 1.75, 2])


@pytest.mark.parametrize(("height", "width"), [(13, 9), (24, 40), (6, 10)])
def test_it_is_the_bilinear_of_pillow(height: int, width: int) -> None:
    maps = np.random.default_rng(1).normal(size=(2, 6, 5)).astype("float32")
    expected = [Image.fromarray(each).resize((width, height), Image.Resampling.BILINEAR) for each in maps]
    found = stretched(maps, height, width)
    assert found.dtype == np.float32
    assert np.allclose(found, np.stack([np.asarray(each) for each in expected]), atol=1e-6)
