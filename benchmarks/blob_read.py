"""Random reads: records of a blob against loose files, their bytes and their pixels, from memory and from the disk.

Cold reads follow `posix_fadvise(DONTNEED)` of every file on both sides, which needs no rights and leaves the folders
and inodes of loose files in memory; with `--drop-caches` (as root, of the whole machine) those go too. What a disk or a
virtual machine keeps itself stays. What is in memory is measured by processor time, which other programs disturb less.
Records that are read together are compared with files that are read together: the bytes of 64 are held at once.
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
        base = "files_together" if name.endswith("_together") else "files"
        if name != base:
            found[f"{name}_of_{base}"] = round(median(took[base]) / median(took[name]), 2)
    return found


def read_files(paths: list[Path]) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            with open(paths[place], "rb") as file:
                file.read()

    return read


def files_together(paths: list[Path]) -> Way:
    def read(places: list[int]) -> None:
        for first in range(0, len(places), BATCH):
            held = []
            for place in places[first : first + BATCH]:
                with open(paths[place], "rb") as file:
                    held.append(file.read())

    return read


def read_blob(blobs: dict[str, Blob], name: str) -> Way:
    def read(places: list[int]) -> None:
        blob = blobs[name]
        for place in places:
            blob.raw(place, "image")

    return read


def decode_files(paths: list[Path]) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            pixels_of(paths[place])

    return read


def read_together(blobs: dict[str, Blob], name: str) -> Way:
    def read(places: list[int]) -> None:
        blob = blobs[name]
        for first in range(0, len(places), BATCH):
            blob.raws(places[first : first + BATCH], "image")

    return read


def decode_blob(blob: Blob) -> Way:
    def read(places: list[int]) -> None:
        for place in places:
            blob.read([place], ["image"])

    return read


def results(folder: Path, count: int, times: int, *, drop: bool) -> dict[str, object]:
    blobs: dict[str, Blob] = {}
    for ending in ("h5", "lmdb"):
        built = build(recognise(folder / "source"), folder / f"out.{ending}")
        blobs[ending] = open_blob(built.path)
    paths = [folder / "source" / blobs["h5"].key(place) for place in range(count)]
    order = list(range(count))
    random.Random(0).shuffle(order)

    def cold(name: str) -> None:
        name = name.removesuffix("_together")
        if name != "files":  # what is mapped is not forgotten
            blobs[name].close()
        forget(paths if name == "files" else [blobs[name].path])
        if drop:
            Path("/proc/sys/vm/drop_caches").write_text("3")
        if name != "files":
            blobs[name] = open_blob(blobs[name].path)

    ways = {"files": read_files(paths), **{name: read_blob(blobs, name) for name in blobs}}
    ways |= {"files_together": files_together(paths)}
    ways |= {f"{name}_together": read_together(blobs, name) for name in blobs}
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
    parser.add_argument("--side", type=int, default=0, help="of square pictures, in pixels; else they are 320×240")
    parser.add_argument("--drop-caches", action="store_true", help="before cold reads: as root, of all programs")
    parser.add_argument("--folder", help="on the disk that is meant")
    given, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        count = tree(Path(name) / "source", given.megabytes, 50, given.side or 240, given.side or 320)
        found = results(Path(name), count, given.times, drop=given.drop_caches)
        print(json.dumps({"benchmark": "blob_read", "files": count, "megabytes": given.megabytes, **found}))


if __name__ == "__main__":
    main()
