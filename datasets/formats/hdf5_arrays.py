"""HDF5 files that others wrote: their arrays, whatever they are called."""

from __future__ import annotations

from typing import Any

import numpy as np
from h5py import h5a, h5g, h5l, h5o  # pyright: ignore[reportAttributeAccessIssue]

from ...engine.text import printable
from ..errors import BlobError
from .array_columns import Bytes, Held, Last
from .arrays import Named, columns_of, named
from .columns import DENSEST, numbers
from .hdf5_file import Hdf5File
from .table_source import Columns

MOST = 2000  # arrays that are looked at
DEEPEST = 6
NAMED = 3  # arrays that cannot be read and are named


def look(file: Hdf5File) -> Columns:
    """The columns of an HDF5 file of anybody's. Raises BlobError."""
    paths, notes = _paths(file)
    arrays: list[Named] = []
    problems: list[str] = []
    for path in paths:
        try:
            arrays.append(named(path, _column(file, path)))
        except BlobError as error:
            problems.append(str(error))
    if problems:
        more = f" (and {len(problems) - NAMED} more)" if len(problems) > NAMED else ""
        notes.append(f"left out: {'; '.join(problems[:NAMED])}{more}")
    if not arrays and problems:
        raise BlobError(problems[0])
    with file.reading():
        if any(h5a.exists(file.root.id, name) for name in (b"model_config", b"layer_names", b"keras_version")):
            raise BlobError(f"{file.name} is a network of Keras, and no data set")
    return columns_of(file.name, _records_first(file, arrays), notes)


def _paths(file: Hdf5File) -> tuple[list[str], list[str]]:
    """The data sets that hard links lead to, and what is left out."""
    found: list[str] = []
    links = 0
    seen: set[Any] = set()

    def walk(group: Any, above: str, depth: int) -> None:
        nonlocal links
        names = sorted(group)
        for name in names[: MOST + 1]:
            if group.links.get_info(name).type != h5l.TYPE_HARD:
                links += 1
                continue
            info = h5o.get_info(group, name)
            if (info.fileno, info.addr) in seen or len(found) > MOST:
                continue
            seen.add((info.fileno, info.addr))
            path = above + name.decode("utf-8", "surrogateescape")
            if info.type == h5o.TYPE_DATASET:
                found.append(path)
            elif info.type == h5o.TYPE_GROUP and depth < DEEPEST:
                walk(h5g.open(group, name), f"{path}/", depth + 1)

    with file.reading():
        walk(h5g.open(file.root.id, b"/"), "", 0)
    notes = [f"{links} links to somewhere else are not followed"] if links else []
    if len(found) > MOST:
        notes.append(f"only the first {MOST} of its arrays are looked at")
    return found[:MOST], notes


def _column(file: Hdf5File, path: str) -> Any:
    found = file.dataset(path)
    with file.reading():
        shape, dtype = found.shape, found.dtype
    if not shape:
        raise BlobError(f"{printable(path, 60)} is one value")
    if dtype.kind in "OSUV" and dtype.names is None:
        return Bytes(file, path)
    column = numbers(file, path)
    with file.reading():
        column.matlab = h5a.exists(found.id, b"MATLAB_class")
    return column


def _records_first(file: Hdf5File, arrays: list[Named]) -> list[Named]:
    """H×W×C×N and 1×N turned round."""
    found = []
    for array in arrays:
        column, shape = array.column, array.column.shape
        if len(shape) == 4 and shape[2] in (1, 3) and shape[3] > 4 and shape[1] not in (1, 3) and shape[0] == shape[1]:
            column = Last(file, array.name)
        elif len(shape) == 2 and shape[0] == 1 < shape[1] <= DENSEST * file.plain.size and column.width <= 1 << 28:
            column = Held(np.asarray(column.take([0])[0]))
        found.append(Named(array.name, column, array.split, array.base))
    return found
