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
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .summary import RESERVED, number

Floats = NDArray[np.float64]

_WORTH = 32  # alike lines from which on cutting is faster than json
_EXACT = 2.0**53
_DIGITS = b"0123456789.+-"
_NUMBER = re.compile(rb"(?<=:)\s*(-?\d[\d.eE+-]*)\s*(?=[,}])")
# What stays of a line: `, 1, 0.5` with the digits of a key before the blank of its colon, `,5 0.5` for top_5.
_SEPARATED = bytes.maketrans(b"\n:", b", ")
_DROPPED = bytes(byte for byte in range(256) if byte not in _DIGITS + b":,\n")
_DROPPED_BUT_E = _DROPPED.translate(None, b"eE")  # where numbers have exponents, `,ee 1e-05` for learning_rate
_MARKS = b"\t\v\f\r"  # blanks to the reader of numbers as well
_NO_MARK = bytes(byte for byte in range(256) if byte not in _MARKS)


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


@dataclass(frozen=True, slots=True)
class _Shape:
    """A data line: its keys, the text around its numbers, and what of other characters is no part of a number."""

    keys: tuple[str, ...]
    literals: tuple[bytes, ...]
    dropped: bytes


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
    skeletons = lines.translate(None, _DIGITS)
    count = skeletons.count(b"\n")
    whole = _cut(lines, np.arange(count)) if _alike(skeletons, count) else None
    return Block(tuple(_groups([whole]))) if whole is not None else _mixed(lines, skeletons)


def parse_slowly(lines: bytes) -> Block:
    """The same through `json` alone: what `parse` has to equal."""
    slow = _Slow()
    for place, line in enumerate(lines.split(b"\n")[:-1]):
        slow.add(place, line)
    return Block(tuple(_groups(list(slow.parts()))), tuple(slow.events))


def _alike(skeletons: bytes, count: int) -> bool:
    """Whether each of `count` lines without its digits is as the first one."""
    return skeletons == skeletons[: skeletons.find(b"\n") + 1] * count


def _mixed(lines: bytes, skeletons: bytes) -> Block:
    """Lines of several shapes: the most common one first, then whatever else is common, then one by one."""
    ends = _line_ends(skeletons)
    lengths = np.diff(ends)
    common = lengths == np.bincount(lengths).argmax() if len(lengths) else np.zeros(0, dtype=bool)
    chosen = np.flatnonzero(common)
    if _WORTH <= len(chosen) < len(common) and _alike(_these(skeletons, ends, common), len(chosen)):
        ends = _line_ends(lines)
        part = _cut(_these(lines, ends, common), chosen)
        if part is not None:
            return _gathered(_these(lines, ends, ~common), np.flatnonzero(~common), [part])
    return _gathered(lines, np.arange(len(lengths)), [])


def _line_ends(lines: bytes) -> NDArray[np.intp]:
    """Where each line begins, and where the last one ends."""
    return np.concatenate([[0], np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == ord("\n")) + 1])


def _these(lines: bytes, ends: NDArray[np.intp], wanted: NDArray[np.bool_]) -> bytes:
    """The wanted lines; neighbours are copied as one piece."""
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
    """All numbers at once of lines that are alike but for their digits; None where that cannot be done safely."""
    shape = _shape(lines[: lines.find(b"\n") + 1])
    if shape is None:
        return None
    text = _numbers_only(lines, shape, len(places))
    numbers = None if text is None else _read(text, len(shape.keys), len(places))
    if numbers is None or not np.all(np.abs(numbers[shape.keys.index("step")]) < _EXACT):
        return None
    return _Part(places, shape.keys, numbers)


def _shape(line: bytes) -> _Shape | None:
    """The shape of a line; None where it is no data line of finite numbers only."""
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
    exponents = any(b"e" in text.lower() for text in texts)
    return _Shape(keys, tuple(literals), _DROPPED_BUT_E if exponents else _DROPPED)


def _numbers_only(lines: bytes, shape: _Shape, count: int) -> bytes | None:
    """` 1, 0.5, …, 2, 0.4, …` of all lines. What an unexpected key leaves stays: no number can be read there."""
    left = [b"," + literal.lstrip(b"{,").translate(_SEPARATED, shape.dropped) for literal in shape.literals[:-1]]
    if any(rest.count(b",") != 1 or rest.count(b" ") != 1 for rest in left):  # a comma or a colon in a key
        return None
    text = b"," + lines.translate(_SEPARATED, shape.dropped)
    numbered = list(dict.fromkeys(rest for rest in left if any(digit in rest for digit in _DIGITS)))
    marks = dict(zip(numbered, _marks(len(numbered)), strict=True))
    for rest in {*left} - {b", "}:
        text = text.replace(rest, b"," + marks.get(rest, b" "))
    # top_1 may stand where the first line has top_5: digits are no part of what makes lines alike.
    if marks and text.translate(None, _NO_MARK) != b"".join(marks.get(rest, b"") for rest in left) * count:
        return None
    return text[1:-1]


def _marks(count: int) -> list[bytes]:
    """So many different pieces of blank space, all of one length."""
    length = 1
    while len(_MARKS) ** length < count:
        length += 1
    return [bytes(mark) for mark in islice(product(_MARKS, repeat=length), count)]


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
