"""Metric lines turned into columns, fast: a million lines in little more than a second.

Lines that a writer makes in a loop differ in their numbers only. Where that is so, all numbers of a chunk are cut out
and read at once; every other line goes through `json`. Both ways give the same, see tests/engine/test_metric_lines.py.
"""

from __future__ import annotations

import json
import math
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .summary import RESERVED, number

Floats = NDArray[np.float64]

_WORTH = 32  # alike lines from which on cutting is faster than json
_EXACT = 2.0**53
_DIGITS = b"0123456789.+-"
_NUMBER = re.compile(rb"(?<=:)\s*(-?\d[\d.eE+-]*)\s*(?=[,}])")
_TO_COMMA = bytes(ord(",") if byte == ord("\n") else byte for byte in range(256))
_NO_NUMBER = bytes(byte for byte in range(256) if byte not in _DIGITS + b"eE,\n")
_IS_DIGIT = bytes(byte in _DIGITS for byte in range(256))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Metrics that were recorded on the same lines: `steps` int64[N], `epochs`, `times` f64[N], `values` f64[M, N]."""

    names: tuple[str, ...]
    steps: NDArray[np.int64]
    epochs: Floats
    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """What some lines held. No metric is in two groups."""

    groups: tuple[Group, ...] = ()
    events: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Alike lines: their places, the keys in order, and the numbers f64[len(keys), len(places)]."""

    places: NDArray[np.intp]
    keys: tuple[str, ...]
    numbers: Floats


@dataclass(slots=True)
class _Slow:
    """Lines read one by one, gathered by their keys."""

    events: list[dict[str, Any]] = field(default_factory=list)
    alike: dict[tuple[str, ...], tuple[list[int], list[list[float]]]] = field(default_factory=dict)

    def add(self, place: int, line: bytes) -> None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return
        if not isinstance(value, dict):
            return
        if "event" in value:
            self.events.append(value)
            return
        found = {key: read for key, item in value.items() if (read := number(item)) is not None}
        if abs(found.get("step", 0.0)) < _EXACT:
            places, rows = self.alike.setdefault(tuple(found), ([], []))
            places.append(place)
            rows.append(list(found.values()))

    def parts(self) -> Iterator[_Part]:
        for keys, (places, rows) in self.alike.items():
            if keys:
                yield _Part(np.array(places), keys, np.array(rows, dtype=np.float64).T)


def parse(lines: bytes) -> Block:
    """Read whole lines. What is damaged or foreign is left out; nothing raises."""
    whole = _cut(lines, np.arange(lines.count(b"\n")))
    return Block(tuple(_groups([whole]))) if whole is not None else _mixed(lines)


def parse_slowly(lines: bytes) -> Block:
    """The same through `json` alone: what `parse` has to equal."""
    slow = _Slow()
    for place, line in enumerate(lines.split(b"\n")[:-1]):
        slow.add(place, line)
    return Block(tuple(_groups(list(slow.parts()))), tuple(slow.events))


def _mixed(lines: bytes) -> Block:
    """Lines of several shapes: the most common one first, then whatever else is common, then one by one."""
    lengths = np.diff(_line_ends(lines.translate(None, _DIGITS)))
    common = lengths == np.bincount(lengths).argmax() if len(lengths) else np.zeros(0, dtype=bool)
    chosen = np.flatnonzero(common)
    part = _cut(_these(lines, common), chosen) if len(chosen) >= _WORTH else None
    if part is None:
        return _gathered(lines, np.arange(len(lengths)), [])
    return _gathered(_these(lines, ~common), np.flatnonzero(~common), [part])


def _line_ends(lines: bytes) -> NDArray[np.intp]:
    """Where each line begins, and where the last one ends."""
    return np.concatenate([[0], np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n")) + 1])


def _these(lines: bytes, wanted: NDArray[np.bool_]) -> bytes:
    """The wanted lines; neighbours are copied as one piece."""
    ends = _line_ends(lines)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]]).astype(np.int8)))
    return b"".join([lines[ends[begin] : ends[end]] for begin, end in zip(edges[::2], edges[1::2], strict=True)])


def _gathered(lines: bytes, places: NDArray[np.intp], parts: list[_Part]) -> Block:
    rows = lines.split(b"\n")[:-1]
    alike: dict[bytes, list[int]] = {}
    for at, skeleton in enumerate(lines.translate(None, _DIGITS).split(b"\n")[:-1]):
        alike.setdefault(skeleton, []).append(at)
    slow = _Slow()
    one_by_one: list[int] = []
    for members in alike.values():
        enough = len(members) >= _WORTH
        part = _cut(b"".join([rows[at] + b"\n" for at in members]), places[members]) if enough else None
        if part is not None:
            parts.append(part)
        else:
            one_by_one += members
    for at in sorted(one_by_one):
        slow.add(int(places[at]), rows[at])
    return Block(tuple(_groups([*parts, *slow.parts()])), tuple(slow.events))


