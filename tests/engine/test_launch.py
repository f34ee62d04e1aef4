"""Real scripts, started for real: how each can end, and what they are given."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import sys
import threading
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine import process
from trainvis.engine.errors import LaunchError
from trainvis.engine.launch import Request, launch, prepare, rerun, resume, start, wait
from trainvis.engine.status import CouldNotStart, Done, Failed, Finished, Killed, Running

pytestmark = pytest.mark.kills


def test_exit_code_0_is_done(go, ended):
    run = go("print('hello')")
    status = ended(run)
    assert status.why == Done()
    assert status.started <= status.ended
    assert run.output_log.read_text() == "hello\n"


@pytest.mark.slow
def test_another_exit_code_is_failed(go, ended):
    assert ended(go("import sys; sys.exit(3)")).why == Failed(3)


@pytest.mark.slow
def test_an_exception_is_failed_with_its_traceback_in_the_output(go, ended):
    run = go("import no_such_module")
    assert ended(run).why == Failed(1)
    assert "ModuleNotFoundError" in run.output_log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_signal_is_killed(go, ended, number):
    assert ended(go(f"import os; os.kill(os.getpid(), {int(number)})")).why == Killed(number)


@pytest.mark.slow
def test_a_real_segmentation_fault_is_told(go, ended):
    assert ended(go("import ctypes; ctypes.string_at(0)")).why == Killed(signal.SIGSEGV)


def test_a_script_gets_its_arguments_its_folder_and_its_environment(go, ended, runs):
    run = go(
        "import json, os, sys; print(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ), sys.stdin.read()]))",
        "--name", "a b", "ü\udcff",
        env={"MODE": "fast", "HF_TOKEN": "s3cr3t"},
    )  # fmt: skip
    assert ended(run).why == Done()
    argv, cwd, environment, typed = json.loads(run.output_log.read_bytes())
    assert argv == ["--name", "a b", "ü\udcff"]
    assert cwd == str(Path(run.spec()[0].script).parent)
    assert (environment["MODE"], environment["HF_TOKEN"]) == ("fast", "s3cr3t")
    assert (environment["TRAINVIS_RUN"], environment["TRAINVIS_RUNS"]) == (str(run.path), str(runs))
    assert environment["PYTHONUNBUFFERED"] == "1"
    assert typed == "", "its standard input is empty"


def test_secrets_reach_the_script_and_nothing_else(go, said, runs):
    run = go("import os, time; print(os.environ['HF_TOKEN'], flush=True); time.sleep(60)", env={"HF_TOKEN": "s3cr3t"})
    said(run, "s3cr3t")
    supervisor = run.state()[0].supervisor
    assert not process.carries(supervisor.pid, "HF_TOKEN", "s3cr3t")
    for path in runs.rglob("*"):
        assert not path.is_file() or path == run.output_log or b"s3cr3t" not in path.read_bytes()


@pytest.mark.slow
def test_the_script_leads_a_session_of_its_own_without_a_terminal(go, ended):
    run = go("import os; print(os.getsid(0) == os.getpid(), os.isatty(0))")
    ended(run)
    assert run.output_log.read_text() == "True False\n"


@pytest.mark.slow
def test_any_output_goes_to_the_log_as_it_is(go, ended):
    run = go("import os; os.write(1, bytes(range(256))); os.write(2, b'x' * 3_000_000)")
    ended(run)
    assert run.output_log.read_bytes() == bytes(range(256)) + b"x" * 3_000_000


@pytest.mark.slow
def test_the_log_can_be_cut_while_it_is_written(go, said, ended):
    run = go(
        "import sys; print('first', flush=True); import time\nwhile True: print('tick', flush=True); time.sleep(.01)"
    )
    said(run, "tick")
    os.truncate(run.output_log, 0)
    wait_for(lambda: b"tick" in run.output_log.read_bytes(), what="new output")
    assert b"\0" not in run.output_log.read_bytes()


@pytest.mark.slow
def test_a_module_is_started_by_name(runs, ended):
    run = launch(runs, Request(module="calendar", argv=("2026", "1")))
    assert ended(run).why == Done()
    assert "January 2026" in run.output_log.read_text()
    assert run.notes()[0].tags == ("calendar",)


def test_an_interpreter_that_vanished_could_not_start(runs, script, tmp_path):
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    run = prepare(runs, Request(script("1"), python=str(python)))
    python.unlink()
    with pytest.raises(LaunchError, match="cannot be started: No such file"):
        start(run)
    status = run.status()
    assert isinstance(status, Finished)
    assert isinstance(status.why, CouldNotStart)
    assert str(python) in status.why.text
    assert status.started is None


@pytest.mark.slow
def test_an_interpreter_that_is_no_program_could_not_start(runs, script, tmp_path):
    python = tmp_path / "python"
    python.write_text("no program")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(LaunchError, match="Exec format error"):
        launch(runs, Request(script("1"), python=str(python)))


def test_a_working_directory_that_vanished_could_not_start(runs, script, tmp_path):
    (tmp_path / "cwd").mkdir()
    run = prepare(runs, Request(script("1"), cwd=tmp_path / "cwd"))
    shutil.rmtree(tmp_path / "cwd")
    with pytest.raises(LaunchError, match=r"working directory .* is not there any more"):
        start(run)
    assert isinstance(run.status().why, CouldNotStart)


@pytest.mark.slow
def test_arguments_beyond_what_the_kernel_takes_could_not_start(runs, script):
    with pytest.raises(LaunchError, match="Argument list too long"):
        launch(runs, Request(script("1"), argv=("x" * 200_000,)))


@pytest.mark.slow
def test_a_supervisor_that_cannot_come_up_says_why(runs, script, tmp_path, monkeypatch):
    run = prepare(runs, Request(script("1")))
    (tmp_path / "json.py").write_text("raise SystemError('the disk of this machine is worn out')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LaunchError, match="worn out"):
        start(run)
    assert isinstance(run.status().why, CouldNotStart)


@pytest.mark.slow
def test_a_run_is_started_once(go, ended):
    run = go("import time; time.sleep(60)")
    before = run.state()[0]
    with pytest.raises(LaunchError, match="was already started"):
        start(run)
    assert isinstance(run.status(), Running)
    assert run.state()[0].process == before.process


@pytest.mark.slow
def test_of_two_starts_at_once_one_wins(runs, script, ended):
    run = prepare(runs, Request(script("print('once')")))
    problems: list[str] = []

    def begin() -> None:
        try:
            start(run)
        except LaunchError as error:
            problems.append(str(error))

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(problems) == 1
    assert "already started" in problems[0]
    assert ended(run).why == Done()
    assert run.output_log.read_text() == "once\n"


@pytest.mark.slow
def test_twenty_runs_start_side_by_side(runs, script, ended):
    path = script("print('ok')")
    started = []
    threads = [threading.Thread(target=lambda: started.append(launch(runs, Request(path)))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({run.id for run in started}) == 20
    assert all(ended(run, 60).why == Done() for run in started)


@pytest.mark.slow
def test_run_again_is_a_new_run_linked_to_its_parent(go, ended, runs):
    run = go("import sys; print(sys.argv[1:])", "7", tags=("a",), name="first", env={"MODE": "fast"}, grace=5)
    ended(run)
    second = rerun(run, runs)
    assert ended(second).why == Done()
    spec, notes = second.spec()[0], second.notes()[0]
    assert (spec.parent, spec.argv, spec.env, spec.grace) == (run.id, ("7",), {"MODE": "fast"}, 5.0)
    assert (notes.tags, notes.name) == (("train", "a"), "first")
    assert second.output_log.read_text() == "['7']\n"


@pytest.mark.slow
def test_run_again_takes_a_secret_from_the_environment_or_asks_for_it(go, ended, runs, monkeypatch):
    run = go("import os; print(os.environ['HF_TOKEN'])", env={"HF_TOKEN": "first"})
    ended(run)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    with pytest.raises(LaunchError, match="HF_TOKEN is a secret and was not kept"):
        rerun(run, runs)
    monkeypatch.setenv("HF_TOKEN", "second")
    second = rerun(run, runs)
    ended(second)
    assert second.output_log.read_text() == "second\n"


@pytest.mark.slow
def test_run_again_needs_its_script(go, ended, runs):
    run = go("1")
    ended(run)
    Path(run.spec()[0].script).unlink()
    with pytest.raises(LaunchError, match="there is no script"):
        rerun(run, runs)


@pytest.mark.slow
def test_resume_starts_from_the_network_saved_last(go, ended, runs):
    run = go("import os; print(os.environ.get('TRAINVIS_RESUME'))")
    ended(run)
    with pytest.raises(LaunchError, match="no saved network"):
        resume(run, runs)
    for number, name in enumerate(["first.keras", "best.keras", "epoch-0002.keras", ".half.keras"]):
        (run.networks / name).write_text(name)
        os.utime(run.networks / name, (1e9 + number, 1e9 + number))
    second = resume(run, runs)
    ended(second)
    assert second.output_log.read_text() == f"{run.networks / 'epoch-0002.keras'}\n"
    assert (second.spec()[0].parent, second.spec()[0].resumes) == (run.id, str(run.networks / "epoch-0002.keras"))


@pytest.mark.slow
def test_a_running_run_is_not_resumed(go, runs):
    run = go("import time; time.sleep(60)")
    with pytest.raises(LaunchError, match="still running"):
        resume(run, runs)


@pytest.mark.slow
def test_what_a_run_starts_is_no_part_of_that_run(go, ended, runs):
    inner = Path(runs.parent, "inner.py")
    inner.write_text("import os, time; print(os.environ['TRAINVIS_RUN'], flush=True); time.sleep(60)")
    outer = go(
        f"""
        from pathlib import Path
        from trainvis.engine.launch import Request, launch
        print(launch(Path({str(runs)!r}), Request({str(inner)!r})).id)
        """
    )
    status = ended(outer)
    assert status.why == Done(), outer.output_log.read_text()
    assert outer.state()[0].stragglers == 0
    [nested] = [path for path in runs.iterdir() if path.name.startswith("inner")]
    nested_run = type(outer)(nested)
    wait_for(lambda: nested_run.output_log.read_text() == f"{nested}\n", what="the inner run's mark")
    assert isinstance(nested_run.status(), Running)


@pytest.mark.slow
def test_waiting_for_a_run_gives_its_end(go):
    assert wait(go("import sys; sys.exit(4)"), poll=0.01).why == Failed(4)


@pytest.mark.slow
def test_facts_are_gathered_beside_the_run(go, ended):
    run = go("1")
    ended(run)
    wait_for(run.facts_file.exists, 30, "the facts")
