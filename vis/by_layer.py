"""Which weight belongs to which call of the network, and sums over the weights of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from .network import Network

Array: TypeAlias = np.ndarray


def owners(network: Network, variables: Sequence[Any]) -> list[tuple[str, str]]:
    """(path of the layer, name of the variable in it) of each; the variable's own path where no call has it."""
    # The innermost comes last: a layer's weights are also those of what it lies inside of.
    sites = sorted(network.sites.values(), key=lambda site: site.path.count("/"))
    found = {id(variable): site.path for site in sites for variable in getattr(site.layer, "weights", [])}
    named = []
    for variable in variables:
        outer, _, name = variable.path.rpartition("/")
        named.append((found.get(id(variable), outer), name))
    return named


def together(paths: Sequence[str], norms: Array) -> dict[str, float]:
    """The Euclidean norm of all weights of each layer, of those of each of its variables."""
    squares: dict[str, float] = {}
    for path, norm in zip(paths, np.asarray(norms, np.float64), strict=True):
        squares[path] = squares.get(path, 0.0) + float(norm) ** 2
    return {path: float(np.sqrt(square)) for path, square in squares.items()}
