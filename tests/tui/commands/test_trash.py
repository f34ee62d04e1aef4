"""Deleting and taking back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trainvis.engine.rundir import RunDir


def test_a_deleted_run_is_listed_in_the_trash_and_comes_back(trainvis, made) -> None:
    run = made(name="first \x1b[2J")
    assert "in the trash" in trainvis("rm", run.id).stdout
    assert not run.path.exists()
    assert run.id in trainvis("trash").stdout
    assert json.loads(trainvis("trash", "--json").stdout)[0]["id"] == run.id
    assert "is back" in trainvis("undo").stdout
    assert run.notes()[0].name == "first [2J"
    assert "empty" in trainvis("undo").stderr


def test_a_run_is_restored_by_its_id(trainvis, made) -> None:
    first, second = made("first"), made("second")
    trainvis("rm", first.id, second.id)
    assert trainvis("restore", "first").exit_code == 0
    assert first.path.exists()
    assert not second.path.exists()
    assert trainvis("restore", "\x1bnone").exit_code == 1
    assert "\x1b" not in trainvis("restore", "\x1bnone").stderr


@pytest.mark.slow
@pytest.mark.kills
def test_a_running_run_is_refused_in_words_and_the_others_are_deleted(trainvis, made, script, runs: Path) -> None:
    running = trainvis("run", script("import time; time.sleep(60)")).stdout.strip()
    done = made()
    for purge in ([], ["--purge"]):
        result = trainvis("rm", *purge, running, *([done.id] if not purge else []))
        assert result.exit_code == 1
        assert "is running: stop it" in result.stderr
    assert RunDir(runs / running).path.exists()
    assert not done.path.exists()


def test_purging_leaves_nothing_of_that_run_and_all_of_the_others(trainvis, made, runs: Path) -> None:
    first, second = made("first"), made("second")
    trainvis("rm", first.id)
    assert "for good" in trainvis("rm", "--purge", second.id).stdout
    assert [path.name for path in (runs / ".trash").iterdir()] == [first.id]
    assert "0 runs" in trainvis("trash", "--purge", "--older-than", "1").stdout
    assert "1 run deleted" in trainvis("trash", "--purge").stdout
    assert list((runs / ".trash").iterdir()) == []
    assert trainvis("trash", "--older-than", "1").exit_code == 2
