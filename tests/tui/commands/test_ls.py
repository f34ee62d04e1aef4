"""The table of runs as text and as JSON."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from trainvis.engine.rows import MetricSummary, Row
from trainvis.engine.rundir import Notes
from trainvis.engine.status import Done, Failed, Finished, Lost, OutOfMemory, Running, Stage
from trainvis.engine.text import printable
from trainvis.tui.commands import run_table
from trainvis.tui.drawing.sparkline import sparkline

NOW = 1_790_000_000.0


def row(number: int = 0, **fields: object) -> Row:
    name = f"digits-20261122-10150{number}-a1b2"
    made = Row(Path("/runs") / name, name, status=Finished(Done(), NOW - 60, NOW), created=NOW - 90, started=NOW - 60)
    return replace(made, **fields)  # type: ignore[arg-type]


def test_a_run_is_a_line_with_its_curve_best_and_age(trainvis, made) -> None:
    run = made(loss=[4, 3, 2, 1], val_accuracy=[0.5, 0.9, 0.8])
    title, line = trainvis("ls").stdout.splitlines()
    assert " ".join(title.split()) == "run status tags epoch eta loss curve val_accuracy curve best age length owner"
    assert line.startswith(f"✔ {run.id}  done")
    assert sparkline([4, 3, 2, 1]) in line
    assert "0.9000" in line
    assert "1m00s" in line


def test_columns_stand_below_their_titles() -> None:
    rows = [row(0, name="wide 漢字 name", epoch=3.0, epochs=10), row(1, name="x", epoch=10.0, epochs=10)]
    lines = list(run_table.lines(run_table.columns(rows, NOW), None))
    place = cell_len(lines[0][: lines[0].index("status")])
    for line in lines[1:]:
        assert cell_len(line[: line.index("done")]) == place


@given(
    st.integers(1, 220),
    st.lists(
        st.tuples(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=4), st.text(max_size=20)), max_size=4
    ),
)
def test_no_width_is_exceeded_and_no_control_character_printed(width: int, data: list) -> None:
    rows = [
        row(at, name=name, tags=tuple(tags), metrics={metric: MetricSummary(math.nan, 0, 1, (1.0, math.inf))})
        for at, (name, tags, metric) in enumerate(data)
    ]
    for line in run_table.lines(run_table.columns(rows, NOW), width):
        assert cell_len(line) <= width
        assert printable(line) == line


def test_a_narrow_terminal_keeps_run_and_status() -> None:
    rows = [row(metrics={"loss": MetricSummary(0.1, 0.1, 1, (1.0, 0.1))}, tags=("mnist",), epoch=1.0, epochs=3)]
    wide, narrow = (list(run_table.lines(run_table.columns(rows, NOW), width)) for width in (200, 40))
    assert "curve" in wide[0]
    assert narrow[0].split()[:2] == ["run", "status"]
    assert "done" in narrow[1]


def test_names_with_control_characters_and_markup_are_shown_as_they_are_written(trainvis, made) -> None:
    run = made(name="[bold]x[/bold]")
    # Written past our own cleaning, as a foreign program may.
    run.notes_file.write_text(json.dumps({"name": "a\x1b[2J\x9b31m\u202e[red]", "tags": ["\x1b]0;x\x07"]}))
    said = trainvis("ls").output
    assert "\x1b" not in said
    assert "\x9b" not in said
    assert "\u202e" not in said
    assert "[red]" in said


def test_json_holds_everything_and_no_control_character(trainvis, made) -> None:
    made(name="x", tags=("a", "b"), argv=("--lr", "0.1"), loss=[1.0, math.nan], acc=[0.1, 0.9, 0.5])
    run = made("second")
    run.notes_file.write_text(json.dumps({"name": "\x1b[2J\x7f\x9b"}))
    said = trainvis("ls", "--json").stdout
    second, first = json.loads(said)
    assert printable(said.replace("\n", "")) == said.replace("\n", "")
    assert (first["status"], first["status_details"]["started"]) == ("done", pytest.approx(time.time() - 60, abs=10))
    assert first["parameters"] == {"lr": 0.1}
    assert first["metrics"]["loss"]["last"] == "nan"
    assert first["metrics"]["acc"]["best"] == 0.9
    assert second["name"] == "\x1b[2J\x7f\x9b"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Finished(OutOfMemory(), None, NOW), "out_of_memory"),
        (Finished(Failed(3, "x"), None, NOW), "failed"),
        (Running(NOW), "running"),
        (Running(NOW, stage=Stage.TERMINATING), "stopping"),
        (Lost(None), "lost"),
    ],
)
def test_the_status_is_one_word_in_json(status, word: str) -> None:
    value = run_table.as_json(row(status=status), NOW)
    assert value["status"] == word
    assert json.dumps(value["status_details"])


def test_a_filter_chooses(trainvis, made) -> None:
    mnist, _other = made("a", tags=("mnist",), loss=[0.05]), made("b", tags=("faces",), loss=[0.5])
    for query in (["tag:mnist"], ["loss<0.1"], ["tag:mnist", "loss<0.1"], ["not", "tag:faces"]):
        assert [found["id"] for found in json.loads(trainvis("ls", "--json", *query).stdout)] == [mnist.id]


def test_a_filter_that_cannot_be_read_is_shown_with_the_place(trainvis) -> None:
    result = trainvis("ls", "tag:x and loss<")
    assert result.exit_code == 2
    *_, line, caret = result.stderr.splitlines()
    assert line.strip() == "tag:x and loss<"
    assert caret.index("^") == line.index("<") + 1


def test_nothing_to_show_is_said_and_no_error(trainvis, made) -> None:
    assert "trainvis run" in trainvis("ls").stderr
    made()
    result = trainvis("ls", "tag:none")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "none of 1 runs fits" in result.stderr
    assert trainvis("ls", "--json", "tag:none").stdout == "[]\n"


def test_a_folder_that_is_none_is_said(trainvis, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "is no folder" in trainvis("ls", "--runs", tmp_path / "file").stderr


def test_sorting_by_a_metric_puts_the_best_first(trainvis, made) -> None:
    low, none, high = made("low", val_accuracy=[0.5]), made("none"), made("high", val_accuracy=[0.9, 0.2])
    found = [one["id"] for one in json.loads(trainvis("ls", "--json", "--sort", "val_accuracy").stdout)]
    assert found == [high.id, low.id, none.id]
    assert trainvis("ls", "--sort", "no such\x1b metric").exit_code == 2
    assert "\x1b" not in trainvis("ls", "--sort", "no such\x1b metric").stderr


def test_sizes_are_measured_when_asked_for(trainvis, made) -> None:
    made(output=b"x" * 100_000)
    assert "size" not in trainvis("ls").stdout
    title, line = trainvis("ls", "--size").stdout.splitlines()
    assert title.endswith("size")
    assert line.endswith("K")


def test_foreign_damaged_and_empty_directories_do_not_disturb(trainvis, made, runs: Path) -> None:
    run = made()
    (runs / "photos").mkdir()
    (runs / "photos" / "a.jpg").write_bytes(b"\xff")
    (runs / "digits-20260101-000000-0000").mkdir()
    broken = made("broken")
    broken.state_file.write_text('{"status": "fini')
    result = trainvis("ls")
    assert result.exit_code == 0
    assert run.id in result.stdout
    assert "photos" not in result.stdout
    assert "state.json is damaged" in result.stderr


def test_a_name_of_ten_thousand_characters_is_cut(trainvis, made) -> None:
    run = made()
    run.write_notes(Notes("n" * 10_000))
    assert max(map(len, trainvis("ls").stdout.splitlines())) < 400
