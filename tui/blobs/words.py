"""Values of records in words: short ones for a page, whole ones for one record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ...datasets.blob import Blob
from ...datasets.schema import Field
from ...engine.text import printable
from ..drawing.cells import number, size, steady

_FEW = 8  # numbers of an array that are said one by one
_TEXT = 20_000  # letters of a text that are shown


def said_of(blob: Blob, name: str, value: Any) -> str:
    """A value on one line."""
    return short(value, blob.schema[name], lambda: blob.said(name, value))


def short(value: Any, of: Field, said: Any) -> str:
    """A value of a field on one line; `said` gives the name of a class."""
    if of.kind == "class":
        return steady(said(), 80)
    if of.kind == "text":
        return steady(value, 120)
    if of.kind == "number":
        return amount(value)
    values = np.asarray(value)
    shape = "×".join(map(str, values.shape)) or "one number"
    if of.kind == "image" or values.dtype.kind not in "uifb":
        return f"{shape} {values.dtype}"
    if values.size <= _FEW and values.ndim == 1:
        return " ".join(number(float(each)) for each in values.tolist())
    return f"{shape} {values.dtype}"


def amount(value: Any) -> str:
    """One number: whole ones in full, "" for one that nobody knows."""
    found = np.asarray(value)
    if found.ndim or found.dtype.kind not in "uifb":
        return steady(value, 80)
    if found.dtype.kind == "f":
        return "" if np.isnan(found) else f"{float(found):.7g}"
    return str(int(found))


def facts(value: Any) -> str:
    """What an array holds: shape, type, range, mean."""
    values = np.asarray(value)
    said = [f"{'×'.join(map(str, values.shape)) or 'one number'} {values.dtype}"]
    if values.size and values.dtype.kind in "uifb":
        finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        if finite.size:
            low, high = float(finite.min()), float(finite.max())
            said.append(f"{number(low)} to {number(high)}, mean {number(float(finite.mean(dtype=np.float64)))}")
        if finite.size < values.size:
            said.append(f"{values.size - finite.size:,} are no numbers")
    return " · ".join(said)


def readable(text: str) -> list[str]:
    """A text as lines to read; JSON is laid out."""
    shown = text[:_TEXT]
    if text.lstrip()[:1] in ("{", "[") and len(text) <= _TEXT * 10:
        with suppress(ValueError, RecursionError):
            shown = json.dumps(json.loads(text), indent=2, ensure_ascii=False)[:_TEXT]
    lines = [printable(line.expandtabs(4), 2000) for line in shown.splitlines()]
    return [*lines, f"… {len(text):,} letters in all"] if len(text) > _TEXT else lines


def plural(count: int, word: str) -> str:
    """`1 record`, `1,204 records`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def described(of: Field) -> str:
    """A field of a schema: its kind, type, shape, how it is stored."""
    shape = "×".join("?" if each is None else str(each) for each in of.shape)
    said = {"class": f"{len(of.classes)} classes", "image": "image"}.get(of.kind, of.kind)
    return " ".join(each for each in (said, shape, of.dtype, of.encoding) if each)


def attribute(value: Any) -> str:
    """What a file says of itself, on one line."""
    if isinstance(value, Mapping):
        return steady(json.dumps(value, ensure_ascii=False, default=str), 300)
    if isinstance(value, (bytes, np.bytes_)):
        return steady(value.decode("utf-8", "replace"), 300)
    if isinstance(value, np.ndarray):
        return steady(np.array2string(value, threshold=16, separator=", ").replace("\n", " "), 300)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return steady(", ".join(str(each) for each in value[:40]), 300)
    return steady(value, 300)


def bytes_said(count: int | None) -> str:
    """A size in words."""
    return "" if count is None else size(count)
