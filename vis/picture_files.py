"""Pictures as arrays: from files (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM, .npy), from PIL, from arrays of any shape.

Pixels are uint8. Floats are something else: they stay in the units that their owner gave them.
"""

from __future__ import annotations

import difflib
import os
import re
import struct
import tokenize
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from PIL import ExifTags, Image

from ..engine.errors import TrainvisError
from ..engine.text import printable

Array: TypeAlias = np.ndarray

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm", ".npy")
)
LARGEST = 2**26  # pixels: some 67 million, 200 MB in colour
_FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM")  # none that starts another program
_DIGITS = re.compile(r"([0-9]+)")
# What decoders raise on damaged files, found by damaging files; a Warning where warnings are errors.
_DAMAGE = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, MemoryError, struct.error,
    tokenize.TokenError, zlib.error, Warning,
)  # fmt: skip
_UPRIGHT: dict[int, Callable[[Array], Array]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.rot90(pixels, 2).swapaxes(0, 1),
    8: np.rot90,
}


class ImageError(TrainvisError):
    """An image that cannot be read, or that a network cannot take."""


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
    with _naming(path):
        if not path.is_file():
            raise ImageError(_missing(path))
        if path.suffix.lower() == ".npy":
            found = stacked(_numbers(path))
            return of_array(
                found, [f"{path.name}[{place}]" for place in range(len(found))] if len(found) > 1 else [path.name]
            )
        with Image.open(path, formats=_FORMATS) as image:
            return [_decoded(image, path.name)]


def numbers(path: str | os.PathLike[str]) -> Array:
    """The array of an .npy file. Raises ImageError, which names the file."""
    with _naming(Path(path)):
        if not Path(path).is_file():
            raise ImageError(_missing(Path(path)))
        return _numbers(Path(path))


def of_image(image: Image.Image, name: str = "") -> Picture:
    """The pixels of a PIL image: upright, transparency laid on black. Raises ImageError."""
    with _naming(name or "the PIL image"):
        return _decoded(image, name)


def of_array(stack: Array, names: list[str]) -> list[Picture]:
    """The images of an array N×H×W×C. Raises ImageError.

    Whole numbers are pixels: within 0…255, or uint16 of which 0…65535 become 0…255. Floats stay what they are.
    """
    if stack.dtype.kind == "f":
        if not np.isfinite(stack).all():
            raise ImageError("the image has values that are no finite numbers (NaN or infinity)")
        wide = stack if stack.dtype == np.float64 else stack.astype(np.float32)
        return [Picture(each, printable(name, 200)) for each, name in zip(wide, names, strict=True)]
    pixels, note = _whole(stack)
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


@contextmanager
def _naming(what: Path | str) -> Iterator[None]:
    """What goes wrong is said of this file."""
    name = printable(what, 200)
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: it says to have more pixels than any picture; it is not opened") from error
    except Image.UnidentifiedImageError as error:
        raise ImageError(f"{name} is no picture: {_content(what)}") from error
    except PermissionError as error:
        raise ImageError(f"{name} may not be read: {error.strerror}") from error
    except _DAMAGE as error:
        raise ImageError(f"{name} is damaged or cut off ({type(error).__name__}: {printable(error, 120)})") from error


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


def _content(path: Path | str) -> str:
    with open(path, "rb") as file:
        head = file.read(512)
    if not head:
        return "it is empty"
    if b"\0" not in head and sum(byte > 127 for byte in head) * 10 < len(head):
        return "it holds text"
    return "its bytes are of no kind that can be read (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM, .npy)"


def _decoded(image: Image.Image, name: str) -> Picture:
    if image.width * image.height > LARGEST:
        raise ImageError(
            f"its {image.width}×{image.height} pixels are too many: {LARGEST // 1_000_000} million at most"
        )
    frames = "the first of its frames" if getattr(image, "is_animated", False) else ""
    image.load()
    pixels, note = _pixels(image)
    turn = _UPRIGHT.get(_orientation(image))
    notes = [frames, note, "turned as its EXIF says" if turn else ""]
    upright = np.ascontiguousarray(turn(pixels) if turn else pixels)
    return Picture(upright, printable(name, 200), "; ".join(each for each in notes if each))


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DAMAGE:  # the pixels are whole
        return 1


def _pixels(image: Image.Image) -> tuple[Array, str]:
    """H×W×C pixels of any mode of PIL, and what was done to them."""
    if image.mode == "F":
        (found,) = of_array(np.asarray(image)[None, ..., None], [""])
        return found.values, found.note
    if image.mode == "I" or image.mode.startswith("I;16"):
        # Some versions of PIL read 16 bits as 32.
        found, note = _whole(np.asarray(image).astype(np.int64)[..., None], bits=16)
        return found, note
    if image.has_transparency_data:
        return _on_black(image)
    mode = "L" if image.mode in ("1", "L") else "RGB"
    pixels = np.asarray(image.convert(mode))
    return (pixels[..., None] if mode == "L" else pixels), ""


def _on_black(image: Image.Image) -> tuple[Array, str]:
    grey = image.mode in ("L", "LA", "La")
    values = np.asarray(image.convert("RGBA"))
    colours, alpha = values[..., : 1 if grey else 3], values[..., 3:]
    if (alpha == 255).all():
        return colours, ""
    return np.rint(colours * (alpha / 255.0)).astype(np.uint8), "its transparency lies on black"


def _whole(values: Array, bits: int = 8) -> tuple[Array, str]:
    """Whole numbers as pixels."""
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255), ""
    if values.dtype == np.uint8:
        return values, ""
    low, high = int(values.min()), int(values.max())
    if bits == 8 and low >= 0 and high <= 255:
        return values.astype(np.uint8), ""
    if low >= 0 and high <= 65535 and (bits == 16 or values.dtype == np.uint16):
        return np.rint(values / 257.0).astype(np.uint8), "16 bits a value rounded to 8"
    raise ImageError(
        f"whole numbers from {low} to {high} are no pixels: give 0…255, or floats in the network's own units"
    )
