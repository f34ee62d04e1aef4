"""Kernels as pictures, and the distribution of the weights of each layer.

Kernels of the first layer lie in the colours of the input (Krizhevsky et al. 2012, doi:10.1145/3065386); deeper ones
are shown a tile for each pair of an input and an output map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras import ops

from ..by_layer import owners
from ..distribution import histogram
from ..figures import Cell, Figure, Histograms, Item, Items, Maps, Part, Table, Vectors
from ..network import NetworkError, Site
from ..probe import Probe

Array: TypeAlias = np.ndarray

_COLUMNS = ("layer", "variable", "shape", "count", "mean", "std", "min", "max", "share of zeros", "not finite")
_LARGEST = 1 << 20  # numbers of a matrix that is stored whole; of a larger one only its distribution


@dataclass(frozen=True, slots=True)
class Options:
    """`layers`: paths, names or numbers (None: all of them). `bins` of a histogram. `most`: kernels of a layer that are
    stored at most, −1 is all.
    """

    layers: tuple[str | int, ...] | None = None
    bins: int = 20
    most: int = 64

    def __post_init__(self) -> None:
        if self.bins < 1 or self.most < -1 or self.most == 0:
            raise NetworkError(f"bins {self.bins}, most {self.most}: at least one bin, and at least one kernel or -1")


@dataclass(frozen=True, slots=True, eq=False)
class Weight:
    """One variable of a layer: `values` in its own shape, whole numbers and halves as float32."""

    site: Site
    name: str
    values: Array

    @property
    def title(self) -> str:
        """What a part is called."""
        return f"{self.site.path}/{self.name}"


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """Maps of kernels (h×w, colour where a layer reads three maps), vectors of biases and scales, one histogram and one
    row of a table for each variable. Raises NetworkError where there are no weights, or a layer that does not exist.
    """
    weights = _weights(probe, options.layers)
    notes: list[str] = []
    pictures = [part for each in weights if (part := _picture(each, options.most, notes)) is not None]
    table = Table(_COLUMNS, tuple(_row(each) for each in weights), "weights")
    for each in weights:
        strange = int((~np.isfinite(each.values)).sum())
        if strange:
            notes.append(
                f"{strange} of {each.values.size} weights of {each.title} are no finite numbers (NaN or infinity)"
            )
    return probe.figure("weights", [*pictures, _histograms(weights, options.bins), table], notes, options)


def _weights(probe: Probe, layers: tuple[str | int, ...] | None) -> list[Weight]:
    network = probe.network
    chosen = None if layers is None else {id(network.sites.find(each).layer) for each in layers}
    variables = [each for each in network.model.weights if "float" in str(each.dtype)]
    found = []
    for variable, (path, name) in zip(variables, owners(network, variables), strict=True):
        site = network.sites.get(path)
        if site is None or (chosen is not None and not _within(network.sites, path, chosen)):
            continue
        found.append(Weight(site, name, _array(variable)))
    if not found:
        raise NetworkError(
            "these layers have no weights" if layers else f"the network {network.model.name!r} has no weights to show"
        )
    return found


def _within(sites: Any, path: str, chosen: set[int]) -> bool:
    """Whether a layer is among the chosen, or lies inside of one."""
    parts = path.split("/")
    around = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return any(each in sites and id(sites[each].layer) in chosen for each in around)


def _array(variable: Any) -> Array:
    values = np.asarray(ops.convert_to_numpy(ops.cast(variable.value, _wide(str(variable.dtype)))))
    return values.reshape(1) if values.ndim == 0 else values


def _wide(dtype: str) -> str:
    return "float64" if dtype == "float64" else "float32"


def _picture(weight: Weight, most: int, notes: list[str]) -> Part | None:
    values, site = weight.values, weight.site
    if values.ndim == 1:
        signed = bool((values < 0).any())
        return Vectors(values[None], (Item(layer=site.path, aspect=weight.name),), weight.title, signed=signed)
    if values.ndim == 4:
        tiles, units, left = _tiles(values, most)
        if left:
            notes.append(f"{len(tiles)} of {left + len(tiles)} kernels of {site.path} are shown, the first of each map")
        items = Items(len(tiles), Item(layer=site.path, aspect=weight.name), unit=units)
        return Maps(tiles, items, weight.title, "weights", signed=True)
    if values.size > _LARGEST:
        notes.append(f"{weight.title} has {values.size} weights: only their distribution is kept")
        return None
    matrix = values.reshape(-1, values.shape[-1])
    return Maps(matrix[None], (Item(layer=site.path, aspect=weight.name),), weight.title, "weights", signed=True)


def _tiles(kernel: Array, most: int) -> tuple[Array, Array, int]:
    """N×h×w(×3) of an h×w×in×out kernel, the numbers of its output map (and input map), and how many are left out."""
    reads, makes = kernel.shape[2:]
    if reads == 3:
        count = makes if most < 0 else min(makes, most)
        return np.moveaxis(kernel, 3, 0)[:count], np.arange(makes)[:count, None], makes - count
    outputs = makes if most < 0 else min(makes, max(math.isqrt(most), most // reads))
    inputs = reads if most < 0 else min(reads, most // outputs)
    tiles = np.moveaxis(kernel[:, :, :inputs, :outputs], (3, 2), (0, 1)).reshape(-1, *kernel.shape[:2])
    pairs = np.stack(np.meshgrid(np.arange(inputs), np.arange(outputs)), axis=-1).reshape(-1, 2)
    return tiles, pairs, reads * makes - len(tiles)


def _histograms(weights: list[Weight], bins: int) -> Histograms:
    pairs = [histogram(each.values, bins) for each in weights]
    means = [_finite(each.values) for each in weights]
    items = tuple(Item(layer=each.site.path, aspect=each.name) for each in weights)
    return Histograms(
        np.stack([counts for counts, _ in pairs]),
        np.stack([edges for _, edges in pairs]),
        items,
        "distribution",
        np.array([each.mean() if each.size else math.nan for each in means]),
        np.array([each.std() if each.size else math.nan for each in means]),
    )


def _finite(values: Array) -> Array:
    flat = values.reshape(-1)
    return flat[np.isfinite(flat)].astype(np.float64)


def _row(weight: Weight) -> tuple[Cell, ...]:
    return tuple(_cells(weight))


def _cells(weight: Weight) -> Iterator[Cell]:
    yield from (weight.site.path, weight.name, "×".join(map(str, weight.values.shape)), int(weight.values.size))
    finite = _finite(weight.values)
    if finite.size:
        yield from (float(finite.mean()), float(finite.std()), float(finite.min()), float(finite.max()))
        yield float(1 - np.count_nonzero(finite) / finite.size)
    else:
        yield from (None,) * 5
    yield int(weight.values.size - finite.size)
