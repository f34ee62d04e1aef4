"""A tree of photos to build from, drawn with NumPy: JPEG files of some 30 KB in a folder a class."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

DIFFERENT = 64  # pictures; the files repeat them, which neither a copy nor a build knows


def drawn(number: int, height: int = 240, width: int = 320) -> bytes:
    """Smooth shapes with grain, as photos have them."""
    random = np.random.default_rng(number)
    rough = random.integers(0, 256, (height // 20, width // 20, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(rough).resize((width, height), Image.Resampling.BICUBIC))
    grain = random.normal(0, 8, (height, width, 1))
    target = io.BytesIO()
    Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8)).save(target, "JPEG", quality=92)
    return target.getvalue()


def tree(folder: Path, megabytes: int, classes: int = 50, height: int = 240, width: int = 320) -> int:
    """So many megabytes of them; how many files."""
    pictures = [drawn(number, height, width) for number in range(DIFFERENT)]
    count, size = 0, 0
    while size < megabytes << 20:
        path = folder / f"class{count % classes:03d}" / f"{count:07d}.jpg"
        if count < classes:
            path.parent.mkdir(parents=True)
        size += path.write_bytes(pictures[count % DIFFERENT])
        count += 1
    return count
