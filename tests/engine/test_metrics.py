from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wait import wait_for

from trainvis.engine.errors import RunError
from trainvis.engine.metrics import MetricWriter, better, complete, metric_name, number, objects, read_summary
from trainvis.engine.rundir import RunDir
from trainvis.engine.summary import POINTS, Summary, Tally


def _new(runs: Path) -> RunDir:
    return RunDir.create(runs, "train")


def _lines(run: RunDir) -> list[dict]:
    return [json.loads(line) for line in run.metrics_file.read_text().splitlines()]


def test_a_training_writes_a_fit_line_then_a_line_a_batch_then_its_end(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    assert writer.fit(2, 10, 32, {"name": "adam", "learning_rate": 1e-3}, {"seed": 3}) == 1
    writer.kinds(["auc"])
    writer.line(1, 0.1, {"loss": 0.5, "auc": 0.25}, time=100.0)
    writer.line(3, 0.3, {"loss": 0.25}, batches=2, time=101.0)
    writer.end("done")
    writer.close()
    fit, kinds, first, second, end = _lines(run)
    assert (fit["event"], fit["epochs"], fit["steps_per_epoch"], fit["batch_size"]) == ("fit", 2, 10, 32)
    assert fit["optimizer"] == {"name": "adam", "learning_rate": 1e-3}
    assert kinds["running"] == ["auc"]
    assert first == {"fit": 1, "step": 1, "epoch": 0.1, "time": 100.0, "loss": 0.5, "auc": 0.25}
    assert second == {"fit": 1, "step": 3, "epoch": 0.3, "time": 101.0, "batches": 2, "loss": 0.25}
    assert (end["event"], end["reason"]) == ("end", "done")


@pytest.mark.slow
def test_a_line_reaches_the_disk_without_another_line_after_it(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    writer.line(1, 0.1, {"loss": 1.0})
    wait_for(lambda: run.metrics_file.stat().st_size > 0, what="the line")
    wait_for(lambda: (found := read_summary(run)) and found.step == 1, what="the summary")
    writer.close()


def test_steps_and_fits_count_on_in_a_resumed_run(runs: Path) -> None:
    run = _new(runs)
    first = MetricWriter(run)
    first.fit(1, 5)
    first.line(5, 1.0, {"loss": 1.0})
    first.close()
    second = MetricWriter(run)
    assert second.step == 5
    assert second.fit(1, 5) == 2
    second.close()


def test_after_a_writer_killed_inside_a_line_the_next_one_begins_a_line_of_its_own(runs: Path) -> None:
    run = _new(runs)
    run.metrics_file.write_text('{"fit":1,"step":1,"epoch":0.1,"time":1,"loss":2.0}\n{"fit":1,"step":2,"ep')
    writer = MetricWriter(run)
    writer.line(writer.step + 1, 0.2, {"loss": 1.0})
    writer.close()
    assert [line["step"] for line in objects(run.metrics_file.read_bytes())] == [1, 2]


def test_a_fork_of_the_training_process_writes_nothing_twice(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    writer.line(1, 0.1, {"loss": 1.0})
    child = os.fork()
    if not child:
        writer.flush()
        writer.close()
        os._exit(0)
    os.waitpid(child, 0)
    writer.close()
    assert len(_lines(run)) == 1


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RunError, match="cannot be written: Not a directory"):
        MetricWriter(RunDir(tmp_path / "file" / "run"))


def test_a_disk_that_takes_nothing_keeps_the_lines_until_it_does(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    good, writer._file = writer._file, os.open("/dev/full", os.O_WRONLY)
    writer.line(1, 0.1, {"loss": 1.0})
    writer.flush()
    assert "No space left" in (writer.problem or "")
    writer._file = good
    writer.flush()
    assert writer.problem is None
    assert len(_lines(run)) == 1
    writer.close()


def test_metrics_named_like_a_key_of_the_format_get_an_underscore(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    writer.line(1, 0.1, {"time": 3.0, "loss": 1.0})
    writer.close()
    assert _lines(run)[0]["time_"] == 3.0
    assert metric_name("loss") == "loss"


@given(st.dictionaries(st.text(max_size=20), st.floats(), max_size=5))
def test_any_name_and_any_float_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, values: dict) -> None:
    run = _new(tmp_path_factory.mktemp("runs"))
    writer = MetricWriter(run)
    writer.line(1, 0.5, values)
    writer.close()
    (line,) = objects(run.metrics_file.read_bytes())
    for name, value in values.items():
        back = number(line[metric_name(name)])
        assert back == value or (math.isnan(value) and back is not None and math.isnan(back))


@given(st.lists(st.floats(allow_nan=True), min_size=1, max_size=700))
def test_a_summary_read_back_goes_on_exactly_where_it_was_left(values: list[float]) -> None:
    whole, first = Tally(), Tally()
    middle = len(values) // 2
    for value in values[:middle]:
        first.add(value)
    resumed = Tally.from_json(json.loads(json.dumps(first.as_json())))
    for value in values[middle:]:
        resumed.add(value)
    for value in values:
        whole.add(value)
    assert len(whole.sparkline()) == len(resumed.sparkline()) <= POINTS
    assert (repr(whole.last), repr(whole.min), repr(whole.max)) == (
        repr(resumed.last),
        repr(resumed.min),
        repr(resumed.max),
    )


def test_a_sparkline_is_the_means_of_equal_parts() -> None:
    tally = Tally()
    for value in range(128):
        tally.add(float(value))
    assert tally.sparkline() == tuple(4 * at + 1.5 for at in range(32))


def test_min_and_max_leave_out_what_is_not_finite() -> None:
    tally = Tally()
    for value in (math.nan, 2.0, math.inf, -1.0, -math.inf):
        tally.add(value)
    assert (tally.last, tally.min, tally.max) == (-math.inf, -1.0, 2.0)


def test_a_missing_summary_is_rebuilt_from_the_lines(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    writer.fit(4, 100, params={"a": 1})
    for step in range(1, 301):
        writer.line(step, step / 100, {"loss": 1 / step}, time=1000.0 + step)
    writer.close()
    rebuilt = complete(Summary(), run)
    assert rebuilt.as_json() == writer.summary.as_json()
    assert (rebuilt.steps, rebuilt.epochs, rebuilt.epoch) == (400, 4, 3.0)
    assert rebuilt.due() == pytest.approx(1400.0)


def test_what_a_program_says_of_the_time_left_counts_more_than_its_pace(runs: Path) -> None:
    run = _new(runs)
    writer = MetricWriter(run)
    writer.left(100.0)  # also before a fit, while nothing has a pace
    writer.flush(summarize=True)
    seen = read_summary(run)
    assert seen is not None
    assert seen.due() == pytest.approx(time.time() + 100, abs=20)
    writer.fit(4, 100)
    assert writer.summary.due() is None  # said of what was before
    for step in range(1, 301):
        writer.line(step, step / 100, {"loss": 1 / step}, time=1000.0 + step)
    writer.left(7.0)
    writer.close()
    assert complete(Summary(), run).due() == pytest.approx(time.time() + 7, abs=5)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )
)
def test_no_content_of_a_summary_file_raises_more_than_a_value_error(value: object) -> None:
    keys = ("fit", "step", "epoch", "pace", "running", "params", "offset", "time", "stated")
    for hostile in ({"metrics": {"loss": value}}, {"metrics": value}, {"metrics": {}, **dict.fromkeys(keys, value)}):
        try:
            Summary.from_json(hostile).due()
        except ValueError:
            continue


@given(
    st.dictionaries(
        st.sampled_from(["event", "fit", "step", "epoch", "time", "epochs", "loss", "running", "left"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.sampled_from(["fit", "kinds", "left", "end", "nan"]),
            st.lists(st.text(max_size=3), max_size=3),
        ),
    )
)
def test_no_line_stops_a_summary(line: dict) -> None:
    summary = Summary()
    summary.add(line)
    summary.add({"event": "fit", "epochs": 3, "steps_per_epoch": 10, **line})
    assert Summary.from_json(json.loads(json.dumps(summary.as_json()))).fit == summary.fit


@pytest.mark.parametrize(
    "name", ["accuracy", "val_accuracy", "acc@1", "auc_1", "top_5_accuracy", "a/F1_score", "mean_io_u"]
)
def test_more_is_better(name: str) -> None:
    assert better(name) == "max"


@pytest.mark.parametrize("name", ["loss", "val_loss", "mae", "perplexity", "lr", "", "123", "accuracy_loss"])
def test_less_is_better(name: str) -> None:
    assert better(name) == "min"
