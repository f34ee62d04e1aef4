from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing.area import Area, dot_rows, y_range
from trainvis.tui.drawing.braille import ASCII, BRAILLE, QUADRANT, Glyphs, unpack
from trainvis.tui.drawing.canvas import Canvas, Ink
from trainvis.tui.drawing.plot import Axis, Drawn, Fit, Line, Plot, draw, text_plot
from trainvis.tui.drawing.reduce import Trace, columns
from trainvis.tui.drawing.smooth import Smoothed


def plot(numbers: object, at: object = None, **more: object) -> Plot:
    values = np.asarray(numbers, np.float64)
    return Plot([Line(Trace(np.arange(len(values)) if at is None else at, values), "loss")], "loss", **more)  # type: ignore[arg-type]


TINY = 1e-300  # a dot of a curve whose whole range is subnormal rounds to nothing


def dots(drawn: Drawn, glyphs: Glyphs = BRAILLE) -> np.ndarray:
    """The dots of the area, decoded from its characters; marks and grid count as none."""
    assert drawn.area is not None
    top, left = drawn.area.top, drawn.area.left
    chars = drawn.canvas.chars[top : top + drawn.area.height, left : left + drawn.area.width]
    patterns = np.vectorize(lambda char: max(glyphs.table.find(char), 0))(chars).astype(np.uint8)
    return unpack(patterns, glyphs)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=200), st.integers(30, 90), st.integers(8, 30))
def test_the_characters_decode_back_to_the_line_that_was_drawn(y: list[float], width: int, height: int) -> None:
    drawn = draw(plot(y, fit=Fit.ALL, legend_rows=1), width, height)
    assert drawn.area is not None
    lit = dots(drawn)
    rows = lit.shape[0]
    edges = np.linspace(*drawn.area.x, lit.shape[1] + 1)
    (reduced,) = columns(Trace(np.arange(len(y)), np.array(y)), edges)
    low, high = drawn.area.y
    # A dot is high - low over rows tall: every lit one touches the line, every stretch of the line is lit, to a dot.
    size = (high - low) / rows
    for column in range(lit.shape[1]):
        at = np.flatnonzero(lit[:, column])
        assert len(at), "a line has no gap"
        upper, lower = high - at[0] * size, high - (at[-1] + 1) * size
        assert abs(upper - reduced.high[column]) <= 2.01 * size + TINY
        assert abs(lower - reduced.low[column]) <= 2.01 * size + TINY
        assert len(at) == at[-1] - at[0] + 1


def test_a_slope_is_one_dot_thin() -> None:
    lit = dots(draw(plot([0.0, 1.0], [0, 1], y=(0.0, 1.0)), 47, 24))
    assert lit.sum(axis=0).max() <= 2
    assert lit.any(axis=0).all()


def test_a_constant_curve_is_a_straight_line() -> None:
    lit = dots(draw(plot([3.0] * 50), 60, 12))
    assert lit.any(axis=1).sum() == 1
    assert lit.any(axis=0).all()


@pytest.mark.parametrize("y", [[5.0], [0.0], [np.nan, 5.0, np.nan]])
def test_a_lone_point_is_seen(y: list[float]) -> None:
    assert "•" in str(draw(plot(y), 40, 10).canvas)


def test_without_values_it_says_so() -> None:
    assert "no metrics yet" in str(draw(Plot(title="loss", hint="no metrics yet"), 40, 10).canvas)


def test_what_is_no_number_is_marked_and_counted() -> None:
    y = np.ones(100)
    y[10:20], y[50], y[70] = np.nan, np.inf, -np.inf
    drawn = draw(plot(y), 100, 12)
    lines = str(drawn.canvas).splitlines()
    assert "10 nan 1 inf 1 −inf" in lines[0]
    assert drawn.area is not None
    assert "↑" in lines[drawn.area.top]
    bottom = lines[drawn.area.top + drawn.area.height - 1]
    assert bottom.count("×") == pytest.approx(10, abs=1)
    assert "↓" in bottom
    assert (drawn.canvas.inks[drawn.canvas.chars == "×"] == Ink.MARK).all()


