"""The demo without a terminal."""

from __future__ import annotations

import sys

import pytest

from trainvis.engine.rundir import RunDir


@pytest.mark.slow
def test_without_a_terminal_the_demo_runs_to_its_end_and_prints_table_and_curves(program, runs) -> None:
    done = program("demo")
    said, told = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == 0, told
    (path,) = runs.iterdir()
    assert f"✔ {path.name}" in said
    for part in ("val_accuracy", "loss", "epoch", "┤", "└"):
        assert part in said
    assert "epoch 5/10" in told
    assert RunDir(path).notes()[0].tags == ("digits", "demo")
    assert (RunDir(path).networks / "best.keras").exists()


@pytest.mark.parametrize("python", ["bare", "missing"])
def test_what_the_demo_lacks_is_said_with_the_remedy_before_anything_starts(trainvis, runs, tmp_path, python) -> None:
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    result = trainvis("demo", "--python", tmp_path / python)
    assert result.exit_code == 1
    assert ("there is no interpreter" if python == "missing" else "pip install") in result.stderr
    assert list(runs.iterdir()) == []


def test_a_file_of_digits_is_for_the_worked_example_and_has_to_be_there(trainvis, runs, tmp_path) -> None:
    result = trainvis("demo", "--data", tmp_path / "mnist.npz")
    assert result.exit_code == 1
    assert "demo --thesis --data FILE" in result.stderr
    result = trainvis("demo", "--thesis", "--data", tmp_path / "mnist.npz")
    assert result.exit_code == 1
    assert "there is no file" in result.stderr
    assert list(runs.iterdir()) == []
