"""How many pictures share a page, and how they become one."""

from __future__ import annotations

import numpy as np
import pytest

from trainvis.tui.blobs.tiles import COUNTS, fitted, row_picture, sheet
from trainvis.tui.pixels.raster import CHOSEN, EMPTY


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("room", [(80, 20), (118, 34), (200, 54)])
def test_a_page_has_full_rows_of_as_many_pictures_as_were_asked_for(count: int, room: tuple[int, int]) -> None:
    found = sheet(count, *room, (4, 3))
    assert found.count == count or (count == 200 and room[0] == 80)
    assert found.columns * found.wide + found.left <= room[0]
    assert found.rows * found.high <= room[1]


def test_where_there_is_no_room_fewer_are_shown() -> None:
    assert sheet(200, 20, 3).count < 20
    assert sheet(20, 3, 1).count == 1
    assert sheet(20, 0, 0).count == 1


def test_a_picture_is_reduced_to_means_and_magnified_evenly() -> None:
    squares = np.zeros((4, 4, 1), np.uint8)
    squares[:, 2:] = 200
    assert fitted(squares, (2, 2))[..., 0].tolist() == [[0, 200], [0, 200]]
    large = fitted(squares, (19, 30))
    assert large.shape == (16, 16, 3)  # four times: all pixels are alike
    assert (large[:, :8] == 0).all()
    assert (large[:, 8:] == 200).all()


@pytest.mark.parametrize("shape", [(5, 3, 1), (5, 3, 2), (5, 3, 3), (5, 3, 4), (5, 3, 7), (3000, 2, 3), (0, 4, 3)])
def test_pictures_of_any_shape_and_number_of_channels_fit(shape: tuple[int, ...]) -> None:
    found = fitted(np.full(shape, 7, np.uint8), (12, 10))
    assert found.shape[2] == 3
    assert found.shape[0] <= 10
    assert found.shape[1] <= 12
    assert (found == 7).all()


def test_the_chosen_picture_has_a_frame_and_a_missing_one_is_empty() -> None:
    tile = np.full((6, 4, 3), 9, np.uint8)
    made = row_picture([tile, None], (24, 10), (10, 10), (0, 0, 0), chosen=0)
    assert tuple(made[0, 0]) == CHOSEN
    assert (made[1:7, 1:5] == 9).all()
    assert tuple(made[3, 5]) == CHOSEN
    assert tuple(made[3, 8]) == (0, 0, 0)
    assert tuple(made[3, 14]) == EMPTY
