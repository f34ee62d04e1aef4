from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.sparkline import BLOCKS, NAN, sparkline


def test_a_rising_line_rises() -> None:
    assert sparkline(range(7)) == BLOCKS


def test_many_values_share_the_cells() -> None:
    assert sparkline(range(70), width=7) == BLOCKS
    assert sparkline([1.0, 2.0], width=8) == "▁▇"


def test_a_loss_that_broke_is_marked_where_it_broke() -> None:
    assert sparkline([3, 2, math.nan, 1, 1, math.inf], width=6) == f"▇▄{NAN}▁▁{NAN}"
    assert sparkline([math.nan] * 3) == NAN * 3


def test_a_flat_line_lies_at_half_height() -> None:
    assert sparkline([0.5] * 20, width=4) == "▄▄▄▄"


def test_nothing_gives_nothing() -> None:
    assert sparkline([]) == sparkline([1, 2], width=0) == ""


@given(st.lists(st.floats(), max_size=80), st.integers(1, 12))
def test_any_values_give_at_most_the_cells_asked_for(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    assert set(line) <= set(BLOCKS + NAN)


@pytest.mark.parametrize("value", [1.0, 0.1, -3.7])
def test_a_constant_is_a_level_line_however_many_values_it_has(value: float) -> None:
    for count in range(1, 65):
        assert set(sparkline([value] * count)) == {"▄"}, count
