"""Real runs for the tests of the engine, none of which outlives its test."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wait import wait_for

from trainvis.engine import process
from trainvis.engine.launch import Request, launch
from trainvis.engine.rundir import Process, RunDir
from trainvis.engine.status import Finished, Running


@pytest.fixture(autouse=True)
def _nothing_is_left(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    yield
    if request.node.get_closest_marker("kills"):
        for left in belonging_to(tmp_path):
            process.send(left, signal.SIGKILL)


@pytest.fixture
def go(runs: Path, script: Callable[..., Path]) -> Callable[..., RunDir]:
    """`go(text, *argv, **request)` writes a script and starts it as a run."""

    def start(text: str, *argv: str, **request: object) -> RunDir:
        return launch(runs, Request(script(text), argv=argv, **request))  # type: ignore[arg-type]

    return start


def belonging_to(folder: Path) -> list[Process]:
    """Supervisors and scripts of all runs below a folder, whatever became of their parents."""
    mark = os.fsencode(str(folder) + os.sep)
    found = []
    for seen in process.table():
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{seen.process.pid}/cmdline").read_bytes()
            words += Path(f"/proc/{seen.process.pid}/environ").read_bytes()
            if mark in words and seen.process.pid != os.getpid():
                found.append(seen.process)
    return found


@pytest.fixture
def ended() -> Callable[..., Finished]:
    """`ended(run)` waits for the end of a run and gives it; a run that is lost has none."""

    def wait(run: RunDir, timeout: float = 60.0) -> Finished:
        return wait_for(lambda: (s := run.status()) and isinstance(s, Finished) and s, timeout, f"the end of {run.id}")

    return wait


@pytest.fixture
def said() -> Callable[[RunDir, str], str]:
    """`said(run, text)` waits until the script has printed `text`, and gives its whole output."""

    def wait(run: RunDir, text: str) -> str:
        def output() -> str:
            shown = run.output_log.read_text(errors="replace") if run.output_log.exists() else ""
            return shown if text in shown else ""

        return wait_for(output, what=f"{text!r} in the output of {run.id}")

    return wait


@pytest.fixture
def running() -> Callable[[RunDir], Running]:
    """`running(run)` is its status, which must be Running."""

    def now(run: RunDir) -> Running:
        status = run.status()
        assert isinstance(status, Running), status
        return status

    return now


class Gate:
    """A place where a script waits until the test lets it on: `text` is its code, ending in a new line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.text = f"import os, sys, time\nwhile not os.path.exists({str(path)!r}): time.sleep(0.01)\n"

    def open(self) -> None:
        self._path.touch()


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path / "gate")


@pytest.fixture
def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`shim(c)` puts functions of the C library in another's place, for every process started from here on."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler and Linux")

    def compile_and_preload(text: str) -> None:
        source, library = tmp_path / "shim.c", tmp_path / "shim.so"
        source.write_text(text)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
        monkeypatch.setenv("LD_PRELOAD", str(library))

    return compile_and_preload
