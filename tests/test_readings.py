"""The arithmetic by which the manual reads pictures, in cases whose answer is known."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

FILE = Path(__file__).parent.parent / "docs" / "readings.py"


@pytest.fixture(scope="module")
def readings():
    spec = importlib.util.spec_from_file_location("readings", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["readings"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["readings"]


def test_a_map_that_only_grows_brighter_does_not_change_and_its_negative_changes_by_two(readings) -> None:
    first = np.random.default_rng(0).normal(size=(1, 4, 4))
    found = readings.changes(np.stack([first, 3 * first + 5, -first]))
    assert found == pytest.approx(np.array([[0.0], [2.0]]), abs=1e-12)


def test_what_happens_early_is_a_share_and_calming_compares_the_thirds(readings) -> None:
    change = np.array([[6.0], [2.0], [1.0], [0.5], [0.3], [0.2]])
    assert readings.early_share(change, 2) == pytest.approx(0.8)
    assert readings.calming(change) == pytest.approx(0.25 / 4)


def test_maps_that_find_one_pattern_each_are_told_from_each_other(readings) -> None:
    patterns = np.array([[1.0, -1, 0, 0], [0, 0, 1, -1]])
    patches = np.stack([patterns * gain + 2 for gain in (1.0, 2.0, 0.5)])
    found = readings.alike(patches)
    assert (found.same, found.other, found.more) == (pytest.approx(1), pytest.approx(0), 2)


def test_noise_finds_nothing(readings) -> None:
    found = readings.alike(np.random.default_rng(1).normal(size=(20, 10, 64)))
    assert abs(found.same) < 0.05
    assert abs(found.other) < 0.02


def test_a_wave_has_its_own_frequency_and_white_noise_that_of_the_whole_square(readings) -> None:
    rows = np.arange(32)[:, None] * np.ones((1, 32))
    assert readings.frequency(np.sin(2 * np.pi * rows * 4 / 32)) == pytest.approx(4 / 32)
    assert readings.frequency(np.random.default_rng(2).normal(size=(64, 64))) == pytest.approx(0.3826, abs=0.01)
    assert readings.frequency(np.ones((4, 4))) == 0


def test_nine_tenths_of_the_energy_of_ten_equal_pixels_lie_in_nine(readings) -> None:
    picture = np.zeros((10, 10))
    picture[0] = -3
    assert readings.concentrated(picture) == pytest.approx(0.09)
    assert readings.concentrated(np.zeros((3, 3))) == 0


def test_neighbours_count_what_lies_in_the_picture(readings) -> None:
    assert readings.neighbours(np.ones((3, 3))) == 1
    alone = np.zeros((5, 5))
    alone[0, 0] = alone[4, 4] = 1
    assert readings.neighbours(alone) == 0
    block = np.zeros((4, 4))
    block[:2, :2] = 1  # the corner has 3 of 3, two sides 3 of 5 each, the inner one 3 of 8
    assert readings.neighbours(block) == pytest.approx(12 / 21)


def test_a_picture_taken_for_another_class_is_like_the_class_whose_map_it_has(readings) -> None:
    random = np.random.default_rng(3)
    classes = random.normal(size=(3, 6, 6))
    true = np.repeat([0, 1, 2], 5)
    read = true.copy()
    read[[0, 7]] = [2, 0]
    maps = classes[read] + 0.1 * random.normal(size=(15, 6, 6))
    found = readings.mistaken(maps, true, read, 3)
    assert found.places.tolist() == [0, 7]
    assert found.like_the_other == 2
    assert found.right == 1
    assert found.means.shape == (3, 6, 6)


def test_a_verdict_is_in_part_where_some_of_it_holds(readings) -> None:
    assert [readings.verdict(*each) for each in ((True, True), (True, False), (False, False))] == [
        "holds",
        "holds in part",
        "does not hold",
    ]
