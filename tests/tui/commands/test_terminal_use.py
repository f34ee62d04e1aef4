"""Commands in a real terminal: what they open, and the lines they write over."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from wait import wait_for
from window import Window

PROGRAM = (sys.executable, "-m", "trainvis")

pytestmark = pytest.mark.kills

GATED = """
    import pathlib, sys, time
    while not pathlib.Path(sys.argv[1]).exists():
        time.sleep(0.01)
    print("over")
"""


@pytest.mark.slow
def test_the_application_opens_on_the_run_that_was_asked_for(made) -> None:
    made("other", name="another one")
    run = made("digits", name="the one")
    with Window([*PROGRAM, "--open", run.id], columns=100) as window:
        window.until("overview")
        window.until("the one")
        assert run.id in window.until(run.id)
        window.type("q")
        assert "another one" in window.until("another one")


@pytest.mark.slow
def test_the_application_begins_with_the_filter_that_was_given(made) -> None:
    made("digits", name="first", tags=("mnist",))
    made("digits", name="second", tags=("faces",))
    with Window([*PROGRAM, "--filter", "tag:mnist"]) as window:
        assert "second" not in window.until("first")


@pytest.mark.slow
def test_the_wait_shows_a_line_that_is_gone_when_it_is_over(script, runs: Path, tmp_path) -> None:
    gate = tmp_path / "gate"
    with Window([*PROGRAM, "run", "--wait", "--name", "a \x1b[2J name", str(script(GATED)), "--", str(gate)]) as window:
        window.until("running")
        (path,) = runs.iterdir()
        gate.touch()
        shown = window.until("is done")
        assert window.wait() == 0
        assert "running" not in shown
        assert path.name in shown
        assert b"\x1b[2J" not in window.raw


@pytest.mark.slow
def test_a_narrow_terminal_gets_a_table_that_fits(made) -> None:
    run = made("digits", tags=("mnist",), loss=[2.0, 1.0])
    with Window([*PROGRAM, "ls"], columns=50, rows=6) as window:
        assert window.wait() == 0
        wait_for(lambda: not window.pump(0.05), what="the rest")
        shown = window.text()
    assert run.id in shown
    assert "done" in shown
    assert "owner" not in shown
    assert len([line for line in shown.splitlines() if line]) == 2


@pytest.mark.slow
def test_doctor_asks_the_terminal(runs: Path) -> None:
    with Window([*PROGRAM, "doctor", "--quick"], columns=100, rows=40) as window:
        shown = window.until("callbacks", timeout=30)
    assert "xterm-256color" in shown
    assert "colours" in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "wanted", "words"),
    [
        (b"\x1bP>|kitty(0.26.5)\x1b\\\x1b_Gi=1;OK\x1b\\\x1b[?62;c", "", "kitty(0.26.5) cannot place pictures"),
        (b"\x1b[?62;4;22c", "", "sixel: the terminal says it draws sixels"),
        (b"\x1b[?62;22c", "iterm", "neither in iTerm2 nor in WezTerm"),
        (b"\x1b[?62;22c", "pink", "TRAINVIS_IMAGES should be one of"),
    ],
)
def test_doctor_says_how_pictures_are_shown_and_why(runs: Path, answer: bytes, wanted: str, words: str) -> None:
    environment = {"TRAINVIS_IMAGES": wanted}
    with Window([*PROGRAM, "doctor", "--quick"], 200, 40, environment, answer) as window:
        window.until(words)
        window.until("callbacks", timeout=30)


@pytest.mark.slow
def test_a_wish_for_pictures_that_is_none_is_refused_in_a_sentence(runs: Path) -> None:
    with Window(PROGRAM, 200, 10, {"TRAINVIS_IMAGES": "\x1b[2Jpink"}) as window:
        window.until("TRAINVIS_IMAGES should be one of auto, kitty, sixel")
        assert window.wait() == 1
        assert b"\x1b[2Jpink" not in window.raw
