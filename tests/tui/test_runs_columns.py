from __future__ import annotations

from run_rows import metric, row
from stage import NOW, over

from trainvis.engine.status import Done, Failed, Lost, Running, Waiting
from trainvis.tui.drawing.pieces import Cell, pieces_of
from trainvis.tui.screens.runs_columns import FORMS, all_keys, columns_for, default_keys
from trainvis.tui.widgets.table import Column


def clock() -> float:
    return NOW


def column(key: str) -> Column:
    return columns_for([key], [RUN], clock)[-1]


def text(cell: Cell) -> str:
    return "".join(piece for piece, _ in pieces_of(cell)).strip()


RUN = row(
    "digits-20261122-011625-7112",
    tags=("mnist", "b"),
    epoch=2.5,
    eta=72.0,
    status=Running(NOW - 60),
    ended=None,
    started=NOW - 60,
    size=2048,
    note="wide",
    metrics={"loss": metric(3.0, 1.0, 2.0), "val_accuracy": metric(0.1, 0.9, 0.5)},
    parameters={"lr": 0.001, "optimizer": "adam"},
)


def test_every_column_there_could_be_shows_its_value() -> None:
    shown = {key: text(columns_for([key], [RUN], clock)[-1].cell(RUN, NOW)) for key in all_keys([RUN])}
    assert shown["name"] == "▶ digits 7112"
    assert shown["tags"] == "mnist b"
    assert (shown["status"], shown["epoch"], shown["eta"]) == ("running", "2/10", "1m12s")
    assert (shown["age"], shown["length"], shown["size"]) == ("1m", "1m00s", "2.0K")
    assert (shown["owner"], shown["host"], shown["script"], shown["note"]) == ("me", "", "digits.py", "wide")
    assert shown["curve:loss"] == "2 ▇▁▄"
    assert [shown[f"{form}:loss"] for form in FORMS] == ["2 ▇▁▄", "2", "1", "1", "3", "▇▁▄"]
    assert shown["best:val_accuracy"] == "0.9000"
    assert (shown["param:lr"], shown["param:optimizer"]) == ("0.001", "adam")
    assert shown["id"] == RUN.id


def test_every_column_can_be_sorted_by_whatever_a_run_lacks() -> None:
    rows = [RUN, row("bare", metrics={}, parameters={}, created=None, started=None, epoch=None, owner="", tags=())]
    for each in columns_for(all_keys(rows), rows, clock):
        keys = [each.sort(item) for item in rows]
        assert keys[0] is None or keys[1] is None or keys[0] != keys[1] or each.key in ("launcher", "script")
        assert all(isinstance(each.cell(item, NOW), str | tuple) for item in rows)


def test_sorting_begins_with_the_better_end() -> None:
    assert not column("curve:loss").descending
    assert column("best:val_accuracy").descending


def test_running_sorts_before_waiting_before_what_is_over() -> None:
    key = column("status").sort
    statuses = [Running(NOW), Waiting("", NOW), over(Done()), over(Failed(1)), Lost(None)]
    keys = [key(row("x", status=status)) for status in statuses]
    assert keys == sorted(keys)


def test_the_first_columns_are_the_loss_and_the_metric_that_is_validated() -> None:
    assert default_keys([RUN]) == [
        "tags", "status", "epoch", "eta", "curve:loss", "curve:val_accuracy", "best:val_accuracy",
        "age", "length", "owner",
    ]  # fmt: skip
    assert "curve:val_loss" in default_keys([row("a", metrics={"loss": metric(1.0), "val_loss": metric(1.0)})])
    assert "curve:reward" in default_keys([row("a", metrics={"reward": metric(1.0)})])
    assert "curve:loss" not in default_keys([row("a", metrics={})])


def test_a_long_name_of_a_metric_is_a_short_title() -> None:
    assert column("best:val_sparse_categorical_accuracy").title == "best val_acc"
    assert column("last:x" + "y" * 500).width <= 12


def test_keys_that_mean_nothing_are_left_out_and_none_comes_twice() -> None:
    keys = ["", "nothing", "last:", "param:", "best", "tags", "tags", "name"]
    assert [each.key for each in columns_for(keys, [RUN], clock)] == ["name", "tags"]


def test_a_problem_marks_the_status_and_a_run_that_cannot_say_how_it_stands_is_damaged() -> None:
    cell = column("status").cell
    assert text(cell(row("a", problems=("notes.json is empty",)), NOW)) == "done !"
    assert text(cell(row("a", status=Lost(None), problems=("state.json is missing",)), NOW)) == "damaged"
    assert "notes.json is empty" in text(column("problems").cell(row("a", problems=("notes.json is empty",)), NOW))
