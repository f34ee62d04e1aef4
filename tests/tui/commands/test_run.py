"""`run`, `rerun`, `stop`, `kill` and waiting, with real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine import launch, status
from trainvis.engine.rundir import RunDir
from trainvis.engine.status import Finished, Running

PROGRAM = (sys.executable, "-m", "trainvis")
SLEEPER = "import time\nprint('awake', flush=True)\ntime.sleep(60)\n"


def the_run(runs: Path) -> RunDir:
    (path,) = runs.iterdir()
    return RunDir(path)


@pytest.mark.kills
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("raise SystemExit(3)", 3),
        pytest.param("print('hi')", 0, marks=pytest.mark.slow),
        pytest.param("1/0", 1, marks=pytest.mark.slow),
        pytest.param("import os; os._exit(137)", 137, marks=pytest.mark.slow),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", 128 + signal.SIGSEGV, marks=pytest.mark.slow
        ),
    ],
)
def test_waiting_gives_the_scripts_own_exit_code(trainvis, script, runs: Path, text: str, code: int) -> None:
    result = trainvis("run", "--wait", script(text))
    assert result.exit_code == code
    assert result.stdout == f"{the_run(runs).id}\n"


@pytest.mark.slow
@pytest.mark.kills
def test_a_run_gets_its_arguments_tags_name_image_environment_and_folder(
    trainvis, script, runs: Path, tmp_path
) -> None:
    path = script("import os, sys; print(sys.argv[1:], os.environ['MODE'], os.getcwd())")
    image = tmp_path / "cat.png"
    image.write_bytes(b"\x89PNG")
    result = trainvis(
        *("run", path, "--wait", "--tag", "A b", "--tag", "c", "--name", "first", "--note", "why", "--image", image),
        *(
            "--env",
            "MODE=x=y",
            "--env",
            "MY_TOKEN=hush",
            "--cwd",
            tmp_path,
            "--grace",
            "5",
            "--",
            "--lr",
            "0.1",
            "--wait",
        ),
    )
    assert result.exit_code == 0, result.output
    run = the_run(runs)
    notes, spec = run.notes()[0], run.spec()[0]
    assert (notes.name, notes.tags, notes.note) == ("first", ("train", "a", "b", "c"), "why")
    assert run.output_log.read_text() == f"['--lr', '0.1', '--wait'] x=y {tmp_path}\n"
    assert (spec.grace, spec.images, spec.env["MY_TOKEN"]) == (5.0, ("cat.png",), "***")


@pytest.mark.slow
@pytest.mark.kills
def test_a_started_run_is_left_alone_and_listed_as_json(trainvis, script) -> None:
    value = json.loads(trainvis("run", "--json", script(SLEEPER)).stdout)
    run = RunDir(value["path"])
    assert run.id == value["id"]
    assert isinstance(run.status(), Running)
    (listed,) = json.loads(trainvis("ls", "--json", "status:running").stdout)
    assert listed["id"] == run.id


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "there is no script"),
        (["{folder}"], "is a folder"),
        (["{script}", "--python", "no-such-python"], "there is no interpreter"),
        (["{script}", "--python", "/no/such/bin/python"], "there is no interpreter"),
        (["{script}", "--tag", "a\x1b[2Jb"], "cannot be a tag"),
        (["{script}", "--tag", "../x"], "cannot be a tag"),
        (["{script}", "--tag", "t" * 10_000], "cannot be a tag"),
        (["{script}", "--tag", "[red]"], "cannot be a tag"),
        (["{script}", "--image", "no.png"], "there is no image"),
        (["{script}", "--cwd", "/no/such/folder"], "is no folder"),
        (["{broken}"], "SyntaxError"),
    ],
)
def test_what_cannot_be_started_is_a_sentence_and_leaves_nothing(
    trainvis, script, runs: Path, arguments: list[str], said: str
) -> None:
    places = {"script": script("print(1)"), "folder": runs, "broken": script("def f(:\n", "broken.py")}
    result = trainvis("run", *(text.format(**places) if "{" in text else text for text in arguments))
    assert result.exit_code == 1
    assert said in result.stderr
    assert "\x1b" not in result.output
    assert "Traceback" not in result.output
    assert len(result.stderr) < 3000
    assert list(runs.iterdir()) == []


@pytest.mark.parametrize("root", ["/dev/null/runs", "/proc/runs", "{file}"])
def test_a_runs_folder_that_takes_nothing_is_a_sentence(trainvis, script, root: str) -> None:
    path = script("print(1)")
    result = trainvis("run", path, "--runs", root.format(file=path))
    assert result.exit_code == 1
    assert "no run directory can be made" in result.stderr
    assert "--runs" in result.stderr


@pytest.mark.parametrize("addition", ["novalue", "=x", ""])
def test_an_environment_addition_without_a_name_is_a_usage_error(trainvis, script, addition: str) -> None:
    result = trainvis("run", script(""), "--env", addition)
    assert result.exit_code == 2
    assert "NAME=VALUE" in result.stderr


@pytest.mark.slow
@pytest.mark.kills
def test_a_name_with_controls_markup_and_length_is_kept_harmless(trainvis, script, runs: Path) -> None:
    result = trainvis("run", "--wait", script("print(1)"), "--name", "\x1b]0;x\x07[red]../" + "n" * 10_000)
    assert result.exit_code == 0
    name = the_run(runs).notes()[0].name
    assert "[red]../" in name
    assert len(name) <= 200
    assert "\x1b" not in name + result.output + trainvis("show").output + trainvis("ls").output


@pytest.mark.slow
@pytest.mark.kills
def test_a_script_whose_name_is_hostile_runs_and_is_shown_harmless(trainvis, script, runs: Path) -> None:
    path = script("print(1)", "a\x1b[31m [b] \u202e ü.py")
    assert trainvis("run", "--wait", path).exit_code == 0
    assert the_run(runs).path.parent == runs
    said = trainvis("show").output + trainvis("ls").output
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.slow
@pytest.mark.kills
def test_an_interpreter_without_trainvis_runs_the_script_and_says_what_is_missing(trainvis, script, tmp_path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    python.chmod(0o755)
    result = trainvis("run", "--wait", script("print('ran')"), "--python", python)
    assert result.exit_code == 0
    assert "without callbacks" in result.stderr
    assert "ran" in trainvis("logs").stdout


@pytest.mark.slow
def test_a_python_older_than_3_11_runs_the_script_and_is_said(trainvis, script) -> None:
    old = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    pythons = [path for path in sorted(old.glob("3.[0-9].*/bin/python")) if path.exists()]
    if not pythons:
        pytest.skip("no Python older than 3.11 on this machine")
    result = trainvis("run", "--wait", script("print('ran')"), "--python", pythons[0])
    assert result.exit_code == 0
    assert "callbacks need 3.11" in result.stderr


@pytest.mark.slow
@pytest.mark.kills
def test_interrupting_the_wait_asks_the_script_to_stop(script, runs: Path) -> None:
    waiter = subprocess.Popen(
        [*PROGRAM, "run", "--wait", script(SLEEPER)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    run = wait_for(lambda: [RunDir(path) for path in runs.iterdir()], what="a run")[0]
    wait_for(lambda: run.output_log.exists() and run.output_log.read_text(), what="its output")
    waiter.send_signal(signal.SIGINT)
    _, said = waiter.communicate(timeout=20)
    end = run.status()
    assert isinstance(end, Finished)
    assert isinstance(end.why, status.Stopped), end
    assert b"asked to stop" in said
    assert waiter.returncode == 128 + signal.SIGTERM


@pytest.mark.slow
@pytest.mark.kills
def test_stop_and_kill_end_runs_and_a_second_time_is_refused(trainvis, script) -> None:
    first = trainvis("run", script(SLEEPER)).stdout.strip()
    second = trainvis("run", script(SLEEPER, "other.py")).stdout.strip()
    assert "was asked to stop" in trainvis("stop", first, "--wait").stdout
    assert trainvis("kill", second).exit_code == 0
    launch.wait(RunDir(os.path.join(os.environ["TRAINVIS_RUNS"], second)))  # noqa: PTH118
    again = trainvis("stop", first, second)
    assert again.exit_code == 1
    assert again.stderr.count("has ended already") == 2


@pytest.mark.slow
@pytest.mark.kills
def test_a_run_again_is_linked_to_its_parent(trainvis, script) -> None:
    first = trainvis("run", "--wait", script("import sys; sys.exit(int(sys.argv[1]))"), "--", "4").stdout.strip()
    result = trainvis("rerun", first, "--wait")
    assert result.exit_code == 4
    second = json.loads(trainvis("show", result.stdout.strip(), "--json").stdout)
    assert second["parent"] == first
    assert second["argv"] == ["4"]


def test_a_run_without_a_network_is_not_resumed(trainvis, made) -> None:
    result = trainvis("resume", made().id)
    assert result.exit_code == 1
    assert "no saved network" in result.stderr


@pytest.mark.parametrize(
    ("command", "name"),
    [
        *((command, "nothing") for command in ("show", "stop", "kill", "rerun", "resume", "logs", "tag", "export")),
        *(("show", name) for name in ("../..", "\x1b[2J", "", "x" * 10_000)),
    ],
)
def test_a_run_that_is_not_there_is_exit_code_3(trainvis, made, command: str, name: str) -> None:
    made()
    result = trainvis(command, name)
    assert result.exit_code == 3
    assert "\x1b" not in result.stderr
    assert len(result.stderr) < 2000


def test_an_id_that_begins_two_runs_names_both(trainvis, made) -> None:
    runs = made(), made()
    result = trainvis("show", "digits")
    assert result.exit_code == 3
    assert all(run.id in result.stderr for run in runs)
