"""What the application takes while nothing happens, with 1,000 runs. Targets: 0.5 % of a core, 100 MB.

The memory is read twice: at the table, and with the curves of a run of 100,000 steps open.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import _runs
from _window import Window, bare_import, keep_index, places

RUNS = 1000
STEPS = 100_000
SECONDS = 60.0


def cpu(pid: int) -> float:
    """Seconds of processor time a process has used (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def main() -> None:
    with places() as root:
        newest = _runs.make(root, RUNS)[0]
        _runs.write_lines(newest, STEPS)
        keep_index(root)
        with Window(columns=120, rows=40) as window:
            window.until("1000 runs", 30)
            window.settle(3.0, 15)
            began, before, size = time.perf_counter(), cpu(window.pid), len(window.raw)
            while time.perf_counter() - began < SECONDS:
                window.pump(1.0)
            used = (cpu(window.pid) - before) / (time.perf_counter() - began)
            quiet, size = memory(window.pid), len(window.raw) - size
            window.type("\r")
            window.until("1 overview", 30)
            window.type("3")
            window.until("smoothing", 30)
            window.settle(2.0, 30)
            result = {
                "benchmark": "idle",
                "runs": RUNS,
                "calibration_import_textual_app_ms": round(bare_import() * 1000, 1),
                "cpu_percent": round(used * 100, 2),
                "rss_mb": quiet,
                "rss_mb_100k_steps_open": memory(window.pid),
                "bytes_a_minute": round(size * 60 / SECONDS),
            }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
