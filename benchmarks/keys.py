"""Key → last byte of what it changes, in a table of 10,000 runs. Target: 15 ms in 95 of 100.

`seen` is the first part of the answer to arrive, `last_byte` its end: row and preview are one frame.
"""

from __future__ import annotations

import json
import time

import _runs
from _window import Window, bare_import, keep_index, milliseconds, places

RUNS = 10_000
PRESSES = 100
QUIET = 0.04  # seconds without a byte that end an answer


def answer(window: Window, key: str) -> tuple[float, float, int]:
    """Seconds until the first and the last bytes that a key caused, and how many bytes."""
    window.settle(QUIET)
    before = len(window.raw)
    began = time.perf_counter()
    window.type(key)
    assert window.pump(5.0), f"the key {key!r} changed nothing:\n{window.text()}"
    seen = window.last_byte - began
    window.settle(QUIET)
    return seen, window.last_byte - began, len(window.raw) - before


def main() -> None:
    with places() as root:
        _runs.make(root, RUNS)
        keep_index(root)
        with Window(columns=120, rows=40) as window:
            window.until(f"{RUNS} runs", 60)
            window.settle(0.5, 20)
            result: dict[str, object] = {
                "benchmark": "keys",
                "runs": RUNS,
                "calibration_import_textual_app_ms": round(bare_import() * 1000, 1),
            }
            for name, keys in (("row", ["down"]), ("page", ["\x1b[6~"]), ("ends", ["G", "g"])):
                answers = [answer(window, keys[at % len(keys)]) for at in range(PRESSES)]
                seen, last, sizes = zip(*answers, strict=True)
                result[f"{name}_seen_ms"] = milliseconds(seen)
                result[f"{name}_last_byte_ms"] = milliseconds(last)
                result[f"{name}_bytes"] = sorted(sizes)[PRESSES // 2]
        print(json.dumps(result))


if __name__ == "__main__":
    main()
