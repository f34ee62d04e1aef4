"""Stop and kill of real processes: gently, firmly, and with everything a script can leave behind."""

from __future__ import annotations

import signal
import time

import pytest
from wait import wait_for

from trainvis.engine import ending, process, wishes
from trainvis.engine.errors import LaunchError
from trainvis.engine.launch import Request, kill, prepare, start, stop
from trainvis.engine.rundir import Process
from trainvis.engine.status import Done, Failed, Killed, Stage, Stopped, word

pytestmark = pytest.mark.kills

SLEEPS = "import time; print('up', flush=True); time.sleep(600)"
LISTENS = """
import time
from trainvis.engine import wishes
from trainvis.engine.rundir import RunDir
import os
listener = wishes.Listener(RunDir(os.environ["TRAINVIS_RUN"]), understands=("stop",))
listener.start()
print("up", flush=True)
while not (taken := listener.take()):
    time.sleep(0.01)
"""
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"


@pytest.mark.slow
def test_with_nobody_listening_a_stop_is_sigterm_at_once(go, said, ended):
    run = go(SLEEPS)
    said(run, "up")
    stop(run, by="ann")
    assert ended(run).why == Stopped("ann", forced=True)
    assert run.state()[0].signal == signal.SIGTERM


@pytest.mark.slow
def test_a_checkpoint_on_sigterm_has_its_time(go, said, ended):
    run = go(
        """
        import signal, sys, time
        def save(*_):
            time.sleep(0.2)
            print("saved", flush=True)
            sys.exit(0)
        signal.signal(signal.SIGTERM, save)
        print("up", flush=True)
        time.sleep(600)
        """
    )
    said(run, "up")
    stop(run, by="ann")
    assert ended(run).why == Stopped("ann", forced=True)
    assert run.output_log.read_text() == "up\nsaved\n"


@pytest.mark.slow
def test_a_listening_script_ends_by_itself(go, said, ended):
    run = go(LISTENS + "listener.answer(taken[0], 'done'); print('saved')")
    said(run, "up")
    stop(run, by="ann")
    assert ended(run).why == Stopped("ann", forced=False)
    assert run.output_log.read_text() == "up\nsaved\n"
    assert [answer.outcome for answer in wishes.answers(run)] == ["done"]
    assert run.state()[0].exit_code == 0


@pytest.mark.slow
def test_a_listening_script_that_takes_its_time_is_seen_stopping(go, said, running):
    run = go(LISTENS + "time.sleep(600)", grace=300)
    said(run, "up")
    stop(run, by="ann")
    status = wait_for(lambda: running(run).stage and running(run), what="the stage")
    assert status.stage is Stage.ASKED
    assert status.stage_until - status.stage_since == pytest.approx(300, abs=0.1)
    assert word(status) == "stopping"
    assert run.state()[0].by == "ann"


@pytest.mark.slow
def test_after_the_grace_comes_sigterm(go, said, ended):
    run = go(LISTENS + "time.sleep(600)", grace=0.3)
    said(run, "up")
    stop(run, by="ann")
    assert ended(run).why == Stopped("ann", forced=True)
    assert run.state()[0].signal == signal.SIGTERM


@pytest.mark.slow
def test_a_refused_stop_is_sigterm_at_once(go, said, ended):
    run = go(LISTENS + "listener.answer(taken[0], 'refused', 'not now'); time.sleep(600)", grace=300)
    said(run, "up")
    stop(run, by="ann")
    assert ended(run).why == Stopped("ann", forced=True)


@pytest.mark.slow
def test_an_error_within_the_grace_is_the_scripts_own(go, said, ended):
    run = go(LISTENS + "raise ValueError('while saving')")
    said(run, "up")
    stop(run)
    assert ended(run).why == Failed(1)


@pytest.mark.slow
def test_a_script_that_ignores_sigterm_is_killed_in_the_end(go, said, ended, running):
    run = go(STUBBORN)
    said(run, "up")
    stop(run, by="ann")
    status = wait_for(lambda: running(run).stage and running(run), what="the stage")
    assert status.stage is Stage.TERMINATING
    assert status.stage_until - status.stage_since == pytest.approx(ending.KILL_AFTER, abs=0.1)
    assert ended(run, 30).why == Stopped("ann", forced=True)
    assert run.state()[0].signal == signal.SIGKILL


@pytest.mark.slow
def test_a_kill_overtakes_a_stop(go, said, ended, running):
    run = go(STUBBORN)
    said(run, "up")
    stop(run, by="ann")
    wait_for(lambda: running(run).stage is Stage.TERMINATING, what="SIGTERM")
    kill(run, by="bob")
    assert ended(run, 5).why == Stopped("bob", forced=True)
    assert run.state()[0].signal == signal.SIGKILL


@pytest.mark.slow
def test_a_kill_is_at_once_and_takes_no_notice_of_a_listener(go, said, ended):
    run = go(LISTENS + "time.sleep(600)", grace=300)
    said(run, "up")
    kill(run, by="ann")
    assert ended(run, 5).why == Stopped("ann", forced=True)