def test_all_values_nan_is_a_chart_full_of_marks() -> None:
    assert str(draw(plot([np.nan] * 30), 60, 12).canvas).count("×") >= 30


def test_an_outlier_is_left_out_of_the_range_but_marked_where_it_is() -> None:
    y = np.sin(np.arange(1000) / 30)
    y[500] = 1e6
    robust, full = draw(plot(y), 100, 20), draw(plot(y, fit=Fit.ALL), 100, 20)
    assert robust.area is not None
    assert full.area is not None
    assert robust.area.y[1] < 10
    assert "▴" in str(robust.canvas).splitlines()[robust.area.top]
    assert full.area.y[1] >= 1e6
    assert "▴" not in str(full.canvas)


def test_spikes_here_and_there_and_at_both_ends_do_not_flatten_the_rest() -> None:
    y = np.sin(np.arange(2000) / 30)
    y[[0, 300, 301, 900, 1400, 1999]] = 1e3
    area = draw(plot(y), 100, 20).area
    assert area is not None
    assert area.y[1] < 10


def test_a_steep_beginning_is_no_outlier() -> None:
    area = draw(plot(2 * np.exp(-np.arange(5000) / 150) + 0.1), 100, 20).area
    assert area is not None
    assert area.y[1] > 2


def test_without_outliers_both_ranges_are_the_same() -> None:
    y = np.exp(-np.arange(1000) / 200)
    ranges = [drawn.area.y for fit in Fit if (drawn := draw(plot(y, fit=fit), 100, 20)).area]
    assert ranges[0] == ranges[1]


def test_a_logarithmic_axis_shows_decades_evenly_and_what_it_cannot_show_at_the_bottom() -> None:
    drawn = draw(plot([1.0, 10.0, 100.0, 0.0], log=True), 60, 24)
    area = drawn.area
    assert area is not None
    assert area.log
    rows = [area.row(value) for value in (1.0, 10.0, 100.0)]
    assert rows[0] is not None
    assert rows[1] is not None
    assert rows[2] is not None
    assert abs((rows[0] - rows[1]) - (rows[1] - rows[2])) <= 1
    assert "▾" in str(drawn.canvas)


def test_only_negative_values_on_a_logarithmic_axis_are_marked_below_it() -> None:
    assert "▾" in str(draw(plot([-1.0, -2.0, -3.0], log=True), 60, 12).canvas)


@pytest.mark.parametrize("y", [[1e308, -1e308], [5e-324, 1e-323], [1e15, 1e15 + 1], [0.1, 0.1 + 1e-16]])
@pytest.mark.parametrize("log", [False, True])
def test_extreme_values_are_drawn_without_a_word(y: list[float], log: bool) -> None:
    assert draw(plot(y, log=log, fit=Fit.ALL), 60, 12).area is not None


@pytest.mark.parametrize("width", [0, 1, 2, 5, 12, 20, 21, 24, 33])
def test_any_size_can_be_drawn(width: int) -> None:
    runs = [Line(Trace(np.arange(9), np.arange(9.0)), f"run {n}", n, key="abc"[n]) for n in range(3)]
    for height in (0, 1, 2, 3, 4, 6, 7, 12):
        canvas = draw(Plot(runs, "a rather long title", cursor=4.0, legend_rows=3), width, height).canvas
        assert canvas.chars.shape == (height, width)


def test_several_lines_are_told_apart_without_colour() -> None:
    x = np.arange(100)
    lines = [Line(Trace(x, np.full(100, float(n))), f"run {n}", n, key="abc"[n]) for n in range(3)]
    text = str(draw(Plot(lines, "loss"), 100, 20).canvas).splitlines()
    ends = [line.rstrip()[-1] for line in text[1:-2] if line.rstrip()[-1] in "abc"]
    assert ends == ["c", "b", "a"]
    assert all(f"{key} ━━ run {n}" in text[0] for n, key in enumerate("abc"))


