"""What is said of an interpreter, asked for real."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from trainvis.engine import interpreters


def executable(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


def test_the_interpreter_of_the_tests_is_found_with_its_frameworks() -> None:
    found = interpreters.inspect(sys.executable, really=False)
    assert found.ok
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert "numpy" in found.frameworks


@pytest.mark.slow
def test_the_callbacks_are_really_imported() -> None:
    found = interpreters.inspect(sys.executable)
    assert found.callbacks, found.problem


def test_an_interpreter_without_trainvis_still_runs_scripts(tmp_path: Path) -> None:
    python = executable(tmp_path / "python", f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    found = interpreters.inspect(python)
    assert found.ok
    assert not found.callbacks
    assert "without callbacks" in found.problem
    assert "pip install" in found.problem


def test_a_python_older_than_3_11_still_runs_scripts(tmp_path: Path) -> None:
    # What an old interpreter prints, as a real one (2.7, 3.6, 3.10) printed it.
    said = 'trainvis-answer:{"version": "3.6.15", "packages": {}, "callbacks": true}'
    found = interpreters.inspect(executable(tmp_path / "python3.6", f"#!/bin/sh\necho '{said}'\n"))
    assert (found.ok, found.callbacks) == (True, False)
    assert "Python 3.6.15" in found.problem


def real_pythons() -> list[str]:
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    return [str(path) for path in sorted(versions.glob("[23].*/bin/python"))]


@pytest.mark.slow
@pytest.mark.parametrize("python", real_pythons())
def test_every_python_of_this_machine_answers(python: str) -> None:
    assert interpreters.inspect(python, really=False).version == Path(python).parts[-3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#!/bin/sh\nexit 3\n", "it ended with 3"),
        ("#!/bin/sh\necho 'no such \x1b[31mlibrary' >&2; exit 1\n", "no such ␛[31mlibrary"),
        ("#!/no/such/interpreter\n", "cannot be run"),
        ("#!/bin/sh\necho 'trainvis-answer:{broken'\n", "callbacks need"),
    ],
)
def test_what_is_no_python_is_said_in_words(tmp_path: Path, text: str, said: str) -> None:
    assert said in interpreters.inspect(executable(tmp_path / "python", text)).problem


def test_a_missing_interpreter_a_folder_and_a_slow_one_are_said(tmp_path: Path) -> None:
    assert "there is no interpreter" in interpreters.inspect(str(tmp_path / "none")).problem
    assert "is a folder" in interpreters.inspect(str(tmp_path)).problem
    slow = executable(tmp_path / "python", "#!/bin/sh\nexec sleep 5\n")
    assert "did not answer" in interpreters.inspect(slow, timeout=0.1).problem


@pytest.mark.slow
def test_a_module_in_the_working_folder_does_not_answer_for_the_real_one(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('wrong json')")
    monkeypatch.chdir(tmp_path)
    assert "numpy" in interpreters.packages(sys.executable).versions
