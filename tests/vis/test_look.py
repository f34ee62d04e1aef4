"""What `python -m trainvis.vis.look` says while it works: how far it is, and what it read on its command line."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from trainvis.vis import look
from trainvis.vis.figures import Prediction
from trainvis.vis.look import LookError


def test_what_takes_no_time_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    tell = look._progress()
    for done in range(32, 129, 32):
        tell(done, 128)
    assert capsys.readouterr().out == ""


def test_progress_says_when_it_ends_and_is_wiped_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    tell = look._progress()
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
    assert look._labels(str(path)) == ("cat", "d\u00f6g", "\u241b[31mred")
    path.write_bytes(b"\x89PNG\r\n\0\0")
    with pytest.raises(LookError, match="are no text"):
        look._labels(str(path))
    with pytest.raises(LookError, match="cannot be read"):
        look._labels(str(tmp_path / "none.txt"))


@pytest.mark.parametrize("text", ["²", "9" * 400, "-", "1.5", "cat"])
def test_a_class_that_is_no_number_is_a_name(text: str) -> None:
    with pytest.raises(LookError, match="no class is called"):
        look._target(text, ("dog", "bird"))
    assert look._target("3", ()) == 3
    assert look._target("dog", ("cat", "dog")) == 1


def test_one_score_is_no_class() -> None:
    assert look.predicted(Prediction((0,), (1.25,), (), False, "")) == "score 1.25"
    assert look.predicted(Prediction((4, 1), (0.75, 0.25), (), True, "")) == "class 4 75.0%, class 1 25.0%"
