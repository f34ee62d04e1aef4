"""How many pictures of a figure stand side by side in a terminal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.pictures_out.layout import columns

SIDE = st.integers(1, 300)


@given(st.integers(1, 600), st.tuples(SIDE, SIDE), st.tuples(SIDE, SIDE), st.sampled_from([1.0, 2.0]))
def test_what_is_said_to_fit_does(count: int, tile: tuple[int, int], room: tuple[int, int], aspect: float) -> None:
    across, fits = columns(count, tile, room, aspect)
    assert 1 <= across <= count
    if fits and count > 1:
        assert (across * (tile[0] + 1) - 1) * aspect <= room[0]
        assert math.ceil(count / across) * (tile[1] + 1) - 1 <= room[1]


@pytest.mark.parametrize(
    ("count", "side", "room", "expected"),
    [
        (4, 8, (80, 40), (2, True)),  # magnified, all on one screen
        (64, 28, (80, 40), (3, False)),  # as they are would be sixteen screens: smaller, but still to be seen
        (64, 12, (80, 40), (6, False)),
        (1, 224, (80, 40), (1, True)),
        (64, 224, (80, 40), (3, False)),
    ],
)
def test_small_ones_are_magnified_many_large_ones_made_smaller(
    count: int, side: int, room: tuple[int, int], expected: tuple[int, bool]
) -> None:
    assert columns(count, (side, side), room) == expected
