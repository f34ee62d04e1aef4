"""IDX, the format of MNIST: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, compressed or not.

Source: the page of MNIST. Two zero bytes, a type, the number of dimensions, each of them as four bytes, the values; all
with the high byte first.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import IO, Any

from ...engine.text import printable
from ..errors import SourceError
from ..sample import FileImage, Found, Planned, Problems, Sample
from . import walking
from .layout import found

_TYPES = {8: "uint8", 9: "int8", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_IMAGES = re.compile(
    r"(?P<before>.*)images(?P<sep>[-._])idx(?P<rank>[1-4])-?(?P<kind>ubyte|byte|int|float)?(?P<gz>\.gz)?"
)
_SPLITS = (("train", "train"), ("t10k", "test"), ("test", "test"), ("val", "validation"))
LARGEST = 1 << 26  # bytes of one image
CUT = "an image that the file promises and does not hold"
_PART = 1 << 16


@dataclass(frozen=True, slots=True)
class Idx:
    """The header of a file: `count` records of `size` bytes from `start` on."""

    path: Path
    dtype: str
    count: int
    shape: tuple[int, ...]
    start: int
    size: int

    @property
    def packed(self) -> bool:
        return self.path.name.lower().endswith(".gz")


def look(path: Path) -> Found | None:
    """All pairs in a folder, or the pair of one file of images. Raises SourceError."""
    if path.is_dir():
        names = [name for name in walking.glance(path)[1] if _IMAGES.fullmatch(name.lower())]
        plain = {name for name in names if not name.lower().endswith(".gz")}
        names = [name for name in names if name in plain or name[:-3] not in plain]  # both were unpacked and kept
        folder = path
    else:
        names, folder = ([path.name] if _IMAGES.fullmatch(path.name.lower()) else []), path.parent
    if not names:
        return None
    names.sort(key=lambda name: (_split(name) != "train", name))
    pairs = [(_header_of_images(folder / name), _labels(folder, name)) for name in names]
    classes, notes = _classes([labels for _, labels in pairs if labels is not None])
    notes += tuple(f"{each.path.name} has no labels beside it" for each, labels in pairs if labels is None)
    fields = [Planned("image", "image")] + [Planned("label", "class", classes)] * any(labels for _, labels in pairs)
    return found(
        "idx", tuple(fields), partial(_samples, pairs), notes=notes, total=sum(each.count for each, _ in pairs)
    )


def _header_of_images(path: Path) -> Idx:
    from .arrays import image_shape

    images = header(path)
    if image_shape(images.shape) is None:
        raise SourceError(f"{printable(path, 300)} holds no images: {'×'.join(map(str, images.shape))} is none")
    return images


def header(path: Path) -> Idx:
    """Raises SourceError."""
    said = printable(path, 300)
    try:
        with _open(path) as file:
            start = file.read(4)
            rank = start[3] if len(start) == 4 else 0
            if start[:2] != b"\0\0" or start[2:3] == b"" or start[2] not in _TYPES or not 1 <= rank <= 4:
                raise SourceError(f"{said} is no IDX file: it does not start like one")
            dimensions = struct.unpack(f">{rank}I", file.read(4 * rank))
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise SourceError(f"{said} cannot be read: {getattr(error, 'strerror', None) or 'it is damaged'}") from None
    count, *shape = dimensions
    size = prod(shape) * int(_TYPES[start[2]][-1] if start[2] > 9 else 1)
    if not 0 < size <= LARGEST:
        raise SourceError(f"{said} says that an image is {'×'.join(map(str, shape))}, which is none")
    return Idx(path, _TYPES[start[2]], count, tuple(shape), 4 + 4 * rank, size)


def _samples(pairs: list[tuple[Idx, Idx | None]], problems: Problems) -> Iterator[Sample]:
    for images, labels in pairs:
        done = 0
        try:
            for image, label in zip(_images(images), _values(labels, images.count), strict=False):
                key = f"{images.path.name.partition('-images')[0].partition('.')[0]}/{done:07}"
                done += 1
                if label is None and labels is not None:
                    problems.add("an image without a label, or with one that is none", key)
                    continue
                told = {"label": None if label is None else str(label)} if any(each for _, each in pairs) else {}
                yield Sample(key, {"image": image, **told}, split=_split(images.path.name))
        except (OSError, EOFError, zlib.error):
            pass  # the rest is counted as what is not there
        if done < images.count:
            problems.add(CUT, f"{images.path.name}: {done} of {images.count}")
            problems.counts[CUT] += images.count - done - 1


def _images(images: Idx) -> Iterator[Any]:
    """Where each image lies, or, compressed, the images."""
    import numpy as np

    from .arrays import as_image, image_shape

    shape, first = image_shape(images.shape) or (images.shape, False)
    if not images.packed and images.dtype == "uint8" and not first:
        there = (images.path.stat().st_size - images.start) // images.size
        for place in range(min(images.count, there)):
            yield FileImage(images.path, images.start + place * images.size, images.size, shape)
        return
    with _open(images.path) as file:
        file.read(images.start)
        for _ in range(images.count):
            data = file.read(images.size)
            if len(data) < images.size:
                return
            yield as_image(np.frombuffer(data, images.dtype), shape, first)


def _values(labels: Idx | None, count: int) -> Iterator[int | None]:
    """The labels in their order; None for as many as are missing."""
    import numpy as np

    place = 0
    if labels is not None:
        try:
            with _open(labels.path) as file:
                file.read(labels.start)
                while place < labels.count and (data := file.read(min(_PART, labels.count - place) * labels.size)):
                    values = np.frombuffer(data[: len(data) // labels.size * labels.size], labels.dtype)
                    for value in values.tolist():
                        yield value if isinstance(value, int) and value >= 0 else None
                    place += len(values)
                    if not len(values):
                        break
        except (OSError, EOFError, zlib.error):
            pass  # an image without a label is counted
    while place < count:
        place += 1
        yield None


def _classes(labels: list[Idx]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    most = -1
    for each in labels:
        most = max(most, max((value for value in _values(each, 0) if value is not None), default=-1))
    if most >= 100_000:
        return (), ("the labels are numbers of any size: each is a class",)
    return tuple(map(str, range(most + 1))), ()


def _labels(folder: Path, images: str) -> Idx | None:
    """The labels that belong to a file of images. Raises SourceError where they are damaged."""
    place = images.lower().rindex("images")
    wanted = re.sub(r"idx[0-9]", "idx1", (images[:place] + "labels" + images[place + 6 :]).lower()).removesuffix(".gz")
    for name in walking.glance(folder)[1]:
        if name.lower().removesuffix(".gz") == wanted:
            labels = header(folder / name)
            if labels.shape:
                raise SourceError(f"{printable(folder / name, 300)} holds no labels: one number an image is expected")
            return labels
    return None


def _split(name: str) -> str:
    return next((split for word, split in _SPLITS if word in name.lower()), "")


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.name.lower().endswith(".gz") else open(path, "rb")  # type: ignore[return-value]
