"""Spawn → first frame that shows the rows, with 1,000 runs and the index kept. Target: 0.5 s."""

from __future__ import annotations

import json
import time

import _runs
from _window import Window, bare_import, keep_index, milliseconds, places

RUNS = 1000
REPEATS = 12


def first_frame(shows: str) -> float:
    with Window(columns=120, rows=40) as window:
        # Bytes are searched, not the screen: the time of the terminal emulator is not the application's.
        while shows.encode() not in window.raw:
            window.pump(5.0)
        return time.perf_counter() - window.began


def main() -> None:
    with places() as root:
        _runs.make(root, RUNS)
        keep_index(root)
        bare_import(), first_frame("run 0")  # what the disk has to be read for once
        bare, ours = zip(*[(bare_import(), first_frame("run 0")) for _ in range(REPEATS)], strict=True)
        result = {
            "benchmark": "first_frame",
            "runs": RUNS,
            "calibration_import_textual_app_ms": milliseconds(bare),
            "spawn_to_rows_ms": milliseconds(ours),
            "ratio_of_medians": round(sorted(ours)[REPEATS // 2] / sorted(bare)[REPEATS // 2], 2),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
