"""The pictures pane in a terminal window of 120×40: key → last byte of the picture, opening, a long time line, memory.

Targets: next step and linked zoom of two pictures 80 ms in 95 of 100, a figure of 64 maps of 224×224 opens in 150 ms,
the time line of 10,000 figures in 300 ms, 150 MB in all; one unit on in the unit view 80 ms, of large pictures 150 ms;
on a line of 100 KB/s what a key changes is seen in 1.5 s while steps are played, with kitty's pictures in 4 s.
`python benchmarks/picture_steps.py` prints one JSON line.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
from _window import APPLICATION, TRUECOLOR, PictureWindow, Window, bare_import, keep_index, milliseconds, places
from slow_link import Line

from trainvis.engine.rundir import RunDir
from trainvis.tui.flow import QUESTION
from trainvis.vis.figures import Figure, Input, Item, Items, Maps, Moment, Pictures, Prediction, Table
from trainvis.vis.results import Results

STEPS = 60
MANY = 10_000
PRESSES = 60
UNITS = 16  # of the unit view, with nine grown images, nine of the data and nine deconvolutions each
QUIET = 0.06  # seconds without a byte that end an answer
LONG = 0.5  # the same where files are read first
TARGETS = {
    "step_ms": 80,
    "zoom_ms": 80,
    "open_ms": 150,
    "time_line_ms": 300,
    "rss_mb": 150,
    "unit_step_ms": 80,
    "unit_step_large_ms": 150,
    "slow_line_ms": 1500,
    "slow_line_kitty_ms": 4000,
}
PREDICTION = (Prediction((6, 5, 0), (0.9, 0.08, 0.02), ("six", "five", "nought")),)


def activations(step: int, count: int, size: int, name: str) -> Figure:
    """Maps as a layer after its ReLU has them: blots, different at each step."""
    random = np.random.default_rng(step)
    coarse = np.maximum(random.normal(size=(count, 8, 8)), 0).astype(np.float32)
    times = -(-size // 8)
    values = coarse.repeat(times, axis=1).repeat(times, axis=2)[:, :size, :size]
    values += random.normal(scale=0.1, size=values.shape).astype(np.float32)
    items = Items(count, Item(image=0, layer="conv"), unit=np.arange(count), score=values.max(axis=(1, 2)))
    photo = Input(random.integers(0, 256, (size, size, 3), np.uint8), "photo.png")
    return Figure(name, (Maps(values, items, "conv", "layer"),), (photo,), PREDICTION, moment=Moment(step, step / 10))


def saliency(step: int) -> Figure:
    """A map over a photo of 224×224."""
    random = np.random.default_rng(step)
    smooth = random.normal(size=(28, 28)).repeat(8, axis=0).repeat(8, axis=1)[None].astype(np.float32)
    photo = np.clip(128 + 40 * smooth[0, :, ::-1, None] + random.normal(scale=12, size=(224, 224, 3)), 0, 255)
    maps = Maps(smooth + random.normal(scale=0.2, size=smooth.shape), Items(1, Item(image=0)), "absolute", "input")
    given = (Input(photo.astype(np.uint8), "photo.png"),)
    return Figure("saliency_maps", (maps,), given, PREDICTION, moment=Moment(step, step / 10))


def of_units(root: Path, name: str, maps: int, size: int) -> None:
    """A run with all that the unit view shows: activations of `maps` pixels, other pictures of `size`."""
    random = np.random.default_rng(1)
    times = -(-size // 8)
    coarse = random.integers(0, 256, (UNITS * 9, 8, 8, 3), np.uint8)
    pictures = coarse.repeat(times, axis=1).repeat(times, axis=2)[:, :size, :size]
    unit, rank = np.repeat(np.arange(UNITS), 9), np.tile(np.arange(9), UNITS)
    items = Items(len(unit), Item(layer="conv"), unit=unit, rank=rank, score=random.random(len(unit)))
    shown = Pictures(pictures, items, "conv", "input")
    back = Maps(
        pictures[::-1].astype(np.float32) / 128 - 1,
        items.sharing(Item(layer="conv", aspect="deconvolution")),
        "conv deconvolution",
        "input",
        signed=True,
    )
    table = Table(
        ("layer", "map", "largest activation", "record number"),
        tuple(("conv", each, 1.0, str(each)) for each in range(UNITS)),
        "largest",
    )
    results = Results(RunDir.create(root, name))
    results.save("deep_visualization", Figure("deep_visualization", (shown,), moment=Moment(0)))
    results.save("maximal_images", Figure("maximal_images", (shown, back, table), moment=Moment(0)))
    results.save("layer_activations", activations(0, UNITS, maps, "layer_activations"))


def make(root: Path) -> None:
    """A run to step and zoom in, and one of ten thousand figures: one file under as many names."""
    run = RunDir.create(root, "steps")
    results = Results(run)
    for step in range(0, STEPS * 10, 10):
        results.save("layer_activations", activations(step, 64, 28, "layer_activations"), "interval")
        results.save("saliency_maps", saliency(step), "interval")
    results.save("large", activations(0, 64, 224, "layer_activations"))
    of_units(root, "small", 8, 8)
    of_units(root, "big", 112, 127)
    many = RunDir.create(root, "many")
    file = Results(many).save("layer_activations", activations(0, 16, 8, "layer_activations"), "interval")
    line = json.loads(many.figures_file.read_text())
    with many.figures_file.open("a") as lines:
        for step in range(1, MANY):
            os.link(file, many.figure_file("layer_activations", step))
            lines.write(json.dumps(line | {"step": step, "epoch": step / 100}) + "\n")


def answer(window: Window, key: str) -> tuple[float, int]:
    """Seconds until the last byte that a key caused, and how many bytes."""
    window.settle(QUIET)
    before, began = len(window.raw), time.perf_counter()
    window.type(key)
    assert window.pump(5.0), f"the key {key!r} changed nothing:\n{window.text()}"
    window.settle(QUIET)
    return window.last_byte - began, len(window.raw) - before


def measured(window: Window, keys: list[str], presses: int = PRESSES) -> dict[str, object]:
    """Keys pressed in turn."""
    times, sizes = zip(*(answer(window, keys[at % len(keys)]) for at in range(presses)), strict=True)
    return {**milliseconds(times), "bytes": sorted(sizes)[presses // 2]}


def shown(window: Window, key: str, text: str) -> float:
    """Milliseconds until the last byte of what a key shows, with this text in it."""
    window.settle(QUIET)
    began = time.perf_counter()
    window.type(key)
    while window.pump(LONG):  # what the window shows is looked at afterwards: that would delay what is timed
        pass
    assert text in window.text(), window.text()
    return round((window.last_byte - began) * 1000, 1)


def opened(window: Window, run: str, text: str) -> float:
    """Milliseconds from the key that turns to the pictures of a run until they are there."""
    window.until(run)
    window.type("/", run, "enter")
    window.settle(0.3)
    window.type("enter")
    window.until("1 overview")
    window.settle(1.0)  # as long as a person needs to look at it
    return shown(window, "4", text)


def unit_step(window: Window, run: str) -> dict[str, object]:
    """One unit on and back in the unit view."""
    opened(window, run, "1 of 1")
    window.type("u")
    window.until("UNITS")
    window.settle(1.0)
    return measured(window, ["\x1b[C"] * (UNITS - 1) + ["\x1b[D"] * (UNITS - 1))


def playing(window: PictureWindow, uploads: bool = False) -> dict[str, object]:
    """A key while the steps are played on a line of 100 KB/s: milliseconds until what it changed is seen.

    First the name of the colour map below the picture changes. The picture is in the same frame or in the next one,
    so the end of that is waited for; where pixels are sent, the first picture that is there whole.
    """
    opened(window, "steps", f"{STEPS} of {STEPS}")
    line, times, began_with = Line(window), [], len(window.raw)
    window.type(">", ">", ">", ">", "{", " ")
    line.until(lambda: False, 10.0)  # words on the speed, and on a line that is slow, lie over the legend for a while
    for _ in range(PRESSES // 6):
        if "▶" not in window.text():
            window.type("{", " ")
        assert line.until(lambda: "▶" in window.text(), 20), window.text()
        line.until(lambda: False, 0.7)
        was = named(window)
        began = time.perf_counter()
        window.type("m")
        assert line.until(lambda was=was: named(window) not in ("", was), 20), window.text()
        count = (lambda: window.look().uploads) if uploads else (lambda: window.raw.count(QUESTION.encode()))
        before = count()
        assert line.until(lambda count=count, before=before: count() > before + (not uploads), 20), "no picture"
        times.append(time.perf_counter() - began)
    return {**milliseconds(times), "bytes": len(window.raw) - began_with}


def named(window: PictureWindow) -> str:
    """The colour map in the legend."""
    text = window.text()
    return next((name for name in ("viridis", "grey", "signed", "heat") if f" {name} · " in text), "")


def rss(pid: int) -> int:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def main() -> None:
    with places() as root:
        make(root)
        keep_index(root)
        result: dict[str, object] = {
            "benchmark": "picture_steps",
            "targets": TARGETS,
            "calibration_import_textual_app_ms": round(bare_import() * 1000, 1),
        }
        with Window(columns=120, rows=40, answer=TRUECOLOR) as window:
            result["first_picture_ms"] = opened(window, "steps", f"{STEPS} of {STEPS}")
            result["step"] = measured(window, ["["] * (STEPS // 2) + ["]"] * (STEPS // 2))
            result["step_again"] = measured(window, ["[", "]"])
            window.type("J")
            window.until("absolute")
            window.settle(0.3)
            result["photo_step"] = measured(window, ["["] * (STEPS // 2) + ["]"] * (STEPS // 2))
            result["linked_zoom"] = measured(window, ["+", "+", "+", "-", "-", "-"])
            result["open_64_of_224"] = shown(window, "J", "64·224×224")
            result["open_one_of_224"] = shown(window, "\r", "map 1 of 64")
            result["rss_mb"] = rss(window.pid)
        for name, warm in (("time_line_cold_ms", False), ("time_line_ms", True)):
            with Window(columns=120, rows=40, answer=TRUECOLOR) as window:
                if warm:
                    opened(window, "steps", f"{STEPS} of {STEPS}")
                    window.type("q")
                    window.until("RUNS")
                    window.type("/", "\x15")
                    window.settle(0.3)
                    window.type("\x1b")
                    window.settle(0.3)
                result[name] = opened(window, "many", f"{MANY:,} of {MANY:,}")
                result["many_step"] = measured(window, ["[", "[", "]"], 20)
                result["rss_many_mb"] = rss(window.pid)
        for run, name in (("small", "unit_step"), ("big", "unit_step_large")):
            with Window(columns=120, rows=40, answer=TRUECOLOR) as window:
                result[name] = unit_step(window, run)
        for name, more in (("", ()), ("_kitty", ("--images", "kitty"))):
            with PictureWindow((*APPLICATION, *more), columns=120, rows=40, said=TRUECOLOR) as window:
                result[f"key_while_playing_at_100_KB_a_second{name}_ms"] = playing(window, bool(more))
        print(json.dumps(result))


if __name__ == "__main__":
    main()
