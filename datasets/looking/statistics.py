"""What is in a data set, counted: classes, pixel values, sizes, numbers, and mean images.

Everything is added as whole numbers, so the result is the same whatever the order of the records and however many
workers counted them: `merge` in any order gives what one `Accumulator` would have.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..schema import UNKNOWN, Schema
from .mean_image import MeanImage, Scaled

MOST_CLASSES = 200  # of the first so many classes a mean image is kept
MOST_SIZES = 50  # sizes of images that a result names, the most frequent first
LARGEST = 256  # pixels of a side of the mean image
_FEW_CLASSES = 20  # mean images of so many classes may be large
_LARGE, _SMALL = 64, 32
_DEEPEST = 1074  # bits behind the point of the smallest float


class Accumulator:
    """Counts records of a schema: `add` each, `merge` those of other workers, then `statistics`."""

    def __init__(self, schema: Schema) -> None:
        label = schema.label
        self._classes = {field.name: len(field.classes) for field in schema if field.kind == "class"}
        self._numbers = tuple(field.name for field in schema if field.kind == "number")
        self._label = label.name if label is not None else ""
        self._side = _LARGE if 0 < self._classes.get(self._label, 0) <= _FEW_CLASSES else _SMALL
        self.records = 0
        self.images = 0
        self._labels: dict[str, Counter[int]] = {name: Counter() for name in self._classes}
        self._spans: dict[str, _Span] = {name: _Span() for name in self._numbers}
        self._pixels: dict[int, np.ndarray] = {}
        self._sizes: Counter[tuple[int, int]] = Counter()
        self._mean = MeanImage(LARGEST)
        self._class_means: dict[int, MeanImage] = {}

    def add(self, image: np.ndarray | None, values: Mapping[str, Any]) -> None:
        """Count a record. `image`: H×W×C uint8, or None where it was not decoded; `values` by field, of which class
        numbers and numbers are counted and others passed over.
        """
        self.records += 1
        for name, counts in self._labels.items():
            if name in values:
                value = values[name]
                counts[UNKNOWN if value is None else int(value)] += 1
        for name, span in self._spans.items():
            if name in values:
                span.add(values[name])
        if image is not None and image.size:
            self._add_image(image, values.get(self._label))

    def _add_image(self, image: np.ndarray, label: Any) -> None:
        self.images += 1
        image = image[:, :, None] if image.ndim == 2 else image
        height, width, channels = image.shape
        self._sizes[width, height] += 1
        scaled = Scaled(image)
        counted = scaled.counts()
        self._pixels[channels] = self._pixels[channels] + counted if channels in self._pixels else counted
        self._mean.add(scaled)
        number = UNKNOWN if label is None else int(label)
        if 0 <= number < MOST_CLASSES:
            if number not in self._class_means:
                self._class_means[number] = MeanImage(self._side)
            self._class_means[number].add(scaled)

    def merge(self, other: Accumulator) -> None:
        """Add what another one of the same schema has counted."""
        self.records += other.records
        self.images += other.images
        for name, counts in other._labels.items():
            self._labels.setdefault(name, Counter()).update(counts)
        for name, span in other._spans.items():
            self._spans.setdefault(name, _Span()).merge(span)
        for channels, pixels in other._pixels.items():
            self._pixels[channels] = self._pixels[channels] + pixels if channels in self._pixels else pixels.copy()
        self._sizes.update(other._sizes)
        self._mean.merge(other._mean)
        for number, mean in other._class_means.items():
            self._class_means.setdefault(number, MeanImage(self._side)).merge(mean)

    # As a whole, to go on with

    def to_json(self) -> dict[str, Any]:
        """All of it, exactly: `from_json` goes on where this one stands."""
        return {
            "records": self.records,
            "images": self.images,
            "labels": {name: [list(each) for each in sorted(counts.items())] for name, counts in self._labels.items()},
            "numbers": {name: span.to_json() for name, span in self._spans.items()},
            "pixels": {str(channels): packed(pixels) for channels, pixels in self._pixels.items()},
            "sizes": [[*size, count] for size, count in sorted(self._sizes.items())],
            "mean": self._mean.to_json(),
            "class_means": {str(number): mean.to_json() for number, mean in sorted(self._class_means.items())},
        }

    @classmethod
    def from_json(cls, schema: Schema, value: Mapping[str, Any]) -> Accumulator:
        """Raises ValueError, KeyError, TypeError or zlib.error where it is not what `to_json` gave."""
        made = cls(schema)
        made.records, made.images = int(value["records"]), int(value["images"])
        for name, counts in value["labels"].items():
            made._labels[name] = Counter({int(number): int(count) for number, count in counts})
        made._spans |= {name: _Span.from_json(span) for name, span in value["numbers"].items()}
        made._pixels = {int(channels): unpacked(pixels) for channels, pixels in value["pixels"].items()}
        made._sizes = Counter({(int(width), int(height)): int(count) for width, height, count in value["sizes"]})
        made._mean = MeanImage.from_json(value["mean"])
        made._class_means = {int(number): MeanImage.from_json(mean) for number, mean in value["class_means"].items()}
        return made

    # What was found

    def statistics(self) -> dict[str, Any]:
        """What a blob keeps and a person sees: the mapping that `Statistics.from_json` reads."""
        pixels = self._all_pixels()
        means = [_moments(counts) for counts in pixels]
        by_number = sorted(self._class_means.items())
        return {
            "records": self.records,
            "images": self.images,
            "labels": {name: self._listed(name) for name in self._labels},
            "unknown": {name: counts[UNKNOWN] for name, counts in self._labels.items() if counts[UNKNOWN]},
            "numbers": {name: span.found() for name, span in self._spans.items() if span.count},
            "pixels": [counts.tolist() for counts in pixels],
            "mean": [mean for mean, _ in means],
            "std": [std for _, std in means],
            "sizes": self._said_sizes(),
            "mean_image": self._mean.png(),
            "class_means": {str(number): png for number, mean in by_number if (png := mean.png())},
        }

    def _listed(self, name: str) -> list[int]:
        counts = self._labels[name]
        length = max(self._classes.get(name, 0), max(counts, default=UNKNOWN) + 1)
        return [counts[number] for number in range(min(length, 1 << 20))]

    def _all_pixels(self) -> np.ndarray:
        """Counts per channel; of grey and coloured images together those of three channels, without alpha."""
        if len(self._pixels) == 1:
            return next(iter(self._pixels.values()))
        if not self._pixels:
            return np.zeros((0, 256), np.int64)
        whole = np.zeros((3, 256), np.int64)
        for channels, counts in self._pixels.items():
            whole += counts[[0, 0, 0]] if channels < 3 else counts[:3]
        return whole

    def _said_sizes(self) -> dict[str, Any]:
        if not self._sizes:
            return {}
        by_area = sorted(self._sizes, key=lambda size: (size[0] * size[1], size))
        frequent = sorted(self._sizes.items(), key=lambda each: (-each[1], each[0]))[:MOST_SIZES]
        return {
            "smallest": list(by_area[0]),
            "largest": list(by_area[-1]),
            "different": len(self._sizes),
            "counts": [[*size, count] for size, count in frequent],
        }


class _Span:
    """Least, greatest and sum of numbers, the sum exact: a whole number of the smallest float's size."""

    def __init__(self) -> None:
        self.count, self.unknown, self._sum = 0, 0, 0
        self._least, self._greatest = math.inf, -math.inf

    def add(self, value: Any) -> None:
        if value is None or not math.isfinite(value):
            self.unknown += 1
            return
        whole = isinstance(value, int | np.integer)
        value = int(value) if whole else float(value)
        over, under = value.as_integer_ratio()
        self.count += 1
        self._sum += over << (_DEEPEST - under.bit_length() + 1)
        self._least, self._greatest = min(self._least, value), max(self._greatest, value)

    def merge(self, other: _Span) -> None:
        self.count += other.count
        self.unknown += other.unknown
        self._sum += other._sum
        self._least, self._greatest = min(self._least, other._least), max(self._greatest, other._greatest)

    def found(self) -> dict[str, Any]:
        mean = self._sum / (self.count << _DEEPEST)
        return {
            "min": self._least,
            "max": self._greatest,
            "mean": mean,
            "count": self.count,
            **({"unknown": self.unknown} if self.unknown else {}),
        }

    def to_json(self) -> list[Any]:
        ends = [self._least, self._greatest] if self.count else []
        return [self.count, self.unknown, hex(self._sum), *ends]

    @classmethod
    def from_json(cls, value: Any) -> _Span:
        made = cls()
        made.count, made.unknown, made._sum = int(value[0]), int(value[1]), int(value[2], 16)
        if made.count:
            made._least, made._greatest = value[3:5]
        return made


def _moments(counts: Iterable[int]) -> tuple[float, float]:
    """Mean and standard deviation of values that were counted."""
    listed = [int(count) for count in counts]
    total = sum(listed)
    if not total:
        return math.nan, math.nan
    first = sum(value * count for value, count in enumerate(listed))
    second = sum(value * value * count for value, count in enumerate(listed))
    return first / total, math.sqrt((second * total - first * first) / (total * total))


def packed(values: np.ndarray) -> list[Any]:
    """Whole numbers as a list that JSON can hold."""
    data = base64.b64encode(zlib.compress(np.ascontiguousarray(values, "<i8").tobytes(), 1)).decode()
    return [list(values.shape), data]


def unpacked(value: Any) -> np.ndarray:
    """What `packed` gave. Raises ValueError, zlib.error."""
    shape, data = value
    size = math.prod(shape) * 8
    found = zlib.decompressobj().decompress(base64.b64decode(data), size + 1)
    return np.frombuffer(found, "<i8").reshape(shape).astype(np.int64)
