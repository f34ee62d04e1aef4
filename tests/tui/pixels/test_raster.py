"""Pixels of a picture through a window: magnified exactly, reduced by means, tiles with a border that never goes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.pixels.raster import BORDER, CHOSEN, Grid, Overlay, Photo, Plane, columns_for, page_of
from trainvis.tui.pixels.tone import ODD, Tone, coloured, palette, range_of
from trainvis.tui.pixels.viewport import Viewport, reduced, window

SIZES = st.integers(1, 40)


@given(SIZES, SIZES, st.integers(1, 80), st.integers(1, 80), st.floats(0, 1), st.floats(0, 1), st.integers(0, 8))
def test_a_window_shows_pixels_of_the_picture_in_their_order(
    width: int, height: int, across: int, down: int, x: float, y: float, steps: int
) -> None:
    seen = window(Viewport(x, y).stepped(steps), (width, height), (across, down))
    assert 1 <= seen.width <= across
    assert 1 <= seen.height <= down
    for start, stop, length in ((seen.x0, seen.x1, width), (seen.y0, seen.y1, height)):
        assert (np.diff(start) >= 0).all()
        assert 0 <= start[0] <= start[-1] < length
        assert (stop > start).all()
        assert stop[-1] <= length


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5))
def test_magnified_each_pixel_is_as_many_pixels_wide_as_the_others(width: int, height: int, scale: int) -> None:
    picture = np.arange(width * height * 3, dtype=np.uint8).reshape(height, width, 3)
    seen = window(Viewport(), (width, height), (width * scale, height * scale))
    np.testing.assert_array_equal(Photo(picture).paint(seen), picture.repeat(scale, 0).repeat(scale, 1))


def test_output_pixels_twice_as_high_as_wide_show_squares() -> None:
    seen = window(Viewport(), (10, 10), (60, 30), aspect=2.0)
    assert (seen.width, seen.height) == (60, 30)


def test_reduced_each_pixel_is_the_mean_of_its_box() -> None:
    values = np.arange(64.0).reshape(8, 8)
    seen = window(Viewport(), (8, 8), (4, 4))
    np.testing.assert_allclose(reduced(values, seen), values.reshape(4, 2, 4, 2).mean((1, 3)))


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.integers(1, 6))
def test_zooming_keeps_the_place_under_the_cursor(x: float, y: float, steps: int) -> None:
    before = Viewport().stepped(2, (0.5, 0.5))
    after = before.stepped(steps, (x, y))
    if after.x in (0.5 / after.zoom, 1 - 0.5 / after.zoom) or after.y in (0.5 / after.zoom, 1 - 0.5 / after.zoom):
        return  # at the edge of the picture the place gives way
    assert (x - before.x) * before.zoom == pytest.approx((x - after.x) * after.zoom, abs=1e-9)
    assert (y - before.y) * before.zoom == pytest.approx((y - after.y) * after.zoom, abs=1e-9)


@given(st.integers(1, 20), st.integers(2, 9), st.integers(2, 9), st.integers(1, 7), st.integers(8, 60))
def test_between_two_tiles_there_is_always_a_border(
    count: int, width: int, height: int, columns: int, room: int
) -> None:
    white = np.full((height, width, 3), 255, np.uint8)
    grid = Grid([Photo(white)] * count, (width, height), min(columns, count))
    seen = window(Viewport(), grid.size, (room, room))
    pixels = grid.paint(seen)
    for column in range(1, grid.columns):
        edge = grid.place(column)[0] - 1
        at = np.flatnonzero((seen.x0 <= edge) & (seen.x1 > edge))
        assert len(at)
        assert (pixels[:, at] == BORDER).all()


def test_the_tile_under_a_pixel_is_the_one_painted_there() -> None:
    tiles = [Plane(np.full((3, 2), float(number))) for number in range(5)]
    grid = Grid([*tiles, None], (2, 3), 3)
    assert grid.size == (8, 7)
    assert grid.tile_at(3, 0) == (1, 0, 0)
    assert grid.tile_at(2, 0) is None
    assert grid.tile_at(0, 3) is None
    assert grid.numbers(4, 6) == (4.0,)
    assert grid.numbers(7, 6) == ()


def test_a_thumbnail_stands_for_the_whole() -> None:
    whole = np.kron(np.arange(16.0).reshape(4, 4), np.ones((50, 50)))
    small = whole.reshape(4, 50, 4, 50).mean((1, 3))
    seen = window(Viewport(), (200, 200), (40, 40))
    thumbnail = Plane(small, whole=(200, 200))
    np.testing.assert_array_equal(thumbnail.paint(seen), Plane(whole).paint(seen))
    assert thumbnail.numbers(199, 0) == (3.0,)


def test_colours_run_from_the_lowest_to_the_highest_and_what_is_no_number_shows() -> None:
    values = np.array([[0.0, 5.0, 10.0, np.nan, np.inf]])
    tone = Tone("grey")
    reach = range_of(values, tone)
    assert reach == (0.0, 10.0)
    assert coloured(values, reach, tone)[0].tolist() == [[0] * 3, [128] * 3, [255] * 3, list(ODD), [255] * 3]


def test_zero_lies_in_the_middle_of_what_is_signed() -> None:
    assert range_of(np.array([-1.0, 3.0]), signed=True) == (-3.0, 3.0)
    middle = palette("signed")[128].astype(int)
    assert middle.max() < 40
    assert palette("signed")[0].astype(int).sum() > 500
    assert palette("signed")[255].astype(int).sum() > 500


def test_a_clip_leaves_so_many_beyond_each_end() -> None:
    values = np.arange(101.0)
    assert range_of(values, Tone(clip=10)) == (10.0, 90.0)


@pytest.mark.parametrize("values", [np.zeros((2, 2)), np.full((2, 2), np.nan), np.full((2, 2), -3.0)])
def test_numbers_that_are_all_one_have_a_range(values: np.ndarray) -> None:
    low, high = range_of(values)
    assert low < high


def test_an_overlay_of_nothing_is_the_photo() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (6, 6, 3), np.uint8)
    seen = window(Viewport(), (6, 6), (6, 6))
    over = Overlay(Photo(photo), Plane(np.zeros((6, 6)), reach=(0, 1)), strength=1.0)
    np.testing.assert_array_equal(over.paint(seen), photo)
    over = Overlay(Photo(photo), Plane(np.ones((6, 6)), Tone("heat"), (0, 1)), strength=1.0)
    assert (over.paint(seen) == palette("heat")[255]).all()


def test_columns_are_those_that_show_the_tiles_largest() -> None:
    assert columns_for(64, (10, 10), (120, 68)) == 11
    assert columns_for(1, (10, 10), (120, 68)) == 1
    assert columns_for(4, (10, 10), (200, 20)) == 4


@pytest.mark.parametrize("rim", [False, True])
def test_the_border_of_the_chosen_one_is_marked_and_nothing_of_any_picture_covered(rim: bool) -> None:
    tiles = [Plane(np.full((3, 4), float(at))) for at in range(5)]
    plain, marked = (Grid(tiles, (4, 3), 2, chosen=chosen, rim=rim) for chosen in (None, 2))
    width, height = plain.size
    whole = window(Viewport(), (width, height), (width, height))
    before, after = plain.paint(whole), marked.paint(whole)
    changed = (before != after).any(axis=2)
    assert (after[changed] == CHOSEN).all()
    for y in range(height):
        for x in range(width):
            found = plain.tile_at(x, y)
            if found is None:
                continue
            index, inside_x, inside_y = found
            assert not changed[y, x]
            assert plain.place(index) == (x - inside_x, y - inside_y)
    left, top = plain.place(2)
    frame = changed[max(top - 1, 0) : top + 4, max(left - 1, 0) : left + 5]
    assert changed.sum() == frame.sum() == frame.size - 12


def test_of_columns_that_magnify_alike_those_are_taken_that_fill_the_room() -> None:
    assert columns_for(64, (28, 28), (440, 540)) == 8  # 4 columns of 16 would be a thin strip of the same size


@given(
    st.integers(1, 600), st.integers(1, 60), st.integers(1, 60), st.integers(160, 400), st.integers(80, 400),
    st.sampled_from((1.0, 2.0)), st.sampled_from((8, 48)),
)  # fmt: skip
def test_on_a_page_each_picture_keeps_its_least_size(
    count: int, width: int, height: int, across: int, down: int, aspect: float, least: int
) -> None:
    columns, shown = page_of(count, (width, height), (across, down), aspect, least)
    assert columns >= 1
    assert 1 <= shown <= count
    if shown in (1, count):
        return  # as large as the room lets one be, or as all of them are
    grid = Grid([None] * shown, (width, height), columns, rim=True)
    seen = window(Viewport(), grid.size, (across, down), aspect)
    side = max(width, height)
    smallest = min(least, side) if side * 2 > least else least / 2
    assert seen.height / grid.size[1] * side >= smallest * 0.9  # what is left is one output pixel, rounded


def test_pictures_that_can_be_seen_all_stay_together() -> None:
    assert page_of(64, (55, 55), (112, 56), 2.0, 8) == (columns_for(64, (55, 55), (112, 56), 2.0), 64)
    assert page_of(459, (5, 5), (112, 62), 2.0, 8) == (9, 90)
