"""The application in a terminal window, for the benchmarks: places of its own, runs that live, figures."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from picture_window import PictureWindow
from window import APPLICATION, PLAIN, TRUECOLOR, Window

from trainvis.engine import process
from trainvis.engine.rundir import RunDir, Spec, State
from trainvis.engine.runs import save_index, snapshot

__all__ = ["APPLICATION", "PLAIN", "TRUECOLOR", "PictureWindow", "Window"]


@contextmanager
def places() -> Iterator[Path]:
    """A runs folder, and a home for settings and index that is gone afterwards; the environment says so."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name in ("CONFIG", "CACHE", "STATE", "DATA"):
            os.environ[f"XDG_{name}_HOME"] = str(Path(folder) / name.lower())
        root = Path(folder) / "runs"
        root.mkdir()
        os.environ["TRAINVIS_RUNS"] = str(root)
        yield root


def keep_index(root: Path) -> None:
    """Leave the index as an application that was closed would."""
    save_index(snapshot(root))


def live(root: Path, name: str = "live") -> RunDir:
    """A run whose process is this one: it is running as long as the benchmark is."""
    run = RunDir.create(root, name)
    now = time.time()
    me = process.identity(os.getpid())
    state = State("running", host=process.host(), boot=process.boot_id(), user=process.user(), process=me, started=now)
    run.spec_file.write_text(json.dumps({"schema": 1, **asdict(Spec(f"/home/me/{name}.py", created=now))}))
    run.state_file.write_text(json.dumps({"schema": 1, **asdict(state)}))
    return run


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and least of several measurements."""
    ordered = sorted(seconds)
    at = min(round(0.95 * (len(ordered) - 1)), len(ordered) - 1)
    values = {"median": statistics.median(ordered), "p95": ordered[at], "min": ordered[0]}
    return {name: round(value * 1000, 1) for name, value in values.items()}


def bare_import() -> float:
    """The calibration: seconds for `import textual.app` alone, from spawn to exit."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    return time.perf_counter() - began
