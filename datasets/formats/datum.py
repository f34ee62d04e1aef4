"""Caffe's record, the protobuf message `Datum`: a picture with its label. Only this message is understood.

channels 1, height 2, width 3, label 5: int32 · data 4: bytes (C×H×W) · float_data 6: floats · encoded 7: bool
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST = 10  # bytes of a number


@dataclass(frozen=True, slots=True)
class Datum:
    """`data` is a view into the message."""

    shape: tuple[int, int, int]  # C×H×W
    data: memoryview
    label: int
    floats: np.ndarray | None
    encoded: bool

    @property
    def pixels(self) -> np.ndarray:
        """C×H×W, of what is not encoded. Raises ValueError where it is not as large as it says."""
        values = np.frombuffer(self.data, np.uint8) if self.floats is None else self.floats
        if min(self.shape) < 1 or math.prod(self.shape) != values.size:
            raise ValueError(f"{values.size} values are no {'×'.join(map(str, self.shape))}")
        return values.reshape(self.shape)


def parse(message: bytes | memoryview) -> Datum:
    """Raises ValueError where it is no Datum."""
    view = memoryview(message)
    shape, label, encoded = {1: 0, 2: 0, 3: 0}, 0, False
    data, packed, single = view[:0], [], []
    at, end = 0, len(view)
    while at < end:
        tag, at = _varint(view, at)
        field, kind = tag >> 3, tag & 7
        value = 0
        if kind == _VARINT:
            value, at = _varint(view, at)
        else:
            if kind == _BYTES:
                size, at = _varint(view, at)
            else:
                size = {_FOUR: 4, _EIGHT: 8}.get(kind, -1)
            if size < 0 or at + size > end or not field:
                raise ValueError("it is no Datum of Caffe's, or cut off")
            piece = view[at : at + size]
            at += size
            if (field, kind) == (4, _BYTES):
                data = piece
            elif (field, kind) == (6, _BYTES):
                packed.append(np.frombuffer(piece[: size - size % 4], "<f4"))
            elif (field, kind) == (6, _FOUR):
                single.append(struct.unpack("<f", piece)[0])
            continue
        if field in shape:
            shape[field] = _int32(value)
        elif field == 5:
            label = _int32(value)
        elif field == 7:
            encoded = bool(value)
    if single:
        packed.append(np.array(single, np.float32))
    floats = np.concatenate(packed) if packed else None
    return Datum((shape[1], shape[2], shape[3]), data, label, floats, encoded)


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_LONGEST):
        if at + place >= len(view):
            break
        byte = view[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("it is no Datum of Caffe's, or cut off")


def _int32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value
