"""Each private part of Keras that vis/keras_state.py touches, alone, so that a new Keras says which one it broke."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

pytestmark = pytest.mark.slow

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if find_spec("keras") is None:
    pytest.skip("keras is not installed here", allow_module_level=True)


@pytest.fixture(scope="module")
def k() -> Any:
    # Here, not above: collecting the tests of the fast kind must load no framework.
    import keras

    return keras


@pytest.fixture(scope="module")
def state() -> Any:
    from trainvis.vis import keras_state

    return keras_state


def network(k: Any, **compiled: Any) -> Any:
    model = k.Sequential([k.Input((2,)), k.layers.Dense(1, kernel_initializer="ones")])
    model.compile(**({"optimizer": "sgd", "loss": "mse", "metrics": ["mae"]} | compiled))
    return model


def fit(k: Any, model: Any, callbacks: Any = (), samples: int = 10, size: int = 4) -> None:
    x = k.ops.ones((samples, 2))
    model.fit(x, k.ops.zeros((samples, 1)), batch_size=size, verbose=0, shuffle=False, callbacks=callbacks)


def at_batch_ends(k: Any, look: Any) -> Any:
    return k.callbacks.LambdaCallback(on_train_batch_end=look)


def test_the_model_of_a_callback_is_found_without_its_property(k: Any, state: Any) -> None:
    callback, model = k.callbacks.Callback(), network(k)
    callback.set_model(model)
    assert state.bare_model(callback) is model


def test_a_list_that_would_call_in_a_pool_of_threads_is_told_to_call_in_order(k: Any, state: Any) -> None:
    class Alone(k.callbacks.Callback):
        def set_model(self, model: Any) -> None:
            super().set_model(model)
            state.call_in_order()

    callbacks: Any = k.callbacks.CallbackList([Alone()])
    callbacks._async_train = callbacks._async_test = True  # as on JAX
    callbacks.set_model(network(k))
    assert (callbacks._async_train, callbacks._async_test) == (False, False)


def test_a_callback_that_no_list_takes_up_changes_nothing(state: Any) -> None:
    state.call_in_order()


def test_whether_a_network_is_built_is_known_before_and_after_its_first_batch(k: Any, state: Any) -> None:
    model = k.Sequential([k.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert not state.is_built(model)
    fit(k, model)
    assert state.is_built(model)


def test_variables_of_metrics_are_read_as_they_are_at_the_batch(k: Any, state: Any) -> None:
    model, seen = network(k, optimizer=k.optimizers.SGD(0.0)), []

    def look(batch: int, logs: Any) -> None:
        mae = state.metrics_by_log_name(model)["mae"]
        seen.append(state.reader(model, [mae.total, mae.count])())

    fit(k, model, [at_batch_ends(k, look)])
    assert seen == [[8.0, 4.0], [16.0, 8.0], [20.0, 10.0]]


def test_variables_of_two_values_are_read_in_order(k: Any, state: Any) -> None:
    if k.backend.backend() == "jax":
        pytest.skip("no ledger is kept on JAX")
    variables = [k.Variable([1.0, 2.0], dtype="float64"), k.Variable([3.0, 4.0], dtype="float64")]
    assert state.pairs(variables)() == [1.0, 2.0, 3.0, 4.0]
    assert state.pairs([])() == []


def test_each_name_of_the_logs_has_its_metric_and_the_question_leaves_no_trace(k: Any, state: Any) -> None:
    inputs = k.Input((2,))
    outputs = {name: k.layers.Dense(1, name=name)(inputs) for name in ("one", "two")}
    model = k.Model(inputs, outputs)
    model.compile("sgd", {"one": "mse", "two": "mae"}, metrics={"one": ["mae"], "two": ["mae"]})
    zeros, logged = k.ops.zeros((4, 1)), {}
    look = at_batch_ends(k, lambda batch, logs: logged.update(logs))
    model.fit(k.ops.ones((4, 2)), {"one": zeros, "two": zeros}, verbose=0, callbacks=[look])
    found = state.metrics_by_log_name(model)
    assert found.keys() == logged.keys() >= {"loss", "one_mae", "two_mae"}
    for name, metric in found.items():
        assert float(metric.result()) == pytest.approx(logged[name])
        assert "result" not in vars(metric)


def test_samples_are_counted_and_tell_the_size_of_a_batch(k: Any, state: Any) -> None:
    model, seen = network(k), []
    look = at_batch_ends(
        k, lambda batch, logs: seen.append((state.samples_seen(model)(), state.batch_size(model, batch + 1)))
    )
    fit(k, model, [look], samples=8)
    assert seen == [([4.0], 4), ([8.0], 4)]


def test_a_loss_that_counts_nothing_has_no_batch_size(k: Any, state: Any) -> None:
    class Bare:
        metrics = ()

    assert state.samples_seen(Bare()) is None
    assert state.batch_size(Bare(), 3) is None


def test_the_learning_rate_is_what_a_person_wrote_also_of_a_schedule(k: Any, state: Any) -> None:
    assert state.learning_rate(network(k, optimizer=k.optimizers.Adam(0.001))) == 0.001
    schedule = k.optimizers.schedules.PiecewiseConstantDecay([1], [0.1, 0.01])
    model, seen = network(k, optimizer=k.optimizers.SGD(schedule)), []
    fit(k, model, [at_batch_ends(k, lambda batch, logs: seen.append(state.learning_rate(model)))])
    assert seen == [0.1, 0.01, 0.01]


def test_the_learning_rate_is_found_inside_an_optimiser_that_scales_the_loss(k: Any, state: Any) -> None:
    model = network(k, optimizer=k.optimizers.LossScaleOptimizer(k.optimizers.SGD(0.25)))
    assert state.learning_rate(model) == 0.25


def test_the_optimiser_tells_its_settings_flat(k: Any, state: Any) -> None:
    schedule = k.optimizers.schedules.ExponentialDecay(0.1, 100, 0.5)
    found = state.optimizer_parameters(network(k, optimizer=k.optimizers.SGD(schedule, momentum=0.9)))
    assert found["learning_rate"] == "ExponentialDecay"
    assert (found["learning_rate.initial_learning_rate"], found["momentum"]) == (0.1, 0.9)


_ALONE = """
import threading, keras, numpy as np
from trainvis.vis import keras_state
threads, batches = set(), []
class Alone(keras.callbacks.Callback):
    def set_model(self, model):
        super().set_model(model)
        keras_state.call_in_order()
    def on_train_batch_end(self, batch, logs=None):
        threads.add(threading.get_ident())
        batches.append(batch)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((400, 2)), np.ones((400, 1)), batch_size=4, verbose=0, callbacks=Alone())
