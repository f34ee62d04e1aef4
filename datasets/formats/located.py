"""Where in their file the values of a field lie, so that they need not be copied to be read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..sample import FileImage
from ..source import Source


def images(source: Source, places: range, field: str) -> Sequence[FileImage] | None:
    """The pictures of these records, where an HDF5 file has them as they are: not packed, not transformed. None where
    it is not so. Raises BlobError.
    """
    parts = getattr(source, "parts", None)
    if parts is None:
        return _of_file(source, places, field) if places.stop <= len(source) else None
    found: list[FileImage] = []
    first = 0
    for part in parts:
        inside = range(max(places.start - first, 0), min(places.stop - first, len(part)))
        here = images(part, inside, field) if len(inside) > 0 else ()
        if here is None:
            return None
        found.extend(here)
        first += len(part)
    return found if len(found) == len(places) else None


def _of_file(source: Source, places: range, field: str) -> Sequence[FileImage] | None:
    if not source.format.startswith("HDF5"):
        return None
    from .columns import Flat, Ragged, Shaped
    from .table_source import Columns

    known: Any = getattr(source, "columns", None)
    if not isinstance(known, Columns) or field in known.adapt:
        return None
    column = known.columns.get(field)
    if isinstance(column, Shaped) and isinstance(column.values.data, Flat) and column.dtype == "u1":
        starts, ends = column.values.spans(places)
        shapes, begin = column.shapes.take(places), column.values.data.offset
        if not np.array_equal(shapes.prod(axis=1), ends - starts):
            return None  # damaged: who reads it says so
        spans = zip(starts.tolist(), ends.tolist(), map(tuple, shapes.tolist()), strict=True)
        return [FileImage(source.path, begin + start, end - start, shape) for start, end, shape in spans]
    if isinstance(column, Ragged) and isinstance(column.data, Flat):
        starts, ends = column.spans(places)
        begin = column.data.offset
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        return [FileImage(source.path, begin + start, end - start) for start, end in pairs]
    if isinstance(column, Flat) and column.dtype == "u1" and len(column.shape) == 4 and not column.matlab:
        shape = column.shape[1:]
        return [FileImage(source.path, column.offset + place * column.width, column.width, shape) for place in places]
    return None
