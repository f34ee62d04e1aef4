"""A run of 1,000,000 metric lines opened in the real Curves widget: first curve, all of it, memory; 2 and 8 metrics.

`python benchmarks/curves.py [LINES]` prints one JSON line. The widget stands in a headless application of 160×50 cells
in a process of its own, so that its memory is the application's; `late` is how long its event loop, and so a key,
waited. Processor seconds are those of the application and of the processes that parse for it.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import RunDir

LINES = 1_000_000
METRICS = ("loss", "accuracy", "auc", "precision", "recall", "mae", "top_5_accuracy", "f1")
TARGETS = {"first_s": 0.5, "complete_s": 3.0, "rss_mb_8_metrics": 300}
QUIET = 0.3  # seconds after the last change for a repaint to be over


def main() -> None:
    if sys.argv[1:2] == ["--open"]:
        print(json.dumps(asyncio.run(opened(Path(sys.argv[2])))))
        return
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    result: dict[str, object] = {"benchmark": "curves", "lines": lines, "targets": TARGETS}
    for count in (2, 8):
        with tempfile.TemporaryDirectory() as folder:
            run = RunDir.create(Path(folder), "long")
            write(run, lines, METRICS[:count])
            command = [sys.executable, __file__, "--open", str(run.path)]
            found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            result[f"metrics_{count}"] = {**calibration(run), **json.loads(found)}
    print(json.dumps(result))


def write(run: RunDir, lines: int, names: tuple[str, ...]) -> None:
    """Noisy curves as a long training leaves them, validation every 1000 steps."""
    rng = random.Random(1)
    writer = MetricWriter(run)
    writer.fit(100, lines // 100, 32, {"name": "adam", "learning_rate": 1e-3})
    begin = time.time() - lines * 0.01
    for step in range(1, lines + 1):
        values = {name: 1 / (1 + step * 1e-4) + 0.1 * rng.random() for name in names}
        writer.line(step, step * 100 / lines, values, time=begin + step * 0.01)
        if step % 1000 == 0:
            writer.line(step, step * 100 / lines, {f"val_{name}": value for name, value in values.items()})
        if step % 20_000 == 0:
            writer.flush()
    writer.end("done")
    writer.close()


def calibration(run: RunDir) -> dict[str, float]:
    """What bare `json.loads` of every line costs on this machine in the same minute."""
    begin, used = time.perf_counter(), cpu()
    with run.metrics_file.open("rb") as file:
        for line in file:
            json.loads(line)
    return {
        "megabytes": round(run.metrics_file.stat().st_size / 1e6),
        "calibration_bare_json_loads_s": since(begin),
        "calibration_cpu_s": round(cpu() - used, 2),
    }


async def opened(path: Path) -> dict[str, object]:
    """The widget on that run, from its mount until all is shown; then with another smoothing."""
    from textual.app import App, ComposeResult

    from trainvis.engine.runs import Row
    from trainvis.engine.status import Done, Finished
    from trainvis.tui.widgets.curves import Curves

    class Stage(App[None]):
        def compose(self) -> ComposeResult:
            yield Curves()

    app = Stage()
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        found: dict[str, object] = {"rss_empty_mb": rss()}
        curves: Any = app.query_one(Curves)
        late = asyncio.create_task(lateness())
        begin, used, own = time.perf_counter(), cpu(), time.process_time()
        curves.rows = (Row(path, path.name, name="long", status=Finished(Done(), 0.0, 1.0)),)
        await until(lambda: curves.shown and curves.settled and any(view.area for view in curves.views))
        found["first_s"] = since(begin)
        await until(lambda: not any(run.partial for run in curves.shown) and curves.settled)
        found["complete_s"] = since(begin)
        late.cancel()
        found["complete_cpu_s"], found["of_it_application_s"] = (
            round(cpu() - used, 2),
            round(time.process_time() - own, 2),
        )
        found["late_p95_ms"], found["late_worst_ms"] = await late
        await asyncio.sleep(QUIET)
        found["rss_mb"] = rss()
        found["smoothing_changed_s"] = await smoothed(curves)
        await asyncio.sleep(QUIET)
        found["rss_smoothing_changed_mb"] = rss()
        found["rss_peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return found


async def smoothed(curves: Any) -> float:
    """Seconds for another smoothing of all curves, three times over."""
    begin = time.perf_counter()
    for _ in range(3):
        before = curves.choices.weight
        curves.action_smooth()
        await until(lambda before=before: curves.choices.weight != before)
    return since(begin)


async def lateness() -> tuple[float, float]:
    """How late the event loop comes to what was due, ms: 95th percentile and worst, until it is cancelled."""
    late: list[float] = []
    try:
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - due)
    except asyncio.CancelledError:
        late.sort()
        return round(late[int(len(late) * 0.95)] * 1e3, 1), round(late[-1] * 1e3, 1)


async def until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


def cpu() -> float:
    """Processor seconds of this process and of those that it waited for: what a busy machine does not change."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def since(begin: float) -> float:
    return round(time.perf_counter() - begin, 3)


def rss() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    main()
