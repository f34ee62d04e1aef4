"""The size of the loss's gradient in each layer, on a fixed sample: where it vanishes or explodes.

Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks". The gradient is
computed for this figure, with the network as it is when nothing is trained (no dropout, no augmentation, moving
statistics): neither the trainer nor the optimiser is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops, tree

from ..by_layer import owners, together
from ..figures import Figure, Table
from ..gradients import weight_gradients
from ..network import NetworkError
from ..probe import Probe

_LAYERS = ("layer", "gradient norm", "weight norm", "ratio")
_VARIABLES = ("layer", "variable", "shape", "gradient norm", "weight norm", "ratio")


@dataclass(frozen=True, slots=True)
class Options:
    """At most the first `limit` records of the data; None: all of them, in one batch."""

    limit: int | None = 256


def compute(probe: Probe, options: Options = Options()) -> Figure:
    """A table with a row for each layer and one with a row for each trainable variable, norms in their own units.

    `probe.data` is (x, y) or (x, y, weights), as `fit` takes them; a callback without them takes what `fit` validates
    on. A note says which. Raises NetworkError without data, and for a network without a loss.
    """
    network = probe.network
    if probe.data is None:
        raise NetworkError(
            "gradient norms are of the loss on some records, and none are given: data=(x, y), or arrays to validate on"
        )
    if getattr(network.model, "_compile_loss", None) is None:
        raise NetworkError(
            f"the network {network.model.name!r} has no loss: compile it, with the loss it is trained with"
        )
    if not network.model.trainable_variables:
        raise NetworkError(f"the network {network.model.name!r} has nothing that trains: all of its layers are frozen")
    parts, count, whole = _cut(probe.data, options.limit)
    loss, gradients, weights = _norms(probe, parts)
    variables = network.model.trainable_variables
    named = owners(network, variables)
    paths = [path for path, _ in named]
    by_gradient, by_weight = together(paths, gradients), together(paths, weights)
    layers = tuple((path, norm, by_weight[path], _ratio(norm, by_weight[path])) for path, norm in by_gradient.items())
    rows = tuple(
        (
            path,
            name,
            "×".join(map(str, variable.shape)) or "one",
            float(gradient),
            float(weight),
            _ratio(gradient, weight),
        )
        for (path, name), variable, gradient, weight in zip(named, variables, gradients, weights, strict=True)
    )
    notes = [
        f"the gradient of the loss ({loss:.4g}) of {count} records of {probe.data_said}"
        + (f", the first of {whole}" if whole > count else "")
    ]
    if not np.isfinite(gradients).all():
        strange = [path for path, norm in by_gradient.items() if not np.isfinite(norm)]
        notes.append(f"the gradient is no finite number in {len(strange)} layers, {strange[0]} the first")
    tables = [Table(_LAYERS, layers, "layers"), Table(_VARIABLES, rows, "variables")]
    return probe.figure("gradient_norms", tables, notes, options, records=count)


def _norms(probe: Probe, parts: tuple[Any, ...]) -> tuple[float, np.ndarray, np.ndarray]:
    """The loss, and the norm of each trainable variable's gradient and of the variable itself."""
    network = probe.network
    model: Any = network.model
    flat = [np.asarray(each) for each in tree.flatten(parts)]

    def function(*tensors: Any) -> Any:
        x, y, *weights = tree.pack_sequence_as(parts, list(tensors))

        def scaled() -> Any:
            predicted = model(x, training=False)
            found: Any = model.compute_loss(x, y, predicted, *weights, training=False)
            wide: Any = ops.cast(found, "float32") if network.scale != 1 else found
            return wide * network.scale

        loss, gradients = weight_gradients(model, scaled)
        sizes = [_norm(each) / network.scale for each in gradients]
        return loss / network.scale, sizes, [_norm(each.value) for each in model.trainable_variables]

    kinds = tuple((each.dtype.str, each.shape[1:]) for each in flat)
    loss, gradients, weights = network.call(("gradient norms", kinds), function, *flat)
    return float(loss), np.array(gradients, np.float64), np.array(weights, np.float64)


def _norm(tensor: Any) -> Any:
    dtype = "float64" if str(tensor.dtype).endswith("float64") else "float32"
    return ops.sqrt(ops.sum(ops.square(ops.cast(tensor, dtype))))


def _cut(data: Any, limit: int | None) -> tuple[tuple[Any, ...], int, int]:
    """The first records of (x, y) or (x, y, weights), how many these are, and how many there were."""
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise NetworkError("the data for gradient norms are (x, y) or (x, y, weights), as fit takes them")
    given = tuple(each for each in data if each is not None)
    if data[0] is None or data[1] is None:
        raise NetworkError("the data for gradient norms have no targets: the loss is of (x, y), as fit takes them")
    lengths = {len(each) for each in tree.flatten(given)}
    if len(lengths) != 1 or lengths == {0}:
        raise NetworkError(
            f"the data for gradient norms have {sorted(lengths)} records: one number of them for all, above 0"
        )
    whole = lengths.pop()
    count = whole if limit is None else min(limit, whole)
    parts: Any = tree.map_structure(lambda each: _typed(np.asarray(each[:count])), given)
    return parts, count, whole


def _typed(array: np.ndarray) -> np.ndarray:
    return array.astype("float32") if array.dtype in (np.uint8, np.bool_, np.float16) else array


def _ratio(gradient: float, weight: float) -> float | None:
    return float(gradient) / float(weight) if weight else None
