"""File change → screen: a run among 1,000 is renamed on disk, and the new name is seen. Target: 250 ms."""

from __future__ import annotations

import json
import random
import time

import _runs
from _window import Window, bare_import, keep_index, live, milliseconds, places

from trainvis.engine.rundir import Notes

RUNS = 1000
CHANGES = 40


def main() -> None:
    with places() as root:
        _runs.make(root, RUNS - 1)
        run = live(root)
        keep_index(root)
        with Window(columns=120, rows=40) as window:
            window.until("running", 30)
            window.settle(0.5, 10)
            times = []
            for change in range(CHANGES):
                window.settle(0.3 + random.random() * 0.3)  # at no fixed beat with what looks
                name = f"named{change}x"
                run.write_notes(Notes(name))
                began = time.perf_counter()
                window.until(name)
                times.append(window.last_byte - began)
        result = {
            "benchmark": "live",
            "runs": RUNS,
            "calibration_import_textual_app_ms": round(bare_import() * 1000, 1),
            "change_to_screen_ms": milliseconds(times),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