def test_letters_of_lines_that_end_together_stand_on_rows_of_their_own() -> None:
    lines = [Line(Trace([0, 1], [1.0, 1.0]), f"run {n}", n, key=chr(97 + n)) for n in range(6)]
    text = str(draw(Plot(lines, "loss", y=(0.0, 2.0)), 100, 20).canvas)
    assert [line[-1] for line in text.splitlines()[1:-2] if line[-1:] in set("abcdef")] == list("abcdef")


def test_a_dashed_line_has_gaps_but_loses_no_spike_and_no_measured_point() -> None:
    y = np.zeros(10)
    y[4] = 1.0
    base = plot(y, fit=Fit.ALL)
    whole = dots(draw(base, 107, 20))
    dashed = dots(draw(replace(base, lines=[replace(base.lines[0], dashed=True)]), 107, 20))
    assert dashed.sum() < whole.sum()
    assert np.flatnonzero(dashed.any(axis=1))[0] == np.flatnonzero(whole.any(axis=1))[0]
    assert not (dashed & ~whole).any()


def test_the_crosshair_reads_real_points_out_of_every_line() -> None:
    train = Line(Trace(np.arange(0, 1000), np.arange(0, 1000) / 1000), "train")
    val = Line(Trace([0, 500, 999], [7.0, 8.0, 9.0]), "val", 1)
    drawn = draw(Plot([train, val], "loss", cursor=420.0), 100, 20)
    header = str(drawn.canvas).splitlines()[0]
    assert "step 420" in header
    assert "train 0.42" in header
    assert "val 8 at 500" in header
    assert str(drawn.canvas).count("●") == 2


def test_the_read_out_gives_the_measured_value_and_the_smoothed_one_apart() -> None:
    y = np.array([1.0, 0.0, 1.0, 0.0])
    average = Smoothed(0.5)
    average.extend(y)
    x = np.arange(4)
    line = Line(Trace(x, y), "train", smooth=Trace(x, average.values))
    header = str(draw(Plot([line], "loss", cursor=3.0), 80, 12).canvas).splitlines()[0]
    assert f"train 0 ≈{average.values[3]:.4g}" in header


def test_raw_values_lie_faint_under_the_smoothed_line() -> None:
    y = np.random.default_rng(0).normal(size=2000)
    average = Smoothed(0.99)
    average.extend(y)
    x = np.arange(2000)
    drawn = draw(Plot([Line(Trace(x, y), "", smooth=Trace(x, average.values))], "loss"), 100, 24)
    inks = drawn.canvas.inks[1:-2, 8:]
    assert (inks == Ink.faint(0)).sum() > 500
    assert all((inks == Ink.bright(0)).any(axis=0))


def test_the_line_drawn_last_colours_the_cell_it_shares() -> None:
    x = np.arange(10)
    lines = [Line(Trace(x, np.ones(10)), "one", 0), Line(Trace(x, np.ones(10)), "two", 1)]
    drawn = draw(Plot(lines, "loss"), 60, 12)
    inks = drawn.canvas.inks[1:-2, 8:]
    assert Ink.bright(1) in inks
    assert Ink.bright(0) not in inks


def test_a_second_fit_that_starts_over_is_drawn_over_the_first_without_a_line_between() -> None:
    y = [0.0] * 100 + [1.0] * 100
    lit = dots(draw(plot(y, np.r_[0:100, 0:100], fit=Fit.ALL), 60, 20))
    assert lit.any(axis=1).sum() == 2


def test_a_window_shows_only_what_is_in_it() -> None:
    y = np.r_[np.zeros(500), np.ones(500)]
    area = draw(plot(y, x=None), 80, 20).area
    zoomed = draw(replace(plot(y), x=(600.0, 700.0)), 80, 20).area
    assert area is not None
    assert zoomed is not None
    assert zoomed.x == (600.0, 700.0)
    assert zoomed.y[0] > 0.5


