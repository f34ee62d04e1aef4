"""What `python -m trainvis.vis.look` says while it works: how far it is, and what it read on its command line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import trainvis
from trainvis.vis import framework, look, looking, telling
from trainvis.vis.figures import Prediction
from trainvis.vis.looking import LookError


def test_what_takes_no_time_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    tell = telling.progress()
    for done in range(32, 129, 32):
        tell(done, 128)
    assert capsys.readouterr().out == ""


def test_progress_says_when_it_ends_and_is_wiped_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    tell = telling.progress()
    for of in (1000, 5000):  # the second technique begins anew: the time of the first one is not its own
        for done in range(100, of + 1, 100):
            tell(done, of)
            clock[0] += 1.0
        _, first, *_, last, _ = capsys.readouterr().out.split("\r")
        assert first == f"200 of {of:,} ({200 / of:.0%}), {(of - 200) // 100} s left"
        assert len(last) >= len(first) - 2
        assert not last.strip()
        clock[0] += 1000


def test_an_option_without_a_value_and_an_image_without_a_name_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert look.main(["net.keras", "--image=a.png", "--option=signs"]) == 1
    assert "write NAME=VALUE" in capsys.readouterr().err
    assert look.main(["net.keras", "--image="]) == 1
    assert "--image FILE" in capsys.readouterr().err


def test_labels_are_lines_of_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes("cat\n\n d\u00f6g \n\x1b[31mred".encode())
    assert looking.labels_in(str(path)) == ("cat", "d\u00f6g", "\u241b[31mred")
    path.write_bytes(b"\x89PNG\r\n\0\0")
    with pytest.raises(LookError, match="are no text"):
        looking.labels_in(str(path))
    with pytest.raises(LookError, match="cannot be read"):
        looking.labels_in(str(tmp_path / "none.txt"))


@pytest.mark.parametrize("text", ["²", "9" * 400, "-", "1.5", "cat"])
def test_a_class_that_is_no_number_is_a_name(text: str) -> None:
    with pytest.raises(LookError, match="no class is called"):
        looking._target(text, ("dog", "bird"))
    assert looking._target("3", ()) == 3
    assert looking._target("dog", ("cat", "dog")) == 1


def test_one_score_is_no_class() -> None:
    assert looking.predicted(Prediction((0,), (1.25,), (), False, "")) == "score 1.25"
    assert looking.predicted(Prediction((4, 1), (0.75, 0.25), (), True, "")) == "class 4 75.0%, class 1 25.0%"


@pytest.mark.slow
def test_an_interpreter_without_what_is_needed_is_told_so_in_one_line(tmp_path: Path) -> None:
    package = Path(trainvis.__file__).parent.parent
    for missing, said in (("numpy", "has no numpy"), ("keras", "Keras does not load on jax")):
        folder = tmp_path / missing
        folder.mkdir()
        (folder / f"{missing}.py").write_text(f"raise ModuleNotFoundError('gone', name={missing!r})")
        done = subprocess.run(
            [sys.executable, "-m", "trainvis.vis.look", "net.keras", "--technique=layer_graph"],
            env={**os.environ, "PYTHONPATH": f"{folder}:{package}", "KERAS_BACKEND": "jax"},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_what_is_printed_is_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("raise ImportError('größer')")
    done = subprocess.run(
        [sys.executable, "-m", "trainvis.vis.look", "net.keras", "--technique=layer_graph"],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert "größer" in done.stderr.decode()


@pytest.mark.parametrize("content", ["", "[]", '{"backend": 7}', '{"backend": "theano"}', '{"backend": "torch"}'])
def test_the_backend_is_that_of_the_settings_of_keras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert framework._configured() == "tensorflow"
    (tmp_path / "keras.json").write_text(content)
    assert framework._configured() == ("torch" if "torch" in content else "tensorflow")


def test_standard_error_is_shown_again_where_a_framework_fails(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        os.write(2, b"the reason\n")
        raise ZeroDivisionError

    with framework.hushed():
        os.write(2, b"noise\n")
    with pytest.raises(ZeroDivisionError), framework.hushed():
        fail()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "the reason\nafter\n"
