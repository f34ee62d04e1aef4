"""The group of commands: quick to start, every command explained, every error one harmless sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import click
import pytest

from trainvis.tui.commands.main import TABLE, cli

ALL = [name for names in TABLE.values() for name in names]
ASKED_FOR = {
    *(
        "run",
        "rerun",
        "resume",
        "demo",
        "ls",
        "show",
        "logs",
        "pictures",
        "look",
        "blob",
        "faces",
        "stop",
        "kill",
        "tag",
        "note",
        "name",
    ),
    *("rm", "undo", "restore", "trash", "get", "export", "doctor"),
}


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


@pytest.mark.slow
def test_the_help_loads_click_and_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['trainvis', '--help']\n"
        "from trainvis.tui.commands.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = set(said.partition("LOADED")[2].split())
    assert "click" in loaded
    assert not loaded & {"textual", "rich", "numpy", "h5py", "PIL", "watchdog", "json", "subprocess", "asyncio"}
    ours = {name for name in loaded if name.startswith("trainvis")}
    rooms = {"trainvis", "trainvis.tui", "trainvis.tui.commands", "trainvis.engine", "trainvis.engine.errors"}
    assert ours - rooms <= {f"trainvis.tui.commands.{name}" for name in ("main", "options", "exits", "lazy")}


@pytest.mark.slow
def test_the_package_is_a_program_too() -> None:
    said = subprocess.run([sys.executable, "-m", "trainvis", "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"trainvis \d+\.\d+\.\d+\n", said.stdout)


def test_every_command_is_there() -> None:
    assert set(ALL) == ASKED_FOR
    assert len(ALL) == len(ASKED_FOR)


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself_with_examples(trainvis, name: str) -> None:
    result = trainvis(name, "--help")
    assert result.exit_code == 0
    assert f"trainvis {name}" in result.stdout
    assert "Example" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", ALL)
def test_every_option_has_a_sentence(name: str) -> None:
    for parameter in command(name).params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            assert parameter.help.endswith("."), parameter.help


def test_commands_that_print_a_table_print_json_too() -> None:
    for name in ("ls", "show", "run", "rerun", "resume", "tag", "trash", "doctor", "export"):
        assert any("--json" in parameter.opts for parameter in command(name).params), name


def test_an_unknown_command_is_a_usage_error_without_control_characters(trainvis) -> None:
    result = trainvis("l\x1b[31ms")
    assert result.exit_code == 2
    assert "\x1b" not in result.output
    assert "trainvis --help" in result.stderr
    assert "did you mean ls" in trainvis("lss").stderr


def test_a_script_in_place_of_a_command_and_its_options_without_dashes_are_told_apart(trainvis, script) -> None:
    path = script("print(1)")
    result = trainvis(path, "--lr", "0.1")
    assert result.exit_code == 2
    assert f"trainvis run {path}" in result.stderr
    result = trainvis("run", path, "--lr", "0.1")
    assert result.exit_code == 2
    assert "-- --lr" in result.stderr


def test_without_a_terminal_the_application_says_what_to_use_instead(trainvis) -> None:
    result = trainvis()
    assert result.exit_code == 1
    assert "trainvis ls" in result.stderr


def test_a_damaged_settings_file_is_a_sentence(trainvis, monkeypatch, tmp_path) -> None:
    (tmp_path / "trainvis").mkdir()
    (tmp_path / "trainvis" / "config.toml").write_text("runs = [")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("TRAINVIS_RUNS")
    result = trainvis("ls")
    assert result.exit_code == 1
    assert "config.toml" in result.stderr
    assert trainvis("ls", "--runs", tmp_path).exit_code == 0


@pytest.mark.slow
def test_doctor_names_what_of_the_settings_is_ignored(trainvis, monkeypatch, tmp_path) -> None:
    (tmp_path / "trainvis").mkdir()
    (tmp_path / "trainvis" / "config.toml").write_text('[keys]\n"runs.fly" = "x"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    line = next(line for line in trainvis("doctor", "--quick").stdout.splitlines() if "settings" in line)
    assert line.startswith("warn")
    assert "no key has the id runs.fly" in line


def test_the_runs_folder_is_taken_before_and_after_the_command(trainvis, made, tmp_path) -> None:
    run = made()
    assert run.id in trainvis("--runs", run.path.parent, "ls").stdout
    assert run.id in trainvis("ls", "--runs", run.path.parent).stdout
    assert run.id not in trainvis("--runs", tmp_path, "ls").stdout


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error_message(made) -> None:
    run = made(output=b"line\n" * 200_000)
    line = f"{sys.executable} -m trainvis --runs {run.path.parent} logs | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False)
    assert done.stdout == b"line\n"
    assert done.stderr == b""
    assert done.returncode == 141


@pytest.mark.slow
def test_a_full_disk_behind_standard_output_is_a_sentence(made) -> None:
    run = made(output=b"line\n" * 50_000)
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "trainvis", "--runs", run.path.parent, "logs"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == b"trainvis: standard output: No space left on device\n"


@pytest.mark.slow
def test_streams_that_are_closed_are_no_error(made) -> None:
    line = f"{sys.executable} -m trainvis --runs {made().path.parent} ls <&- >&-"
    done = subprocess.run(["bash", "-c", line], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_a_terminal_without_unicode_gets_its_table(made, program) -> None:
    made(loss=[1.0, 0.5])
    done = program("ls", env={"PYTHONIOENCODING": "ascii", "TRAINVIS_RUNS": str(made().path.parent)})
    assert done.returncode == 0
    assert b"loss" in done.stdout


def test_windows_is_told_to_use_wsl() -> None:
    code = "import os\nfrom trainvis.tui.commands.main import main\nos.name = 'nt'\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "inside WSL" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_the_shell_completes_commands_and_runs(made) -> None:
    run = made()

    def completed(words: str, place: int) -> str:
        asked = {"_TRAINVIS_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(place)}
        environment = {**os.environ, "TRAINVIS_RUNS": str(run.path.parent), **asked}
        command = [sys.executable, "-m", "trainvis"]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    assert "plain,rerun" in completed("trainvis rer", 1)
    assert f"plain,{run.id}" in completed("trainvis show dig", 2)
