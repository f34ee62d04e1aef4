"""Small files of arrays: CIFAR batches, IDX, MAT."""

from __future__ import annotations

import gzip
import pickle
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np


def cifar(root: Path, count: int = 5, protocol: int = 2) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(["data_batch_1", "data_batch_2", "test_batch"]):
        data = (np.arange(count * 3072) + number).astype("u1").reshape(count, 3072)
        batch = {b"data": data, b"labels": list(range(count)), b"filenames": [b"x.png"] * count, b"batch_label": b"b"}
        (root / name).write_bytes(pickle.dumps(batch, protocol))
    names = [f"class {number}".encode() for number in range(10)]
    (root / "batches.meta").write_bytes(pickle.dumps({b"label_names": names, b"num_vis": 3072}, 0))
    return root


def idx(array: np.ndarray) -> bytes:
    code = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}[array.dtype.name]
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def mnist(root: Path, count: int = 5, packed: bool = False) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name, start in (("train", 0), ("t10k", 100)):
        images = (np.arange(count * 12) + start).astype("u1").reshape(count, 3, 4)
        for what, array in (("images-idx3", images), ("labels-idx1", np.arange(count, dtype="u1") % 10)):
            data = gzip.compress(idx(array)) if packed else idx(array)
            (root / f"{name}-{what}-ubyte{'.gz' if packed else ''}").write_bytes(data)
    return root


class Cell(list):
    """A cell array."""


def mat(variables: dict[str, Any], order: str = "<", packed: bool = False) -> bytes:
    """A MAT file of version 5, written by hand."""
    found = b"MATLAB 5.0 MAT-file, by hand".ljust(124) + struct.pack(order + "HH", 0x0100, 0x4D49)
    for name, value in variables.items():
        element = _matrix(name, value, order)
        if packed:
            data = zlib.compress(element)
            element = struct.pack(order + "II", 15, len(data)) + data
        found += element
    return found


def _matrix(name: str, value: Any, order: str) -> bytes:
    match value:
        case dict():
            width = 32
            names = b"".join(key.encode().ljust(width, b"\0") for key in value)
            inner = _element(5, struct.pack(order + "i", width), order) + _element(1, names, order)
            return _whole(2, (1, 1), name, inner + b"".join(_matrix("", each, order) for each in value.values()), order)
        case Cell():
            return _whole(1, (1, len(value)), name, b"".join(_matrix("", each, order) for each in value), order)
        case str():
            return _whole(4, (1, len(value)), name, _element(16, value.encode(), order), order)
    array = np.atleast_2d(np.asarray(value))
    kinds = {"float64": (6, 9), "uint8": (9, 2), "uint16": (11, 4), "int32": (12, 5), "float32": (7, 7)}
    kind, number = kinds[array.dtype.name]
    content = array.astype(array.dtype.newbyteorder(order)).tobytes(order="F")
    return _whole(kind, array.shape, name, _element(number, content, order), order)


def _whole(kind: int, shape: tuple[int, ...], name: str, content: bytes, order: str) -> bytes:
    inner = _element(6, struct.pack(order + "II", kind, 0), order)
    inner += _element(5, struct.pack(f"{order}{len(shape)}i", *shape), order) + _element(1, name.encode(), order)
    return _element(14, inner + content, order)


def _element(kind: int, content: bytes, order: str) -> bytes:
    if 0 < len(content) <= 4:
        return struct.pack(order + "I", len(content) << 16 | kind) + content.ljust(4, b"\0")
    return struct.pack(order + "II", kind, len(content)) + content + b"\0" * (-len(content) % 8)
