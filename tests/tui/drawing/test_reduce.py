from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from trainvis.tui.drawing.reduce import FANOUT, Columns, Growing, Pyramid, Trace, columns, path

Values = st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf])


def polyline(x: np.ndarray, y: np.ndarray, low: float, high: float) -> list[float]:
    """Every value the polyline takes at its points and at the two ends of [low, high]: its extremes are among them."""
    y = np.where(np.isinf(y), np.nan, y)
    inside = (x >= low) & (x <= high)
    ends = [at for at in (low, high) if len(x) and x[0] <= at <= x[-1]]
    values = [float(v) for v in y[inside]]
    for at in ends:
        after = int(np.searchsorted(x, at))
        if x[after] == at:
            values.append(float(y[after]))
        else:
            share = (at - x[after - 1]) / (x[after] - x[after - 1])
            values.append(float(y[after - 1] * (1 - share) + y[after] * share))
    return [value for value in values if not np.isnan(value)]


def one(trace: Trace, edges: np.ndarray) -> Columns:
    (found,) = columns(trace, edges)
    return found


@pytest.mark.slow
@given(data=st.data())
def test_each_column_has_the_minimum_and_maximum_of_the_polyline_in_it(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 700))
    y = data.draw(arrays.arrays(np.float64, count, elements=Values))
    x = np.cumsum(data.draw(arrays.arrays(np.int64, count, elements=st.integers(1, 5))))
    left, wide = data.draw(st.floats(-10, float(x[-1]))), data.draw(st.floats(0.01, 2 * float(x[-1]) + 1))
    edges = np.linspace(left, left + wide, data.draw(st.integers(1, 40)) + 1)
    found = list(columns(Trace(x, y), edges))
    for column in range(len(edges) - 1):
        values = polyline(x.astype(float), y, edges[column], edges[column + 1])
        if not found or not values:
            assert not found or np.isnan(found[0].low[column])
            continue
        assert found[0].low[column] == pytest.approx(min(values), rel=1e-9, abs=1e-6)
        assert found[0].high[column] == pytest.approx(max(values), rel=1e-9, abs=1e-6)


def test_a_spike_in_a_million_points_survives_at_every_zoom() -> None:
    y = np.zeros(1_000_000)
    y[654_321] = 1.0
    trace = Trace(np.arange(1_000_000), y)
    for zoom in range(20):
        half = 1_000_000 / 2**zoom / 2
        found = one(trace, np.linspace(654_321 - half, 654_321 + half * 1.01, 321))
        assert np.nanmax(found.high) == 1.0
        assert (found.high > 0).sum() >= 1


