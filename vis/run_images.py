"""The images that a run is looked at with, kept in its images/ folder."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from ..engine.files import write_aside
from .images import MOST, spread
from .picture_files import files_in

if TYPE_CHECKING:
    from ..engine.rundir import RunDir
    from .figures import Input


def chosen(run: RunDir) -> list[Path]:
    """The images that a person chose when the run was started."""
    spec, _ = run.spec()
    return [path for name in spec.images if (path := run.images / Path(name).name).is_file()]


def files_of(source: Any) -> list[Path]:
    """The picture files among what was given as images: files, folders and lists of them."""
    return list(_files(source))[: 2 * MOST]


def keep(run: RunDir, source: Any, shown: Sequence[Input]) -> None:
    """Copy the images into the run: files as they are, arrays as PNG, as a person sees them. Raises OSError.

    What lies there already, of this name and with this content, is not copied again.
    """
    files = files_of(source)
    for file in files:
        if file.parent != run.images:
            _keep(run.images, file.name, file.read_bytes())
    if not files:
        for each in shown[:MOST]:
            if each.picture is not None:
                _keep(run.images, f"{_plain(each.name)}.png", _png(each.picture))


def _files(source: Any) -> Iterator[Path]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if path.is_dir():
            inside = list(files_in(path))
            yield from (inside[place] for place in spread(len(inside), MOST))
        elif path.is_file():
            yield path
    elif isinstance(source, list | tuple):
        for each in source[:MOST]:
            if isinstance(each, str | os.PathLike):
                yield from _files(each)


def _keep(folder: Path, name: str, content: bytes) -> None:
    first = folder / name
    for number in range(1, 1000):
        path = first if number == 1 else first.with_name(f"{first.stem}-{number}{first.suffix}")
        try:
            if path.stat().st_size == len(content) and path.read_bytes() == content:
                return
        except FileNotFoundError:
            write_aside(path, content)
            return


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:80] or "image"


def _png(picture: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture).save(file, "PNG")
    return file.getvalue()
