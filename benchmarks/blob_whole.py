"""Tens of thousands of pictures built both ways, killed twice on the way, and read back: all equal to their sources.

A check more than a measurement: it ends with an error where a byte is another one.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from trainvis.datasets.blob import open_blob
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.layouts.table import recognise

OPTIONS = BuildOptions(shuffle=True, seed=5)
BUILD = """
import sys
from trainvis.datasets.building import writing
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.layouts.table import recognise
writing.STEP = 0.2
say = lambda progress: print(progress.stage, progress.done, flush=True)
build(recognise(sys.argv[1]), sys.argv[2], BuildOptions(shuffle=True, seed=5), progress=say)
"""


def drawn(folder: Path, count: int) -> None:
    """Every picture another one, JPEG and PNG by turns, of sizes from 24 to 95 pixels, in a hundred classes."""
    random = np.random.default_rng(0)
    for number in range(count):
        height, width = random.integers(24, 96, 2)
        rough = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        target = io.BytesIO()
        rough.resize((width, height), Image.Resampling.BILINEAR).save(target, "PNG" if number % 2 else "JPEG")
        path = folder / f"class{number % 100:02d}" / f"{number:06d}.{'png' if number % 2 else 'jpg'}"
        if number < 100:
            path.parent.mkdir(parents=True)
        path.write_bytes(target.getvalue())


def killed(source: Path, out: Path, at: int) -> int:
    """A build that is killed when so many records are done; how many were."""
    arguments = [sys.executable, "-c", BUILD, str(source), str(out)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            stage, done = line.split()
            if stage == "building" and int(done) >= at:
                process.kill()
                break
    assert not out.exists(), "a blob that was not finished stands there"
    assert out.with_name(out.name + ".part").is_dir()
    return int(done)


def compared(source: Path, out: Path) -> int:
    """The records of a blob, each of which is held against its file."""
    with open_blob(out) as blob:
        keys = set()
        for place in range(len(blob)):
            key = blob.key(place)
            assert blob.raw(place, "image") == (source / key).read_bytes(), key
            keys.add(key)
        labels = blob.labels()
        assert all(blob.classes[labels[place]] == blob.key(place).split("/")[0] for place in range(len(blob)))
        images = blob.read(range(0, len(blob), 100), ["image"])["image"]
        for image, place in zip(images, range(0, len(blob), 100), strict=True):
            assert np.array_equal(image, np.asarray(Image.open(source / blob.key(place)))), place
    assert keys == {str(path.relative_to(source)) for path in source.rglob("*.*g")}
    return len(keys)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--folder", help="on the disk that is meant")
    given, _ = parser.parse_known_args()
    result: dict[str, object] = {"benchmark": "blob_whole", "count": given.count}
    digests = set()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        source = Path(name) / "source"
        drawn(source, given.count)
        for ending in ("h5", "lmdb"):
            out = Path(name) / f"out.{ending}"
            ends = [killed(source, out, given.count * share // 3) for share in (1, 2)]
            begun = time.perf_counter()
            built = build(recognise(source), out, OPTIONS)
            seconds = time.perf_counter() - begun
            assert 0 < built.resumed < given.count
            whole = build(recognise(source), Path(name) / f"whole.{ending}", OPTIONS)
            digests |= {built.digest, whole.digest}
            result[ending] = {
                "killed_at": ends, "resumed_at": built.resumed, "rest_s": round(seconds, 2),
                "whole_s": round(whole.seconds, 2), "equal": compared(source, out),
            }  # fmt: skip
    assert len(digests) == 1
    print(json.dumps(result | {"digest": digests.pop()}))


if __name__ == "__main__":
    main()