@given(sizes=st.lists(st.integers(0, 900), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_appending_in_pieces_gives_the_same_pyramid_as_all_at_once(sizes: list[int], seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=sum(sizes))
    y[::37] = np.nan
    grown, whole = Pyramid(), Pyramid()
    for end in np.cumsum(sizes):
        grown.extend(y[:end])
    whole.extend(y)
    ends = np.sort(np.random.default_rng(seed).integers(0, len(y) + 1, (50, 2)), axis=1)
    assert np.array_equal(
        grown.extremes(ends[:, 0], ends[:, 1]), whole.extremes(ends[:, 0], ends[:, 1]), equal_nan=True
    )
    assert np.array_equal(grown.nan.values, np.flatnonzero(np.isnan(y)))


def test_extremes_of_any_stretch_are_those_of_the_values() -> None:
    y = np.random.default_rng(1).normal(size=FANOUT**3 + 77)
    pyramid = Pyramid()
    pyramid.extend(y)
    ends = np.sort(np.random.default_rng(2).integers(0, len(y) + 1, (500, 2)), axis=1)
    low, high = pyramid.extremes(ends[:, 0], ends[:, 1])
    for (first, last), least, most in zip(ends, low, high, strict=True):
        if first == last:
            assert np.isnan(least)
        else:
            assert (least, most) == (y[first:last].min(), y[first:last].max())


def test_nan_and_infinities_break_the_line_and_are_marked_in_their_columns() -> None:
    y = np.array([1.0, 1.0, np.nan, 1.0, np.inf, 1.0, -np.inf, 1.0])
    found = one(Trace(np.arange(8), y), np.arange(-0.5, 8.5))
    assert np.flatnonzero(found.nan).tolist() == [2]
    assert np.flatnonzero(found.up).tolist() == [4]
    assert np.flatnonzero(found.down).tolist() == [6]
    assert np.isnan(found.low).tolist() == [False, False, True, False, True, False, True, False]


def test_where_x_falls_back_another_stroke_begins_and_is_not_joined() -> None:
    trace = Trace([0, 1, 2, 0, 1, 2], [5.0, 5.0, 5.0, 9.0, 9.0, 9.0])
    assert [(each.start, each.stop) for each in trace.strokes()] == [(0, 3), (3, 6)]
    first, second = columns(trace, np.linspace(0, 2, 9))
    assert set(first.high) == {5.0}
    assert set(second.low) == {9.0}


def test_a_stroke_that_begins_between_two_appends_is_found() -> None:
    trace = Trace(np.array([0, 1, 2]), np.zeros(3))
    trace.extend(np.array([0, 1, 2, 1, 2]), np.zeros(5))
    assert len(list(trace.strokes())) == 2


def test_x_in_no_order_at_all_is_still_drawn() -> None:
    rng = np.random.default_rng(0)
    trace = Trace(rng.permutation(5000), np.arange(5000.0))
    found = one(trace, np.linspace(0, 4999, 50))
    assert np.nanmin(found.low) == 0
    assert np.nanmax(found.high) == 4999


def test_the_nearest_real_point_is_found_and_none_invented() -> None:
    trace = Trace([0, 10, 20], [1.0, np.nan, 3.0])
    assert [trace.nearest(x) for x in (-5, 4, 6, 14, 99)] == [0, 0, 1, 1, 2]
    assert trace.point(2) == (20.0, 3.0)
    assert Trace().nearest(3) is None


def test_an_origin_is_taken_from_every_x() -> None:
    trace = Trace([100.0, 110.0], [1.0, 2.0], origin=100.0)
    assert trace.extent() == (0.0, 10.0)
    assert trace.nearest(9) == 1
    assert one(trace, np.linspace(0, 10, 3)).high.tolist() == [1.5, 2.0]


def test_on_a_logarithmic_axis_the_line_between_two_points_is_straight_there() -> None:
    (found,) = columns(Trace([0, 2], [1.0, 100.0]), np.array([0.0, 1.0, 2.0]), log=True)
    assert found.right[0] == pytest.approx(10.0)


def test_a_value_that_has_no_logarithm_pulls_the_line_down() -> None:
    (found,) = columns(Trace([0, 2], [1.0, -1.0]), np.array([0.0, 1.0, 2.0]), log=True)
    assert found.right[0] == 0.0


def test_a_growing_buffer_keeps_what_it_was_given() -> None:
    buffer = Growing(np.int64)
    for start in range(0, 5000, 7):
        buffer.append(np.arange(start, start + 7))
    assert np.array_equal(buffer.values, np.arange(len(buffer)))


def test_a_path_has_the_points_themselves_where_few_and_their_extremes_where_many() -> None:
    few = list(path(Trace([0, 1, 2], [1.0, np.nan, 3.0]), 0, 2, 100))
    assert [(x.tolist(), y.tolist()) for x, y in few] == [([0.0], [1.0]), ([2.0], [3.0])]
    y = np.random.default_rng(0).normal(size=100_000)
    ((_, reduced),) = path(Trace(np.arange(100_000), y), 0, 99_999, 200)
    assert len(reduced) == 400
    assert (reduced.min(), reduced.max()) == (y.min(), y.max())
