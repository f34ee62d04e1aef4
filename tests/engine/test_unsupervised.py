"""What goes on when the ones who watch die: the launcher, its terminal, the supervisor; and runs that never had one."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine import process
from trainvis.engine.detached import MODULE
from trainvis.engine.launch import Request, kill, launch, prepare, stop
from trainvis.engine.liveness import locked
from trainvis.engine.rundir import Process, RunDir, Spec, State
from trainvis.engine.status import CouldNotStart, Done, Failed, Finished, Lost, Running, Stage, Stopped

pytestmark = pytest.mark.kills

LISTENS = """
import os, sys, time
from trainvis.engine import wishes
from trainvis.engine.rundir import RunDir
run = RunDir(os.environ["TRAINVIS_RUN"])
listener = wishes.Listener(run, understands=("stop",))
listener.start()
print("up", flush=True)
while not (taken := listener.take()):
    time.sleep(0.01)
"""
TREE = """
import os, subprocess, sys, time
sleep = "import time; print('child', flush=True); time.sleep(600)"
subprocess.Popen([sys.executable, "-S", "-c", sleep])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-c", sleep])
    os._exit(0)
time.sleep(600)
"""


def orphaned(run: RunDir) -> Running:
    """The run after its supervisor was killed."""
    supervisor = run.state()[0].supervisor
    assert process.send(supervisor, signal.SIGKILL)
    wait_for(lambda: not process.alive(supervisor), what="the end of the supervisor")
    status = run.status()
    assert isinstance(status, Running)
    return status


def lost(run: RunDir) -> Lost:
    return wait_for(lambda: (s := run.status()) and isinstance(s, Lost) and s, 15, f"{run.id} to be lost")


def members(run: RunDir) -> set[Process]:
    return {
        seen.process
        for seen in process.table()
        if not seen.dead and process.carries(seen.process.pid, "TRAINVIS_RUN", str(run.path))
    }


def test_a_run_outlives_its_supervisor_and_says_so(go, said):
    run = go("import time; print('up', flush=True)\nwhile True: print('tick', flush=True); time.sleep(.01)")
    said(run, "up")
    assert not orphaned(run).supervised
    before = run.output_log.stat().st_size
    wait_for(lambda: run.output_log.stat().st_size > before, what="more output")


@pytest.mark.slow
@pytest.mark.parametrize("deed", [stop, kill])
def test_the_whole_tree_of_an_orphaned_run_can_be_ended(go, runs, deed):
    run = go(TREE)
    wait_for(lambda: run.output_log.read_text().count("child") == 2, what="the children")
    wait_for(lambda: len(members(run)) == 3, what="the tree")
    orphaned(run)
    (runs.parent / "other name").symlink_to(runs)
    deed(RunDir(runs.parent / "other name" / run.id), by="ann")
    assert "ann asked it to end" in lost(run).text
    wait_for(lambda: not members(run), what="the end of the tree")


@pytest.mark.slow
def test_an_orphaned_run_that_listens_ends_by_itself_and_its_stop_is_seen(go, said, gate):
    run = go(LISTENS + gate.text + "print('saved')", grace=300)
    said(run, "up")
    orphaned(run)
    stop(run, by="ann")
    status = wait_for(lambda: (s := run.status()) and isinstance(s, Running) and s.stage and s, what="the stage")
    assert (status.stage, status.supervised) == (Stage.ASKED, False)
    gate.open()
    lost(run)
    assert run.output_log.read_text().endswith("saved\n")


@pytest.mark.slow
def test_a_kill_of_an_orphaned_run_overtakes_a_stop(go, said):
    run = go(LISTENS + "time.sleep(600)", grace=300)
    said(run, "up")
    orphaned(run)
    stop(run, by="ann")
    wait_for(lambda: run.status().stage is Stage.ASKED, what="the stage")
    kill(run, by="bob")
    lost(run)


@pytest.mark.slow
def test_the_end_of_an_orphaned_run_is_known_if_the_script_recorded_it(go, said):
    run = go(LISTENS + "run.record_end(0, stopped_by=taken[0].by)", grace=300)
    said(run, "up")
    orphaned(run)
    stop(run, by="ann")
    status = wait_for(lambda: (s := run.status()) and isinstance(s, Finished) and s, what="the end")
    assert status.why == Stopped("ann")


@pytest.mark.slow
def test_the_supervisors_word_counts_more_than_the_scripts(go, ended):
    run = go(
        """
        import os
        from trainvis.engine.rundir import RunDir
        RunDir(os.environ["TRAINVIS_RUN"]).record_end(0)
        os._exit(7)
        """
    )
    assert ended(run).why == Failed(7)


@pytest.mark.slow
def test_an_orphaned_run_that_ends_alone_is_lost(go, said, gate):
    run = go("print('up', flush=True)\n" + gate.text)
    said(run, "up")
    orphaned(run)
    gate.open()
    status = lost(run)
    assert "its supervisor died" in status.text
    assert status.last_sign == pytest.approx(run.last_sign())


def by_hand(
    runs: Path, script: Path, *, grace: float = 300.0, inherited: RunDir | None = None
) -> tuple[RunDir, subprocess.Popen[bytes]]:
    """A script started without us, whose run the test makes in its place; its environment names that run, or the
    one that a child run's process has `inherited`.
    """
    run = RunDir.create(runs, script.stem)
    environment = {**os.environ, "TRAINVIS_RUN": str((inherited or run).path)}
    with run.output_log.open("wb") as log:
        started = subprocess.Popen([sys.executable, script], env=environment, stdout=log)
    run.write_state(
        State(
            status="running",
            host=process.host(),
            boot=process.boot_id(),
            user=process.user(),
            process=process.identity(started.pid),
            created=1.0,
            started=1.0,
        )
    )
    run.write_spec(Spec(script=str(script), launcher="hand", grace=grace))
    return run, started


@pytest.mark.slow
def test_a_script_started_by_hand_is_stopped_and_killed_like_any_other(runs, script, said):
    run, started = by_hand(runs, script(LISTENS + "time.sleep(600)"))
    said(run, "up")
    assert run.status() == Running(since=1.0)
    stop(run, by="ann")
    wait_for(lambda: run.status().stage is Stage.ASKED, what="the stage")
    kill(run, by="bob")
    assert started.wait(10) == -signal.SIGKILL
    status = wait_for(lambda: (s := run.status()) and isinstance(s, Finished) and s, what="the end")
    assert status.why == Stopped("bob", forced=True)


@pytest.mark.slow
def test_a_script_started_by_hand_that_says_it_was_killed_was_stopped_by_whom_asked(runs, script, said):
    run, started = by_hand(
        runs,
        script(
            """
            import dataclasses, os, signal, time
            from trainvis.engine.rundir import RunDir
            run = RunDir(os.environ["TRAINVIS_RUN"])
            def end(number, _):
                run.write_state(dataclasses.replace(run.state()[0], status="finished", why="killed", signal=number))
                os._exit(0)
            signal.signal(signal.SIGTERM, end)
            print("up", flush=True)
            time.sleep(600)
            """
        ),
    )
    said(run, "up")
    stop(run, by="ann")
    assert started.wait(10) == 0
    wait_for(lambda: run.status().why == Stopped("ann", forced=True), what="the reason")


@pytest.mark.slow
def test_stopping_a_script_started_by_hand_spares_the_shell_it_came_from(runs, script, said):
    run, started = by_hand(runs, script("import time; print('up', flush=True); time.sleep(600)"))
    said(run, "up")
    stop(run, by="ann")
    assert started.wait(10) == -signal.SIGTERM
    assert os.getsid(0) != started.pid, "the test runs in the session that the script ran in, and lives"


@pytest.mark.slow
def test_a_script_started_by_hand_that_vanishes_is_lost(runs, script, said):
    run, started = by_hand(runs, script("import time; print('up', flush=True); time.sleep(600)"))
    said(run, "up")
    started.kill()
    started.wait()
    assert "without saying how" in lost(run).text


@pytest.mark.slow
def test_a_process_that_goes_on_after_its_stopped_run_is_left_alone(runs, script, said):
    ends = 'run.write_state(dataclasses.replace(run.state()[0], status="finished", why="stopped", by=taken[0].by))'
    run, started = by_hand(runs, script(f"{LISTENS}import dataclasses\n{ends}\ntime.sleep(600)"), grace=2.0)
    said(run, "up")
    stop(run, by="ann")
    wait_for(lambda: isinstance(run.status(), Finished), what="the end of the run")
    wait_for(lambda: not locked(run), what="the end of the adopter")
    assert run.status().why == Stopped("ann")
    assert started.poll() is None
    started.kill()
    started.wait()


@pytest.mark.slow
def test_killing_a_child_run_spares_other_processes_of_its_parent(runs, script, said):
    parent = RunDir.create(runs, "parent")
    sleeps = script("import time; print('up', flush=True); time.sleep(600)")
    run, started = by_hand(runs, sleeps, inherited=parent)
    said(run, "up")
    other, beside = by_hand(runs, sleeps, inherited=parent)
    said(other, "up")
    kill(run, by="ann")
    assert started.wait(10) == -signal.SIGKILL
    wait_for(lambda: not locked(run), what="the end of the adopter")
    assert beside.poll() is None
    beside.kill()
    beside.wait()


LAUNCHER = """
import fcntl, sys, termios, time
from pathlib import Path
from trainvis.engine.launch import Request, launch
if sys.argv[3:] == ["terminal"]:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
print(launch(Path(sys.argv[1]), Request(sys.argv[2])).path, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
def test_a_run_outlives_the_terminal_it_was_started_from(runs, script, ended, gate):
    path = script(gate.text + "sys.exit(5)")
    ours, theirs = pty.openpty()
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, runs, path, "terminal"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        run = RunDir(terminal.read(4096).decode().strip())
    assert launcher.wait(10) == -signal.SIGHUP, "closing the terminal hung up the launcher"
    assert isinstance(run.status(), Running)
    gate.open()
    assert ended(run).why == Failed(5)


@pytest.mark.slow
def test_a_run_outlives_its_killed_launcher(runs, script, ended, gate):
    path = script(gate.text + "sys.exit(5)")
    with subprocess.Popen([sys.executable, "-c", LAUNCHER, runs, path], stdout=subprocess.PIPE) as launcher:
        run = RunDir(launcher.stdout.readline().decode().strip())
        launcher.kill()
    assert isinstance(run.status(), Running)
    gate.open()
    assert ended(run).why == Failed(5)


def test_a_launcher_that_dies_in_the_middle_leaves_a_reason(runs, script):
    run = prepare(runs, Request(script("print('never')")))
    with subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE, run.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as supervisor:
        supervisor.stdin.write(b'{"environment": {"PA')
        supervisor.stdin.close()
        answer = supervisor.stdout.read()
    assert b"ended before it had said all" in answer
    assert isinstance(run.status().why, CouldNotStart)
    assert not run.output_log.exists()


@pytest.mark.slow
def test_a_launcher_killed_at_any_moment_leaves_no_riddle(runs, script):
    path = script("print('ok')")
    program = textwrap.dedent(LAUNCHER)
    for hundredths in range(4, 30, 2):
        with subprocess.Popen(
            [sys.executable, "-c", program, runs, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as launcher:
            try:
                launcher.wait(hundredths / 100)
            except subprocess.TimeoutExpired:
                launcher.kill()
    for folder in runs.iterdir():
        run = RunDir(folder)
        status = wait_for(lambda r=run: (s := r.status()) and isinstance(s, Finished | Lost) and s, 20, f"{run.id}")
        if isinstance(status, Finished):
            assert isinstance(status.why, Done | CouldNotStart)
        else:
            assert not run.state_file.exists(), "killed before the first state was written"


@pytest.mark.slow
def test_a_supervisor_that_fails_leaves_a_log_and_the_run_goes_on(runs, script, said, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("import os; os.setpriority = lambda *_: 1 // 0")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = launch(runs, Request(script("import time; print('up', flush=True); time.sleep(600)")))
    said(run, "up")
    log = wait_for(lambda: run.supervisor_log.exists() and run.supervisor_log.read_text(), what="the log")
    assert "ZeroDivisionError" in log
    status = wait_for(lambda: (s := run.status()) and isinstance(s, Running) and not s.supervised and s, what="its end")
    assert status.stage is None
