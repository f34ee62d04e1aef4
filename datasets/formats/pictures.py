"""Whether an array holds pictures, in which order of axes and units, and how they become H×W×C bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_HINT = re.compile(
    r"(?:^|[/_.\- ])(x|data|images?|imgs?|pixels?|pictures?|faces?|features?)(?:$|[/_.\- \d])", re.IGNORECASE
)
_SAMPLE = 8
_SMALLEST = 4  # pixels of a side
CHANNELS = (1, 3, 4)
MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF", b"P5", b"P6")


@dataclass(frozen=True)
class Layout:
    """`rank`: how likely these are pictures, 0 first. `adapt` makes H×W×C bytes of N values; None leaves them."""

    rank: int
    shape: tuple[int | None, ...]
    adapt: Callable[[np.ndarray], np.ndarray] | None = None
    encoding: str = ""
    note: str = ""


def is_picture_file(data: bytes) -> bool:
    """Whether bytes begin as a picture file does."""
    return data.startswith(MAGICS) and (not data.startswith(b"RIFF") or data[8:12] == b"WEBP")


def files_layout(column: Any) -> Layout | None:
    """Of an array of bytes: whether the first are picture files."""
    found = column.take(range(min(len(column), 2)))
    if not found or not all(is_picture_file(bytes(data)) for data in found):
        return None
    return Layout(0, (None, None, None), None, "file")


def picture_layout(name: str, column: Any) -> Layout | None:
    """Of an array of numbers."""
    found = _axes(name, column)
    if found is None:
        return None
    rank, shape, turn, note = found
    scale, said = _units(column)
    if turn is None and scale is None:
        return Layout(rank, shape, None, "", note)
    return Layout(rank, shape, lambda values: _applied(values, turn, scale), "", note + said)


def _applied(values: np.ndarray, turn: Any, scale: Any) -> np.ndarray:
    turned = values if turn is None else turn(values)
    return np.ascontiguousarray(turned if scale is None else scale(turned))


def _axes(name: str, column: Any) -> tuple[int, tuple[int, ...], Callable[[np.ndarray], np.ndarray] | None, str] | None:
    """How likely, H×W×C, and what gives N×H×W×C of N values."""
    each = column.shape[1:]
    if column.dtype.kind not in "uifb" or not all(each):
        return None
    matlab = getattr(column, "matlab", False)
    if len(each) == 3:
        if matlab and each[0] in CHANNELS:
            return 1, (each[2], each[1], each[0]), lambda values: values.transpose(0, 3, 2, 1), ", axes as of MATLAB"
        if each[2] in CHANNELS and min(each[:2]) >= _SMALLEST:
            return 1, each, None, ""
        if each[0] in CHANNELS and min(each[1:]) >= _SMALLEST:
            return 1, (*each[1:], each[0]), lambda values: np.moveaxis(values, 1, -1), ", channels first"
        return None
    if len(each) == 2 and min(each) > max(CHANNELS):
        return 2, (*each, 1), lambda values: values[..., None], ""
    if len(each) == 1 and _HINT.search(name):
        return _unrolled(column, each[0])
    return None


def _unrolled(column: Any, length: int) -> Any:
    """Pictures in one row each: k×k, or 3×k×k with the colours one after the other, or side by side."""
    side = math.isqrt(length)
    if side * side == length and side >= 2 * _SMALLEST:
        return 3, (side, side, 1), lambda values: values.reshape(-1, side, side, 1), f", rows of {side}×{side}"
    side = math.isqrt(length // 3)
    if side * side * 3 != length or side < 2 * _SMALLEST:
        return None
    values = column.take(range(min(len(column), _SAMPLE))).astype(np.float64)
    planar, mixed = values.reshape(-1, 3, side, side).transpose(0, 2, 3, 1), values.reshape(-1, side, side, 3)
    # In the right order neighbours are alike.
    if _roughness(planar) <= _roughness(mixed):
        turn = _planar(side)
        return 3, (side, side, 3), turn, f", rows of 3×{side}×{side}"
    return 3, (side, side, 3), lambda values: values.reshape(-1, side, side, 3), f", rows of {side}×{side}×3"


def _planar(side: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values.reshape(-1, 3, side, side).transpose(0, 2, 3, 1)


def _roughness(images: np.ndarray) -> float:
    return float(np.abs(np.diff(images, axis=1)).mean() + np.abs(np.diff(images, axis=2)).mean())


def _units(column: Any) -> tuple[Callable[[np.ndarray], np.ndarray] | None, str]:
    """What makes bytes of the values, by a few of them."""
    if column.dtype == np.uint8:
        return None, ""
    if column.dtype.kind == "b":
        return lambda values: values.astype(np.uint8) * np.uint8(255), ""
    count = len(column)
    values = column.take(sorted({place * count // _SAMPLE for place in range(min(_SAMPLE, count))}))
    known = values[np.isfinite(values)] if column.dtype.kind == "f" else values
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if column.dtype.kind in "iu":
        if low >= 0 and high <= 255:
            return _scaled(0, 1), ""
        if low >= 0 and high <= 65535:
            return _scaled(0, 1 / 257), ", 16 bits a value as 8"
    elif low >= 0 and high <= 1:
        return _scaled(0, 255), ", 0…1 as 0…255"
    elif low >= -1 and high <= 1:
        return _scaled(-1, 127.5), ", −1…1 as 0…255"
    elif low >= 0 and high <= 255:
        return _scaled(0, 1), ", rounded"
    return _scaled(low, 255 / max(high - low, 1e-30)), f", {low:.4g}…{high:.4g} as 0…255"


def _scaled(zero: float, factor: float) -> Callable[[np.ndarray], np.ndarray]:
    def scaled(values: np.ndarray) -> np.ndarray:
        wide = np.nan_to_num((values.astype(np.float32) - np.float32(zero)) * np.float32(factor), nan=0.0)
        return np.clip(np.rint(wide), 0, 255).astype(np.uint8)

    return scaled
