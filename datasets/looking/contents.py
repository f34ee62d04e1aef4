"""Statistics of a blob: those that its builder stored, those kept from an earlier look, else counted now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..blob import Blob
from . import kept
from .counted import Statistics
from .passing import Progress, in_pieces, read_piece
from .statistics import Accumulator

_KEPT = "statistics.json"


def known(blob: Blob) -> Statistics | None:
    """What is known without reading the records: None where they must be counted first. Labels are always counted."""
    value = _stored(blob)
    if value is None:
        value = kept.found(_KEPT, _whose(blob))
    return None if value is None else Statistics.from_json(_with_labels(blob, value))


def statistics(blob: Blob, progress: Progress | None = None) -> Statistics:
    """All of it, counted where nobody has; records that cannot be read are left out. Raises BlobError."""
    found = known(blob)
    if found is not None:
        return found
    whose = _whose(blob)
    value = counted(blob, progress=progress).statistics()
    if whose and whose == _whose(blob):  # no writer has added anything meanwhile
        kept.keep(_KEPT, whose, value)
    return Statistics.from_json(value)


def counted(blob: Blob, places: Sequence[int] | None = None, progress: Progress | None = None) -> Accumulator:
    """The records at these places counted (all, without)."""
    whole = Accumulator(blob.schema)
    for part in in_pieces(blob, lambda piece: _counted(blob, piece), places, progress):
        whole.merge(part)
    return whole


def label_counts(blob: Blob, field: str) -> tuple[list[int], int]:
    """How many records each class of a field has, with the labels of the side file, and of how many nobody knows it."""
    numbers = blob.labels(field)
    there = numbers[numbers >= 0]
    counts = np.bincount(there, minlength=len(blob.schema[field].classes)) if there.size else np.zeros(0, np.int64)
    listed = counts.tolist() or [0] * len(blob.schema[field].classes)
    return listed, int(len(numbers) - there.size)


def _counted(blob: Blob, piece: Sequence[int]) -> Accumulator:
    made = Accumulator(blob.schema)
    image = blob.schema.image
    names = [field.name for field in blob.schema if field is image or field.kind in ("class", "number")]
    for _, values in read_piece(blob, piece, names):
        if isinstance(values, str):
            continue
        pixels = None if image is None else values.pop(image.name)
        made.add(pixels if pixels is None or pixels.dtype == np.uint8 else None, values)
    return made


def _stored(blob: Blob) -> dict[str, Any] | None:
    """What the builder counted, where it is of these records and pixels were counted too."""
    value = dict(blob.statistics)
    whole = value.get("records") == len(blob)
    return value if value and whole and (value.get("images") or blob.schema.image is None) else None


def _with_labels(blob: Blob, value: dict[str, Any]) -> dict[str, Any]:
    """With the labels as they are now, which cost nothing to count."""
    if blob.side_labels is None:
        return value
    labels, unknown = {}, {}
    for field in blob.schema:
        if field.kind == "class":
            labels[field.name], count = label_counts(blob, field.name)
            unknown |= {field.name: count} if count else {}
    return value | {"labels": labels, "unknown": unknown}


def _whose(blob: Blob) -> tuple[Any, ...]:
    side = blob.side_labels
    where = kept.identity(blob.path, *(() if side is None else (side.path,)))
    return (*where, len(blob)) if where else ()
