"""PNG files from pixels (ISO/IEC 15948), with NumPy and zlib alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from .few import sparing
from .tone import Array, Rgb

_FAST = 1  # a line carries what is left over in less time than a better compression takes


def png(pixels: Rgb, level: int = _FAST) -> bytes:
    """H×W×3 bytes as they are."""
    return _file(pixels, pixels.shape[1], 2, b"", level)


def few_png(pixels: Rgb, level: int = _FAST) -> bytes:
    """H×W×3 bytes in at most 256 colours, a third of the size; exact where there are no more and they repeat."""
    numbers, colours = sparing(pixels)
    return _file(numbers, numbers.shape[1], 3, _chunk(b"PLTE", colours.tobytes()), level)


def _file(rows: Array, width: int, kind: int, table: bytes, level: int) -> bytes:
    height = rows.shape[0]
    lines = np.zeros((height, 1 + rows[0].size), np.uint8)  # in front of each row its filter, here none
    lines[:, 1:] = rows.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    data = _chunk(b"IDAT", zlib.compress(lines.tobytes(), level))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + table + data + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))
