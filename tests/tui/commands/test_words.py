"""`show`, `name`, `tag`, `note`, `get`, `export` and `doctor`."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from pathlib import Path

import pytest

from trainvis.engine import archive
from trainvis.engine.rundir import Spec
from trainvis.tui.drawing.sparkline import sparkline


def test_tags_are_added_taken_away_and_replaced(trainvis, made) -> None:
    run = made(tags=("mnist", "draft"))
    assert trainvis("tag", run.id).stdout == "mnist draft\n"
    assert trainvis("tag", run.id, "+Baseline", "-draft").stdout == "mnist baseline\n"
    assert trainvis("tag", run.id, "one", "two").stdout == "one two\n"
    assert json.loads(trainvis("tag", run.id, "--json").stdout)["tags"] == ["one", "two"]
    assert run.notes()[0].tags == ("one", "two")


@pytest.mark.parametrize("tag", ["+a\x1b", "+../x", "+" + "t" * 65, "+[red]", "-", "+"])
def test_what_is_no_tag_changes_nothing(trainvis, made, tag: str) -> None:
    run = made(tags=("mnist",))
    result = trainvis("tag", run.id, tag)
    assert "\x1b" not in result.output
    assert run.notes()[0].tags == ("mnist",)


def test_a_name_is_given_found_and_taken_away(trainvis, made) -> None:
    run = made()
    assert trainvis("name", run.id, "best [one] \x1b[2J yet").exit_code == 0
    assert run.notes()[0].name == "best [one] [2J yet"
    assert trainvis("show", "best [one] [2J yet").stdout.startswith(f"run       {run.id}")
    assert "no name" in trainvis("name", run.id, "").stdout


def test_a_note_is_written_from_an_argument_or_standard_input_and_shown(trainvis, made) -> None:
    run = made()
    assert "has no note" in trainvis("note", run.id).stdout
    trainvis("note", run.id, "lr too high\x1b[2J")
    assert trainvis("note", run.id).stdout == "lr too high␛[2J\n"
    trainvis("note", run.id, "-", given="two\nlines\n")
    assert trainvis("note", run.id).stdout == "two\nlines\n"
    assert "two" in trainvis("show", run.id).stdout
    trainvis("note", run.id, "")
    assert run.notes()[0].note == ""


def test_a_note_is_written_in_the_editor(trainvis, made, monkeypatch) -> None:
    run = made(note="old")
    monkeypatch.setenv("EDITOR", "sed -i s/old/new/")
    assert trainvis("note", run.id, "--edit").exit_code == 0
    assert run.notes()[0].note == "new"
    monkeypatch.setenv("EDITOR", "true")
    assert trainvis("note", run.id, "--edit").exit_code == 1


def test_notes_that_cannot_be_written_are_a_sentence(trainvis, made) -> None:
    run = made()
    run.notes_file.unlink()
    run.notes_file.mkdir()
    result = trainvis("name", run.id, "x")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_show_tells_status_settings_metrics_and_source(trainvis, made, script) -> None:
    path = script("import json\n")
    run = made(tags=("mnist",), argv=("--lr", "0.1"), loss=[3.0, 1.0], acc=[0.2, 0.8])
    run.write_spec(Spec(script=str(path), argv=("--lr", "0.1"), cwd="/x", python="/bin/python", env={"A": "1"}))
    archive.copy(archive.collect(path), run)
    said = trainvis("show", run.id).stdout
    for part in (
        run.id,
        "✔ done",
        "mnist",
        "lr=0.1",
        f"{path} --lr 0.1",
        "A=1",
        "1 file archived",
        sparkline([3.0, 1.0]),
        str(run.path),
    ):
        assert part in said, part
    assert trainvis("show", run.id, "--source").stdout == "import json\n"
    value = json.loads(trainvis("show", run.id, "--json").stdout)
    assert value["source"][0]["name"] == "train.py"
    assert value["spec"]["env"] == {"A": "1"}


def test_show_of_a_hostile_or_empty_directory_is_harmless(trainvis, made, runs: Path) -> None:
    run = made()
    evil = "\x1b[2J\x9b\n\r[red]"
    run.spec_file.write_text(json.dumps({"script": evil, "argv": [evil], "env": {evil: evil}, "python": evil}))
    run.facts_file.write_text(json.dumps({"repository": {"commit": evil, "branch": evil}, "versions": {"keras": evil}}))
    run.summary_file.write_text(json.dumps({"metrics": {evil: {"last": 1, "min": 1, "max": 1, "sparkline": [1]}}}))
    assert not {"\x1b", "\x9b", "\r"} & set(trainvis("show", run.id).output)
    empty = runs / "empty-20260101-000000-0000"
    empty.mkdir()
    result = trainvis("show", empty.name)
    assert result.exit_code == 0
    assert "missing" in result.stdout


def network(run, name: str, age: int) -> None:
    path = run.networks / f"{name}.keras"
    path.write_bytes(name.encode())
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], b"best"),
        (["--epoch", "best"], b"best"),
        (["--epoch", "last"], b"fit-2-epoch-0002"),
        (["--epoch", "start"], b"start"),
        (["--epoch", "3"], b"epoch-0003"),
        (["--epoch", "2"], b"fit-2-epoch-0002"),
    ],
)
def test_the_network_that_was_meant_is_copied(trainvis, made, tmp_path, arguments: list[str], found: bytes) -> None:
    run = made()
    for age, name in enumerate(["fit-2-epoch-0002", "best", "epoch-0003", "epoch-0002", "start"]):
        network(run, name, age)
    result = trainvis("get", run.id, "network", tmp_path / "copy.keras", *arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "copy.keras").read_bytes() == found


def test_a_network_that_is_not_there_is_said_with_those_that_are(trainvis, made, tmp_path) -> None:
    run = made()
    assert "has saved no network" in trainvis("get", run.id, "network", tmp_path).stderr
    network(run, "epoch-0001", 0)
    assert "it has epoch-0001" in trainvis("get", run.id, "network", tmp_path, "--epoch", "7").stderr
    assert trainvis("get", run.id, "output", tmp_path, "--epoch", "7").exit_code == 2


def test_output_results_and_source_are_copied_and_nothing_is_overwritten(trainvis, made, program, tmp_path) -> None:
    run = made(output=b"raw \x1b[31m\xff\n", loss=[1.0])
    said = trainvis("get", run.id, "output", tmp_path).stdout.strip()
    assert Path(said).read_bytes() == b"raw \x1b[31m\xff\n"
    assert program("get", run.id, "output", "-").stdout == b"raw \x1b[31m\xff\n"
    assert trainvis("get", run.id, "results", tmp_path / "r").exit_code == 0
    assert (tmp_path / "r" / "metrics.jsonl").read_bytes() == run.metrics_file.read_bytes()
    assert trainvis("get", run.id, "source", tmp_path / "s").exit_code == 0
    assert trainvis("get", run.id, "output", f"{tmp_path}/new/").exit_code == 0
    assert (tmp_path / "new" / f"{run.id}.log").exists()
    refused = trainvis("get", run.id, "output", tmp_path)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert trainvis("get", run.id, "output", tmp_path, "--force").exit_code == 0
    assert not list(tmp_path.glob(".*.part"))


def test_a_destination_that_cannot_be_written_is_a_sentence(trainvis, made, tmp_path) -> None:
    run = made(output=b"x")
    (tmp_path / "file").write_text("")
    result = trainvis("get", run.id, "output", tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_metrics_are_exported_as_csv_and_json(trainvis, made) -> None:
    run = made(loss=[1.0, math.nan, math.inf], acc=[0.5])
    rows = list(csv.DictReader(io.StringIO(trainvis("export", run.id).stdout)))
    assert [row["loss"] for row in rows if row["loss"]] == ["1.0", "nan", "inf"]
    assert [row["acc"] for row in rows if row["acc"]] == ["0.5"]
    assert list(rows[0])[:4] == ["fit", "step", "epoch", "time"]
    values = json.loads(trainvis("export", run.id, "--json").stdout)
    assert [value["loss"] for value in values if "loss" in value] == [1.0, "nan", "inf"]
    assert len(json.loads(trainvis("export", run.id, "--json", "--metric", "acc").stdout)) == 1
    assert "it has loss, acc" in trainvis("export", run.id, "--metric", "nope").stderr


def test_the_name_of_a_metric_is_neither_an_escape_nor_a_formula(trainvis, made) -> None:
    run = made(**{"a\x1b[2Jb": [1.0], "=cmd()": [2.0]})
    header = trainvis("export", run.id).stdout.splitlines()[0]
    assert header.endswith(",a␛[2Jb,'=cmd()")


def test_half_written_and_damaged_metric_lines_are_left_out_and_said(trainvis, made, tmp_path) -> None:
    run = made(loss=[1.0])
    with run.metrics_file.open("ab") as file:
        file.write(b'{"step": 2, "loss"\n[]\n{"step": 3, "text": "=cmd()\\u001b"}\n{"step": 4, "loss": 1')
    result = trainvis("export", run.id, "-o", tmp_path / "m.csv")
    assert result.exit_code == 0
    assert "2 damaged lines" in result.stderr
    text = (tmp_path / "m.csv").read_text()
    assert len(text.splitlines()) == 3
    assert "'=cmd()" in text


def test_a_run_without_metrics_has_nothing_to_export(trainvis, made) -> None:
    result = trainvis("export", made().id)
    assert result.exit_code == 1
    assert "has no metrics" in result.stderr


@pytest.mark.slow
def test_doctor_looks_at_everything_and_says_so(trainvis, runs: Path) -> None:
    found = {check["what"]: check for check in json.loads(trainvis("doctor", "--quick", "--json").stdout)}
    for what in (
        "terminal",
        "settings",
        "runs folder",
        "file system",
        "locks",
        "inotify",
        "after logout",
        "interpreter",
    ):
        assert what in found
    assert str(runs) in found["runs folder"]["found"]
    assert "runs folder" in trainvis("doctor", "--quick").stdout


@pytest.mark.slow
def test_doctor_tells_a_bad_interpreter_and_folder_by_its_exit_code(trainvis, tmp_path) -> None:
    result = trainvis("doctor", "--quick", "--python", tmp_path / "no-python")
    assert result.exit_code == 1
    assert "there is no interpreter" in result.stdout
    (tmp_path / "file").write_text("")
    assert trainvis("doctor", "--quick", "--runs", tmp_path / "file" / "runs").exit_code == 1
