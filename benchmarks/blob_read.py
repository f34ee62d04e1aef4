"""Random reads: records of a blob against loose files, their bytes and their pixels, from memory and from the disk.

Cold reads follow `posix_fadvise(DONTNEED)` of every file on both sides, which needs no rights; what a disk or a
virtual machine keeps itself stays. What is in memory is measured by processor time, which other programs disturb less.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeAlias

from _pictures import tree

from trainvis.datasets.blob import Blob, open_blob
from trainvis.datasets.building.build import build
from trainvis.datasets.decoding import pixels_of
from trainvis.datasets.layouts.table import recognise

Way: TypeAlias = Callable[[list[int]], object]

BATCH = 64  # records that are read at once


def forget(paths: list[Path]) -> None:
    """They are read from the disk the next time."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def seconds(do: Way, order: list[int], before: Callable[[], object], clock: Callable[[], float]) -> float:
    before()
    begun = clock()
    do(order)
    return clock() - begun


def measured(
    ways: dict[str, Way],
    order: list[int],
    times: int,
    before: Callable[[str], object] = lambda _: None,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, object]:
    """Records a second of each way, in turns, and the ratios to loose files."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, do in ways.items():
            took[name].append(seconds(do, order, lambda name=name: before(name), clock))
    found: dict[str, object] = {name: round(len(order) / median(several)) for name, several in took.items()}
    for name in ways:
        if name != "files":
            found[f"{name}_of_files"] = round(median(took["files"]) / median(took[name]), 2)
    return found


def read_files(paths: list[Path]) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            with open(paths[place], "rb") as file:
                file.read()

    return read


def read_blob(blob: Blob) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            blob.raw(place, "image")

    return read


def decode_files(paths: list[Path]) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            pixels_of(paths[place])

    return read


def read_together(blob: Blob) -> Way:
    def read(places: list[int]) -> None:
        for first in range(0, len(places), BATCH):
            blob.raws(places[first : first + BATCH], "image")

    return read


def decode_blob(blob: Blob) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            blob.read([place], ["image"])

    return read


def results(folder: Path, count: int, times: int) -> dict[str, object]:
    blobs: dict[str, Blob] = {}
    for ending in ("h5", "lmdb"):
        built = build(recognise(folder / "source"), folder / f"out.{ending}")
        blobs[ending] = open_blob(built.path)
    paths = [folder / "source" / blobs["h5"].key(place) for place in range(count)]
    order = list(range(count))
    random.Random(0).shuffle(order)

    def cold(name: str) -> None:
        forget(paths if name == "files" else [blobs[name.removesuffix("_together")].path])

    ways = {"files": read_files(paths), **{name: read_blob(blob) for name, blob in blobs.items()}}
    ways |= {f"{name}_together": read_together(blob) for name, blob in blobs.items()}
    decoding = {"files": decode_files(paths), **{name: decode_blob(blob) for name, blob in blobs.items()}}
    for do in ways.values():
        do(order)
    return {
        "bytes_cached": measured(ways, order, times),
        "pixels_cached": measured(decoding, order[:1000], times),
        "bytes_cold": measured(ways, order[:4000], min(times, 3), cold, time.perf_counter),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=600)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder", help="on the disk that is meant")
    given, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        count = tree(Path(name) / "source", given.megabytes)
        found = results(Path(name), count, given.times)
        print(json.dumps({"benchmark": "blob_read", "files": count, "megabytes": given.megabytes, **found}))


if __name__ == "__main__":
    main()
