"""Figure files: the activations of a digits net and of a SqueezeNet written and read, a time line of 10,000 figures.

The calibration is a plain copy of the same numbers: a machine that copies slowly writes slowly.
"""

from __future__ import annotations

import itertools
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from trainvis.engine.files import append_line
from trainvis.engine.rundir import RunDir
from trainvis.vis.artifacts import open_figure, read, write
from trainvis.vis.figures import Figure, Input, Item, Items, Maps, Moment, Part, Prediction, Vectors
from trainvis.vis.results import Entry, Results

# Maps (at most 64) and their side, of every layer; 0 is a layer without height and width, with so many numbers.
DIGITS = ((32, 26), (32, 24), (32, 12), (128, 0), (64, 0), (10, 0))
SQUEEZENET = (
    *[(64, 111)] * 2,
    *[(64, 55)] * 17,
    *[(16, 55)] * 4,
    *[(64, 27)] * 17,
    *[(32, 27)] * 6,
    *[(48, 27)] * 2,
    *[(64, 13)] * 12,
    (1000, 0),
)


def activations(layers: tuple[tuple[int, int], ...]) -> Figure:
    """What all layers of a network do with one image: normal numbers after a ReLU."""
    random = np.random.default_rng(0)
    parts: list[Part] = []
    for at, (count, side) in enumerate(layers):
        item = Item(image=0, layer=f"layer_{at}")
        if side:
            values = np.maximum(random.normal(size=(count, side, side)), 0).astype(np.float32)
            items = Items(count, item, unit=np.arange(count), score=values.max(axis=(1, 2)))
            parts.append(Maps(values, items, item.layer, space="layer"))
        else:
            parts.append(Vectors(random.normal(size=(1, count)).astype(np.float32), (item,), item.layer))
    image = Input(np.zeros((224, 224, 3), np.uint8), "cat.png")
    best = Prediction((285, 281, 282, 287, 761), (0.9, 0.05, 0.02, 0.01, 0.01))
    return Figure("layer_activations", tuple(parts), (image,), (best,), moment=Moment(930, 1.5, 1, 1.7e9))


def milliseconds(
    do: Callable[[], object], after: Callable[[], object] = lambda: None, times: int = 40
) -> dict[str, float]:
    """The fastest and the median of several times; `after` each, off the clock."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        do()
        took.append((time.perf_counter() - begun) * 1e3)
        after()
    return {"min": round(min(took), 2), "median": round(sorted(took)[times // 2], 2)}


def network(figure: Figure, folder: Path) -> dict[str, object]:
    """Every file is a new one, as in a training, and removed off the clock, so that no disk is written to."""
    numbers, path = itertools.count(), folder / "figure.h5"
    written: list[Path] = []

    def save() -> None:
        written.append(folder / f"{next(numbers)}.h5")
        write(figure, written[-1])

    def remove() -> None:
        written.pop().unlink()

    size = write(figure, path)
    middle = len(figure.parts) // 2
    return {
        "layers": len(figure.parts),
        "numbers": sum(part.values.size for part in figure.parts),  # type: ignore[union-attr]
        "bytes": size,
        "copy_ms": milliseconds(lambda: [part.values.copy() for part in figure.parts]),  # type: ignore[union-attr]
        "write_ms": milliseconds(save, remove),
        "read_ms": milliseconds(lambda: read(path)),
        "one_map_ms": milliseconds(lambda: one_map(path, middle)),
    }


def one_map(path: Path, part: int) -> None:
    with open_figure(path) as file:
        file.parts[part].values(0)


def grid(folder: Path) -> dict[str, float]:
    """Sixty-four maps of 224×224: open the file and read what a grid of them shows."""
    values = np.random.default_rng(1).normal(size=(64, 224, 224)).astype(np.float32)
    write(Figure("saliency_maps", (Maps(values, Items(64), space="input"),)), folder / "grid.h5")

    def look() -> None:
        with open_figure(folder / "grid.h5") as file:
            file.parts[0].thumbnails()
            list(file.parts[0].items)

    return milliseconds(look)


def time_line(folder: Path) -> dict[str, float]:
    """A run with 10,000 stored figures: its names and the steps of one."""
    run = RunDir.create(folder, "long")
    run.figures("layer_activations").mkdir()
    for step in range(10_000):
        run.figure_file("layer_activations", step).touch()
        append_line(run.figures_file, Entry("layer_activations", step, "layer_activations", size=100_000).to_line())

    def look() -> None:
        results = Results(run)
        assert len(results.steps(results.names()[0])) == 10_000

    return milliseconds(look, times=10)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = {
            "benchmark": "figures",
            "digits": network(activations(DIGITS), folder),
            "squeezenet": network(activations(SQUEEZENET), folder),
            "grid_of_64_ms": grid(folder),
            "time_line_of_10000_ms": time_line(folder),
        }
        print(json.dumps(result))


if __name__ == "__main__":
    main()
