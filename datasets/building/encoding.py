"""Images of the size, channels and encoding that were chosen."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..decoding import DAMAGE, LARGEST, decoded, opened
from ..errors import ImageError
from .checking import DAMAGED, NO_PICTURE, Data
from .options import Colour, Fit

TOO_LARGE = f"a picture of more than {LARGEST // 1_000_000} million pixels"
NO_PIXELS = "values that are no pixels 0…255"
NO_SUCH_CHANNELS = "a number of channels that its encoding does not have"
_GAP = 2  # a JPEG is decoded at least so many times as large as it is to become

Array = np.ndarray


class UnusableError(Exception):
    """An image that is left out; the text is the reason, the same for all that it happens to."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """What becomes of the pixels of each image; `size` is height and width."""

    size: tuple[int, int] | None = None
    fit: Fit = "crop"
    square: bool = False
    colour: Colour = ""

    def of_file(self, data: Data) -> Array:
        """H×W×C uint8 of a picture file. Raises UnusableError."""
        try:
            with opened(data) as image:
                if image.width * image.height > LARGEST:
                    raise UnusableError(TOO_LARGE)
                self._draft(image)
                pixels, _ = decoded(image)
        except Image.UnidentifiedImageError as error:
            raise UnusableError(NO_PICTURE) from error
        except Image.DecompressionBombError as error:
            raise UnusableError(TOO_LARGE) from error
        except ImageError as error:
            raise UnusableError(NO_PIXELS) from error
        except DAMAGE as error:
            raise UnusableError(DAMAGED) from error
        return self.of_array(pixels)

    def of_array(self, values: Array) -> Array:
        """H×W×C uint8 of an array H×W or H×W×C. Raises UnusableError."""
        pixels = _bytes(values if values.ndim == 3 else values[:, :, None])
        if 0 in pixels.shape:
            raise UnusableError(NO_PIXELS)
        if self.colour:
            pixels = _coloured(pixels, self.colour)
        target = self.target(*pixels.shape[:2])
        return pixels if target == pixels.shape[:2] else fitted(pixels, target, self.fit)

    def target(self, height: int, width: int) -> tuple[int, int]:
        """What an image of this size becomes."""
        if self.size is not None:
            return self.size
        if not self.square:
            return height, width
        side = min(height, width) if self.fit == "crop" else max(height, width)
        return side, side

    def _draft(self, image: Image.Image) -> None:
        """A JPEG that becomes much smaller is decoded at an eighth, a quarter or half of its size."""
        if self.size is None or image.format != "JPEG":
            return
        (height, width), cover = self.size, max if self.fit == "crop" else min
        # Its EXIF may turn it, so both ways round.
        scale = max(cover(height / a, width / b) for a, b in (image.size, image.size[::-1]))
        if self.fit == "squash":
            scale = max(height, width) / min(image.size)
        wanted = tuple(max(1, math.ceil(side * scale * _GAP)) for side in image.size)
        image.draft(image.mode, (wanted[0], wanted[1]))


def fitted(pixels: Array, target: tuple[int, int], fit: Fit) -> Array:
    """An image H×W×C of this height and width."""
    (height, width), (old_height, old_width) = target, pixels.shape[:2]
    if fit == "squash":
        return _resized(pixels, target)
    if fit == "crop":
        scale = max(height / old_height, width / old_width)
        seen_height, seen_width = min(height / scale, old_height), min(width / scale, old_width)
        top, left = (old_height - seen_height) / 2, (old_width - seen_width) / 2
        return _resized(pixels, target, (left, top, left + seen_width, top + seen_height))
    scale = min(height / old_height, width / old_width)
    inner = max(1, min(height, round(old_height * scale))), max(1, min(width, round(old_width * scale)))
    small = _resized(pixels, inner) if inner != (old_height, old_width) else pixels
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    around = ((top, height - inner[0] - top), (left, width - inner[1] - left), (0, 0))
    return np.pad(small, around, mode="edge" if fit == "fill" else "constant")


def encoder(encoding: str, quality: int) -> Callable[[Array], bytes]:
    """Pixels H×W×C as a JPEG or PNG file. The function raises UnusableError."""
    options = {"quality": quality} if encoding == "jpeg" else {"compress_level": 6}
    channels = (1, 3) if encoding == "jpeg" else (1, 2, 3, 4)

    def encode(pixels: Array) -> bytes:
        if pixels.shape[2] not in channels:
            raise UnusableError(NO_SUCH_CHANNELS)
        target = io.BytesIO()
        shown = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))
        shown.save(target, "JPEG" if encoding == "jpeg" else "PNG", **options)
        return target.getvalue()

    return encode


def _resized(pixels: Array, target: tuple[int, int], box: tuple[float, float, float, float] | None = None) -> Array:
    """By means over what each new pixel covers; channels of any number, none of which is alpha."""
    size, how = (target[1], target[0]), Image.Resampling.BILINEAR
    channels = pixels.shape[2]
    if channels not in (1, 3):
        return np.concatenate([_resized(pixels[:, :, c : c + 1], target, box) for c in range(channels)], axis=2)
    image = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if channels == 1 else pixels))
    found = np.asarray(image.resize(size, how, box))
    return found[:, :, None] if found.ndim == 2 else found


def _coloured(pixels: Array, colour: Colour) -> Array:
    channels = pixels.shape[2]
    if colour == "colour":
        if channels in (1, 2):
            return np.repeat(pixels[:, :, :1], 3, axis=2)
        return pixels[:, :, :3]
    if channels in (1, 2):
        return pixels[:, :, :1]
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).convert("L"))[:, :, None]


def _bytes(values: Array) -> Array:
    """As uint8: of whole numbers 0…255 or 0…65535 (uint16), of floats 0…1. Raises UnusableError."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    low, high = values.min(initial=0), values.max(initial=0)
    if values.dtype.kind == "f":
        if not (low >= 0 and high <= 1):  # NaN is neither
            raise UnusableError(NO_PIXELS)
        return np.rint(values * 255.0).astype(np.uint8)
    if low < 0 or high > (65535 if values.dtype.itemsize == 2 else 255):
        raise UnusableError(NO_PIXELS)
    return (np.rint(values / 257.0) if values.dtype == np.dtype("u2") else values).astype(np.uint8)
