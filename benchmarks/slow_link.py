"""Key → visible on a line of 100 KB/s while everything on the screen changes. Target: 1 s.

The window takes no more than the line would carry; the pty's own buffer stands for that of the line. Two loads: the
table with 20 runs whose rows change four times a second, and a run whose charts grow ten times a second.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import _runs
from _window import TRUECOLOR, Window, bare_import, keep_index, live, milliseconds, places

from trainvis.engine.metrics import MetricWriter
from trainvis.engine.rundir import RunDir

BYTES_A_SECOND = 100_000
PRESSES = 20
LIVE = 20


class Line:
    """Lets through what a line of that speed would."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._free = time.perf_counter()
        self.carried = 0

    def until(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Carry bytes until `condition` of the screen, or until the time is over."""
        deadline = time.perf_counter() + timeout
        while not condition():
            if time.perf_counter() > deadline:
                return False
            wait = self._free - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            before = len(self._window.raw)
            self._window.pump(0.02, most=2048)
            taken = len(self._window.raw) - before
            self.carried += taken
            self._free = max(self._free, time.perf_counter() - 0.02) + taken / BYTES_A_SECOND
        return True


class Load(threading.Thread):
    """Writes as trainings do: `runs` a line each, `beat` times a second."""

    def __init__(self, runs: list[RunDir], beat: float) -> None:
        super().__init__(daemon=True)
        self._writers = [MetricWriter(run) for run in runs]
        self._beat = beat
        self.over = threading.Event()

    def run(self) -> None:
        for writer in self._writers:
            writer.fit(100, 100_000, 32, {"name": "adam"}, {})
        step = 0
        while not self.over.wait(1 / self._beat):
            step += 1
            for writer in self._writers:
                values = {name: (step % 97) / (step + 1.0) + at for at, name in enumerate(_runs.METRICS)}
                writer.line(step, step / 100, values)
                writer.flush(summarize=True)


def marker(window: Window) -> int:
    """The row the cursor of the table stands in."""
    return next((row for row in range(3, 12) if window.line(row).startswith("›")), -1)


def table(window: Window, line: Line) -> list[float]:
    line.until(lambda: marker(window) > 0, 20)
    times = []
    for press in range(PRESSES):
        line.until(lambda: False, 0.35)
        before = marker(window)
        began = time.perf_counter()
        window.type("down" if press % 2 == 0 else "up")
        line.until(lambda before=before: marker(window) not in (before, -1), 20)
        times.append(time.perf_counter() - began)
    return times


def charts(window: Window, line: Line) -> list[float]:
    line.until(lambda: marker(window) > 0, 20)
    line.until(lambda: False, 1.0)
    window.type("enter")
    assert line.until(lambda: "Status" in window.line(2), 20), window.text()
    window.type("3")
    assert line.until(lambda: "Status" not in window.line(2), 20), window.text()
    line.until(lambda: False, 1.0)
    times = []
    for press in range(PRESSES):
        line.until(lambda: False, 0.35)
        overview = press % 2 == 0
        began = time.perf_counter()
        window.type("1" if overview else "3")
        line.until(lambda overview=overview: ("Status" in window.line(2)) == overview, 20)
        times.append(time.perf_counter() - began)
    return times


def measured(beat: float, runs: list[RunDir], what: Callable[[Window, Line], list[float]]) -> dict[str, object]:
    load = Load(runs, beat)
    load.start()
    try:
        with Window(columns=160, rows=50, answer=TRUECOLOR) as window:
            line = Line(window)
            began = time.perf_counter()
            times = what(window, line)
            rate = line.carried / (time.perf_counter() - began)
    finally:
        load.over.set()
        load.join()
    return {**milliseconds(times), "kilobytes_a_second": round(rate / 1000, 1)}


def main() -> None:
    with places() as root:
        _runs.make(root, 200)
        runs = [live(root, f"live{at}") for at in range(LIVE)]
        keep_index(root)
        result = {
            "benchmark": "slow_link",
            "bytes_a_second": BYTES_A_SECOND,
            "calibration_import_textual_app_ms": round(bare_import() * 1000, 1),
            "table_of_20_live_runs_ms": measured(4.0, runs, table),
            "charts_at_10_hz_ms": measured(10.0, runs[-1:], charts),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
