"""The application in a real terminal: a pty, a process, what it draws and what becomes of the runs."""

from __future__ import annotations

import os
import signal
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from wait import wait_for
from window import APPLICATION, TRUECOLOR, Window

from trainvis.engine.files import write_json
from trainvis.engine.launch import launch
from trainvis.engine.process import alive
from trainvis.engine.request import Request
from trainvis.engine.rundir import RunDir, Spec, State
from trainvis.engine.status import Done, Finished, Running

pytestmark = pytest.mark.kills
GATED = """
    import pathlib, time
    print("waiting", flush=True)
    while not pathlib.Path({gate!r}).exists():
        time.sleep(0.02)
"""


def finished(root: Path, stem: str, **notes: object) -> RunDir:
    """A finished run, as its files would stand there; `notes` are written as they are, however foreign."""
    run = RunDir.create(root, stem)
    run.write_spec(Spec(script=f"/scripts/{stem}.py", created=time.time()))
    run.write_state(State(status="finished", why="done", started=time.time() - 9, ended=time.time()))
    if notes:
        write_json(run.notes_file, notes)
    return run


@pytest.fixture
def gated(runs: Path, tmp_path: Path, script: Callable[..., Path]) -> tuple[RunDir, Path]:
    """A run that lives until the file beside it is made."""
    gate = tmp_path / "gate"
    run = launch(runs, Request(script(GATED.format(gate=str(gate))), tags=("gated",)))
    wait_for(lambda: isinstance(run.status(), Running), what="the run to start")
    return run, gate


def test_the_first_frame_shows_the_runs_and_leaving_gives_the_terminal_back(runs: Path) -> None:
    finished(runs, "digits")
    with Window(answer=TRUECOLOR) as window:
        before = termios.tcgetattr(window._master)[3] & (termios.ECHO | termios.ICANON)
        assert "digits" in window.until("done")
        assert b"\x1b[?1049h" in window.raw
        assert b"\x1b[38;2;1;2;3m\x1bP" in window.raw  # the question
        assert window.raw.count(b"38;2;") > 5  # what was drawn, in the colours of the answer
        window.type("q")
        assert window.wait() == 0
        assert b"\x1b[?1049l" in window.raw
        assert b"\x1b[?25h" in window.raw
        assert termios.tcgetattr(window._master)[3] & (termios.ECHO | termios.ICANON) == before


@pytest.mark.slow
def test_a_terminal_that_keeps_no_24_bit_colours_gets_256(runs: Path) -> None:
    finished(runs, "digits")
    with Window() as window:
        window.until("done")
        drawn = bytes(window.raw).split(b"\x1b[?1049h")[1]
        assert b"38;5;" in drawn
        assert b"38;2;" not in drawn


@pytest.mark.slow
def test_a_silent_terminal_is_waited_for_once_and_then_served(runs: Path) -> None:
    finished(runs, "digits")
    with Window(answer=b"") as window:
        window.until("done")


@pytest.mark.slow
def test_any_size_is_drawn_even_while_it_changes(runs: Path) -> None:
    for number in range(30):
        finished(runs, f"digits{number}")
    with Window(rows=30) as window:
        window.until("digits29")
        sizes = [(20, 6), (1, 1), (200, 60), (20, 6), (3, 2), (80, 24), (2, 40), (120, 1)]
        for turn in range(60):
            window.resize(*sizes[turn % len(sizes)])
            window.type(("down", "?", "escape", "up", "/", "escape")[turn % 6])
            window.pump(0.005)
        window.resize(80, 24)
        window.settle()
        window.type("escape", "escape")
        window.until("RUNS")
        window.resize(20, 6)
        window.until("RUNS")
        assert not window.ended()


@pytest.mark.slow
def test_no_control_sequence_from_data_reaches_the_terminal(runs: Path) -> None:
    evil = [
        "\x1b]0;PWN\x07",
        "\x1b[2JPWN",
        "\x9b31mPWN",
        "\x1bP1;PWN\x1b\\",
        "\x1b]52;c;UFdO\x07",
        "\x07\x08\x0ePWN",
        "\u202ePWN",
    ]
    for number, text in enumerate(evil):
        finished(runs, f"evil{number}", name=text, tags=[text, f"[red]{text}"], note=text)
    run = finished(runs, "log", name="[bold]log", tags=["a"], note="\n".join(evil))
    run.output_log.write_text("\n".join(evil))
    with Window(columns=160, rows=40) as window:
        window.until("log")
        window.settle()
        window.type("enter")
        window.settle()
        window.type("2")
        window.settle()
        window.type("escape")
        window.settle()
        drawn = bytes(window.raw)
        assert not window.ended()
    assert drawn.count(b"PWN") > 3, "the names were never shown: the test proves nothing"
    for text in evil:
        sent = text.encode()
        assert sent not in drawn, f"{text!r} reached the terminal"
    for sequence in (b"\x1b]0;PWN", b"\x1b[2JPWN", b"\xc2\x9b", b"\x1bP1;", b"\x1b]52", b"\x0e", "\u202e".encode()):
        assert sequence not in drawn, f"{sequence!r} reached the terminal"
    assert b"\x07" not in drawn.replace(b"\x1b]22;default\x07", b"")  # the shape of the pointer, Textual's own


@pytest.mark.slow
def test_a_run_outlives_an_application_that_is_killed(gated: tuple[RunDir, Path]) -> None:
    run, gate = gated
    with Window() as window:
        window.until("running")
        window.kill()
        assert window.wait() == -signal.SIGKILL
    assert isinstance(run.status(), Running)
    gate.touch()
    status = wait_for(lambda: run.status() if isinstance(run.status(), Finished) else None, what="the end of the run")
    assert isinstance(status, Finished)
    assert isinstance(status.why, Done)


@pytest.mark.slow
def test_a_line_that_is_closed_ends_the_application_and_not_the_run(gated: tuple[RunDir, Path]) -> None:
    run, gate = gated
    with Window() as window:
        window.until("running")
        window.hang_up()
        wait_for(lambda: os.waitpid(window.pid, os.WNOHANG)[0], what="the application to end")
        window.status = 0
    process = run.state()[0].process
    assert process is not None
    assert alive(process)
    gate.touch()
    wait_for(lambda: isinstance(run.status(), Finished), what="the end of the run")


@pytest.mark.slow
def test_a_run_that_ends_is_seen_announced_and_rung(gated: tuple[RunDir, Path]) -> None:
    _, gate = gated
    with Window(columns=120) as window:
        window.until("running")
        window.settle()
        gate.touch()
        window.until("done (F4 opens it)")
        assert b"\x07" in window.raw


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_that_can_nothing_is_told_what_to_use_instead(runs: Path, name: str) -> None:
    with Window(environment={"TERM": name}) as window:
        window.until("needs a terminal; use `trainvis ls`")
        assert window.wait() == 1


def test_without_a_terminal_a_sentence_says_so(runs: Path) -> None:
    done = subprocess.run(APPLICATION, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs a terminal" in done.stderr
    assert "`trainvis ls`" in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.slow
def test_a_home_that_cannot_be_written_forgets_and_disturbs_nobody(runs: Path) -> None:
    with Window(environment={"XDG_STATE_HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere"}) as window:
        window.until("RUNS")
        window.settle()
        window.type("f9")
        window.until("theme trainvis-light")
        window.type("q")
        assert window.wait() == 0
