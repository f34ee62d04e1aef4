"""Scripts that nobody launched: real processes that log, end in every way, and are found afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine import archive, process, wishes
from trainvis.engine.launch import Request, launch, wait
from trainvis.engine.rundir import Notes, RunDir, Spec
from trainvis.engine.status import Failed, Finished

pytestmark = pytest.mark.kills

Script = Callable[..., Path]


def run(script: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, script, *arguments],
        env={**os.environ, **environment},
        cwd=script.parent,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def only(runs: Path) -> RunDir:
    (path,) = [path for path in runs.iterdir() if not path.name.startswith(".")]
    return RunDir(path)


def lines(run: RunDir) -> list[dict]:
    found = [json.loads(line) for line in run.metrics_file.read_text().splitlines()]
    return [line for line in found if "event" not in line]


@pytest.mark.slow
def test_a_script_started_by_hand_makes_a_run_that_is_archived_and_tagged(runs: Path, script: Script) -> None:
    script("rate = 0.5", name="settings.py")
    path = script(
        """
        import settings
        from trainvis.vis import log
        for step in range(1, 6):
            log(step=step, epoch=step / 5, loss=settings.rate / step)
        """,
        name="Fit Digits.py",
    )
    assert run(path, "--lr", "3").returncode == 0
    made = only(runs)
    spec, problem = made.spec()
    assert problem is None
    assert (spec.script, spec.argv, spec.launcher, spec.cwd) == (str(path), ("--lr", "3"), "hand", str(path.parent))
    assert spec.python == sys.executable
    assert made.notes()[0].tags == ("fit-digits",)
    state, _ = made.state()
    assert (state.status, state.why, state.exit_code) == ("finished", "done", 0)
    assert state.ended >= state.started
    assert [line["loss"] for line in lines(made)] == [0.5 / step for step in range(1, 6)]
    assert {file.name for file in archive.read(made).files} == {"Fit Digits.py", "settings.py"}
    wait_for(made.facts_file.exists, what="the facts gathered beside the run")


def test_the_state_says_running_while_it_runs(runs: Path, script: Script) -> None:
    path = script(
        """
        import sys
        from trainvis.vis import log
        log(loss=1)
        print("here", flush=True)
        sys.stdin.read()
        """
    )
    with subprocess.Popen([sys.executable, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"here\n"
        state, _ = only(runs).state()
        assert state.status == "running"
        assert state.process == process.identity(running.pid)
        assert (state.host, state.boot) == (process.host(), process.boot_id())
        running.communicate(b"", timeout=30)
    assert only(runs).state()[0].status == "finished"


MORE_ENDINGS = [
    ("exit(4)", "failed", 4, ""),
    ("quit()", "done", 0, ""),
    ("import sys; sys.exit('no data')", "failed", 1, "no data"),
    ("import sys; sys.exit(3)", "failed", 3, ""),
    ("import sys; sys.exit()", "done", 0, ""),
    ("import argparse; argparse.ArgumentParser().parse_args(['--x'])", "failed", 2, ""),
    ("import sys, contextlib\nwith contextlib.suppress(SystemExit): sys.exit(3)\nlog(loss=2)", "done", 0, ""),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "why", "code", "text"),
    [
        ("raise ValueError('too\\nbad')", "failed", 1, "ValueError: too␊bad"),
        *(pytest.param(*ending, marks=pytest.mark.slow) for ending in MORE_ENDINGS),
    ],
)
def test_how_it_ended_is_recorded(runs: Path, script: Script, ending: str, why: str, code: int, text: str) -> None:
    done = run(script(f"from trainvis.vis import log\nlog(loss=1)\n{ending}\n"))
    state, _ = only(runs).state()
    assert (state.status, state.why, state.exit_code, state.text) == ("finished", why, code, text)
    assert done.returncode == code


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, *(pytest.param(each, marks=pytest.mark.slow) for each in (signal.SIGHUP, signal.SIGINT))]
)
def test_a_signal_is_recorded_and_still_kills(runs: Path, script: Script, number: signal.Signals) -> None:
    path = script(
        """
        import time
        from trainvis.vis import log
        log(loss=1)
        print("here", flush=True)
        while True:
            time.sleep(0.02)
        """
    )
    with subprocess.Popen([sys.executable, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(number)
        assert running.wait(timeout=30) == -number
    state, _ = only(runs).state()
    assert (state.status, state.why, state.signal) == ("finished", "killed", number)
    assert [line["loss"] for line in lines(only(runs))] == [1]


@pytest.mark.slow
def test_a_process_that_inherits_a_claimed_run_makes_a_child_of_it(runs: Path, script: Script) -> None:
    path = script(
        """
        import subprocess, sys
        from trainvis.vis import log
        log(loss=1)
        if len(sys.argv) == 1:
            subprocess.run([sys.executable, __file__, "child"], check=True)
        """
    )
    assert run(path).returncode == 0
    parents = [RunDir(path) for path in runs.iterdir()]
    by_argv = {made.spec()[0].argv: made for made in parents}
    assert by_argv["child",].spec()[0].parent == by_argv[()].id
    assert by_argv[()].spec()[0].parent == ""


@pytest.mark.slow
def test_a_fork_writes_a_run_of_its_own(runs: Path, script: Script) -> None:
    path = script(
        """
        import os
        from trainvis.vis import log
        log(loss=1)
        if os.fork() == 0:
            log(loss=2)
            raise SystemExit
        os.wait()
        log(loss=3)
        """
    )
    assert run(path).returncode == 0
    values = sorted(tuple(line["loss"] for line in lines(RunDir(path))) for path in runs.iterdir())
    assert values == [(1, 3), (2,)]
    assert {RunDir(path).state()[0].why for path in runs.iterdir()} == {"done"}


@pytest.mark.slow
def test_a_launched_script_writes_into_its_run_and_leaves_the_state_alone(runs: Path, script: Script) -> None:
    launched = RunDir.create(runs, "train")
    launched.write_spec(Spec(script="train.py"))
    launched.write_notes(Notes("mine"))
    path = script("from trainvis.vis import log\nlog(loss=1)\nraise ValueError('bad')\n")
    assert run(path, TRAINVIS_RUN=str(launched.path)).returncode == 1
    assert only(runs) == launched
    assert [line["loss"] for line in lines(launched)] == [1]
    assert not launched.state_file.exists()
    assert json.loads(launched.ended_file.read_text())["text"] == "ValueError: bad"
    assert launched.notes()[0].name == "mine"


@pytest.mark.slow
@pytest.mark.slow
def test_a_launched_run_that_its_script_opens_by_path_keeps_its_supervisor(runs: Path, script: Script) -> None:
    path = script(
        """
        import os, subprocess, sys
        from pathlib import Path
        from trainvis.vis import recording
        if len(sys.argv) == 1 and "first" in os.environ:
            recording.existing(Path(os.environ["TRAINVIS_RUN"]))
        elif len(sys.argv) == 1:
            subprocess.run([sys.executable, __file__, "child"], check=False)
        else:
            recording.existing(Path(os.environ["TRAINVIS_RUN"]))
        sys.exit(3)
        """
    )
    for environment in ({"first": "1"}, {}):
        launched = launch(runs, Request(path, env=environment))
        end = wait(launched)
        assert isinstance(end, Finished)
        assert end.why == Failed(3, "")
        assert launched.state()[0].supervisor is not None


@pytest.mark.slow
def test_runs_that_a_launched_script_makes_get_their_facts_although_it_ends_at_once(runs: Path, script: Script) -> None:
    launched = launch(runs, Request(script("from trainvis.vis import recording\nrecording.child('fold').leave()\n")))
    wait(launched)
    assert launched.state()[0].stragglers == 0
    (made,) = [RunDir(path) for path in runs.iterdir() if path != launched.path]
    wait_for(lambda: made.facts_file.exists() and launched.facts_file.exists(), 60, "the facts of both runs")


@pytest.mark.slow
def test_a_training_that_is_over_leaves_neither_thread_nor_open_file(runs: Path, script: Script) -> None:
    path = script(
        """
        import os, threading
        from pathlib import Path
        from trainvis.vis import recording
        folder = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
        seen = []
        for number in range(12):
            fold = recording.child(f"fold {number}")
            fold.metrics.fit()
            fold.metrics.line(1, 1.0, {"loss": number})
            fold.leave()
            again = recording.existing(fold.run.path)
            again.metrics.line(2, 2.0, {"loss": number + 0.5})
            again.leave()
            seen.append((threading.active_count(), len(os.listdir(folder))))
        assert seen[3] == seen[-1], seen
        """
    )
    done = run(path)
    assert done.returncode == 0, done.stderr
    for folder in runs.iterdir():
        made = RunDir(folder)
        number = int(made.notes()[0].name.removeprefix("fold "))
        assert [line["loss"] for line in lines(made)] == [number, number + 0.5]
        assert made.state()[0].why == "done"


@pytest.mark.slow
def test_a_wish_to_a_process_that_is_gone_does_not_reach_the_next(runs: Path, script: Script) -> None:
    over = RunDir.create(runs, "train")
    over.write_spec(Spec(script="train.py"))
    wishes.ask(over, "stop", "ada")
    wishes.ask(over, "kill", "ada")
    path = script(
        """
        import sys
        from pathlib import Path
        from trainvis.vis import recording
        opened = recording.existing(Path(sys.argv[1]))
        opened.listen()
        assert opened.wishes() == []
        """
    )
    done = run(path, str(over.path))
    assert done.returncode == 0, done.stderr
    assert wishes.asked(over, "kill") is None


@pytest.mark.slow
def test_only_rank_0_writes(runs: Path, script: Script) -> None:
    path = script("from trainvis.vis import log\nlog(loss=1)\n")
    for name in ("RANK", "SLURM_PROCID"):
        assert run(path, **{name: "1"}).returncode == 0
    assert not list(runs.iterdir())
    assert run(path, RANK="0").returncode == 0
    only(runs)


@pytest.mark.slow
def test_a_runs_folder_that_cannot_be_written_costs_a_line_and_no_training(tmp_path: Path, script: Script) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    path = script(
        """
        from trainvis.vis import log
        for step in range(1000):
            log(loss=step)
        print("trained")
        """
    )
    done = run(path, TRAINVIS_RUNS=str(blocked / "runs"))
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert done.stderr.startswith("trainvis: log: nothing is recorded: no run directory can be made in")
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_values_that_are_no_numbers_are_said_once_and_left_out(runs: Path, script: Script) -> None:
    path = script(
        """
        import numpy as np
        from trainvis.vis import log
        for step in range(3):
            log({"a/b": np.float32(1.5), "time": 2}, loss="low", n=np.array([4]), bad=[1, 2], nan=float("nan"))
        log(step="x", loss=1)
        """
    )
    done = run(path)
    assert done.returncode == 0
    made = only(runs)
    values = [{name: value for name, value in line.items() if name not in ("time", "step")} for line in lines(made)]
    assert values == [{"fit": 1, "epoch": 0, "a/b": 1.5, "time_": 2, "n": 4, "nan": "nan"}] * 3
    said = [json.loads(line)["text"] for line in made.problems_file.read_text().splitlines()]
    assert len(said) == 3
    assert done.stderr.count("trainvis: ") == 3


@pytest.mark.slow
def test_steps_that_go_back_begin_another_fit_and_count_on(runs: Path, script: Script) -> None:
    path = script(
        """
        from trainvis.vis import log
        for fold in range(2):
            for step in range(1, 4):
                log(step=step, loss=step)
                log(step=step, val_loss=step)
        """
    )
    assert run(path).returncode == 0
    found = lines(only(runs))
    assert [line["step"] for line in found] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert [line["fit"] for line in found] == [1] * 6 + [2] * 6


@pytest.mark.slow
def test_an_interactive_session_outlives_its_exceptions(runs: Path) -> None:
    typed = "from trainvis.vis import log\nlog(loss=1)\n1/0\nlog(loss=2)\n"
    subprocess.run([sys.executable, "-i"], input=typed, text=True, capture_output=True, timeout=30, check=True)
    made = only(runs)
    assert made.id.startswith("interactive-")
    assert [line["loss"] for line in lines(made)] == [1, 2]
    assert made.state()[0].why == "done"


@pytest.mark.slow
def test_log_loads_no_framework_and_no_arrays(runs: Path, script: Script) -> None:
    path = script(
        """
        import sys
        from trainvis.vis import log
        log(loss=1)
        print([name for name in ("keras", "tensorflow", "torch", "jax", "numpy", "h5py") if name in sys.modules])
        """
    )
    assert run(path).stdout == "[]\n"


@pytest.mark.slow
def test_later_trainings_of_a_process_share_what_the_first_one_archived(runs: Path, script: Script) -> None:
    script("rate = 0.5", name="settings.py")
    path = script(
        """
        import time
        import settings
        from pathlib import Path
        from trainvis.vis import recording
        first = recording.child("first")
        first.leave()
        while not first.run.facts_file.exists():
            time.sleep(0.01)
        Path(settings.__file__).write_text("rate = 0.7")  # the process goes on with what it has loaded
        recording.child("second").leave()
        """
    )
    assert run(path).returncode == 0
    first, second = sorted((RunDir(each) for each in runs.iterdir()), key=lambda each: each.notes()[0].name)
    assert archive.read(second) == archive.read(first)
    assert {file.name for file in archive.read(second).files} == {"train.py", "settings.py"}
    for name in ("files/settings.py", "files/train.py", "facts.json", "manifest.json"):
        assert (second.source / name).read_bytes() == (first.source / name).read_bytes()
    assert (second.source_files / "settings.py").read_text() == "rate = 0.5"
    assert (second.source_files / "train.py").stat().st_nlink == 2
