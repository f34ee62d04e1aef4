"""The command line as a person calls it: in this process, or as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from trainvis.engine import launch
from trainvis.engine.errors import LaunchError
from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import Notes, RunDir, Spec, State
from trainvis.engine.status import alive
from trainvis.tui.commands.main import cli

PROGRAM = (sys.executable, "-m", "trainvis")


@pytest.fixture
def trainvis(runs: Path) -> Callable[..., Result]:
    """`trainvis("ls", "--json")` calls a command in this process; `result.exit_code`, `.stdout`, `.stderr`."""

    def call(*arguments: str | Path, given: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(cli, [str(one) for one in arguments], input=given, prog_name="trainvis")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return call


@pytest.fixture
def program(runs: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """`program("ls")` calls a command as a process of its own."""

    def call(*arguments: str | Path, **more: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([*PROGRAM, *map(str, arguments)], capture_output=True, timeout=300, check=False, **more)

    return call


@pytest.fixture(autouse=True)
def _no_run_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    root: Path | None = request.getfixturevalue("runs") if "runs" in request.fixturenames else None
    yield
    for path in root.iterdir() if root is not None else ():
        if alive(RunDir(path).status()):
            try:
                launch.kill(RunDir(path))
            except LaunchError:
                continue  # it has ended meanwhile
            launch.wait(RunDir(path))


@pytest.fixture
def made(runs: Path) -> Callable[..., RunDir]:
    """`made("digits", name=…, tags=…, loss=[1, 0.5])` is a finished run with these metrics."""

    def make(
        stem: str = "digits",
        name: str = "",
        tags: tuple[str, ...] = (),
        note: str = "",
        argv: tuple[str, ...] = (),
        state: Mapping[str, object] | None = None,
        output: bytes = b"",
        **metrics: list[float],
    ) -> RunDir:
        run = RunDir.create(runs, stem)
        now = time.time()
        run.write_spec(
            Spec(script=f"/scripts/{stem}.py", argv=argv, cwd="/scripts", python=sys.executable, created=now)
        )
        fields = {"status": "finished", "why": "done", "exit_code": 0, "host": os.uname().nodename, **(state or {})}
        run.write_state(State(created=now - 60, started=now - 60, ended=now, **fields))  # type: ignore[arg-type]
        run.write_notes(Notes(name, tags, note))
        run.output_log.write_bytes(output)
        if metrics:
            writer = MetricWriter(run)
            writer.fit(epochs=1, steps_per_epoch=max(map(len, metrics.values())))
            for metric, values in metrics.items():
                for step, value in enumerate(values, 1):
                    writer.line(step, step / len(values), {metric: value})
            writer.close()
        return run

    return make
