"""The runs table with 100,000 rows: load, sort, filter, update. From a key to the last byte: benchmarks/keys.py.

`python benchmarks/table.py` prints one JSON line: milliseconds by the clock and of processor time. Rows go
through the real columns; `show…` through the real application in a terminal of 160×50 cells.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainvis.engine.runs import MetricSummary, Row, Snapshot
from trainvis.engine.status import Done, Failed, Finished, Running

REPEATS = 7
NOW = 1_790_000_000.0
ROOT = Path("/runs")
TARGETS = {"load": 300, "show": 300, "sort_number": 120, "sort_text": 120, "filter_words": 30}


def rows(count: int) -> list[Row]:
    """Runs as a long year leaves them."""
    rng = random.Random(7)
    made = []
    for index in range(count):
        points = tuple(2.0 / (1 + step) + rng.random() * 0.1 for step in range(32))
        metrics = {
            name: MetricSummary(points[-1], min(points), max(points), points) for name in ("loss", "val_accuracy")
        }
        begun = NOW - index * 600.0
        why = Done() if rng.random() < 0.8 else Failed(1)
        made.append(
            Row(
                ROOT / f"digits-{index}", f"digits-20260101-000000-{index:06x}", f"sweep {rng.randrange(1000)}",
                ("mnist", f"t{index % 50}"), status=Running(begun) if index < 20 else Finished(why, begun, begun + 500),
                script="digits.py", owner="me", created=begun, started=begun, ended=begun + 500, epoch=10.0, epochs=10,
                metrics=metrics, parameters={"lr": 10 ** -rng.uniform(1, 5)},
            )
        )  # fmt: skip
    return [replace(row, folded=row.fold()) for row in made]


def changed(items: Sequence[Row]) -> list[Row]:
    """The rows with other metrics in 1,000 of them."""
    made = list(items)
    metric = MetricSummary(0.5, 0.1, 2.0, (2.0, 0.5))
    for index in random.Random(1).sample(range(len(made)), min(1000, len(made))):
        made[index] = replace(made[index], metrics={"loss": metric, "val_accuracy": metric})
    return made


def elapsed(start: float, end: float) -> float:
    return round((end - start) * 1e3, 2)


def median(work: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Milliseconds by the clock and of processor time: on a busy machine only the second is ours."""
    times = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((elapsed(wall, time.perf_counter()), elapsed(cpu, time.process_time())))
    return [statistics.median(column) for column in zip(*times, strict=True)]


def model(count: int) -> dict[str, list[float]]:
    """What the order of the rows costs, with the columns of the screen."""
    from trainvis.tui.screens.runs_columns import columns_for
    from trainvis.tui.screens.runs_filter import filter_of, row_text
    from trainvis.tui.widgets.table_order import Filter, Order, Sorting

    items = rows(count)
    loss, name = columns_for(["curve:loss"], items, lambda: NOW)[1], columns_for([], items, lambda: NOW)[0]

    def load() -> Order[Row]:
        order = Order[Row](lambda row: row.id, row_text)
        order.replace(items)
        return order

    order = load()
    found = {"load": median(load)}
    found["sort_number"] = median(lambda: order.sort(Sorting(loss.sort)))
    found["sort_text"] = median(lambda: order.sort(Sorting(name.sort)))
    found["filter_first_letter"] = median(lambda: order.filter(filter_of("s", NOW)), 1)
    found["filter_words"] = median(lambda: order.filter(filter_of("sweep t7", NOW)))
    found["filter_query"] = median(lambda: order.filter(filter_of("loss<0.1", NOW)), 3)
    order.filter(Filter())
    order.sort(Sorting(loss.sort))
    after = changed(items)
    found["update_1000"] = median(lambda: order.replace(after), 1)
    return found


async def screen(count: int) -> dict[str, list[float]]:
    """The application with so many rows: from a snapshot to drawn rows, and 1,000 of them changed."""
    from trainvis.tui.app import TrainvisApp
    from trainvis.tui.settings import read_settings
    from trainvis.tui.terminal import Terminal

    empty, first = Snapshot(ROOT, NOW), Snapshot(ROOT, NOW, tuple(rows(count)))
    app = TrainvisApp(ROOT, read_settings(), Terminal(), clock=lambda: NOW, look=lambda *_: empty, kept=empty)
    found: dict[str, list[float]] = {}
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        for name, snapshot in (("show", first), ("show_1000_changed", Snapshot(ROOT, NOW, tuple(changed(first.rows))))):
            wall, cpu = time.perf_counter(), time.process_time()
            app.snapshot = snapshot
            table: Any = app.screen.query_one("#runs-table")
            table.screen._on_timer_update()  # noqa: SLF001 (draw now, not at the next tick)
            found[name] = [elapsed(wall, time.perf_counter()), elapsed(cpu, time.process_time())]
    return found


def calibration() -> dict[str, list[float]]:
    """What this machine does in the same minute, with nothing of ours."""
    numbers = [random.random() for _ in range(100_000)]
    text = json.dumps({"epoch": 1, "values": numbers[:1000]})
    return {"sort_100k_floats": median(lambda: sorted(numbers)), "json_loads_20_KB": median(lambda: json.loads(text))}


def main() -> None:
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="trainvis-bench-")
    os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"]
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    found: dict[str, Any] = {"rows": count, **model(count), "numpy_loaded": "numpy" in sys.modules}
    found |= asyncio.run(screen(count))
    print(json.dumps({"benchmark": "table", **found, "targets": TARGETS, "calibration": calibration()}))


if __name__ == "__main__":
    main()
