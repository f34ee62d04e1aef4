"""A run of 1,000,000 metric lines: first curve, complete, incremental, while a thread that stands for the UI answers.

Also what a line costs the training step that writes it.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import tempfile
import threading
import time
from pathlib import Path

import _runs

from trainvis.engine.columns import Reader, coarse
from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import RunDir

LINES = 1_000_000


class Answering(threading.Thread):
    """Wakes every 5 ms, as a key would: how late it comes is what a person would wait."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.late: list[float] = []
        self.ended = False

    def run(self) -> None:
        while not self.ended:
            due = time.perf_counter() + 0.005
            time.sleep(0.005)
            self.late.append(time.perf_counter() - due)

    def p95(self) -> float:
        return round(sorted(self.late)[int(len(self.late) * 0.95)] * 1e3, 1)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunDir.create(Path(folder), "long")
        _runs.write_lines(run, LINES)
        result = {
            "benchmark": "metrics",
            "lines": LINES,
            "megabytes": round(run.metrics_file.stat().st_size / 1e6),
            **calibration(run),
            **quiet(),
            **reading(run),
            **writing(Path(folder)),
        }
        print(json.dumps(result))


def calibration(run: RunDir) -> dict[str, float]:
    begin, used = time.perf_counter(), cpu()
    with run.metrics_file.open("rb") as file:
        for line in file:
            json.loads(line)
    took = time.perf_counter() - begin
    return {"calibration_bare_json_loads_s": round(took, 2), "calibration_cpu_s": round(cpu() - used, 2)}


def cpu() -> float:
    """Processor seconds of this process and of those that it waited for: what a busy machine does not change."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def quiet() -> dict[str, float]:
    """How late the answering thread comes while nothing is read."""
    answering = Answering()
    answering.start()
    time.sleep(1.0)
    answering.ended = True
    return {"answers_quiet_p95_ms": answering.p95()}


def reading(run: RunDir) -> dict[str, float]:
    answering = Answering()
    answering.start()
    begin, used = time.perf_counter(), cpu()
    points = len(coarse(run.metrics_file).series["loss"])
    first = time.perf_counter() - begin
    reader = Reader(run.metrics_file)
    curves = None
    while (more := reader.more()) is not None:
        curves = more
    complete, all_cpu = time.perf_counter() - begin, cpu() - used
    answering.ended = True
    assert curves is not None
    assert len(curves.series["loss"]) == LINES
    added = incremental(run, reader)
    return {
        "first_curve_s": round(first, 3),
        "first_curve_points": points,
        "complete_s": round(complete, 2),
        "complete_cpu_s": round(all_cpu, 2),
        "answers_p95_ms": answering.p95(),
        "answers_worst_ms": round(max(answering.late) * 1e3, 1),
        "incremental_100_lines_ms": added,
        "rss_mb": round(rss()),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def incremental(run: RunDir, reader: Reader) -> float:
    took = []
    for at in range(20):
        with run.metrics_file.open("a") as file:
            for step in range(100):
                line = {
                    "fit": 1,
                    "step": LINES + at * 100 + step,
                    "epoch": 1.0,
                    "time": 1e9,
                    "loss": 0.5,
                    "accuracy": 0.5,
                }
                file.write(json.dumps(line) + "\n")
        begin = time.perf_counter()
        reader.more()
        took.append(time.perf_counter() - begin)
    return round(statistics.median(took) * 1e3, 2)


def rss() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def writing(root: Path) -> dict[str, float]:
    """Microseconds that a line costs the training step, and all of it (its thread included)."""
    writer = MetricWriter(RunDir.create(root, "write"))
    writer.fit(10, 5000)
    took = []
    begin, used = time.perf_counter(), time.process_time()
    for step in range(1, 50_001):
        values = {"loss": 1 / step, "accuracy": 1 - 1 / step}
        before = time.perf_counter()
        writer.line(step, step / 5000, values)
        took.append(time.perf_counter() - before)
    writer.close()
    assert time.perf_counter() > begin
    return {
        "write_line_us_median": round(statistics.median(took) * 1e6, 2),
        "write_all_cpu_us_a_line": round((time.process_time() - used) / 50_000 * 1e6, 2),
        "cores": os.cpu_count() or 0,
    }


if __name__ == "__main__":
    main()
