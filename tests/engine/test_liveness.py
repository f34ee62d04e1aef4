"""What is saved held against what is alive."""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import replace

import pytest

from trainvis.engine import process
from trainvis.engine.errors import LaunchError
from trainvis.engine.launch import kill, stop
from trainvis.engine.liveness import STARTING
from trainvis.engine.rundir import Process, RunDir, Spec, State
from trainvis.engine.status import (
    CouldNotStart,
    Done,
    Failed,
    Finished,
    Killed,
    Lost,
    OutOfMemory,
    Running,
    Stage,
    Stopped,
    TimeLimit,
    Waiting,
)

GONE = Process(2**22 + 1, "1")


@pytest.fixture
def run(runs) -> RunDir:
    run = RunDir.create(runs, "train")
    run.write_spec(Spec(script="/train.py"))
    return run


@pytest.fixture
def state() -> State:
    """Running on this host and boot, supervised by this very test."""
    me = process.identity(os.getpid())
    return State(
        status="running",
        host=process.host(),
        boot=process.boot_id(),
        user=process.user(),
        supervisor=me,
        process=me,
        created=10.0,
        started=20.0,
    )


def test_a_living_supervisor_means_running(run, state):
    run.write_state(state)
    assert run.status() == Running(since=20.0)


def test_the_stage_of_a_stop_is_part_of_running(run, state):
    run.write_state(replace(state, stage="terminating", stage_since=30.0, stage_until=40.0))
    assert run.status() == Running(20.0, stage=Stage.TERMINATING, stage_since=30.0, stage_until=40.0)


def test_a_dead_supervisor_and_a_living_script_are_running_unsupervised(run, state):
    run.write_state(replace(state, supervisor=GONE))
    assert run.status() == Running(since=20.0, supervised=False)


def test_a_reused_pid_of_the_supervisor_is_not_the_supervisor(run, state):
    reused = Process(os.getpid(), "1")
    run.write_state(replace(state, supervisor=reused))
    assert run.status() == Running(since=20.0, supervised=False)


def test_a_reused_pid_of_the_script_is_not_the_script(run, state):
    reused = Process(os.getpid(), "1")
    run.write_state(replace(state, supervisor=reused, process=reused))
    assert isinstance(run.status(), Lost)
    with pytest.raises(LaunchError, match="is lost"):
        kill(run)


def test_with_nobody_left_it_is_lost_since_its_last_sign(run, state):
    run.write_state(replace(state, supervisor=GONE, process=GONE))
    os.utime(run.state_file, (100, 100))
    run.output_log.write_text("x")
    os.utime(run.output_log, (200, 200))
    status = run.status()
    assert isinstance(status, Lost)
    assert status.last_sign == 200.0


def test_a_held_lock_confirms_what_the_process_table_does_not_show(run, state):
    run.write_state(replace(state, supervisor=GONE, process=GONE))
    with open(run.lock_file, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run.status() == Running(since=20.0)
    assert isinstance(run.status(), Lost)


def test_another_boot_means_lost(run, state):
    run.write_state(replace(state, boot="another"))
    status = run.status()
    assert isinstance(status, Lost)
    assert "restarted" in status.text


def test_on_another_host_the_last_word_counts_and_is_never_lost(run, state):
    far = replace(state, host="far-away", boot="another", supervisor=GONE, process=GONE)
    run.write_state(far)
    os.utime(run.state_file, (100, 100))
    assert run.status() == Running(since=20.0, host="far-away", last_sign=100.0)
    run.write_state(replace(far, status="waiting", text="queued"))
    assert run.status() == Waiting("queued", 10.0)
    run.write_state(replace(far, status="finished", why="done", ended=30.0))
    assert run.status() == Finished(Done(), 20.0, 30.0)


def test_on_another_host_a_run_is_stopped_by_wish_only(run, state):
    run.write_state(replace(state, host="far-away"))
    stop(run, by="ann")
    assert run.wish_file("stop").exists()
    with pytest.raises(LaunchError, match="runs on far-away: from here it can only be asked to stop"):
        kill(run)


def test_a_run_by_hand_lives_as_long_as_its_script(run, state):
    run.write_state(replace(state, supervisor=None))
    assert run.status() == Running(since=20.0)
    run.write_state(replace(state, supervisor=None, process=GONE))
    assert isinstance(run.status(), Lost)


def test_a_prepared_run_waits_while_its_launcher_lives(run, state):
    run.write_state(replace(state, status="waiting", text="starting", process=None))
    assert run.status() == Waiting("starting", 10.0)


def test_a_prepared_run_whose_launcher_died_could_not_start(run, state):
    run.write_state(replace(state, status="waiting", text="starting", process=None, supervisor=GONE))
    now = run.state()[0].written
    assert isinstance(run.status(now + STARTING / 2), Waiting), "its supervisor may be on its way"
    for jumped in (now + STARTING, now - 3600):
        status = run.status(jumped)
        assert isinstance(status, Finished)
        assert isinstance(status.why, CouldNotStart)


def test_a_supervisor_that_died_while_starting_leaves_a_lost_run(run, state):
    run.write_state(replace(state, status="waiting", text="starting", process=None, supervisor=GONE))
    run.lock_file.touch()
    assert isinstance(run.status(), Lost)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"why": "done", "exit_code": 0}, Done()),
        ({"why": "failed", "exit_code": 3, "text": "x"}, Failed(3, "x")),
        ({"why": "killed", "signal": 11}, Killed(11)),
        ({"why": "stopped", "by": "ann", "forced": True}, Stopped("ann", forced=True)),
        ({"why": "out_of_memory"}, OutOfMemory()),
        ({"why": "time_limit"}, TimeLimit()),
        ({"why": "could_not_start", "text": "no"}, CouldNotStart("no")),
        ({"why": "from the future", "exit_code": 2}, Failed(2)),
        ({"why": ""}, Done()),
    ],
)
def test_each_reason_is_read_back(run, state, fields, why):
    run.write_state(replace(state, status="finished", ended=30.0, **fields))
    assert run.status() == Finished(why, 20.0, 30.0)


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"status": "dancing"}', "\x00\xff", '{"status": 3}'])
def test_without_a_readable_state_a_run_is_lost_and_says_why(run, text):
    if text is not None:
        run.state_file.write_text(text)
    status = run.status()
    assert isinstance(status, Lost)
    assert status.text


def test_without_a_readable_state_a_held_lock_still_means_running(run):
    run.state_file.write_text("{")
    with open(run.lock_file, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert isinstance(run.status(), Running)


def test_a_folder_that_is_no_run_is_lost_without_a_sign(runs):
    status = RunDir(runs / "nothing").status()
    assert isinstance(status, Lost)
    assert status.last_sign is None


def test_the_scripts_own_end_counts_where_nobody_saw_it(run, state):
    run.write_state(replace(state, supervisor=GONE, process=GONE))
    before = time.time()
    run.record_end(1, "ValueError: nan")
    status = run.status()
    assert isinstance(status, Finished)
    assert status.why == Failed(1, "ValueError: nan")
    assert before <= status.ended <= time.time()


def test_a_living_script_has_not_ended_whatever_it_recorded(run, state):
    run.write_state(replace(state, supervisor=GONE))
    run.record_end(0)
    assert isinstance(run.status(), Running)


def test_a_run_is_claimed_once(run):
    first, second = process.identity(os.getpid()), process.identity(os.getppid())
    assert run.claim(first)
    assert run.claim(first), "asking again changes nothing"
    assert not run.claim(second)
