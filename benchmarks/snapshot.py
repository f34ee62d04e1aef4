"""1,000 runs: the snapshot cold (page cache warm), from the kept index, and when nothing has changed."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import _runs

from trainvis.engine import runs

COUNT = 1000


def milliseconds(do: Callable[[], object], repeat: int = 5) -> float:
    best = float("inf")
    for _ in range(repeat):
        begin = time.perf_counter()
        do()
        best = min(best, time.perf_counter() - begin)
    return round(best * 1e3, 2)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made = _runs.make(root, COUNT)
        text = made[0].summary_file.read_bytes()
        calibration = milliseconds(lambda: [json.loads(text) for _ in range(COUNT)])
        cold = milliseconds(lambda: runs.snapshot(root))
        first = runs.snapshot(root)
        save = milliseconds(lambda: runs.save_index(first))
        load = milliseconds(lambda: runs.load_index(root))
        kept = runs.load_index(root)
        made[3].notes_file.write_text("{}")
        one = milliseconds(lambda: runs.snapshot(root, kept))
        unchanged = runs.snapshot(root, kept)
        result = {
            "benchmark": "snapshot",
            "runs": COUNT,
            "calibration_json_loads_of_summaries_ms": calibration,
            "cold_ms": cold,
            "sizes_ms": milliseconds(lambda: runs.snapshot(root, first, sizes=True)),
            "save_index_ms": save,
            "load_index_ms": load,
            "with_index_one_changed_ms": one,
            "unchanged_ms": milliseconds(lambda: runs.snapshot(root, unchanged)),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
