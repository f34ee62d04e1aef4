"""Small generated copies of real data sets, with the faults that real copies have."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image


def picture(path: Path, shade: int = 100, mode: str = "L", size: tuple[int, int] = (4, 4), kind: str = "") -> Path:
    """A picture of one shade at `path`, of the kind that its ending says, or `kind`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(shade, mode, size, kind or path.suffix[1:]))
    return path


def encoded(shade: int = 100, mode: str = "L", size: tuple[int, int] = (4, 4), kind: str = "png") -> bytes:
    held = io.BytesIO()
    kinds = {"jpg": "jpeg", "pgm": "ppm", "tif": "tiff"}
    Image.new(mode, size, shade if mode in "LP" else (shade,) * 3).save(held, kinds.get(kind.lower(), kind))
    return held.getvalue()


def text(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
    return path


def class_folders(root: Path, classes: Mapping[str, Iterable[str]]) -> Path:
    """`<class>/<image>` with the litter that file managers leave."""
    for name, files in classes.items():
        for number, file in enumerate(files):
            picture(root / name / file, number, kind="png")
        text(root / name / ".DS_Store", b"\0\0\0\1Bud1")
    text(root / "Thumbs.db", b"\xd0\xcf\x11\xe0")
    return root


def no_utf8(text: bytes) -> str:
    """A file name of bytes that are no UTF-8, as Python has it."""
    return os.fsdecode(text)
