"""The blob screen on a million records: seconds until the first page of pictures, milliseconds of a jump.

A blob of a million records of 16×16 pixels is made (HDF5 and LMDB, both our own formats where their writers are there;
a plain HDF5 file of arrays always), its pages in the page cache. `first`: from the moment the application is asked to
open the file until all twenty pictures of the first page are on the screen, of 9 repeats the median and the largest,
each in a new screen; `import`: what the first of them paid in addition, which loads NumPy and h5py. `jump`: from the
key `enter` of a number among a million until the picture under the cursor is that record's, 40 jumps to random records.

`jump_cpu_ms` is what all threads computed meanwhile: on a machine that others use (`load`) the times are theirs too.

Targets: first ≤ 0.5 s, jump ≤ 50 ms.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from trainvis.tui.app import TrainvisApp
from trainvis.tui.screens.blob import BlobScreen
from trainvis.tui.settings import Settings
from trainvis.tui.terminal import Terminal
from trainvis.tui.widgets.blob_grid import BlobGrid

RECORDS = 1_000_000
SIDE = 16
OPENED, JUMPS = 9, 40


def arrays(path: Path, records: int) -> Path:
    """Images and labels as Keras users store them."""
    with h5py.File(path, "w") as file:
        images = file.create_dataset("images", (records, SIDE, SIDE, 1), "uint8")
        for start in range(0, records, 100_000):
            stop = min(start + 100_000, records)
            at = np.arange(start, stop, dtype=np.uint32)
            images[start:stop] = ((at[:, None] * np.arange(1, SIDE * SIDE + 1)) % 251).reshape(-1, SIDE, SIDE, 1)
        file["labels"] = np.arange(records) % 10
    return path


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.001)


def whole(screen: BlobScreen) -> bool:
    """Whether all pictures of the page are there."""
    grids = screen.query("#stage-records")
    if not grids:
        return False
    grid = grids.first(BlobGrid)
    start, stop = grid.span
    return grid.entry is not None and len(grid.entries) == stop - start and grid.entries[-1].picture is not None


async def measure(path: Path) -> dict[str, Any]:
    app = TrainvisApp(path.parent, Settings(), Terminal(), look=lambda _, before: before)  # type: ignore[arg-type, return-value]
    first: list[float] = []
    jumps: list[float] = []
    computed: list[float] = []
    async with app.run_test(size=(120, 40)) as pilot:
        for turn in range(OPENED + 1):
            begin = time.perf_counter()
            screen = BlobScreen(path)
            app.show(screen)
            await until(lambda screen=screen: whole(screen))
            first.append(time.perf_counter() - begin)
            if turn < OPENED:
                screen.dismiss()
                await pilot.pause()
        grid = screen.query_one("#stage-records", BlobGrid)
        rng = random.Random(7)
        for _ in range(JUMPS):
            place = rng.randrange(len(grid.order))
            begin, begun = time.perf_counter(), time.process_time()
            screen.go_to(place)

            def there(place: int = place) -> bool:
                entry = grid.entry
                return entry is not None and entry.place == place and entry.picture is not None

            await until(there)
            jumps.append((time.perf_counter() - begin) * 1000)
            computed.append((time.process_time() - begun) * 1000)
    return {
        "import_s": round(first[0] - statistics.median(first[1:]), 3),
        "first_s": round(statistics.median(first[1:]), 3), "first_worst_s": round(max(first), 3),
        "jump_ms": round(statistics.median(jumps), 1), "jump_worst_ms": round(max(jumps), 1),
        "jump_cpu_ms": round(statistics.median(computed), 1),
    }  # fmt: skip


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdecimal() else RECORDS
    given = [Path(each) for each in sys.argv[1:] if not each.isdecimal()]
    with tempfile.TemporaryDirectory() as folder:
        files = given or [arrays(Path(folder, "arrays.h5"), records)]
        found = {path.name: asyncio.run(measure(path)) for path in files}
    worst_first = max(each["first_worst_s"] for each in found.values())
    worst_jump = max(each["jump_worst_ms"] for each in found.values())
    print(
        json.dumps(
            {
                "benchmark": "blob_screen", "records": records, "files": found, "load": round(os.getloadavg()[0], 1),
                "ok": worst_first <= 0.5 and worst_jump <= 50,
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
