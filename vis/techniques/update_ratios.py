"""How far the weights of each layer moved between two moments of a training, as a share of their size: ‖Δw‖ / ‖w‖.

For one step about 0.001 is usual (Karpathy 2015, CS231n). The weights are compared as they were and as they are:
neither the trainer nor the optimiser is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops

from ..by_layer import owners, together
from ..figures import Figure, Table
from ..network import NetworkError
from ..probe import Probe

_LAYERS = ("layer", "update norm", "weight norm", "ratio", "ratio a step")
_VARIABLES = ("layer", "variable", "shape", "update norm", "weight norm", "ratio", "ratio a step")


@dataclass(frozen=True, slots=True)
class Options:
    """There is nothing to choose."""


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """A table by layer and one by trainable variable; ‖w‖ is that of the earlier moment, `probe.earlier`.

    "a step" divides by the batches between the two moments; steps that undo each other make it smaller than that of
    one step alone. Raises NetworkError where there is no earlier moment, or where it is of other weights.
    """
    network, earlier = probe.network, probe.earlier
    if earlier is None:
        raise NetworkError("update ratios compare two moments of a training, and there is no earlier one yet")
    weights = list(network.model.weights)
    if [each.shape for each in earlier.weights] != [tuple(each.shape) for each in weights]:
        raise NetworkError("update ratios compare a network with itself: the earlier weights are of another one")
    trained = {id(variable) for variable in network.model.trainable_variables}
    pairs = [(now, before) for now, before in zip(weights, earlier.weights, strict=True) if id(now) in trained]
    moved = np.array([_norm(_array(now) - before.astype(np.float64)) for now, before in pairs])
    sizes = np.array([_norm(before) for _, before in pairs])
    named = owners(network, [now for now, _ in pairs])
    paths = [path for path, _ in named]
    steps = max(probe.step - earlier.step, 0)
    by_move, by_size = together(paths, moved), together(paths, sizes)
    layers = tuple((path, norm, by_size[path], *_ratios(norm, by_size[path], steps)) for path, norm in by_move.items())
    rows = tuple(
        (path, name, "×".join(map(str, now.shape)) or "one", float(move), float(size), *_ratios(move, size, steps))
        for (path, name), (now, _), move, size in zip(named, pairs, moved, sizes, strict=True)
    )
    lie = "1 step lies" if steps == 1 else f"{steps} steps lie"
    between = f"{lie} between the two moments ({earlier.step} and {probe.step})"
    tables = [Table(_LAYERS, layers, "layers"), Table(_VARIABLES, rows, "variables")]
    return probe.figure("update_ratios", tables, [between], options, steps=steps)


def _array(variable: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(variable.value)).astype(np.float64)


def _norm(array: np.ndarray) -> float:
    return float(np.linalg.norm(np.asarray(array, np.float64).ravel()))


def _ratios(move: float, size: float, steps: int) -> tuple[float | None, float | None]:
    if not size:
        return None, None  # a bias that starts at zero has no size to compare with
    return float(move / size), float(move / size / steps) if steps else None
