"""The mean of many images, exact: sums of whole numbers, rounded once at the end."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

_SQUARE = 64  # pixels of a side of the mean of images that are not of one size


class MeanImage:
    """Of images of one size it has their size, or what fits into `limit` pixels a side; of others it is a square.

    Both sums are kept until sizes differ, as nobody knows before: so no order and no number of workers matters.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0
        self._shape: tuple[int, ...] | None = None  # of every image so far; () once they differ
        self._sum: np.ndarray | None = None
        self._squares: dict[int, tuple[int, np.ndarray]] = {}  # channels → how many, their sum

    def add(self, scaled: Scaled) -> None:
        self.count += 1
        shape = tuple(scaled.image.shape)
        self._add_square(shape[2], 1, scaled.of_size(self._side, self._side))
        if self._shape is None:
            self._shape = shape
        elif self._shape != shape:
            self._shape, self._sum = (), None
        if self._shape:
            self._add_whole(scaled.fitted(self.limit))

    @property
    def _side(self) -> int:
        return min(_SQUARE, self.limit)

    def _add_whole(self, values: np.ndarray) -> None:
        if self._sum is None:
            self._sum = values.astype(np.int64)
        else:
            self._sum += values

    def _add_square(self, channels: int, count: int, values: np.ndarray) -> None:
        before = self._squares.get(channels)
        if before is None:
            self._squares[channels] = (count, values.astype(np.int64))
        else:
            before[1].__iadd__(values)
            self._squares[channels] = (before[0] + count, before[1])

    def merge(self, other: MeanImage) -> None:
        if not other.count:
            return
        if not self.count:
            self._shape = other._shape
        elif self._shape != other._shape:
            self._shape, self._sum = (), None
        self.count += other.count
        for channels, (count, values) in other._squares.items():
            self._add_square(channels, count, values)
        if self._shape and other._sum is not None:
            self._add_whole(other._sum)

    def values(self) -> np.ndarray | None:
        """The mean, H×W×C uint8; None of no image. Of grey and coloured images together it has three channels."""
        if not self.count:
            return None
        if self._shape and self._sum is not None:
            return _divided(self._sum, self.count)
        if len(self._squares) == 1:
            count, total = next(iter(self._squares.values()))
            return _divided(total, count)
        whole = np.zeros((self._side, self._side, 3), np.int64)
        for channels, (_, total) in self._squares.items():
            whole += total[:, :, [0, 0, 0]] if channels < 3 else total[:, :, :3]
        return _divided(whole, self.count)

    def png(self) -> str:
        """The mean as the base64 of a PNG file; "" of no image, or of one that PNG has no colours for."""
        values = self.values()
        return "" if values is None or values.shape[2] not in (1, 3, 4) else to_png(values)

    def to_json(self) -> dict[str, Any]:
        from .statistics import packed

        return {
            "limit": self.limit,
            "count": self.count,
            "shape": None if self._shape is None else list(self._shape),
            "sum": None if self._sum is None else packed(self._sum),
            "squares": {str(at): [count, packed(total)] for at, (count, total) in sorted(self._squares.items())},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> MeanImage:
        """Raises ValueError, KeyError, TypeError, zlib.error."""
        from .statistics import unpacked

        made = cls(int(value["limit"]))
        made.count = int(value["count"])
        made._shape = None if value["shape"] is None else tuple(map(int, value["shape"]))
        made._sum = None if value["sum"] is None else unpacked(value["sum"])
        made._squares = {int(at): (int(count), unpacked(total)) for at, (count, total) in value["squares"].items()}
        return made


def to_png(values: np.ndarray) -> str:
    """An image H×W×C uint8 with 1, 3 or 4 channels as the base64 of a PNG file."""
    from PIL import Image

    target = io.BytesIO()
    Image.fromarray(values[:, :, 0] if values.shape[2] == 1 else values).save(target, "PNG")
    return base64.b64encode(target.getvalue()).decode()


def from_png(text: str) -> np.ndarray | None:
    """The image H×W×C uint8 of a mean as it is stored; None where it is none, or larger than a mean is."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(text[: 1 << 21])), formats=("PNG",)) as file:
            if max(file.size) > 1024:
                return None
            values = np.asarray(file if file.mode in ("L", "RGB", "RGBA") else file.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return values[:, :, None] if values.ndim == 2 else values


def _divided(total: np.ndarray, count: int) -> np.ndarray:
    return ((total + count // 2) // count).astype(np.uint8)


class Scaled:
    """An image H×W×C uint8 with its smaller versions, each made once."""

    def __init__(self, image: np.ndarray) -> None:
        from PIL import Image

        self.image = image
        self._made: dict[tuple[int, int], np.ndarray] = {tuple(image.shape[:2]): image}
        channels = image.shape[2]
        self._shown: Image.Image | None = None
        if channels in (1, 3, 4):
            plain = Image.fromarray(np.ascontiguousarray(image[:, :, 0] if channels == 1 else image))
            # Four channels as CMYK, whose last is not alpha that the others are weighted by.
            self._shown = plain if channels < 4 else Image.frombytes("CMYK", plain.size, plain.tobytes())

    def counts(self) -> np.ndarray:
        """How often each value 0…255 is in each channel, C×256; Pillow counts five times as fast as NumPy."""
        channels = self.image.shape[2]
        if self._shown is not None:
            return np.array(self._shown.histogram(), np.int64).reshape(channels, 256)
        flat = self.image.reshape(-1, channels)
        return np.stack([np.bincount(flat[:, at], minlength=256) for at in range(channels)]).astype(np.int64)

    def fitted(self, limit: int) -> np.ndarray:
        """It, or what of it fits into `limit` pixels a side."""
        height, width = self.image.shape[:2]
        most = max(height, width)
        if most <= limit:
            return self.image
        return self.of_size(max(height * limit // most, 1), max(width * limit // most, 1))

    def of_size(self, height: int, width: int) -> np.ndarray:
        """Means over areas, height×width×C; of a smaller image pixels are repeated."""
        if (height, width) not in self._made:
            self._made[height, width] = self._resized(height, width)
        return self._made[height, width]

    def _resized(self, height: int, width: int) -> np.ndarray:
        from PIL import Image

        if self._shown is None:
            rows = np.arange(height) * self.image.shape[0] // height
            return self.image[rows][:, np.arange(width) * self.image.shape[1] // width]
        # First by a whole number, which costs half as much.
        step = min(self.image.shape[0] // height, self.image.shape[1] // width)
        shown = self._shown.reduce(step) if step > 1 else self._shown
        if shown.size != (width, height):
            shown = shown.resize((width, height), Image.Resampling.BOX)
        small = np.asarray(shown)
        return small[:, :, None] if small.ndim == 2 else small
