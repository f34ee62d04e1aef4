"""CIFAR-10 and CIFAR-100, the Python version: pickles of planes, read by a reader that runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ...engine.text import printable
from ..errors import SourceError
from ..sample import Found, Planned, Problems, Sample
from . import walking
from .layout import found

_TEN = re.compile(r"data_batch_\d{1,2}|test_batch")
_HUNDRED = re.compile(r"train|test")
_META = ("batches.meta", "meta")
_NAMES = {"label": ("label_names",), "fine": ("fine_label_names",), "coarse": ("coarse_label_names",)}
_LABELS = {"label": "labels", "fine": "fine_labels", "coarse": "coarse_labels"}


def look(path: Path) -> Found | None:
    """A folder with its batches, or one of them. Raises SourceError."""
    folder = path if path.is_dir() else path.parent
    there = set(walking.glance(folder)[1])
    hundred = not any(map(_TEN.fullmatch, there)) and "meta" in there
    fits = _HUNDRED if hundred else _TEN
    batches = sorted(name for name in there if fits.fullmatch(name)) if path.is_dir() else [path.name]
    if not batches or not all(map(fits.fullmatch, batches)):
        return None
    batches.sort(key=lambda name: (name.startswith("test"), len(name), name))
    names, notes = _meta(folder, there)
    fields = [Planned("image", "image")]
    fields += [Planned(name, "class", names.get(name, ())) for name in (("fine", "coarse") if hundred else ("label",))]
    return found("cifar", tuple(fields), partial(_samples, folder, batches, fields), notes=notes)


def _samples(folder: Path, batches: list[str], fields: list[Planned], problems: Problems) -> Iterator[Sample]:
    """One batch is held at a time."""
    for name in batches:
        try:
            yield from _batch(folder / name, fields, problems)
        except SourceError as error:
            problems.add("a batch that cannot be read", error)


def _batch(path: Path, fields: list[Planned], problems: Problems) -> Iterator[Sample]:
    import numpy as np

    from . import pickles
    from .arrays import as_image, named

    held = pickles.read(path)
    held = {_text(key): value for key, value in held.items()} if isinstance(held, dict) else {}
    data = held.get("data")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3072:
        raise SourceError(f"{printable(path, 300)} has no data of 3072 bytes an image")
    labels = {field.name: _numbers(held.get(_LABELS[field.name])) for field in fields[1:]}
    split = "test" if path.name.startswith("test") else "train"
    for place, row in enumerate(data):
        told: dict[str, Any] = {}
        for field in fields[1:]:
            known = labels[field.name]
            told[field.name] = named(known[place], field.classes) if place < len(known) else None
        if None in told.values():
            problems.add("an image without a label, or with one that is none", f"{path.name}/{place}")
            continue
        yield Sample(f"{path.name}/{place:05}", {"image": as_image(row, (3, 32, 32), True), **told}, split=split)


def _numbers(labels: Any) -> list[int]:
    """The labels of a batch: a list, or an array."""
    held = labels if isinstance(labels, list) else labels.tolist() if hasattr(labels, "tolist") else []
    if not isinstance(held, list) or not all(type(each) is int for each in held):
        raise SourceError("its labels are no whole numbers")
    return held


def _meta(folder: Path, there: set[str]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The names of the classes; without them the classes are numbers, which is said."""
    from . import pickles

    for name in _META:
        if name not in there:
            continue
        try:
            held = pickles.read(folder / name)
            told = {_text(key): value for key, value in held.items()} if isinstance(held, dict) else {}
            found = {
                kind: told[key] for kind, keys in _NAMES.items() for key in keys if isinstance(told.get(key), list)
            }
            return {kind: tuple(map(_text, words)) for kind, words in found.items()}, ()
        except SourceError as error:
            return {}, (f"the names of the classes are not known: {error}",)
    return {}, ("the names of the classes are not known: there is no batches.meta",)


def _text(value: Any) -> str:
    """A text of Python 2 or 3. Raises SourceError."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if not isinstance(value, str):
        raise SourceError(f"it has {printable(value, 40)} where a name is expected")
    return walking.said(value)
