"""What a picture of 512×512 pixels costs on 64×32 cells of 8×16: milliseconds and bytes, each way to show it.

From the pixels to what the terminal is sent, as the widget does it: cells as styled text through Textual's strips and
our driver's filter, pixels as one sequence (kitty with its placeholders). `first` is the first picture, whose colours
nobody has seen; the rest are medians of nine, each of another picture of its kind. Kinds: 64 activation maps of 55×55
with borders (random filters over a photo, ReLU), the gradient of a class (dense in the middle), a photo. Calibration:
zlib at level 1 over the pixels.

Targets: half ≤ 6 ms and ≤ 80 KB (in 256 colours ≤ 40 KB), kitty ≤ 20 ms and ≤ 200 KB, sixel ≤ 120 ms.
"""

from __future__ import annotations

import json
import statistics
import time
import zlib
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.style import Style
from textual.strip import Strip

from trainvis.tui.pixels import iterm, kitty, sixel
from trainvis.tui.pixels.ascii import shades
from trainvis.tui.pixels.blocks import Cells, half, half_256, padded
from trainvis.tui.pixels.quadrant import quadrants, quadrants_256
from trainvis.tui.pixels.raster import Grid, Photo, Plane, Raster
from trainvis.tui.pixels.tone import Rgb, Tone
from trainvis.tui.pixels.viewport import Viewport, window
from trainvis.tui.thrift import thrifty
from trainvis.tui.widgets.picture_lines import lines, places

COLUMNS, ROWS, CELL = 64, 32, (8, 16)
REPEATS = 9
CONSOLE = Console(color_system="truecolor", force_terminal=True)


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Means over so many pixels, down and across; the picture goes on at the other side."""
    for axis in (0, 1):
        total = np.cumsum(np.concatenate([values, np.take(values, range(width), axis)], axis), axis, dtype=np.float64)
        upper = np.take(total, range(width, width + values.shape[axis]), axis)
        values = (upper - np.take(total, range(values.shape[axis]), axis)) / width
    return values


def photo(seed: int) -> Rgb:
    """512×512×3: shapes of several sizes, with the fine grain of a camera."""
    rng = np.random.default_rng(seed)
    layers = [smooth(smooth(rng.normal(size=(512, 512)), width), width) * width for width in (5, 21, 61)]
    mixed = np.stack(layers, axis=-1) @ rng.uniform(0.2, 1.0, (3, 3)) * 60 + rng.normal(0, 2, (512, 512, 3))
    return np.clip(mixed + 128, 0, 255).astype(np.uint8)


def activations(seed: int) -> Raster:
    rng = np.random.default_rng(seed)
    grey = photo(seed).mean(axis=-1)[:440:2, :440:2]
    maps = []
    for _ in range(64):
        kernel = rng.normal(size=(3, 3))
        kernel -= kernel.mean()
        found = sum(kernel[y, x] * np.roll(grey, (3 * y, 3 * x), (0, 1)) for y in range(3) for x in range(3))
        maps.append(Plane(np.maximum(np.asarray(found).reshape(55, 4, 55, 4).mean((1, 3)), 0).astype(np.float32)))
    return Grid(maps, (55, 55), 8)


def saliency(seed: int) -> Raster:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:224j, -1:1:224j]
    return Plane((np.abs(rng.normal(size=(224, 224))) * np.exp(-6 * (x**2 + y**2))).astype(np.float32), Tone("grey"))


def painted(raster: Raster, across: int, down: int, aspect: float) -> Rgb:
    room = (COLUMNS * across, ROWS * down)
    return padded(raster.paint(window(Viewport(), raster.size, room, aspect)), *room, (18, 22, 27))


def text(cells: Cells) -> str:
    """What the driver writes for them."""
    return drawn(lines(cells, Style()))


def drawn(strips: list[Strip]) -> str:
    sent = [line.render(CONSOLE) for line in strips]
    return thrifty("".join(f"\x1b[{row + 1};1H{line}" for row, line in enumerate(sent)))


def with_cells(pixels: Rgb) -> str:
    return kitty.upload(pixels, 16, COLUMNS, ROWS) + drawn(places(16, COLUMNS, ROWS))


# Name → output pixels of a cell, their height by their width, pixels → what is sent.
WAYS: dict[str, tuple[int, int, float, Callable[[Rgb], str]]] = {
    "half": (1, 2, 1.0, lambda pixels: text(half(pixels))),
    "half_256": (1, 2, 1.0, lambda pixels: text(half_256(pixels))),
    "quadrant": (2, 2, 2.0, lambda pixels: text(quadrants(pixels))),
    "quadrant_256": (2, 2, 2.0, lambda pixels: text(quadrants_256(pixels))),
    "ascii": (1, 1, 2.0, lambda pixels: text(shades(pixels))),
    "kitty": (*CELL, 1.0, with_cells),
    "sixel": (*CELL, 1.0, sixel.sixels),
    "iterm": (*CELL, 1.0, lambda pixels: iterm.inline(pixels, COLUMNS, ROWS)),
}
KINDS: dict[str, Callable[[int], Raster]] = {
    "activations": activations,
    "saliency": saliency,
    "photo": lambda seed: Photo(photo(seed)),
}


def timed(work: Callable[[Rgb], str], pixels: Rgb) -> tuple[float, int]:
    began = time.perf_counter()
    sent = work(pixels)
    return (time.perf_counter() - began) * 1e3, len(sent.encode())


def main() -> None:
    result: dict[str, object] = {"benchmark": "pictures", "pixels": [512, 512], "cells": [COLUMNS, ROWS]}
    for kind, made in KINDS.items():
        rasters = [made(seed) for seed in range(REPEATS + 1)]
        whole = [painted(raster, *CELL, 1.0) for raster in rasters]
        calibration = [timed(lambda pixels: zlib.compress(pixels.tobytes(), 1).hex(), each)[0] for each in whole[:3]]
        found: dict[str, object] = {"calibration_zlib_ms": round(statistics.median(calibration), 1)}
        for name, (across, down, aspect, work) in WAYS.items():
            times, sizes = zip(*(timed(work, painted(each, across, down, aspect)) for each in rasters), strict=True)
            found[name] = {
                "ms": round(statistics.median(times[1:]), 1),
                "first_ms": round(times[0], 1),
                "kilobytes": round(statistics.median(sizes) / 1000, 1),
            }
        result[kind] = found
    print(json.dumps(result))


if __name__ == "__main__":
    main()
