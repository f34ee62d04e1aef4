"""The application inside tmux, the place where most of its life goes by."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine.rundir import RunDir, Spec, State

pytestmark = [
    pytest.mark.kills,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Tmux:
    """A tmux server of one's own with one window."""

    def __init__(self, socket: Path, command: str) -> None:
        self._tmux = ["tmux", "-f", "/dev/null", "-S", str(socket)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TMUX")}
        start = [*self._tmux, "new-session", "-d", "-x", "80", "-y", "24", "-s", "t", command]
        subprocess.run(start, env=environment, check=True)

    def do(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=True).stdout

    def text(self) -> str:
        return self.do("capture-pane", "-p", "-t", "t")

    def shows(self, text: str) -> str:
        wait_for(lambda: text in self.text(), timeout=20, what=f"{text!r} in tmux")
        return self.text()


@pytest.fixture
def tmux(runs: Path, tmp_path: Path) -> Iterator[Tmux]:
    run = RunDir.create(runs, "digits")
    run.write_spec(Spec(script="/digits.py", created=time.time()))
    run.write_state(State(status="finished", why="done", started=time.time() - 9, ended=time.time()))
    command = f"{Path(sys.executable).with_name('trainvis-tui')}; echo it ended with $?; exec sleep 60"
    tmux = Tmux(tmp_path / "tmux", command)
    yield tmux
    tmux.do("kill-server")


def test_it_starts_takes_keys_is_resized_detached_and_left(tmux: Tmux) -> None:
    assert "digits" in tmux.shows("done")
    tmux.do("send-keys", "-t", "t", "?")
    tmux.shows("remap a key")
    tmux.do("send-keys", "-t", "t", "Escape")
    for columns, rows in ((20, 6), (200, 60), (80, 24)):
        tmux.do("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))
    tmux.shows("done")
    tmux.do("send-keys", "-t", "t", "q")
    tmux.shows("it ended with 0")


def test_a_server_that_is_killed_takes_the_application_with_it(runs: Path, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    tmux = Tmux(tmp_path / "tmux", f"echo $$ > {pid}; exec {Path(sys.executable).with_name('trainvis-tui')}")
    tmux.shows("RUNS")
    tmux.do("kill-server")
    wait_for(lambda: not Path(f"/proc/{pid.read_text().strip()}").exists(), what="the application to end")