TREE = """
import os, signal, subprocess, sys, time
sleep = "import signal, time; signal.signal(15, signal.SIG_IGN); print('child', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-S", "-c", sleep])
subprocess.Popen([sys.executable, "-S", "-c", sleep], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-c", sleep])
    os._exit(0)
"""


def members(run) -> set[Process]:
    """All that carries the mark of a run."""
    return {
        seen.process
        for seen in process.table()
        if not seen.dead and process.carries(seen.process.pid, "TRAINVIS_RUN", str(run.path))
    }


def all_up(run) -> set[Process]:
    wait_for(lambda: run.output_log.exists() and run.output_log.read_text().count("child") == 3, what="the children")
    return wait_for(lambda: len(members(run)) >= 4 and members(run), what="the tree")


@pytest.mark.slow
def test_a_kill_leaves_nothing_of_the_tree(go, said, ended):
    run = go(TREE + "time.sleep(600)")
    all_up(run)
    kill(run)
    ended(run, 5)
    assert not members(run)


@pytest.mark.slow
def test_a_stop_reaches_children_in_sessions_of_their_own(go, said, ended):
    run = go(TREE.replace("signal.signal(15, signal.SIG_IGN); ", "") + "time.sleep(600)")
    all_up(run)
    stop(run)
    ended(run, 5)
    assert not members(run)


@pytest.mark.slow
def test_what_a_script_leaves_behind_is_ended_and_counted(go, ended, gate):
    run = go(TREE.replace("signal.signal(15, signal.SIG_IGN); ", "") + gate.text)
    all_up(run)
    gate.open()
    assert ended(run).why == Done()
    assert run.state()[0].stragglers == 3
    assert not members(run)


@pytest.mark.slow
def test_stubborn_leftovers_are_seen_and_can_be_killed(go, ended, running, gate):
    run = go(TREE + gate.text + "sys.exit(5)")
    all_up(run)
    gate.open()
    wait_for(lambda: running(run).stage is Stage.TERMINATING, what="the end of the leftovers")
    assert "processes it left" in run.state()[0].text
    kill(run)
    assert ended(run, 5).why == Failed(5), "the script's own end counts"
    assert not members(run)


@pytest.mark.slow
def test_helpers_that_end_with_the_script_are_no_stragglers(go, ended):
    run = go(
        """
        import multiprocessing
        def work(n): return n
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(work, [1]))
        """
    )
    assert ended(run).why == Done()
    assert run.state()[0].stragglers == 0


@pytest.mark.slow
def test_a_signal_that_nobody_asked_for_is_told_as_such(go, said, ended):
    run = go(SLEEPS)
    said(run, "up")
    process.send(run.state()[0].process, signal.SIGKILL)
    assert ended(run).why == Killed(signal.SIGKILL)


@pytest.mark.slow
def test_sigterm_to_the_supervisor_ends_the_run_like_a_stop(go, said, ended):
    run = go(SLEEPS)
    said(run, "up")
    process.send(run.state()[0].supervisor, signal.SIGTERM)
    assert ended(run).why == Stopped("a signal", forced=True)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT])
def test_a_supervisor_heeds_neither_hangup_nor_interrupt(go, said, ended, gate, number):
    run = go("print('up', flush=True)\n" + gate.text + "sys.exit(6)")
    said(run, "up")
    assert process.send(run.state()[0].supervisor, number)
    gate.open()
    assert ended(run).why == Failed(6)


@pytest.mark.slow
def test_a_stop_asked_before_the_start_is_heard(runs, script, ended):
    run = prepare(runs, Request(script(SLEEPS)))
    stop(run, by="ann")
    start(run)
    assert ended(run).why == Stopped("ann", forced=True)


@pytest.mark.slow
@pytest.mark.parametrize("deed", [stop, kill])
def test_what_has_ended_cannot_be_stopped(go, ended, deed):
    run = go("1")
    ended(run)
    with pytest.raises(LaunchError, match=r"has ended already \(done\)"):
        deed(run)


@pytest.mark.slow
def test_the_run_of_another_user_is_not_touched(go, said, running, monkeypatch):
    run = go(SLEEPS)
    said(run, "up")
    monkeypatch.setattr(process, "user", lambda: "mallory")
    with pytest.raises(LaunchError, match="belongs to"):
        stop(run)
    assert not run.wish_file("stop").exists()
    assert running(run).stage is None


JUMPS = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && clock == CLOCK_REALTIME && access("%s", F_OK) == 0) now->tv_sec += %d;
    return failed;
}
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_jumps_neither_shortens_nor_lengthens_a_grace(go, said, ended, running, shim, tmp_path, seconds):
    shim(JUMPS % (tmp_path / "jump", seconds))
    run = go(LISTENS + "time.sleep(600)", grace=1.0)
    said(run, "up")
    before = time.monotonic()
    stop(run)
    wait_for(lambda: running(run).stage is Stage.ASKED, what="the stage")
    (tmp_path / "jump").touch()
    status = ended(run)
    assert status.why.forced
    assert 1.0 <= time.monotonic() - before < 10.0
    assert abs(status.ended - status.started) > 80_000, "the clock did jump"
