"""Key → last byte of what it changes, in a table of 10,000 runs. Target: 15 ms in 95 of 100."""

from __future__ import annotations

import json
import time

import _runs
from _window import Window, bare_import, keep_index, milliseconds, places

RUNS = 10_000
PRESSES = 100
QUIET = 0.04  # seconds without a byte that end an answer


def answer(window: Window, key: str) -> tuple[float, int]:
    """Seconds until the last byte that a key caused, and how many bytes."""
    window.settle(QUIET)
    before = len(window.raw)
    began = time.perf_counter()
    window.type(key)
    window.pump(1.0)
    window.settle(QUIET)
    return window.last_byte - began, len(window.raw) - before


def main() -> None:
    with places() as root:
        _runs.make(root, RUNS)
        keep_index(root)
        with Window(columns=120, rows=40) as window:
            window.until("10000 runs", 60)
            window.settle(0.5, 20)
            result: dict[str, object] = {
                "benchmark": "keys",
                "runs": RUNS,
                "calibration_import_textual_app_ms": round(bare_import() * 1000, 1),
            }
            for name, keys in (("row", ["down"]), ("page", ["\x1b[6~"]), ("ends", ["G", "g"])):
                times, sizes = zip(*[answer(window, keys[at % len(keys)]) for at in range(PRESSES)], strict=True)
                result[f"{name}_ms"] = milliseconds(times)
                result[f"{name}_bytes"] = sorted(sizes)[PRESSES // 2]
        print(json.dumps(result))


if __name__ == "__main__":
    main()
