"""Every private part of Keras that the callbacks touch, and what is read from its state.

Each has a test of its own in tests/vis/test_keras_state.py, so that a new Keras says which one it broke.
Nothing here changes a model, its metrics or its optimiser.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import keras
import numpy as np

_Schedule: Any = keras.optimizers.schedules.LearningRateSchedule
_CALLERS = 6  # of `set_model`: Keras' list, and what a user's own list puts between

Read = Callable[[], list[float]]


def bare_model(callback: keras.callbacks.Callback) -> Any:
    """The model of a callback as it is: `callback.model` would copy the state of JAX back at each access."""
    model: Any = callback._model  # noqa: SLF001
    return model.module if type(model).__name__ == "DistributedDataParallel" else model


def call_in_order() -> None:
    """Have the Keras list that is just taking up a callback call it batch by batch, in the training's own thread.

    On JAX Keras hands the hooks to a pool of threads, unless a batch hook of its `callbacks=[…]` forbids it. It
    looks for such hooks in a list only: a callback given alone would be called late, in any order, when the state
    of its batch is long gone. The list is not passed to a callback, so it is looked for among the callers.
    """
    frame = sys._getframe(1)  # noqa: SLF001
    for _ in range(_CALLERS):
        frame = frame.f_back if frame else None
        owner: Any = frame.f_locals.get("self") if frame else None
        if type(owner).__name__ == "CallbackList":
            owner._async_train = owner._async_test = False  # noqa: SLF001
            return


def validation_arrays() -> tuple[Any, ...] | None:
    """(x, y) or (x, y, weights) that the `fit` which runs now validates on; None where it has none, or where they are
    no arrays: to look at a generator would use it up.
    """
    # Callbacks are not told: `fit` keeps them to itself until the end of its first epoch.
    frame = sys._getframe(1)  # noqa: SLF001
    while frame is not None:
        if frame.f_code.co_name == "fit" and "val_x" in frame.f_locals:
            found = tuple(frame.f_locals.get(name) for name in ("val_x", "val_y", "val_sample_weight"))
            given = tuple(each for each in found if each is not None)
            arrays = all(hasattr(each, "shape") and hasattr(each, "__array__") for each in keras.tree.flatten(given))
            return given if arrays and len(given) > 1 else None
        frame = frame.f_back
    return None


def is_built(model: Any) -> bool:
    """Whether all weights of the model exist."""
    return bool(model.built) and all(layer.built for layer in _layers(model))


def _layers(model: Any) -> Iterator[Any]:
    return iter(model._flatten_layers(include_self=False, recursive=True))  # noqa: SLF001


def is_spread(model: Any) -> bool:
    """Whether weights lie in parts on devices of several processes (JAX): whoever computes with them waits for all."""
    values = (variable.value for variable in model.variables)
    return keras.backend.backend() == "jax" and any(
        not (each.is_fully_addressable or each.is_fully_replicated)
        for each in values
        if hasattr(each, "is_fully_addressable")
    )


def reader(model: Any, variables: Sequence[Any]) -> Read:
    """A function that reads scalar metric variables (keras.Variable) as they are now, in this order.

    In the loop of JAX the variables are empty: their values are in the state that the trainer carries along.
    """
    match keras.backend.backend():
        case "tensorflow":
            return _tensorflow_reader(variables)
        case "jax":
            return _jax_reader(model, variables, "metrics_variables", lambda: model.metrics_variables)
        case _:
            return lambda: [float(variable.value) for variable in variables]


def pairs(variables: Sequence[Any]) -> Read:
    """A function that reads variables of two values each (TensorFlow, PyTorch), one after the other."""
    if not variables:
        return list
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        read = tf.raw_ops.ReadVariableOp
        sources = [(variable.value.handle, variable.value.dtype) for variable in variables]
        return lambda: [
            item for handle, dtype in sources for item in read(resource=handle, dtype=dtype).numpy().tolist()
        ]
    return lambda: [item for variable in variables for item in variable.value.tolist()]


def _tensorflow_reader(variables: Sequence[Any]) -> Read:
    import tensorflow as tf

    inner = [variable.value for variable in variables]
    if any(len(getattr(variable, "values", (0,))) > 1 for variable in inner):  # mirrored over several devices
        return lambda: [float(variable.numpy()) for variable in inner]
    # The bare operation costs a fifth of `variable.numpy()`, and this is done at every batch.
    read = tf.raw_ops.ReadVariableOp
    sources = [(variable.handle, variable.dtype) for variable in inner]
    return lambda: [float(read(resource=handle, dtype=dtype)) for handle, dtype in sources]


def _jax_reader(model: Any, variables: Sequence[Any], part: str, all_of_part: Callable[[], Sequence[Any]]) -> Read:
    places = {id(variable): place for place, variable in enumerate(all_of_part())}
    wanted = [places[id(variable)] for variable in variables]

    def read() -> list[float]:
        state = getattr(model, "_jax_state", None)
        if state and not model._jax_state_synced:  # noqa: SLF001
            values = state[part]
            return [float(np.asarray(values[place])) for place in wanted]
        return [float(np.asarray(variable.value)) for variable in variables]

    return read


def metrics_by_log_name(model: Any) -> dict[str, Any]:
    """Which metric object stands behind which name of `logs`.

    Keras prefixes, numbers and weighs the names of compiled metrics inside `result()`. Instead of repeating
    these rules each metric is made to answer with itself, for this one question.
    """
    found: dict[str, Any] = {}
    for metric in model.metrics:
        inner = getattr(metric, "metrics", None)
        if isinstance(inner, list) and type(metric).__name__ == "CompileMetrics":
            found.update(_named_by(metric, inner))
        else:
            found[metric.name] = metric
    return found


def _named_by(compiled: Any, inner: list[Any]) -> Mapping[str, Any]:
    if not inner:
        return {}
    try:
        for metric in inner:
            metric.result = lambda metric=metric: metric
        return compiled.result()
    finally:
        for metric in inner:
            with suppress(AttributeError):
                del metric.result


def samples_seen(model: Any) -> Read | None:
    """Reads how many samples of this epoch the loss has seen, None where Keras does not count them."""
    tracker = next((metric for metric in model.metrics if metric.name == "loss"), None)
    count = getattr(tracker, "count", None)
    return None if count is None else reader(model, [count])


def batch_size(model: Any, batches: int) -> int | None:
    """The size of the first batch, after `batches` of an epoch; None where the loss does not count samples."""
    seen = samples_seen(model)
    counted = seen()[0] if seen else 0.0
    # Keras before 3.6 counted batches, and a loss of the user's own may count anything.
    return int(counted / batches) if counted > batches else None


def learning_rate(model: Any) -> float | None:
    """The learning rate of the next step, None where the optimiser has none that can be read."""
    optimizer = _innermost(model.optimizer)
    rate: Any = getattr(optimizer, "_learning_rate", None)
    if isinstance(rate, _Schedule):
        (step,) = _optimizer_reader(model, [optimizer.iterations])()
        scheduled: Any = keras.ops.convert_to_numpy(rate(step))
        return _shortest(float(scheduled))
    if isinstance(rate, keras.Variable):
        return _shortest(_optimizer_reader(model, [rate])()[0])
    return None


def _optimizer_reader(model: Any, variables: Sequence[Any]) -> Read:
    if keras.backend.backend() == "jax":
        return _jax_reader(model, variables, "optimizer_variables", lambda: model.optimizer.variables)
    return reader(model, variables)


def _innermost(optimizer: Any) -> Any:
    return getattr(optimizer, "inner_optimizer", optimizer)  # LossScaleOptimizer


def _shortest(value: float) -> float:
    # A float32 as a person wrote it: 0.001, not 0.0010000000474974513.
    return float(str(np.float32(value)))


def optimizer_parameters(model: Any) -> dict[str, object]:
    """The configuration of the optimiser, flat: a schedule gives its class and `learning_rate.<setting>`."""
    if model.optimizer is None:
        return {}
    found: dict[str, object] = {}
    for name, value in model.optimizer.get_config().items():
        found.update(_flat(name, value))
    return found


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    match value:
        case {"class_name": kind, "config": dict(config)}:
            yield name, kind
            for key, item in config.items():
                yield from _flat(f"{name}.{key}", item)
        case bool() | int() | str():
            yield name, value
        case float():
            yield name, _shortest(value) if math.isfinite(value) else value
        case _:
            return
