"""The units of a network as its figures tell them: layers, their units, and which items of a figure show one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...vis.figures import Items, Table, Vectors
from ...vis.items import NOTHING
from ..pixels.tone import Array
from .sheet import Sheet

LEARNED = ("deep_visualization", "feature_visualization")
ACTIVATIONS, MAXIMAL = "layer_activations", "maximal_images"
NINE = 9


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer and how many units (feature maps, or units of a dense layer) it has; 0: nobody says."""

    path: str
    units: int = 0
    kind: str = ""
    shape: str = ""


def layers(activations: Sheet | None, largest: Sheet | None, others: Iterable[Sheet] = ()) -> tuple[Layer, ...]:
    """The layers in the order of the network, as far as figures tell.

    `activations` holds the table "layers" of layer_activations, `largest` that of maximal_images; `others` are any
    figures with a part for each layer.
    """
    found: dict[str, Layer] = {}
    for layer in (*_told(activations), *_searched(largest)):
        found.setdefault(layer.path, layer)
    for sheet in others:
        for facts in sheet.parts:
            if facts.kind in ("pictures", "vectors") and facts.space in ("input", ""):
                found.setdefault(facts.name, Layer(facts.name))
    return tuple(found.values())


@lru_cache(maxsize=2)
def _told(sheet: Sheet | None) -> tuple[Layer, ...]:
    """The layers of the table "layers"."""
    rows = _rows(sheet, ("layer", "kind", "shape", "units"))
    return tuple(Layer(str(row[0]), _whole(row[3]), str(row[1]), str(row[2])) for row in rows)


@lru_cache(maxsize=2)
def _searched(sheet: Sheet | None) -> tuple[Layer, ...]:
    """The layers of the table "largest", which has a row for each map: thousands of them in a large network."""
    counts: dict[str, int] = {}
    for layer, unit in _rows(sheet, ("layer", "map")):
        counts[str(layer)] = max(counts.get(str(layer), 0), _whole(unit) + 1)
    return tuple(Layer(path, units) for path, units in counts.items())


def _rows(sheet: Sheet | None, columns: Sequence[str]) -> Iterable[tuple[object, ...]]:
    part = sheet.part if sheet else None
    if not isinstance(part, Table) or not set(columns) <= set(part.columns):
        return
    places = [part.columns.index(name) for name in columns]
    for row in part.rows:
        yield tuple(row[place] for place in places)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0


def numbers(items: Items) -> Array:
    """For each item the number of its map, or of its unit of a dense layer; NOTHING where it is of none."""
    column = items.each.get("unit")
    if not isinstance(column, np.ndarray):
        unit = items.same.unit
        return np.full(len(items), unit[-1] if unit else NOTHING, np.int64)
    last = (column != NOTHING).sum(axis=1) - 1
    return np.where(last < 0, NOTHING, column[np.arange(len(column)), np.maximum(last, 0)])


def places(items: Items, unit: int, image: int | None = None, most: int = NINE) -> tuple[int, ...]:
    """Which items show this unit (on this image, where items are of images), the first rank first."""
    fits = numbers(items) == unit
    images = items.each.get("image", items.same.image)
    if image is not None and images is not None:
        fits &= np.asarray(images) == image
    found = np.flatnonzero(fits)
    ranks = items.each.get("rank")
    if isinstance(ranks, np.ndarray):
        found = found[np.argsort(ranks[found], kind="stable")]
    return tuple(int(place) for place in found[:most])


def known(sheet: Sheet | None) -> tuple[int, ...]:
    """The units that a sheet shows anything of."""
    if sheet is None or sheet.items is None:
        return ()
    if isinstance(sheet.part, Vectors) and "unit" not in sheet.items.each and sheet.items.same.unit is None:
        return tuple(range(sheet.part.values.shape[1]))
    return tuple(int(each) for each in np.unique(numbers(sheet.items)) if each != NOTHING)


def stepped(unit: int, by: int, count: int) -> int:
    """So many units on; behind the last one comes the first."""
    return (unit + by) % count if count > 0 else 0


def below(unit: int, by: int, columns: int, count: int) -> int:
    """So many rows down in a grid of so many columns; below the last row comes the top of the same column."""
    if count <= 0 or columns <= 0:
        return 0
    column, row = unit % columns, unit // columns
    rows = (count - column + columns - 1) // columns
    return (row + by) % rows * columns + column


def typed(before: str, digit: str, count: int) -> str:
    """The number as far as it is typed: another digit of it or, where no unit has that one, the first of the next."""
    for text in (before + digit, digit):
        if int(text) < max(count, 1):
            return str(int(text))
    return ""


def visible(order: Sequence[str], room: int, focus: str) -> frozenset[str]:
    """Which of the panels are shown where `room` of them fit: the first ones, the one in focus always among them."""
    shown = list(order[: max(room, 1)])
    if focus in order and focus not in shown:
        shown[-1] = focus
    return frozenset(shown)


def squared(count: int) -> int:
    """Columns in which so many tiles make about a square."""
    return max(math.ceil(math.sqrt(count)), 1)
