"""Statistics as a file keeps them, read with care: they may be of a stranger."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """Of the numbers of a field; `unknown` are those that are no number."""

    least: float
    greatest: float
    mean: float
    count: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """`labels`: field → counts by class number. `pixels`: for each channel how often each value 0…255 is; `mean` and
    `std` of these. `sizes`: (width, height) → count, the most frequent first. `mean_image` and `class_means` (by class
    number) are base64 of PNG files, which `mean_image.from_png` reads.
    """

    records: int = 0
    images: int = 0
    labels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, Span] = field(default_factory=dict)
    pixels: tuple[tuple[int, ...], ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    sizes: Mapping[tuple[int, int], int] = field(default_factory=dict)
    different_sizes: int = 0
    smallest: tuple[int, int] | None = None
    largest: tuple[int, int] | None = None
    mean_image: str = ""
    class_means: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Statistics:
        """What is not as `Accumulator.statistics` gives it is left out."""
        sizes = _mapping(value.get("sizes"))
        counted = sizes.get("counts")
        pairs = [each for each in _list(counted) if _is_whole_list(each, 3)]
        pixels = value.get("pixels")
        return cls(
            records=_whole(value.get("records")),
            images=_whole(value.get("images")),
            labels={str(k): tuple(v) for k, v in _mapping(value.get("labels")).items() if _is_whole_list(v)},
            unknown={str(k): _whole(v) for k, v in _mapping(value.get("unknown")).items()},
            numbers={str(k): _span(v) for k, v in _mapping(value.get("numbers")).items() if isinstance(v, Mapping)},
            pixels=tuple(tuple(each) for each in _list(pixels) if _is_whole_list(each, 256)),
            mean=_floats(value.get("mean")),
            std=_floats(value.get("std")),
            sizes={(width, height): count for width, height, count in pairs},
            different_sizes=_whole(sizes.get("different")),
            smallest=_pair(sizes.get("smallest")),
            largest=_pair(sizes.get("largest")),
            mean_image=_text(value.get("mean_image")),
            class_means={int(k): v for k, v in _mapping(value.get("class_means")).items() if _text(v) and _number(k)},
        )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_whole_list(value: Any, length: int | None = None) -> bool:
    right = isinstance(value, list) and (length is None or len(value) == length)
    return right and all(type(each) is int and each >= 0 for each in value)


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _whole(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _number(key: Any) -> bool:
    return isinstance(key, str) and key.isdecimal() and key.isascii() and len(key) < 10


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _float(value: Any) -> float:
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:  # a whole number that no float holds
        return math.nan


def _floats(value: Any) -> tuple[float, ...]:
    return tuple(map(_float, value)) if isinstance(value, list) else ()


def _pair(value: Any) -> tuple[int, int] | None:
    return (value[0], value[1]) if _is_whole_list(value, 2) else None


def _span(value: Mapping[str, Any]) -> Span:
    least, greatest, mean = (_float(value.get(name)) for name in ("min", "max", "mean"))
    return Span(least, greatest, mean, _whole(value.get("count")), _whole(value.get("unknown")))