def _cut(lines: bytes, places: NDArray[np.intp]) -> _Part | None:
    """All numbers at once, where every line is the first one with other numbers; else None."""
    first = lines[: lines.find(b"\n") + 1]
    shape = _shape(first)
    if shape is None:
        return None
    keys, literals = shape
    skeleton = first.translate(None, _DIGITS)
    count = len(places)
    if lines.translate(None, _DIGITS) != skeleton * count or not _same_runs(lines, first, count):
        return None
    text = _numbers_only(lines, literals, count)
    numbers = None if text is None else _read(text, len(keys), count)
    if numbers is None or not np.all(np.abs(numbers[keys.index("step")]) < _EXACT):
        return None
    return _Part(places, keys, numbers)


def _shape(line: bytes) -> tuple[tuple[str, ...], list[bytes]] | None:
    """The keys of a data line and the text between its numbers; None where it is not made of finite numbers only."""
    try:
        pairs = json.loads(line, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    keys = tuple(key for key, _ in pairs)
    if "step" not in keys or "event" in keys or len(set(keys)) < len(keys):
        return None
    pieces = _NUMBER.split(line)
    literals, texts = pieces[::2], pieces[1::2]
    if len(texts) != len(pairs):
        return None
    for (_, value), text in zip(pairs, texts, strict=True):
        if type(value) not in (int, float) or number(value) != float(text):
            return None
    return keys, literals


def _same_runs(lines: bytes, first: bytes, count: int) -> bool:
    """Whether there are as many runs of digits a line as in the first: `loss` and `loss2` have one skeleton."""
    return _runs(lines) == count * _runs(first)


def _runs(lines: bytes) -> int:
    digits = np.frombuffer(lines.translate(_IS_DIGIT), dtype=np.bool_)
    return int(np.count_nonzero(digits[1:] > digits[:-1]))


def _numbers_only(lines: bytes, literals: list[bytes], count: int) -> bytes | None:
    """`1,0.5,…,2,0.4,…` of all lines. What a key leaves behind (`,ee` of `learning_rate`) is taken out."""
    for literal in literals:
        if any(digit in literal for digit in _DIGITS):  # top_5_accuracy: its digit is no number
            kept = literal[:1] + b":" if literal[:1] in b"{," else b":"
            shorter = lines.replace(literal, kept)
            if len(lines) - len(shorter) != count * (len(literal) - len(kept)):
                return None  # in another line it is top_1_accuracy
            lines = shorter
    text = b"," + lines.translate(_TO_COMMA, _NO_NUMBER)
    for length in sorted({_rest(literal) for literal in literals}, reverse=True):
        if length:
            text = text.replace(b"," + b"e" * length, b",")
    return text[1:-1]


def _rest(literal: bytes) -> int:
    return 0 if any(digit in literal for digit in _DIGITS) else literal.count(b"e")


def _read(text: bytes, keys: int, count: int) -> Floats | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            numbers = np.fromstring(text, dtype=np.float64, sep=",")
    except (ValueError, DeprecationWarning):
        return None
    if numbers.size != keys * count or not np.isfinite(numbers).all():
        return None
    return np.ascontiguousarray(numbers.reshape(count, keys).T)


def _groups(parts: list[_Part]) -> Iterator[Group]:
    """Join the parts: metrics that are in the same parts share their axes, in the order of the lines."""
    together: dict[tuple[int, ...], list[str]] = {}
    for name in dict.fromkeys(key for part in parts for key in part.keys if key not in RESERVED):
        together.setdefault(tuple(at for at, part in enumerate(parts) if name in part.keys), []).append(name)
    for members, names in together.items():
        chosen = [parts[at] for at in members]
        order = np.argsort(np.concatenate([part.places for part in chosen]), kind="stable") if members[1:] else None
        columns = [_column(chosen, name, order) for name in ("step", "epoch", "time", *names)]
        steps = np.nan_to_num(columns[0], nan=0.0).astype(np.int64)
        yield Group(tuple(names), steps, columns[1], columns[2], np.stack(columns[3:]))


def _column(parts: Iterable[_Part], key: str, order: NDArray[np.intp] | None) -> Floats:
    pieces = [
        part.numbers[part.keys.index(key)] if key in part.keys else np.full(len(part.places), math.nan)
        for part in parts
    ]
    column = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return column if order is None else column[order]
