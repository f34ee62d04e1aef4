"""Pictures as arrays: from files (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM, .npy), from PIL, from arrays of any shape.

Pixels are uint8. Floats are something else: they stay in the units that their owner gave them.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL import Image

from ..datasets.decoding import decoded, finite, naming, opened, whole
from ..datasets.errors import ImageError
from ..engine.text import printable

Array: TypeAlias = np.ndarray

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm", ".npy")
)
_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One image, H×W×C: uint8 pixels with C of 1, 3 or more, or floats in units of their own.

    `note` says what was done to it.
    """

    values: Array
    name: str = ""
    note: str = ""

    @property
    def pixels(self) -> bool:
        """Whether these are pixels 0…255."""
        return self.values.dtype == np.uint8

    @property
    def size(self) -> str:
        """Its shape as a person says it: 480×640×3."""
        return "×".join(map(str, self.values.shape))


def read(path: str | os.PathLike[str]) -> list[Picture]:
    """The picture of a file, upright, or the images of a .npy file. Raises ImageError, which names the file."""
    path = Path(path)
    with naming(path):
        if not path.is_file():
            raise ImageError(_missing(path))
        if path.suffix.lower() == ".npy":
            found = stacked(_numbers(path))
            return of_array(
                found, [f"{path.name}[{place}]" for place in range(len(found))] if len(found) > 1 else [path.name]
            )
        with opened(path) as image:
            return [_decoded(image, path.name)]


def numbers(path: str | os.PathLike[str]) -> Array:
    """The array of an .npy file. Raises ImageError, which names the file."""
    with naming(Path(path)):
        if not Path(path).is_file():
            raise ImageError(_missing(Path(path)))
        return _numbers(Path(path))


def of_image(image: Image.Image, name: str = "") -> Picture:
    """The pixels of a PIL image: upright, transparency laid on black. Raises ImageError."""
    with naming(name or "the PIL image"):
        return _decoded(image, name)


def of_array(stack: Array, names: list[str]) -> list[Picture]:
    """The images of an array N×H×W×C. Raises ImageError.

    Whole numbers are pixels: within 0…255, or uint16 of which 0…65535 become 0…255. Floats stay what they are.
    """
    if stack.dtype.kind == "f":
        return [Picture(each, printable(name, 200)) for each, name in zip(finite(stack), names, strict=True)]
    pixels, note = whole(stack)
    return [Picture(each, printable(name, 200), note) for each, name in zip(pixels, names, strict=True)]


def of_one(array: Any, name: str = "", channels: int | None = None, channels_first: bool = False) -> Picture:
    """The image in an array H×W or H×W×C (C×H×W where `channels_first` and C is `channels`). Raises ImageError."""
    array = np.asarray(array)
    if array.ndim == 2:
        array = array[..., None]
    elif array.ndim == 3 and channels_first and array.shape[0] == channels:
        array = np.moveaxis(array, 0, -1)
    if array.ndim != 3:
        raise ImageError(f"an array of {'×'.join(map(str, array.shape)) or 'one value'} is not one image H×W or H×W×C")
    (picture,) = of_array(stacked(array[None]), [name])
    return picture


def stacked(array: Any, channels: int | None = None, channels_first: bool = False) -> Array:
    """N×H×W×C of an array H×W, H×W×C, N×H×W or N×H×W×C, nothing copied. Raises ImageError.

    `channels` is what a network takes: it tells H×W×C from N×H×W. Without it, three axes are one image where the
    last has 1, 3 or 4. For a network with `channels_first` the array may be C×H×W or N×C×H×W.
    """
    array = np.asarray(array)
    if array.dtype.kind not in "biuf" or array.ndim not in (2, 3, 4):
        shape = "×".join(map(str, array.shape)) or "one value"
        raise ImageError(f"an array of {array.dtype}, {shape}, is no image: H×W, H×W×C or N×H×W×C numbers are")
    if 0 in array.shape:
        raise ImageError(f"an array of {'×'.join(map(str, array.shape))} holds no image: an axis is empty")
    if array.ndim > 2 and channels_first and array.shape[-3] in ((channels,) if channels else (1, 3, 4)):
        array = np.moveaxis(array, -3, -1)
    if array.ndim == 4:
        return array
    if array.ndim == 2:
        return array[None, :, :, None]
    return array[None] if array.shape[-1] in (1, 3, 4, channels) else array[..., None]


def files_in(folder: Path) -> Iterator[Path]:
    """The picture files right in a folder, by name: 2.png before 10.png. Raises OSError."""
    with os.scandir(folder) as entries:
        names = [each.name for each in entries if not each.name.startswith(".") and _is_file(each)]
    return (folder / name for name in sorted(names, key=in_order) if Path(name).suffix.lower() in SUFFIXES)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def in_order(name: str) -> list[tuple[int, str]]:
    """A key that sorts the numbers in names as numbers."""
    parts = _DIGITS.split(name)
    return [(int(part), part) if place % 2 else (-1, part) for place, part in enumerate(parts)]


def _numbers(path: Path) -> Array:
    # Mapped, the size that the header claims is held against the file before anything is allocated.
    return np.array(np.lib.format.open_memmap(path, mode="r"))


def _missing(path: Path) -> str:
    if path.is_dir():
        return "it is a folder, not a file"
    if path.exists():
        return "it is no ordinary file"
    near = difflib.get_close_matches(path.name, _names(path.parent), n=1, cutoff=0.6)
    return "there is no such file" + (f" (did you mean {printable(near[0], 100)!r}?)" if near else "")


def _names(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir()]
    except OSError:
        return []


def _decoded(image: Image.Image, name: str) -> Picture:
    pixels, note = decoded(image)
    return Picture(pixels, printable(name, 200), note)
