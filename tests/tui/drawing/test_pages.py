"""Pages of figures that are no pictures: what stands in each cell, and what a click there means."""

from __future__ import annotations

import numpy as np
import pytest

from trainvis.tui.drawing.bars import bars, resampled
from trainvis.tui.drawing.layer_list import layer_list
from trainvis.tui.drawing.matrix import Grid, matrix
from trainvis.tui.drawing.page import NOTHING, Page, contrast, packed
from trainvis.tui.drawing.rows import order, rows
from trainvis.tui.drawing.scatter import Cloud, nearest, scatter
from trainvis.tui.drawing.small_pictures import FRAME, field, put_pixels
from trainvis.tui.drawing.strip import columns_of, largest, strip, through_time
from trainvis.tui.figures.layers import Course, Layer
from trainvis.tui.pixels.tone import palette

PETS = ("cat", "dog", "fish")
COUNTS = Grid(np.array([[8, 1, 0], [2, 7, 0], [0, 1, 9]]), PETS, PETS)


def test_a_page_has_stretches_of_one_look_and_a_colour_is_read_on_its_ground() -> None:
    page = Page(6, 1)
    page.fill(0, 0, "ab", (0, 0, 0))
    page.fill(2, 0, "cd", (255, 255, 255))
    looks = [(text, fore, back) for text, _, fore, back in page.stretches(0)]
    black, white = packed((0, 0, 0)), packed((255, 255, 255))
    assert looks == [("ab", white, black), ("cd", black, white), ("  ", NOTHING, NOTHING)]
    assert contrast((68, 1, 84)) == (255, 255, 255)
    assert contrast((253, 231, 37)) == (0, 0, 0)


def test_a_page_with_another_colour_in_one_row_has_changed_in_that_row() -> None:
    before, now = Page(3, 3), Page(3, 3)
    now.fill(1, 2, " ", (1, 2, 3))
    assert now.changed(before) == [2]
    assert now.changed(now) == []


