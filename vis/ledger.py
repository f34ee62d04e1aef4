"""A float64 account of what goes into a metric's float32 sums, so that their change is the batch's own value.

A metric's total grows all epoch: at the 2,000th batch its last bit is worth a ten-thousandth of a batch, more of a
batch below the mean. What Keras adds to `total` and `count` is added to a variable of ours too; Keras' own sums
are what they were. One read of the account also costs less than reading both sums.

Not under XLA and not on JAX, which compiles by it: a compiler that sees one more use of a product may round it
otherwise, and results are to stay the same bit for bit. Nor with variables on several devices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras

_NAME = "_trainvis_ledger"


def open_ledgers(model: Any) -> None:
    """Have the means of a compiled model keep an account. To be called before the first batch of a fit.

    Without effect where they do already, where it cannot be done without a risk, and on what Keras has traced
    before: such a ledger stays at zero. Ledgers of an earlier fit begin anew.
    """
    if not _without_risk(model):
        return
    _open(model.metrics)
    for part in (getattr(model, "_compile_metrics", None), getattr(model, "_compile_loss", None)):
        if part is not None and not part.built and "build" not in vars(part):
            _open_once_built(part)


def ledger(metric: Any) -> Any | None:
    """The variable [2] that holds the sums of what was added to total and count, None where there is none."""
    return vars(metric).get(_NAME)


def clear(ledgers: Iterable[Any]) -> None:
    """Begin anew, as the metrics do at each epoch: what is not a number would stay in a sum for ever."""
    for variable in ledgers:
        variable.assign((0.0, 0.0))


def _without_risk(model: Any) -> bool:
    if model.jit_compile:
        return False
    match keras.backend.backend():
        case "tensorflow":
            return model.distribute_strategy.num_replicas_in_sync == 1
        case "torch":
            return not str(model.metrics[0].total.value.device).startswith("mps")  # which has no float64
        case _:
            return False


def _open_once_built(part: Any) -> None:
    # Keras makes the metrics of `compile` while it traces the first batch.
    build = part.build

    def build_and_open(*args: Any, **kwargs: Any) -> None:
        build(*args, **kwargs)
        del part.build
        _open(part.metrics)

    part.build = build_and_open


def _open(metrics: Iterable[Any]) -> None:
    for metric in metrics:
        if isinstance(metric, keras.metrics.Mean):
            _keep(metric)
        elif isinstance(inner := getattr(metric, "metrics", None), list):
            _open(inner)


def _keep(metric: Any) -> None:
    if (kept := ledger(metric)) is not None:
        clear([kept])
        return
    account = metric.add_variable(shape=(2,), initializer="zeros", dtype="float64", name="ledger")
    vars(metric)[_NAME] = account
    _account_for(metric.total, account, (1.0, 0.0))
    _account_for(metric.count, account, (0.0, 1.0))


def _account_for(variable: Any, account: Any, side: tuple[float, float]) -> None:
    add = variable.assign_add

    def assign_add(value: Any) -> Any:
        wide: Any = keras.ops.cast(value, "float64")
        account.assign(account.value + wide * keras.ops.convert_to_tensor(side, dtype="float64"))
        return add(value)

    variable.assign_add = assign_add
