"""Blocks of columns on a pipe: a length, a JSON header, then the arrays as they lie in memory."""

from __future__ import annotations

import json
import math
from typing import IO

import numpy as np

from .metric_lines import Block, Group

_LENGTH = 8
_LARGEST = 1 << 30


def write_frame(out: IO[bytes], offset: int, block: Block) -> None:
    """Write what was parsed up to `offset` of the file."""
    groups = [{"names": group.names, "length": len(group.steps)} for group in block.groups]
    header = json.dumps({"offset": offset, "events": block.events, "groups": groups}).encode()
    out.write(len(header).to_bytes(_LENGTH, "little") + header)
    for group in block.groups:
        for array in (group.steps, group.epochs, group.times, group.values):
            out.write(np.ascontiguousarray(array).data)
    out.flush()


def read_frame(source: IO[bytes]) -> tuple[int, Block] | None:
    """The next frame; None at the end, also where the writer died inside one."""
    try:
        size = int.from_bytes(_exactly(source, _LENGTH), "little")
        header = json.loads(_exactly(source, size))
        groups = tuple(_read_group(source, tuple(group["names"]), group["length"]) for group in header["groups"])
        return header["offset"], Block(groups, tuple(header["events"]))
    except (EOFError, ValueError):
        return None


def _read_group(source: IO[bytes], names: tuple[str, ...], length: int) -> Group:
    steps = np.frombuffer(_exactly(source, 8 * length), dtype=np.int64)
    epochs, times = (np.frombuffer(_exactly(source, 8 * length), dtype=np.float64) for _ in range(2))
    values = np.frombuffer(_exactly(source, 8 * math.prod((len(names), length))), dtype=np.float64)
    return Group(names, steps, epochs, times, values.reshape(len(names), length))


def _exactly(source: IO[bytes], size: int) -> bytes:
    if size > _LARGEST:
        raise EOFError
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data