assert batches == list(range(100)), batches
assert threads == {threading.get_ident()}, threads
"""


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_callback_given_alone_is_called_batch_by_batch_in_the_trainings_own_thread(backend: str) -> None:
    named = os.environ.get(f"TRAINVIS_TEST_{backend.upper()}", "")
    if not named and find_spec(backend) is None:
        pytest.skip(f"no {backend} here: TRAINVIS_TEST_{backend.upper()} may name a Python that has it")
    done = subprocess.run(
        [named or sys.executable, "-P", "-c", _ALONE],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["arrays", "split", "generator", "nothing"])
def test_what_fit_validates_on_is_known_where_it_is_arrays(k: Any, state: Any, kind: str) -> None:
    import numpy as np

    x, y = np.arange(16, dtype="float32").reshape(8, 2), np.ones((8, 1), "float32")

    def batches() -> Any:
        while True:
            yield x[:2], y[:2]

    found: list[Any] = []
    look = k.callbacks.LambdaCallback(on_train_begin=lambda logs: found.append(state.validation_arrays()))
    given = {
        "arrays": {"validation_data": (x[:3], y[:3])},
        "split": {"validation_split": 0.25},
        "generator": {"validation_data": batches(), "validation_steps": 1},
        "nothing": {},
    }[kind]
    network(k).fit(x, y, epochs=1, verbose=0, callbacks=[look], **given)
    if kind in ("generator", "nothing"):
        assert found == [None]
    else:
        (arrays,) = found
        assert [np.asarray(each).tolist() for each in arrays] == (
            [x[:3].tolist(), y[:3].tolist()] if kind == "arrays" else [x[6:].tolist(), y[6:].tolist()]
        )
    assert state.validation_arrays() is None
