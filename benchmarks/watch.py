"""1,000 runs, 20 of them live: from a file's change to the callback, and what watching costs while nothing happens."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import _runs

from trainvis.engine.rundir import RunDir, State
from trainvis.engine.watch import Watcher

QUIET = 20.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _runs.make(root, 980)
        live = [_live(root) for _ in range(20)]
        told = threading.Event()
        wanted: list[Path] = []
        watcher = Watcher(root, lambda paths: told.set() if not wanted or wanted[0] in paths else None)
        begin = time.perf_counter()
        watcher.start()
        told.wait()
        ready = time.perf_counter() - begin
        time.sleep(1.0)
        latencies = [_latency(live[at % 20], told, wanted) for at in range(60)]
        wanted[:] = [root / "none"]
        result = {
            "benchmark": "watch",
            "runs": 1000,
            "live": 20,
            "calibration_stat_of_3000_files_ms": _calibration(root),
            "ready_ms": round(ready * 1e3, 1),
            "change_to_callback_ms_median": round(statistics.median(latencies) * 1e3, 1),
            "change_to_callback_ms_p95": round(sorted(latencies)[56] * 1e3, 1),
            "idle_cpu_percent": round(_idle(), 2),
            "threads": threading.active_count(),
            "problem": watcher.problem,
        }
        watcher.stop()
        print(json.dumps(result))


def _live(root: Path) -> RunDir:
    run = RunDir.create(root, "live")
    run.write_state(State("running", started=time.time()))
    run.summary_file.write_text("{}")
    return run


def _latency(run: RunDir, told: threading.Event, wanted: list[Path]) -> float:
    time.sleep(0.2)  # a quiet moment before each change: the interval between two calls is over
    wanted[:] = [run.path]
    told.clear()
    aside = run.summary_file.with_suffix(".tmp")
    aside.write_text("{}")
    begin = time.perf_counter()
    os.replace(aside, run.summary_file)
    told.wait(10)
    return time.perf_counter() - begin


def _calibration(root: Path) -> float:
    paths = [f"{entry.path}/{name}" for entry in os.scandir(root) for name in ("", "results", "notes.json")]
    begin = time.perf_counter()
    for path in paths:
        if os.path.exists(path):  # noqa: PTH110 (the bare call is what is measured)
            os.stat(path)  # noqa: PTH116
    return round((time.perf_counter() - begin) * 1e3, 2)


def _idle() -> float:
    begin, used = time.monotonic(), time.process_time()
    time.sleep(QUIET)
    return 100 * (time.process_time() - used) / (time.monotonic() - begin)


if __name__ == "__main__":
    main()
