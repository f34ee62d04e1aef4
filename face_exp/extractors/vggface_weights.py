"""The weights of VGG-Face, from the files that are about.

Nothing in a file is executed: of each only arrays are read, and taken by order and shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np

from ...datasets.errors import SourceError
from ...datasets.layouts import matfile
from ...engine.text import printable
from ..errors import FacesError

Array: TypeAlias = np.ndarray
Pair: TypeAlias = tuple[Array, Array]  # kernel and bias

LARGEST_MAT = 1 << 30  # bytes: its own file has some 580 million


@dataclass(frozen=True, slots=True)
class Layout:
    """VGG-16 D: convolutions 3×3 a block, of `width` times 1, 2, 4, 8, 8, each block with a maximum pooling at its end;
    then `dense` units twice, and `people` that it was trained to tell apart. Takes `size`×`size` BGR.
    """

    width: int = 64
    dense: int = 4096
    people: int = 2622
    size: int = 224
    blocks: tuple[int, ...] = (2, 2, 3, 3, 3)

    @property
    def names(self) -> tuple[str, ...]:
        """Its layers with weights, in their order; the last is the classifier."""
        found = [f"conv{block}_{each}" for block, count in enumerate(self.blocks, 1) for each in range(1, count + 1)]
        return (*found, "fc6", "fc7", "fc8")

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Those of their kernels, height×width×in×out or in×out."""
        channels = [3]
        for block, count in enumerate(self.blocks):
            channels += [self.width * min(2**block, 8)] * count
        side = self.size >> len(self.blocks)
        dense = ((side * side * channels[-1], self.dense), (self.dense, self.dense), (self.dense, self.people))
        return (*((3, 3, before, after) for before, after in pairwise(channels)), *dense)


def weights_of(path: Path, layout: Layout) -> list[Pair]:
    """Kernel and bias of each layer of `layout.names` but the classifier, which may be any or lacking.

    Raises FacesError.
    """
    shown = printable(path, 200)
    pairs = list(_of_matlab(path, shown) if path.suffix.lower() == ".mat" else _of_hdf5(path, shown))
    names, shapes = layout.names[:-1], layout.shapes[:-1]
    found: list[Pair] = []
    for (said, kernel, bias), name, shape in zip(pairs, names, shapes, strict=False):
        units = shape[-1]
        fitting = kernel if kernel.shape == shape else kernel.reshape(shape) if _is_dense(kernel, shape) else None
        if fitting is None or bias.size != units:
            order = " (it seems to be in the order of Theano: convert it)" if _is_theano(kernel, shape) else ""
            raise FacesError(
                f"{shown} does not fit VGG-Face: its layer {printable(said, 60)} has {_times(kernel)} and {bias.size} "
                f"where {name} has {'×'.join(map(str, shape))} and {units}{order}"
            )
        found.append((fitting.astype(np.float32, copy=False), bias.reshape(-1).astype(np.float32, copy=False)))
    if len(found) < len(names):
        raise FacesError(
            f"{shown} does not fit VGG-Face: it has weights of {len(pairs)} layers, and none of {names[len(found)]}"
        )
    if len(pairs) > len(names) + 1:
        raise FacesError(
            f"{shown} does not fit VGG-Face: it has weights of {len(pairs)} layers and not of {len(names) + 1}"
        )
    return found


def _is_dense(kernel: Array, shape: tuple[int, ...]) -> bool:
    """Whether a convolution is a dense layer: its picture is as large as the kernel, in the same order."""
    return kernel.ndim == 4 and len(shape) == 2 and kernel.shape[-1] == shape[1] and kernel.size == shape[0] * shape[1]


def _is_theano(kernel: Array, shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and kernel.shape == (shape[3], shape[2], *shape[:2]) and kernel.shape != shape


def _times(array: Array) -> str:
    return "×".join(map(str, array.shape))


# Keras: the weights of layers, in a file of Keras 1, 2 or 3


def _of_hdf5(path: Path, shown: str) -> Iterator[tuple[str, Array, Array]]:
    if not h5py.is_hdf5(path):
        raise FacesError(f"{shown} is no file of weights: it is neither HDF5 (.h5) nor Matlab's (.mat), or cut off")
    try:
        with h5py.File(path, "r") as file:
            root = file.get("model_weights", file)
            order = _declared(root)
            for group in order if order is not None else sorted(_groups(root), key=lambda each: _natural(each.name)):
                arrays = [each for each in _arrays(group) if each.ndim in (1, 2, 4) and each.dtype.kind == "f"]
                kernel = [each for each in arrays if each.ndim > 1]
                bias = [each for each in arrays if each.ndim == 1]
                if len(kernel) == 1 and len(bias) == 1:
                    yield group.name.strip("/").replace("/vars", "").rpartition("/")[2], kernel[0][()], bias[0][()]
                elif arrays:
                    raise FacesError(
                        f"{shown} does not fit VGG-Face: {printable(group.name, 60)} has {len(arrays)} arrays, and "
                        "its layers have a kernel and a bias"
                    )
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise FacesError(f"{shown} cannot be read: {printable(error, 200)}") from None


def _declared(root: Any) -> list[Any] | None:
    """The groups of layers in the order that the file tells (Keras 1 and 2), None where it tells none."""
    names = root.attrs.get("layer_names")
    if names is None:
        parts = [root.attrs[f"layer_names{at}"] for at in range(len(root.attrs)) if f"layer_names{at}" in root.attrs]
        names = np.concatenate(parts) if parts else None
    if names is None:
        return None
    found = [each.decode() if isinstance(each, bytes) else str(each) for each in names]
    return [group for name in found if name in root for group in _groups(root[name])]


def _groups(root: Any) -> Iterator[Any]:
    """The groups in which arrays lie, however deep."""
    if any(isinstance(each, h5py.Dataset) for each in _members(root)):
        yield root
    for each in _members(root):
        if isinstance(each, h5py.Group):
            yield from _groups(each)


def _members(group: Any) -> Iterable[Any]:
    """What is in this very file: a link may lead to another."""
    return [group[name] for name in group if isinstance(group.get(name, getlink=True), h5py.HardLink)]


def _arrays(group: Any) -> list[Any]:
    return [each for each in _members(group) if isinstance(each, h5py.Dataset)]


def _natural(name: str) -> list[tuple[int, str]]:
    """`conv2d_2` before `conv2d_10`, and `conv2d` before both."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


# MatConvNet: `net.layers`, cells of structures


def _of_matlab(path: Path, shown: str) -> Iterator[tuple[str, Array, Array]]:
    try:
        found = matfile.read(path, largest=LARGEST_MAT)
        net = found.get("net", found)
        cells = net.get("layers") if isinstance(net, dict) else None
        if not isinstance(cells, matfile.Cells):
            raise FacesError(f"{shown} is no network of MatConvNet: it has no net.layers")
        for cell in cells:
            if isinstance(cell, dict) and cell.get("type") == "conv":
                weights = cell.get("weights")
                pair = (
                    list(weights) if isinstance(weights, matfile.Cells) else [cell.get("filters"), cell.get("biases")]
                )
                arrays = [each for each in pair[:2] if isinstance(each, np.ndarray)]
                if len(arrays) < 2:
                    raise FacesError(f"{shown} does not fit VGG-Face: a convolution in it has no filters and biases")
                kernel, bias = arrays
                ones = (1,) * (4 - kernel.ndim)  # Matlab leaves the last ones out
                yield printable(cell.get("name") or "conv", 60), kernel.reshape(*kernel.shape, *ones), bias
    except SourceError as error:
        raise FacesError(str(error)) from None