def test_a_strip_colours_each_value_and_its_cells_mean_the_value() -> None:
    values = np.arange(12.0)
    page = strip(values, 24, 4, cursor=5)
    across, wide = columns_of(12, 24 - 3, 4)
    assert (across, wide) == (3, 6)
    assert page.line(1) == " 3             [    ]   "
    expected = [packed(tuple(palette("viridis")[round(at / 11 * 255)])) for at in range(12)]
    found = [int(page.back[at // 3, 3 + at % 3 * 6]) for at in range(12)]
    assert found == expected
    assert page.hits[1, 3:21].tolist() == [3] * 6 + [4] * 6 + [5] * 6


@pytest.mark.parametrize(("count", "across", "wide"), [(500, 60, 1), (100, 20, 3), (5, 10, 6)])
def test_values_stand_as_wide_as_the_rows_hold_them_all(count: int, across: int, wide: int) -> None:
    assert columns_of(count, 60, 9) == (across, wide)


def test_the_largest_values_come_first_and_what_is_no_number_is_none_of_them() -> None:
    assert largest(np.array([1.0, np.nan, 3.0, np.inf, 2.0]), 2) == [2, 4]


def test_a_confusion_matrix_shows_counts_and_what_is_right_in_each_row_and_column() -> None:
    page = matrix(COUNTS, 48, 5, (1, 0))
    assert str(page).splitlines() == [
        "             cat        dog       fish  recall",
        "  cat      8          1          ·      89%",
        "  dog [    2    ]     7          ·      78%",
        " fish      ·          1          9      90%",
        "prec.         80%        78%       100%",
    ]
    assert page.hits[2, 10] == 3
    assert page.hits[3, 34] == 8


def test_a_matrix_that_does_not_fit_is_shown_around_the_cursor() -> None:
    names = tuple(f"class {at}" for at in range(50))
    page = matrix(Grid(np.eye(50), names, names), 30, 12, (49, 49))
    assert 49 * 50 + 49 in page.hits
    assert 0 not in page.hits


def test_bars_reach_as_high_as_their_count_and_few_are_still_seen() -> None:
    assert bars(np.array([0, 1, 4, 8]), 8, 2) == ["      ██", "  ▂▂████"]
    assert bars(np.array([0, 1, 10_000]), 3, 1) == [" ▁█"]


def test_counts_put_into_other_bins_stay_as_many() -> None:
    counts, edges = np.array([4.0, 2.0]), np.array([0.0, 1.0, 2.0])
    assert resampled(counts, edges, 0, 2, 4).tolist() == [2, 2, 1, 1]
    assert resampled(counts, edges, -2, 2, 2).tolist() == [0, 6]
    assert resampled(counts, np.array([0.5, 0.5, 0.5]), 0, 2, 4).tolist() == [0, 6, 0, 0]  # all values are one


def test_a_cloud_puts_points_where_they_belong_and_arrows_go_to_the_next_one() -> None:
    cloud = Cloud(np.array([0.0, 1.0, 2.0]), np.array([0.0, 2.0, 1.0]), np.array([0, 1, -1]), ("a", "b"))
    page, placed = scatter(cloud, 30, 8, cursor=1)
    assert str(page).splitlines() == [
        "     2 │───────────◉──────────",
        "       │           │",
        "       │           │",
        "       │           │         ⠈",
        "       │           │",
        "     0 │⡀          │",
        "        ──────────────────────",
        "        0      a, up b       2",
    ]
    assert [page.hits[row, column] for column, row in zip(placed.columns, placed.rows, strict=True)] == [0, 1, 2]
    assert nearest(placed, 1, 1, 0) == 2
    assert nearest(placed, 1, -1, 0) == 0
    assert nearest(placed, 2, 1, 0) == 2  # nothing lies there


def test_more_groups_than_colours_are_told_apart_by_letters() -> None:
    cloud = Cloud(np.arange(12.0), np.arange(12.0), np.arange(12))
    page, _ = scatter(cloud, 40, 20)
    assert {"0", "9", "b"} <= set(str(page))


def test_points_that_are_no_finite_numbers_are_not_drawn() -> None:
    page, placed = scatter(Cloud(np.array([np.nan, np.inf]), np.zeros(2), np.zeros(2, int)), 40, 9)
    assert "no point has finite coordinates" in str(page)
    assert placed.columns.tolist() == [-1, -1]


def test_a_table_marks_the_column_that_it_is_sorted_by() -> None:
    page = rows(("layer", "zeros"), (("conv", 0.25), ("dense", float("nan"))), 30, 3, (0, 1), (1, True))
    assert str(page).splitlines() == ["layer     zeros▾", "conv      0.2500", "dense        nan"]


def test_sorting_puts_what_is_missing_last_both_ways() -> None:
    cells = [(2.0,), (None,), (1.0,), (float("nan"),)]
    assert order(cells, 0) == [2, 0, 1, 3]
    assert order(cells, 0, falling=True) == [0, 2, 1, 3]
    assert order(cells, None) == [0, 1, 2, 3]


def test_a_wide_table_is_scrolled_to_the_column_of_the_cursor_and_its_first_one_stays() -> None:
    names = tuple(f"column {at}" for at in range(20))
    page = rows(names, [tuple(range(20))], 40, 2, (0, 19))
    assert page.line(0).strip().startswith("column 0")
    assert "column 19" in page.line(0)
    assert "‹" in page.line(0)


def test_layers_are_listed_with_how_they_went() -> None:
    stem = Layer("stem", "Conv2D", "8×8×16", 160, dead=Course((0, 9), (0.0, 0.6)), weights=Course((0, 9), (0.1, 0.2)))
    digit = Layer("digit", "Dense", "10", 250, False, gradient=Course((0,), (1.5,)))
    assert [line.rstrip() for line in str(layer_list([stem, digit], 80, 4, 1)).splitlines()] == [
        "  layer class  output parameters   dead weights      gradient",
        "  stem  Conv2D 8×8×16        160    60% ▁▇   0.2000",
        "› digit Dense  10          250 ❄      –              ▄    1.500",
    ]
    assert "weights" in layer_list([stem, digit], 40, 4, 0).line(0)


def test_two_pixels_are_one_cell() -> None:
    page = Page(2, 1)
    put_pixels(page, 0, 0, np.array([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]], np.uint8))
    assert page.line(0) == "▀▀"
    assert page.fore[0].tolist() == [0x010203, 0x040506]
    assert page.back[0].tolist() == [0x070809, 0x0A0B0C]


def test_a_receptive_field_is_framed_and_what_lies_outside_is_dimmed() -> None:
    picture = np.full((8, 8, 1), 200, np.uint8)
    pixels = field(picture, (2, 2, 6, 6), 8, 4)
    assert pixels.shape == (8, 8, 3)
    assert tuple(pixels[2, 2]) == tuple(pixels[5, 5]) == FRAME
    assert tuple(pixels[3, 3]) == (200, 200, 200)
    assert tuple(pixels[0, 0]) == (70, 70, 70)


def test_a_field_that_hangs_over_the_border_gets_a_margin() -> None:
    pixels = field(np.full((8, 8, 1), 200, np.uint8), (-2, -2, 3, 3), 12, 6)
    assert pixels.shape == (12, 12, 3)
    assert tuple(pixels[0, 0]) == FRAME


def test_a_vector_over_the_steps_has_a_row_for_each_the_latest_last() -> None:
    page = through_time(np.array([[0.0, 1.0], [1.0, 0.0]]), [10, 900], 12, 3, cursor=1, reach=(0.0, 1.0))
    assert [line[:4] for line in str(page).splitlines()] == ["step", "  10", " 900"]
    dark, bright = (packed(tuple(palette("viridis")[at])) for at in (0, 255))
    assert page.back[1:, 5:11].tolist() == [[dark] * 3 + [bright] * 3, [bright] * 3 + [dark] * 3]
    assert page.hits[2, 5:11].tolist() == [0, 0, 0, 1, 1, 1]
