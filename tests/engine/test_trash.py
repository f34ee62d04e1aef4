from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from trainvis.engine import process, runs, trash
from trainvis.engine.errors import RunError
from trainvis.engine.rundir import RunDir, Spec, State

DAY = 86_400.0


def _finished(root: Path, stem: str = "train") -> RunDir:
    run = RunDir.create(root, stem)
    run.write_spec(Spec("/x/train.py"))
    run.write_state(State("finished", "done", exit_code=0, started=1.0, ended=2.0))
    return run


def test_a_deleted_run_is_gone_from_the_table_and_comes_back_whole(tmp_path: Path) -> None:
    run = _finished(tmp_path)
    lies = trash.delete(run)
    assert runs.snapshot(tmp_path).rows == ()
    assert (lies / "spec.json").is_file()
    assert trash.undo(tmp_path) == run.path
    assert [row.id for row in runs.snapshot(tmp_path).rows] == [run.id]
    assert not run.trashed_file.exists()


def test_a_running_run_is_not_deletable(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, "train")
    me = process.identity(os.getpid())
    run.write_state(
        State("running", host=process.host(), boot=process.boot_id(), process=me, supervisor=me, started=time.time())
    )
    with pytest.raises(RunError, match="is running: stop it"):
        trash.delete(run)
    assert run.path.is_dir()


def test_undo_takes_back_the_last_one_and_restore_any(tmp_path: Path) -> None:
    first, second, third = (_finished(tmp_path, name) for name in ("a", "b", "c"))
    for at, run in enumerate((second, first, third)):
        trash.delete(run, now=1000.0 + at)
    assert [item.id for item in trash.trashed(tmp_path)] == [third.id, first.id, second.id]
    assert trash.undo(tmp_path) == third.path
    assert trash.restore(tmp_path, second.id[:12]) == second.path
    assert [item.id for item in trash.trashed(tmp_path)] == [first.id]


def test_the_trash_says_when_and_who(tmp_path: Path) -> None:
    trash.delete(_finished(tmp_path), now=1234.0)
    (item,) = trash.trashed(tmp_path)
    assert (item.when, item.by) == (1234.0, process.user())


def test_purging_spares_what_is_younger(tmp_path: Path) -> None:
    old, young = _finished(tmp_path, "old"), _finished(tmp_path, "young")
    trash.delete(old, now=0.0)
    trash.delete(young, now=5 * DAY)
    assert [item.id for item in trash.purge(tmp_path, older_than=3 * DAY, now=6 * DAY)] == [old.id]
    assert [item.id for item in trash.trashed(tmp_path)] == [young.id]
    assert len(trash.purge(tmp_path)) == 1
    assert list(trash.folder(tmp_path).iterdir()) == []


def test_after_thirty_days_a_run_goes_when_the_trash_is_used(tmp_path: Path) -> None:
    trash.delete(_finished(tmp_path, "old"), now=1.0)
    kept = _finished(tmp_path, "new")
    trash.delete(kept, now=31 * DAY)
    assert [item.id for item in trash.trashed(tmp_path)] == [kept.id]


def test_a_purge_that_was_interrupted_is_finished_by_the_next(tmp_path: Path) -> None:
    lies = trash.delete(_finished(tmp_path))
    lies.rename(lies.with_name(f".purging-{lies.name}"))
    assert trash.trashed(tmp_path) == ()
    trash.purge(tmp_path)
    assert list(trash.folder(tmp_path).iterdir()) == []


def test_an_empty_trash_an_unknown_id_and_a_taken_place_are_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing to take back"):
        trash.undo(tmp_path)
    run = _finished(tmp_path)
    trash.delete(run)
    with pytest.raises(RunError, match="no run nothing-here"):
        trash.restore(tmp_path, "nothing-here")
    run.path.mkdir()
    with pytest.raises(RunError, match="is there already"):
        trash.undo(tmp_path)
    with pytest.raises(RunError, match="no run"):
        trash.delete(RunDir(tmp_path / "missing"))


def test_an_ambiguous_beginning_names_the_candidates(tmp_path: Path) -> None:
    for _ in range(2):
        trash.delete(_finished(tmp_path))
    with pytest.raises(RunError, match=r"means 2 runs in the trash: train-"):
        trash.restore(tmp_path, "train")


def test_a_trash_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / ".trash").write_text("")
    run = _finished(tmp_path)
    with pytest.raises(RunError, match="cannot be moved to the trash"):
        trash.delete(run)
    assert trash.trashed(tmp_path) == ()


def test_of_a_run_that_is_a_link_only_the_link_is_purged(tmp_path: Path) -> None:
    elsewhere = _finished(tmp_path / "elsewhere")
    root = tmp_path / "runs"
    root.mkdir()
    (root / elsewhere.id).symlink_to(elsewhere.path)
    trash.delete(RunDir(root / elsewhere.id))
    assert [item.id for item in trash.purge(root)] == [elsewhere.id]
    assert list(trash.folder(root).iterdir()) == []
    assert elsewhere.spec_file.exists()
