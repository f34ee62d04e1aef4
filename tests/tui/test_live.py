from __future__ import annotations

import json
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine.rundir import Notes, RunDir, Spec, State
from trainvis.engine.runs import load_index
from trainvis.tui.live import Live, Looked


@pytest.fixture
def run(runs: Path) -> RunDir:
    run = RunDir.create(runs, "digits")
    run.write_spec(Spec(script="/digits.py", created=1.0))
    run.write_state(State(status="finished", why="done", started=1.0, ended=2.0))
    return run


def names(found: list[Looked]) -> tuple[str, ...]:
    return tuple(row.name for row in found[-1].snapshot.rows) if found else ()


@pytest.mark.slow
def test_a_change_on_disk_is_seen_and_the_index_is_kept_at_the_end(runs: Path, run: RunDir) -> None:
    found: list[Looked] = []
    live = Live(runs, found.append)
    live.start()
    try:
        wait_for(lambda: names(found) == ("",), what="the first look")
        run.write_notes(Notes("renamed"))
        wait_for(lambda: names(found) == ("renamed",), what="the change")
    finally:
        live.stop()
    kept = load_index(runs)
    assert kept is not None
    assert [row.name for row in kept.rows] == ["renamed"]


@pytest.mark.slow
def test_a_look_can_be_asked_for(runs: Path, run: RunDir) -> None:
    found: list[Looked] = []
    live = Live(runs, found.append)
    live.start()
    try:
        wait_for(lambda: found, what="the first look")
        before = len(found)
        live.look_now()
        wait_for(lambda: len(found) > before, what="another look")
    finally:
        live.stop()


@pytest.mark.slow
def test_a_folder_that_comes_later_is_followed(tmp_path: Path) -> None:
    root = tmp_path / "later"
    found: list[Looked] = []
    live = Live(root, found.append)
    live.start()
    try:
        wait_for(lambda: found, what="the first look")
        run = RunDir.create(root, "digits")
        run.notes_file.write_text(json.dumps({"name": "new"}))
        wait_for(lambda: names(found) == ("new",), what="the new folder")
    finally:
        live.stop()


def test_stopping_what_never_started_returns(runs: Path) -> None:
    Live(runs, lambda _: None).stop()
