"""A log of 1 GB: open to its tail, count all lines, search, follow. One JSON line.

`python benchmarks/log.py [--size BYTES]`. The calibration is the bare reading of the same file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App, ComposeResult

from trainvis.tui.compat import screen_text
from trainvis.tui.widgets.log_view import LogView
from trainvis.tui.widgets.output import Output

APPENDED = 20


class Reading(App[None]):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def compose(self) -> ComposeResult:
        return iter(())

    async def open(self) -> LogView:
        output = Output(self.path)
        await self.mount(output)
        output.focus_first()
        return output.query_one(LogView)


def write(path: Path, size: int) -> int:
    """Lines as trainings print them: plain ones, and one in 500 with a progress bar of 100 frames."""
    bar = b"".join(b"\r\x1b[1m%3d/100\x1b[0m \x1b[32m\xe2\x94\x81\x1b[0m loss: 0.123" % step for step in range(100))
    block = b"".join(
        b"%08d 2026-01-01 12:00:00 step loss=0.123456 accuracy=0.98765 lr=0.001 " % number
        + b"x" * (number * 7919 % 240)
        + (bar if number % 500 == 0 else b"")
        + b"\n"
        for number in range(20_000)
    )
    lines = 0
    with path.open("wb") as file:
        while file.tell() < size:
            file.write(block)
            lines += 20_000
    return lines


def bare_read(path: Path) -> float:
    start = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    return time.perf_counter() - start


async def until(condition: Callable[[], object]) -> float:
    """Seconds until the condition holds, the loop staying free."""
    start = time.perf_counter()
    while not condition():
        await asyncio.sleep(0.0005)
    return time.perf_counter() - start


async def open_empty(path: Path) -> float:
    """The same pane on an empty file: what of the opening is not the log's."""
    path.write_bytes(b"")
    app = Reading(path)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        start = time.perf_counter()
        log = await app.open()
        await until(lambda: log.state.whole and "0 lines" in screen_text(app.screen))
        return time.perf_counter() - start


async def measure(path: Path, lines: int) -> dict[str, object]:
    app = Reading(path)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause()
        start = time.perf_counter()
        log = await app.open()
        await until(lambda: "00019999" in screen_text(app.screen))
        opened = time.perf_counter() - start
        await until(lambda: log.state.whole)
        counted = time.perf_counter() - start
        assert log.state.lines == lines, (log.state.lines, lines)
        appended = []
        with path.open("ab", buffering=0) as file:
            for number in range(APPENDED):
                file.write(b"appended %d\n" % number)
                word = f"appended {number}"
                appended.append(await until(lambda word=word: word in screen_text(app.screen)))
        jumps = []
        for place in range(20):
            start = time.perf_counter()
            log.show_line(lines * place // 20)
            await until(lambda: log.line(log.scroll_offset.y) is not None)
            jumps.append(time.perf_counter() - start)
        log.action_bottom()
        start = time.perf_counter()
        log.search("appended 7")
        await until(lambda: log.state.finds is not None and log.state.finds.done)
        searched = time.perf_counter() - start
    return {
        "open_to_tail_s": round(opened, 4),
        "whole_index_s": round(counted, 3),
        "append_to_screen_median_s": round(statistics.median(appended), 4),
        "append_to_screen_max_s": round(max(appended), 4),
        "jump_median_s": round(statistics.median(jumps), 4),
        "search_all_s": round(searched, 3),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", type=int, default=1_000_000_000)
    options.add_argument("--folder", default=None, help="where the file is written; the temporary folder otherwise")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder, "output.log")
        lines = write(path, given.size)
        calibration = bare_read(path)
        empty = asyncio.run(open_empty(Path(folder, "empty.log")))
        result = asyncio.run(measure(path, lines))
        size = path.stat().st_size
    calibrations = {"open_empty_s": round(empty, 4), "bare_read_s": round(calibration, 3)}
    print(json.dumps({"benchmark": "log", "bytes": size, "lines": lines, **result, **calibrations}))


if __name__ == "__main__":
    main()
