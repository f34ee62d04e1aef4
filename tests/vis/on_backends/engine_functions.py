"""Compiled functions are kept: no second trace, no growing memory, and always the weights of the moment."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from trial import BACKEND, Trial, far, fresh, plainly, same
from zoo import Case, draw_weights, floats

from trainvis.vis import gradients
from trainvis.vis.graph import ALL
from trainvis.vis.network import Network

TRACES = BACKEND != "torch"  # PyTorch runs a function each time


class Counted:
    """The gradient of a logit, and how often somebody ran its Python code."""

    def __init__(self, it: Trial, rule: Any = "guided") -> None:
        self.it, self.rule, self.runs = it, rule, 0

    def function(self, *tensors: Any) -> Any:
        self.runs += 1

        def score(*given: Any) -> Any:
            run = self.it.network.run(given, rule=self.rule, logits=True, taps=ALL)
            return ops.sum(run.outputs[0][:, 1]), (run.outputs, run.values)

        return gradients.value_and_gradient(score, tensors, self.it.network.scale)

    def __call__(self, *arrays: np.ndarray) -> Any:
        return self.it.network.call(("counted", self.rule), self.function, *(arrays or self.it.arrays))


def check_a_function_is_traced_once_for_each_shape() -> None:
    for name in ("sequential", "residual", "subclassed", "time_distributed"):
        counted = Counted(fresh(name))
        first = counted()
        (x,) = counted.it.arrays
        for shift in range(5):
            counted(x + shift)
        assert counted.runs == (1 if TRACES else 6), (name, counted.runs)
        again = counted()
        same(again[1][0], first[1][0], 0.0, "the same inputs")
        counted(x[:1])
        counted(x[:1] * 2)
        counted()
        assert counted.runs == (2 if TRACES else 10), (name, counted.runs)


def check_other_keys_are_other_functions() -> None:
    it = fresh("sequential")
    guided, plain = Counted(it)(), Counted(it, "plain")()
    assert far(guided[1][0], plain[1][0]) > 1e-3


def check_only_traces_count_as_compilation() -> None:
    it = fresh("residual")
    assert it.network.seconds_compiling == 0
    counted = Counted(it)
    counted()
    compiled = it.network.seconds_compiling
    assert (compiled > 0) == TRACES
    counted()
    assert it.network.seconds_compiling == compiled


def check_a_second_compiled_call_after_training_sees_the_new_weights() -> None:
    it = fresh("functional")
    model, x = it.case.model, it.arrays[0]
    model.compile(keras.optimizers.SGD(0.5), "categorical_crossentropy")
    counted = Counted(it, "plain")
    before = counted()
    for _ in range(3):
        model.fit(x, np.eye(5)[[0, 2, 4]], epochs=2, verbose=0)
        after = counted()
        same(after[0][1][model.layers[-1].name], _logits(model, x), 1e-4)
    assert far(after[1][0], before[1][0]) > 1e-3
    assert counted.runs == (1 if TRACES else 4)


def _logits(model: keras.Model, x: np.ndarray) -> np.ndarray:
    *_, last = model.layers
    hidden = plainly(keras.Model(model.inputs, last.input))(x)
    kernel, bias = last.get_weights()
    return hidden @ kernel + bias


def check_training_goes_on_as_if_nobody_had_looked() -> None:
    weights = []
    for looks in (False, True):
        it = fresh("batch_norm")
        model, x = it.case.model, it.arrays[0]
        keras.utils.set_random_seed(4)
        model.compile(keras.optimizers.Adam(0.01), "categorical_crossentropy")
        counted = Counted(it)

        class Looks(keras.callbacks.Callback):
            def on_train_batch_end(self, batch: int, logs: Any = None, counted: Any = counted) -> None:
                self.model  # noqa: B018 - brings the weights of JAX home
                counted()

        callbacks = [Looks()] if looks else None
        model.fit(x, np.eye(4)[[0, 2, 3]], batch_size=2, epochs=4, shuffle=False, verbose=0, callbacks=callbacks)
        weights.append([each.tobytes() for each in model.get_weights()])
    assert weights[0] == weights[1]


def resident() -> int:
    """The memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def check_memory_stays_flat_over_two_hundred_calls() -> None:
    if not Path("/proc/self/statm").is_file():
        return
    model = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(4),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    draw_weights(model, "memory")
    x = floats(1, 64, 64, 3)
    counted = Counted(Trial(Case("memory", "", model, x, lambda: model), Network(model, x), [x]))
    for _ in range(30):
        counted()
    gc.collect()
    before = resident()
    for _ in range(200):
        counted()
    gc.collect()
    grown = resident() - before
    # One call gives 0.35 MB of values and gradients: kept, they would be 70 MB.
    assert grown < 12e6, f"{grown / 1e6:.1f} MB more after 200 calls"


def check_a_network_that_is_let_go_is_gone() -> None:
    import weakref

    it = fresh("residual")
    Counted(it)()
    gone = weakref.ref(it.network)
    del it
    gc.collect()
    assert gone() is None


def check_layers_that_were_added_are_noticed() -> None:
    it = fresh("grown_sequential")
    assert not it.network.changed()
    it.case.model.add(layers.Activation("relu"))
    assert it.network.changed()
    assert "activation" in Network(it.case.model, it.case.inputs).sites
