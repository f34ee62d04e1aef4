from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trainvis.tui.drawing import charts, palette
from trainvis.tui.drawing.charts import Choices, Recorded, RunCurves
from trainvis.tui.drawing.model import Axis


def recorded(values: np.ndarray, every: int = 1) -> Recorded:
    metric = Recorded(origin=100.0)
    steps = np.arange(1, len(values) + 1) * every
    metric.extend(steps, steps / 10, 100.0 + steps, values)
    return metric


def run(name: str = "one", *metrics: str, letter: str = "a", colour: int = 3) -> RunCurves:
    found = {metric: recorded(np.ones(4 if metric.startswith("val_") else 100)) for metric in metrics}
    return RunCurves(name, name, colour, letter, found)


def test_validation_shares_the_chart_of_its_metric_with_loss_first_and_rates_last() -> None:
    one = run("one", "learning_rate", "accuracy", "val_accuracy", "loss", "val_loss", "val_only")
    assert charts.chart_names([one]) == ["loss", "accuracy", "only", "learning_rate"]
    lines = charts.chart("loss", [one], Choices()).lines
    assert [(line.label, line.dashed) for line in lines] == [("train", False), ("val", True)]


def test_one_run_tells_training_from_validation_by_colour_and_several_tell_runs() -> None:
    one, two = run("one", "loss", "val_loss"), run("two", "loss", "val_loss", letter="b", colour=5)
    assert [line.colour for line in charts.chart("loss", [one], Choices()).lines] == [0, 1]
    lines = charts.chart("loss", [one, two], Choices()).lines
    assert [line.colour for line in lines] == [3, 3, 5, 5]
    assert [line.key for line in lines] == ["a", "A", "b", "B"]


def test_values_once_an_epoch_and_what_was_set_are_not_smoothed() -> None:
    one = run("one", "loss", "val_loss", "learning_rate")
    loss, val = charts.chart("loss", [one], Choices(weight=0.9)).lines
    (rate,) = charts.chart("learning_rate", [one], Choices(weight=0.9)).lines
    assert loss.smooth is not None
    assert val.smooth is None
    assert rate.smooth is None
    assert charts.chart("loss", [one], Choices(weight=0.0)).lines[0].smooth is None


def test_validation_of_each_step_is_smoothed_like_training() -> None:
    one = RunCurves("one", "one", metrics={"loss": recorded(np.ones(50)), "val_loss": recorded(np.ones(50))})
    assert all(line.smooth is not None for line in charts.chart("loss", [one], Choices()).lines)


def test_a_line_alone_keeps_its_colour() -> None:
    one = run("one", "loss", "val_loss")
    (line,) = charts.chart("loss", [one], Choices(alone=1)).lines
    assert (line.label, line.colour) == ("val", 1)


def test_each_axis_counts_what_it_says() -> None:
    metric = recorded(np.arange(10.0))
    assert [metric.trace(axis).extent() for axis in Axis] == [(1.0, 10.0), (0.1, 1.0), (1.0, 10.0)]


def test_values_without_an_epoch_are_left_out_of_the_epoch_axis() -> None:
    metric = Recorded()
    metric.extend(np.arange(4), np.array([0.1, np.nan, 0.3, np.nan]), np.arange(4.0), np.arange(4.0))
    assert metric.trace(Axis.EPOCH).y.tolist() == [0.0, 2.0]
    assert len(metric.trace(Axis.STEP)) == 4


def test_what_grows_is_seen_in_raw_and_smoothed_curves_alike() -> None:
    metric = recorded(np.ones(10))
    metric.smooth(Axis.STEP, 0.9)
    steps = np.arange(1, 21)
    metric.extend(steps, steps / 10, 100.0 + steps, np.r_[np.ones(10), np.zeros(10)])
    assert len(metric.trace(Axis.STEP)) == len(metric.smooth(Axis.STEP, 0.9)) == 20
    assert 0 < metric.smooth(Axis.STEP, 0.9).y[-1] < 0.5


def test_a_running_mean_is_called_one() -> None:
    one = run("one", "auc")
    one.running = frozenset({"auc"})
    assert charts.chart("auc", [one], Choices()).lines[0].note == "running mean"


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.floats(0.1, 10), st.floats(0, 1))
def test_a_zoom_leaves_the_place_under_the_cursor_where_it_is(low: float, size: float, by: float, share: float) -> None:
    at = low + share * size
    new = charts.zoomed((low, low + size), by, at)
    assert new[0] - 1e-6 * size <= at <= new[1] + 1e-6 * size
    assert abs((at - new[0]) / (new[1] - new[0]) - share) < 1e-3


def test_a_zoom_ends_where_doubles_end() -> None:
    window = (1e6, 1e6 + 1)
    for _ in range(500):
        window = charts.zoomed(window, 0.5, 1e6 + 0.3)
    assert window[1] > window[0]


def test_charts_fill_a_wide_screen_side_by_side_and_a_narrow_one_one_below_the_other() -> None:
    assert charts.grid(4, 200, 55) == (2, 27)
    assert charts.grid(2, 80, 20)[1] >= 10
    assert charts.grid(1, 80, 20) == (1, 20)
    across, high = charts.grid(100, 80, 20)
    assert across >= 1
    assert high >= 9
    assert charts.grid(3, 20, 6)[0] == 1


def test_a_run_keeps_its_colour_whatever_is_shown_beside_it() -> None:
    alone = palette.assigned(["b"])
    together = palette.assigned(["a", "b", "c"], alone)
    assert together["b"] == alone["b"]
    assert palette.assigned(["c", "a", "b"], alone) == together


def test_eight_runs_have_eight_colours() -> None:
    assert sorted(palette.assigned(f"run-{n}" for n in range(8)).values()) == list(range(8))


def test_dark_and_light_and_plain_palettes_have_as_many_colours() -> None:
    assert len(palette.DARK) == len(palette.LIGHT) == len(palette.ANSI) == palette.COLOURS
