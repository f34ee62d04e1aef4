"""Sets of pictures to build from, drawn with NumPy; and a build in a process of its own, which can be killed."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from trainvis.datasets.sample import FileImage, Found, Planned, Sample

BUILD = """
import sys
from pathlib import Path
from trainvis.datasets.building import writing
from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.layouts.table import recognise
writing.STEP, writing.DURABLE, writing._TOLD, writing.RANGE = 0.02, 0.1, 0.0, 16
source, out, options = sys.argv[1:4]
def say(progress):
    print(progress.stage, progress.done, flush=True)
built = build(recognise(source), out, BuildOptions(**eval(options)), progress=say)
print("built", built.digest, flush=True)
"""


def drawn(number: int, side: int = 24, kind: str = "") -> bytes:
    """A small picture, different for each number: JPEG and PNG by turns."""
    random = np.random.default_rng(number)
    pixels = np.kron(random.integers(0, 256, (4, 4, 3), dtype=np.uint8), np.ones((side // 4, side // 4, 1), np.uint8))
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, kind or ("JPEG" if number % 2 else "PNG"))
    return target.getvalue()


def folder(root: Path, count: int, classes: int = 3, side: int = 24) -> Path:
    """`<class>/<image>`."""
    for number in range(count):
        path = root / f"class{number % classes}" / f"{number:06d}.{'jpg' if number % 2 else 'png'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn(number, side))
    return root


def found(samples: list[Sample], *fields: Planned) -> Found:
    return Found("samples", fields or (Planned("image", "image"), Planned("label", "class")), samples)


def labelled(counts: dict[str, int], groups: int = 0) -> Found:
    """Arrays 2×2×1 without a file: so many of each class, their keys `class/number`; group g0, g1… by turns."""
    samples = [
        Sample(f"{name}/{number}", {"image": np.full((2, 2, 1), number % 256, np.uint8), "label": name},
               f"g{number % groups}" if groups else "")
        for name, count in counts.items() for number in range(count)
    ]  # fmt: skip
    return found(samples)


def in_files(paths: list[Path]) -> Found:
    return found([Sample(path.name, {"image": FileImage(path)}) for path in paths], Planned("image", "image"))


class Process:
    """A build in a process of its own."""

    def __init__(self, source: Path, out: Path, options: str = "{}") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", BUILD, str(source), str(out), options], stdout=subprocess.PIPE, text=True
        )

    def lines(self) -> Iterator[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield line.strip()

    def killed_at(self, done: int) -> int:
        """Killed when so many records are done; how many were."""
        for line in self.lines():
            stage, _, number = line.partition(" ")
            if stage == "building" and int(number) >= done:
                self.process.kill()
                self.end()
                return int(number)
        raise AssertionError(f"the build ended before {done} records were done")

    def end(self) -> int:
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(60)
