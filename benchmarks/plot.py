"""Repaint of a chart of 8 curves with a million points each, and the cost of appending to them.

    python benchmarks/plot.py [--peers FOLDER]

A repaint is everything from the numbers to the bytes a terminal gets: window, ranges, dots, cells, escape sequences,
on 160×50 cells, raw and smoothed, at ten zooms. Calibration in the same run: one numpy minimum over the same data
(what touching every point once costs) and, with --peers (a folder into which plotext and textual-plot are
installed), one drawing of a single curve of 100,000 points by each.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from rich.color import ColorSystem
from textual.color import Color

from trainvis.tui.drawing.canvas import Canvas
from trainvis.tui.drawing.plot import Line, Plot, draw
from trainvis.tui.drawing.reduce import Trace
from trainvis.tui.drawing.smooth import Smoothed
from trainvis.tui.themes import DARK
from trainvis.tui.widgets import inks

SERIES, POINTS, WIDTH, HEIGHT = 8, 1_000_000, 160, 50


def milliseconds(work: Callable[[], object], repeats: int = 9, clock: Callable[[], float] = time.perf_counter) -> float:
    found = []
    for _ in range(repeats):
        start = clock()
        work()
        found.append(clock() - start)
    return 1e3 * statistics.median(found)


def to_terminal(canvas: Canvas, styles: dict) -> str:
    out = []
    for row in range(canvas.height):
        for text, ink in canvas.runs(row):
            out.append(styles[ink].render(text, color_system=ColorSystem.TRUECOLOR))
    return "\n".join(out)


def curves() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    step = np.arange(POINTS)
    return [2 * np.exp(-step / (5e4 * (k + 1))) + 0.05 * k + rng.normal(0, 0.1, POINTS) for k in range(SERIES)]


def lines_of(data: list[np.ndarray], *, smooth: bool) -> list[Line]:
    step = np.arange(POINTS)
    lines = []
    for index, y in enumerate(data):
        average = None
        if smooth:
            average = Smoothed(0.99)
            average.extend(y)
        trace = Trace(step, average.values) if average else None
        lines.append(Line(Trace(step, y), f"run {index}", index, smooth=trace, key="abcdefgh"[index]))
    return lines


def repaint(lines: list[Line], clock: Callable[[], float] = time.perf_counter) -> float:
    """Milliseconds of the slowest of ten zooms."""
    styles = inks.styles(DARK, {}, Color.parse(DARK.background or "#000000"))
    found = []
    for zoom in range(10):
        x = (0.3 * POINTS, 0.3 * POINTS + 0.7 * POINTS / 3**zoom)
        plot = Plot(lines, "loss", x=x if zoom else None, legend_rows=3)
        found.append(milliseconds(lambda plot=plot: to_terminal(fresh(plot), styles), 7, clock))
    return max(found)


def fresh(plot: Plot) -> Canvas:
    """The chart drawn without what the last drawing left behind."""
    for line in plot.lines:
        for trace in (line.trace, line.smooth):
            if trace is not None:
                trace.kept(None, list)
    return draw(plot, WIDTH, HEIGHT).canvas


def append(data: np.ndarray) -> tuple[float, float]:
    """Microseconds to append 100 points to a million, with and without smoothing."""
    step, size = np.arange(POINTS), POINTS - 20_000
    average = Smoothed(0.9)
    average.extend(data[:size])
    raw, smooth = Trace(step[:size], data[:size]), Trace(step[:size], average.values)
    plain, both = [], []
    for end in range(size + 100, POINTS, 100):
        start = time.perf_counter()
        raw.extend(step[:end], data[:end])
        middle = time.perf_counter()
        average.extend(data[:end])
        smooth.extend(step[:end], average.values)
        both.append(time.perf_counter() - start)
        plain.append(middle - start)
    return 1e6 * statistics.median(plain), 1e6 * statistics.median(both)


def peers(folder: str, y: np.ndarray) -> dict[str, float]:
    """Milliseconds of one drawing of one curve of 100,000 points, by what is installed in `folder`."""
    sys.path.append(folder)
    x = list(range(100_000))
    values = y[:100_000].tolist()
    found = {}
    try:
        figure = importlib.import_module("plotext").figure

        def with_plotext() -> None:
            figure.clear()
            figure.plot_size(WIDTH, HEIGHT)
            figure.draw(figure.signal(x, values))
            figure.build()

        found["plotext_100k_ms"] = round(milliseconds(with_plotext, 3), 1)
    except Exception as error:  # noqa: BLE001 (a peer's interface may have changed: say so, measure the rest)
        found["plotext"] = f"not measured: {type(error).__name__}: {error}"
    try:
        found["textual_plot_100k_ms"] = round(textual_plot(x, values), 1)
    except Exception as error:  # noqa: BLE001 (the same)
        found["textual_plot"] = f"not measured: {type(error).__name__}: {error}"
    return found


def textual_plot(x: list, y: list) -> float:
    """One `_render_plot` of textual-plot's widget in a headless application of the same size."""
    import asyncio

    from textual.app import App

    widget = importlib.import_module("textual_plot").PlotWidget()

    class Stage(App):
        def compose(self):
            yield widget

    async def go() -> float:
        async with Stage().run_test(size=(WIDTH, HEIGHT)) as pilot:
            mode = importlib.import_module("textual_plot").HiResMode.BRAILLE
            widget.plot(x, y, hires_mode=mode)
            await pilot.pause()
            return milliseconds(widget._render_plot, 3)  # noqa: SLF001 (what its own repaint calls)

    return asyncio.run(go())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default="", help="a folder with plotext and textual-plot in it")
    given = parser.parse_args()
    data = curves()
    bare = milliseconds(lambda: [y.min() for y in data])
    start = time.perf_counter()
    raw = lines_of(data, smooth=False)
    built = time.perf_counter() - start
    plain = repaint(raw)
    smooth = lines_of(data, smooth=True)
    both, both_cpu = repaint(smooth), repaint(smooth, time.process_time)
    appended, smoothed = append(data[0])
    print(
        json.dumps(
            {
                "benchmark": "plot",
                "series": SERIES,
                "points": POINTS,
                "cells": [WIDTH, HEIGHT],
                "repaint_raw_ms": round(plain, 1),
                "repaint_smoothed_ms": round(both, 1),
                "repaint_smoothed_cpu_ms": round(both_cpu, 1),  # what it costs on a machine that is busy with others
                "target_ms": 20,
                "first_build_ms": round(1e3 * built, 1),
                "append_100_points_us": round(appended, 1),
                "append_100_points_smoothed_us": round(smoothed, 1),
                "calibration": {"numpy_min_ms": round(bare, 1), **(peers(given.peers, data[0]) if given.peers else {})},
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


if __name__ == "__main__":
    main()
