"""Picture files (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM) become arrays H×W×C: upright, with nothing left to guess."""

from __future__ import annotations

import io
import os
import struct
import tokenize
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin, WebPImagePlugin  # noqa: F401  # those that `preinit` leaves out

from ..engine.text import printable
from .errors import ImageError

Array: TypeAlias = np.ndarray

Image.preinit()  # now, not with the first picture: a fork while one thread does it would stop the child for ever

LARGEST = 2**26  # pixels: some 67 million, 200 MB in colour
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "PPM")  # none that starts another program
# What decoders raise on damaged files, found by damaging files; a Warning where warnings are errors.
DAMAGE = (
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


def pixels_of(data: bytes | memoryview | str | os.PathLike[str], name: str = "the image") -> Array:
    """The uint8 pixels H×W×C of a picture file, given as its bytes or its path. Raises ImageError, which names it."""
    with naming(name, data if isinstance(data, (bytes, memoryview)) else None):
        with opened(data) as image:
            values, _ = decoded(image)
        if values.dtype != np.uint8:
            raise ImageError("its values are floats in units of their own, no pixels")
        return values


def opened(file: bytes | memoryview | str | os.PathLike[str]) -> Image.Image:
    """A picture file, its header read. Raises what PIL does: within `naming`."""
    source = io.BytesIO(file) if isinstance(file, (bytes, memoryview)) else file
    return Image.open(source, formats=FORMATS)


def decoded(image: Image.Image) -> tuple[Array, str]:
    """H×W×C of a PIL image, and what was done to it: of an animation the first frame, transparency on black, CMYK and
    palettes as colours, turned as its EXIF says. uint8, or the finite floats of a picture of floats.

    Raises ImageError, and what PIL does: within `naming`.
    """
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
    return upright, "; ".join(each for each in notes if each)


@contextmanager
def naming(what: Path | str, data: bytes | memoryview | None = None) -> Iterator[None]:
    """What goes wrong is said of this file, or of these bytes. Raises ImageError."""
    name = printable(what, 200)
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: it says to have more pixels than any picture; it is not opened") from error
    except Image.UnidentifiedImageError as error:
        raise ImageError(f"{name} is no picture: {_content(what, data)}") from error
    except PermissionError as error:
        raise ImageError(f"{name} may not be read: {error.strerror}") from error
    except DAMAGE as error:
        raise ImageError(f"{name} is damaged or cut off ({type(error).__name__}: {printable(error, 120)})") from error


def finite(values: Array) -> Array:
    """Floats as they are, halves as singles. Raises ImageError where some are no numbers."""
    if not np.isfinite(values).all():
        raise ImageError("the image has values that are no finite numbers (NaN or infinity)")
    return values if values.dtype == np.float64 else values.astype(np.float32)


def whole(values: Array, bits: int = 8) -> tuple[Array, str]:
    """Whole numbers as uint8 pixels, and what was done to them. Raises ImageError."""
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


def _content(path: Path | str, data: bytes | memoryview | None) -> str:
    if data is None:
        with open(path, "rb") as file:
            data = file.read(512)
    head = bytes(data[:512])
    if not head:
        return "it is empty"
    if b"\0" not in head and sum(byte > 127 for byte in head) * 10 < len(head):
        return "it holds text"
    return "its bytes are of no kind that can be read (PNG, JPEG, BMP, GIF, TIFF, WebP, PNM, .npy)"


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGE:  # the pixels are whole
        return 1


def _pixels(image: Image.Image) -> tuple[Array, str]:
    """H×W×C pixels of any mode of PIL, and what was done to them."""
    if image.mode in ("RGB", "L"):
        if not image.has_transparency_data:
            pixels = np.asarray(image)
            return (pixels[..., None] if image.mode == "L" else pixels), ""
    elif image.mode == "F":
        return finite(np.asarray(image)[..., None]), ""
    elif image.mode == "I" or image.mode.startswith("I;16"):
        # Some versions of PIL read 16 bits as 32.
        return whole(np.asarray(image).astype(np.int64)[..., None], bits=16)
    if image.has_transparency_data:
        return _on_black(image)
    mode = "L" if image.mode == "1" else "RGB"
    pixels = np.asarray(image.convert(mode))
    return (pixels[..., None] if mode == "L" else pixels), ""


def _on_black(image: Image.Image) -> tuple[Array, str]:
    grey = image.mode in ("L", "LA", "La")
    values = np.asarray(image.convert("RGBA"))
    colours, alpha = values[..., : 1 if grey else 3], values[..., 3:]
    if (alpha == 255).all():
        return colours, ""
    return np.rint(colours * (alpha / 255.0)).astype(np.uint8), "its transparency lies on black"
