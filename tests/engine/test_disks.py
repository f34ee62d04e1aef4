"""Disks that are full, read-only or without locks. Needs a tmpfs of its own, or a C compiler."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine.errors import LaunchError
from trainvis.engine.launch import Request, kill, launch, prepare, start, stop
from trainvis.engine.liveness import locked
from trainvis.engine.rundir import RunDir
from trainvis.engine.status import CouldNotStart, Done, Failed, Finished, Running, Stopped

pytestmark = pytest.mark.kills

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"


def mount(*arguments: object) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small(runs) -> Iterator[Path]:
    """The runs folder on a disk of 256 KiB."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a disk")
    mount("-t", "tmpfs", "-o", "size=256k", "trainvis-test", runs)
    yield runs
    subprocess.run(["umount", "--lazy", runs], check=False)


def fill(folder: Path) -> Path:
    """Leave no room at all."""
    filler = folder / "filler"
    with open(filler, "ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def test_on_a_full_disk_nothing_is_prepared_and_nothing_left_behind(small, script):
    fill(small)
    with pytest.raises(LaunchError, match=r"No space left on device.*nothing was started"):
        launch(small, Request(script("1")))
    assert [path.name for path in small.iterdir()] == ["filler"]


def test_a_disk_that_fills_up_before_the_start_keeps_the_script_from_starting(small, script, tmp_path):
    run = prepare(small, Request(script(f"open({str(tmp_path / 'ran')!r}, 'w')")))
    fill(small)
    with pytest.raises(LaunchError, match="No space left on device"):
        start(run)
    assert not (tmp_path / "ran").exists()
    assert not run.path.exists(), "not even the reason could be written: no empty shell stays"


@pytest.mark.slow
def test_the_end_of_a_run_is_written_as_soon_as_there_is_room(small, go, said, tmp_path):
    run = go(
        """
        import os, sys, time
        while not os.path.exists(sys.argv[1]):
            time.sleep(0.01)
        while True:
            print("x" * 1000, flush=True)
        """,
        str(tmp_path / "fill"),
    )
    (tmp_path / "fill").touch()
    wait_for(lambda: shutil.disk_usage(small).free == 0, what="the disk to be full")
    wait_for(lambda: not any_script(run), what="the end of the script")
    assert isinstance(run.status(), Running), "its supervisor still holds the end of it"
    os.truncate(run.output_log, 0)
    status = wait_for(lambda: (s := run.status()) and isinstance(s, Finished) and s, what="the end")
    assert isinstance(status.why, Failed)


def any_script(run: RunDir) -> bool:
    from trainvis.engine import process

    main = run.state()[0].process
    return main is None or process.alive(main)


@pytest.mark.slow
@pytest.mark.parametrize("deed", [stop, pytest.param(kill, marks=pytest.mark.slow)])
def test_on_a_full_disk_a_run_can_still_be_ended(small, go, said, deed):
    run = go(SLEEPS)
    said(run, "up")
    filler = fill(small)
    deed(run, by="ann")
    wait_for(lambda: not any_script(run), what="the end of the script")
    filler.unlink()
    status = wait_for(lambda: (s := run.status()) and isinstance(s, Finished) and s, what="the end")
    assert status.why == Stopped("a signal", forced=True)
    assert run.state()[0].signal == (signal.SIGTERM if deed is stop else signal.SIGKILL)


@pytest.mark.slow
def test_in_a_read_only_runs_folder_nothing_starts_and_everything_is_shown(small, go, ended, script):
    run = go("1")
    ended(run)
    wait_for(lambda: not locked(run), what="the end of the supervisor")
    mount("-o", "remount,ro", small)
    with pytest.raises(LaunchError, match="Read-only file system; choose another folder"):
        launch(small, Request(script("1")))
    assert run.status().why == Done()


@pytest.mark.slow
def test_through_a_read_only_view_a_run_can_still_be_stopped(small, go, said, tmp_path):
    run = go(SLEEPS)
    said(run, "up")
    view = tmp_path / "view"
    view.mkdir()
    mount("--bind", small, view)
    try:
        mount("-o", "remount,bind,ro", view)
        stop(RunDir(view / run.id), by="ann")
        status = wait_for(lambda: (s := run.status()) and isinstance(s, Finished) and s, what="the end")
    finally:
        subprocess.run(["umount", "--lazy", view], check=True)
    assert status.why == Stopped("a signal", forced=True)


@pytest.fixture
def no_locks(shim) -> None:
    """A machine whose file systems know no flock, for every process started from here on."""
    shim("#include <errno.h>\nint flock(int fd, int operation) { errno = ENOLCK; return -1; }")


@pytest.mark.slow
def test_without_locks_runs_start_end_and_are_started_once(no_locks, go, said, ended):
    run = go(SLEEPS)
    said(run, "up")
    assert not locked(run)
    assert isinstance(run.status(), Running)
    with pytest.raises(LaunchError, match="already started"):
        start(run)
    stop(run, by="ann")
    assert ended(run).why == Stopped("ann", forced=True)


@pytest.mark.slow
def test_a_run_whose_directory_is_deleted_under_it_ends_all_the_same(go, said):
    run = go(SLEEPS)
    said(run, "up")
    state = run.state()[0]
    shutil.rmtree(run.path)
    os.kill(state.supervisor.pid, signal.SIGTERM)
    from trainvis.engine import process

    wait_for(lambda: not process.alive(state.process), what="the end of the script")
    wait_for(lambda: not process.alive(state.supervisor), what="the end of the supervisor")
    assert not run.path.exists()


@pytest.mark.slow
def test_a_supervisor_that_cannot_write_says_so_in_the_state_once_it_can(small, script):
    run = prepare(small, Request(script("1")))
    run.output_log.mkdir()
    with pytest.raises(LaunchError, match="cannot be written: Is a directory; nothing was started"):
        start(run)
    assert isinstance(run.status().why, CouldNotStart)