def test_places_on_the_screen_and_values_are_each_others_inverse() -> None:
    area = Area(7, 1, 80, 20, (0.0, 800.0), (0.1, 10.0), log=True)
    assert [area.column(area.x_at(column)) for column in range(7, 87)] == list(range(7, 87))
    assert [area.row(area.y_at(row)) for row in range(1, 21)] == list(range(1, 21))


def test_labels_of_ten_characters_get_the_room_they_need() -> None:
    text = str(draw(plot(1_000_000 + np.arange(50) / 1000), 80, 20).canvas)
    labels = {line.split("┤")[0].strip() for line in text.splitlines() if "┤" in line}
    assert len(labels) >= 3
    assert not any("…" in label for label in labels)


def test_a_time_axis_is_labelled_as_a_clock() -> None:
    text = str(draw(plot(np.arange(100.0), np.arange(100) * 60.0, axis=Axis.TIME), 100, 20).canvas)
    assert "1h" in text.splitlines()[-1]
    assert text.splitlines()[-1].rstrip().endswith("time")


def test_control_characters_in_a_name_reach_no_cell() -> None:
    canvas = draw(Plot([Line(Trace([0, 1], [0.0, 1.0]), "\x1b]0;x\x07")], "loss\x1b[2J\n"), 100, 10).canvas
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in "".join(canvas.chars.ravel().tolist()))


def test_wide_characters_keep_the_columns_in_place() -> None:
    canvas = Canvas(10, 1)
    assert canvas.text(0, 0, "損失x", Ink.TEXT) == 5
    assert canvas.line(0) == "損失x     "


def test_only_rows_that_differ_are_named_as_changed() -> None:
    first = draw(plot(np.arange(50.0), y=(0.0, 60.0)), 80, 20).canvas
    second = draw(plot([*np.arange(49.0), 55.0], y=(0.0, 60.0)), 80, 20).canvas
    changed = second.changed(first)
    assert changed
    assert len(changed) < 8
    assert first.changed(first) == []
    assert first.changed(None) == list(range(20))


@pytest.mark.parametrize("glyphs", [QUADRANT, ASCII])
def test_terminals_without_braille_get_the_same_curve_coarser(glyphs: Glyphs) -> None:
    drawn = draw(plot(np.arange(100.0)), 60, 12, glyphs)
    assert dots(drawn, glyphs).any(axis=0).all()
    assert not any(0x2800 <= ord(char) < 0x2900 for char in str(drawn.canvas))


def test_a_text_plot_is_plain_lines_of_the_size_asked_for() -> None:
    steps = np.arange(100)
    text = text_plot({"loss": (steps, np.exp(-steps / 30)), "val_loss": ([50, 99], [0.3, 0.1])}, 70, 15, "digits")
    lines = text.splitlines()
    assert len(lines) == 15
    assert max(map(len, lines)) <= 70
    assert "digits" in lines[0]
    assert "╌╌ val_loss 0.1" in text
    assert "\x1b" not in text


def test_rows_of_dots_outside_of_the_range_are_empty() -> None:
    area = Area(0, 0, 4, 4, (0.0, 1.0), (0.0, 1.0))
    (reduced,) = columns(Trace([0, 1], [5.0, 6.0]), np.linspace(0, 1, 9))
    top, bottom = dot_rows(reduced, area, 16)
    assert (top > bottom).all()


def test_a_range_is_never_empty() -> None:
    assert y_range([], log=False, fit=Fit.ALL) == (0.0, 1.0)
    (reduced,) = columns(Trace([0, 1], [0.0, 0.0]), np.linspace(0, 1, 9))
    low, high = y_range([reduced], log=False, fit=Fit.ROBUST)
    assert low < 0 < high
