"""What a float32 sum rounds off, kept beside it, so that the change of a metric's total is the batch's own value.

A metric's total grows all epoch: at the 2,000th batch its last bit is worth a ten-thousandth of a batch, more of a
batch below the mean. Each addition's error is exactly representable (TwoSum: Knuth, The Art of Computer
Programming, volume 2, 4.2.2); its sum is kept in a variable of ours beside `total`, which is added to as before.

Not under XLA and not on JAX, which compiles by it: a compiler that sees one more use of a product may round it
otherwise, and results are to stay the same bit for bit. Nor with variables on several devices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

_LOST = "_trainvis_lost"


def keep_lost_bits(model: Any) -> None:
    """Have the means of a compiled model keep what their totals round off. To be called before the first batch.

    Without effect where it is done already, where it cannot be done without a risk, and on what Keras has
    traced before.
    """
    if not _without_risk(model):
        return
    _watch(model.metrics)
    for part in (getattr(model, "_compile_metrics", None), getattr(model, "_compile_loss", None)):
        if part is not None and not part.built and "build" not in vars(part):
            _watch_once_built(part)


def lost(metric: Any) -> Any | None:
    """The variable that holds what the total of this metric rounded off, None where nobody keeps it."""
    return vars(metric).get(_LOST)


def _without_risk(model: Any) -> bool:
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return not model.jit_compile and model.distribute_strategy.num_replicas_in_sync == 1
    return backend == "torch" and not model.jit_compile


def _watch_once_built(part: Any) -> None:
    # Keras makes the metrics of `compile` while it traces the first batch.
    build = part.build

    def build_and_watch(*args: Any, **kwargs: Any) -> None:
        build(*args, **kwargs)
        del part.build
        _watch(part.metrics)

    part.build = build_and_watch


def _watch(metrics: Iterable[Any]) -> None:
    for metric in metrics:
        if isinstance(metric, keras.metrics.Mean):
            _keep(metric)
        elif isinstance(inner := getattr(metric, "metrics", None), list):
            _watch(inner)


def _keep(metric: Any) -> None:
    if lost(metric) is not None:
        return
    rounded_off = metric.add_variable(shape=(), initializer="zeros", dtype=metric.dtype, name="rounded_off")
    vars(metric)[_LOST] = rounded_off
    total = metric.total

    def assign_add(value: Any) -> None:
        before = keras.ops.convert_to_tensor(total.value)
        value = keras.ops.cast(value, total.dtype)
        after = before + value
        taken = after - before
        # First this one: PyTorch's `before` is the variable's own memory.
        rounded_off.assign(rounded_off.value + ((before - (after - taken)) + (value - taken)))
        total.assign(after)

    total.assign_add = assign_add
