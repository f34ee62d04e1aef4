"""How fast a folder of pictures becomes a blob, and in how much memory.

Without encoding the peer is `cp -r`, both sides synced to the disk, in turns; with decoding, resizing and encoding it
is as many independent processes as there are cores, which do the same and throw it away. Memory is RssAnon of the
builder and its workers, for `--small` and `--large` gigabytes: one tree, read again and again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from _pictures import tree

from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.building.encoding import Pixels, encoder
from trainvis.datasets.layouts.table import recognise
from trainvis.datasets.sample import FileImage, Found, Planned, Sample

ENCODED = BuildOptions(size=(128, 128), encoding="jpeg", statistics=False)


def copied(source: Path, folder: Path) -> None:
    subprocess.run(["cp", "-r", source, folder / "copy"], check=True)
    subprocess.run(["sync", "-f", folder / "copy"], check=True)


def timed(do: Callable[[], object], clear: Callable[[], object]) -> float:
    """Seconds, from a quiet disk on."""
    clear()
    os.sync()
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def processor() -> float:
    """Seconds of processor time that this process and its children have used."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def in_turns(ways: dict[str, Callable[[], object]], clear: Callable[[], object], times: int) -> dict[str, object]:
    """Seconds of each way, and how many times as fast as the first the others are: by the median, by the best, and by
    processor time, which other people's programs disturb less.
    """
    took: dict[str, list[float]] = {name: [] for name in ways}
    used: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, do in ways.items():
            before = processor()
            took[name].append(timed(do, clear))
            used[name].append(processor() - before)
    clear()
    found: dict[str, object] = {f"{name}_s": [round(each, 2) for each in several] for name, several in took.items()}
    first, *others = ways
    for name in others:
        found[f"{name}_of_{first}"] = round(median(took[first]) / median(took[name]), 2)
        found[f"{name}_of_{first}_best"] = round(min(took[first]) / min(took[name]), 2)
        found[f"{name}_of_{first}_processor"] = round(median(used[first]) / median(used[name]), 2)
    return found


def as_they_are(source: Path, folder: Path, times: int) -> dict[str, object]:
    def clear() -> None:
        shutil.rmtree(folder / "copy", ignore_errors=True)
        for ending in ("h5", "lmdb"):
            (folder / f"out.{ending}").unlink(missing_ok=True)

    ways: dict[str, Callable[[], object]] = {
        "cp": lambda: copied(source, folder),
        "h5": lambda: build(recognise(source), folder / "out.h5"),
        "lmdb": lambda: build(recognise(source), folder / "out.lmdb"),
    }
    return in_turns(ways, clear, times)


def discard(source: Path, share: int, of: int) -> None:
    """What a worker does, by itself: every file of a share decoded, resized, encoded, thrown away."""
    pixels, encode = Pixels(ENCODED.size, ENCODED.fit), encoder("jpeg", ENCODED.quality)
    for number, path in enumerate(sorted(source.rglob("*.jpg"))):
        if number % of == share:
            encode(pixels.of_file(path.read_bytes()))


def independent(source: Path) -> None:
    cores = os.cpu_count() or 1
    arguments = [[sys.executable, __file__, "--discard", str(source), str(share), str(cores)] for share in range(cores)]
    for process in [subprocess.Popen(each) for each in arguments]:
        assert process.wait() == 0


def encoded(source: Path, folder: Path, times: int) -> dict[str, object]:
    out = folder / "small.h5"
    ways: dict[str, Callable[[], object]] = {
        "independent": lambda: independent(source),
        "build": lambda: build(recognise(source), out, ENCODED),
    }
    return in_turns(ways, lambda: out.unlink(missing_ok=True), times)


def repeated(source: Path, megabytes: int) -> Found:
    """The tree, again and again."""
    files = [(path, path.stat().st_size) for path in sorted(source.rglob("*.jpg"))]

    def samples() -> Iterator[Sample]:
        size, turn = 0, 0
        while True:
            for path, of_file in files:
                if size >= megabytes << 20:
                    return
                size += of_file
                yield Sample(f"{turn}/{path.name}", {"image": FileImage(path), "label": path.parent.name})
            turn += 1

    class Again:
        def __iter__(self) -> Iterator[Sample]:
            return samples()

    return Found("repeated", (Planned("image", "image"), Planned("label", "class")), Again())


def anonymous(pid: int) -> int:
    """Kilobytes of its own memory; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
    except (OSError, StopIteration):
        return 0


def peak(source: Path, out: Path, megabytes: int, options: BuildOptions) -> dict[str, float]:
    """Most memory of the builder and its workers at one time."""
    most, done = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
            most = max(most, sum(map(anonymous, [os.getpid(), *map(int, children)])))

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = time.perf_counter()
    built = build(repeated(source, megabytes), out, options)
    took = time.perf_counter() - begun
    done.set()
    watcher.join()
    return {"mb": round(most / 1024, 1), "seconds": round(took, 1), "written_mb": built.size >> 20}


def memory(source: Path, folder: Path, sizes: list[float]) -> dict[str, object]:
    """Each in a process of its own."""
    found: dict[str, object] = {}
    for ending in ("h5", "lmdb"):
        said = []
        for gigabytes in sizes:
            out = folder / f"large.{ending}"
            arguments = [sys.executable, __file__, "--peak", str(source), str(out), str(int(gigabytes * 1024))]
            said.append(json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout))
            out.unlink()
        found[ending] = {"peaks": said, "large_of_small": round(said[-1]["mb"] / said[0]["mb"], 3)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=600, help="of the tree")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--small", type=float, default=0.5, help="gigabytes")
    parser.add_argument("--large", type=float, default=5)
    parser.add_argument("--only", choices=("as_they_are", "encoded", "memory"))
    parser.add_argument("--folder", help="on the disk that is meant")
    parser.add_argument("--discard", nargs=3)
    parser.add_argument("--peak", nargs=3)
    given, _ = parser.parse_known_args()
    if given.discard:
        discard(Path(given.discard[0]), *map(int, given.discard[1:]))
        return
    if given.peak:
        print(json.dumps(peak(Path(given.peak[0]), Path(given.peak[1]), int(given.peak[2]), BuildOptions())))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        source = folder / "source"
        files = tree(source, given.megabytes)
        result: dict[str, object] = {"benchmark": "blob_build", "files": files, "megabytes": given.megabytes}
        if given.only in (None, "as_they_are"):
            result["as_they_are"] = as_they_are(source, folder, given.times)
        if given.only in (None, "memory"):
            result["memory"] = memory(source, folder, [given.small, given.large])
        if given.only in (None, "encoded"):
            some = folder / "some"
            tree(some, given.megabytes // 6)
            result["encoded"] = encoded(some, folder, min(given.times, 3))
        print(json.dumps(result))


if __name__ == "__main__":
    main()
