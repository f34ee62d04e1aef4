"""Deep visualisation: what an iteration costs beside the gradient it needs, and beside a loop that is not compiled.

`python benchmarks/deep_visualization.py [--model PATH.keras] [--units 10] [--iterations 20]` prints one JSON line:
milliseconds for each iteration and unit, and their ratio to a bare compiled function of the backend that computes the
same gradients of the same sub-network in the same batches (at most 1.2 for `low_frequency`, row 3 of the table of the
paper; `feature_visualization` also makes pictures of spectra and views of these), by the clock and in time of all
processors. `eager` is one unit after the other, layer by layer as Keras calls them (at least 5 times slower). Without
a model it is the network for digits of the examples, with random weights. `tf_keras_vis_to_ours` compares with that
library where it is installed, the same ascent of the same units in one batch of it, with `tf_keras_vis_apart` the
largest difference of the pictures, relative to the largest value (at least 4 times slower). Compilation is left out.
Rounds of the two that are compared alternate, since machines are shared: a ratio is the median of those of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from _networks import network
from keras import ops

from trainvis.vis import gradients
from trainvis.vis.canvas import Canvas
from trainvis.vis.growing import batch_size, even
from trainvis.vis.input_range import input_range
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import feature_visualization
from trainvis.vis.techniques.deep_visualization import Options, compute
from trainvis.vis.units import find_units, stacked, unit_gradients

ROUNDS = 5
SETS = ("low_frequency", "sparse", "high_frequency", "dense", "none")


def seconds(work: Callable[[], Any]) -> tuple[float, float]:
    """By the clock, and of all processors."""
    began = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began[0], time.process_time() - began[1]


def bare(probe: Probe, units: tuple[Any, ...], path: str, steps: int = 1) -> Callable[[], None]:
    """The same gradients `steps` times, by a function of the backend with nothing around it."""
    batches = [
        (np.repeat(probe.image[:1], len(chunk), 0), np.array([unit.index[-1] for unit in chunk], np.int32))
        for chunk in even(units, batch_size(probe, path))
    ]

    def function(images: Any, chosen: Any) -> Any:
        def score(each: Any) -> Any:
            logits = probe.logits_of(probe.network.run([each], logits=True))
            return ops.sum(ops.take_along_axis(logits, chosen[:, None], axis=-1)), ()

        return gradients.value_and_gradient(score, [images])[1]

    compiled = gradients.compiled(probe.network.model, function)
    return lambda: [compiled(*each) for each in batches * steps] and None


def eager(probe: Probe, units: tuple[Any, ...]) -> Callable[[], None]:
    """One gradient of the first unit, computed as it is written: no compilation, no batch."""
    model, unit = probe.network.model, units[0].index[-1]

    def function(images: Any) -> Any:
        def score(each: Any) -> Any:
            return ops.sum(model(each, training=False)[..., unit]), ()

        return gradients.value_and_gradient(score, [images])[1]

    return lambda: ops.convert_to_numpy(function(ops.convert_to_tensor(probe.image[:1]))[0])


def peer(probe: Probe, options: Options) -> Callable[[], np.ndarray]:
    """The same ascent by tf-keras-vis, which takes neither a Sequential model nor a softmax as they are."""
    from tf_keras_vis.activation_maximization import ActivationMaximization
    from tf_keras_vis.utils.scores import CategoricalScore

    def linear(model: keras.Model) -> keras.Model:
        if hasattr(model.layers[-1], "activation"):
            model.layers[-1].activation = keras.activations.linear
        if not isinstance(model, keras.Sequential):
            return model
        values = image = keras.Input(model.input_shape[1:])
        for layer in model.layers:
            values = layer(values)
        return keras.Model(image, values)

    assert options.units
    units, canvas = list(options.units), Canvas(probe, input_range(probe))
    start = np.random.default_rng([0, 0]).normal(0, options.noise * canvas.range.span, canvas.shape)
    theirs = ActivationMaximization(probe.network.model, model_modifier=linear, clone=True)

    def work() -> np.ndarray:
        found = theirs(
            CategoricalScore(units),
            seed_input=np.stack([start.astype("float32")] * len(units)),
            steps=options.iterations,
            input_range=None,
            input_modifiers=None,
            regularizers=None,
            optimizer=keras.optimizers.SGD(options.learning_rate),
        )
        return np.asarray(found)

    return work


def against_peer(probe: Probe, numbers: tuple[int, ...], iterations: int) -> dict[str, float]:
    options = Options(numbers, regularisers="none", learning_rate=0.01, iterations=iterations, keep="last", raw=True)
    theirs = peer(probe, options)
    apart = np.abs(compute(probe, options).parts[1].values - theirs())
    _, ratio, _ = alternating(theirs, lambda: compute(probe, options))
    return {"tf_keras_vis_to_ours": round(ratio, 2), "tf_keras_vis_apart": float(apart.max() / np.abs(theirs()).max())}


def alternating(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[float, float, float]:
    """Seconds of `first` by the clock, and the median of its ratios to `second`, by the clock and of processors."""
    first(), second()
    pairs = [(seconds(first), seconds(second)) for _ in range(ROUNDS)]
    by_clock, of_processors = (statistics.median(one[kind] / two[kind] for one, two in pairs) for kind in (0, 1))
    return statistics.median(one[0] for one, _ in pairs), by_clock, of_processors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--units", type=int, default=10)
    parser.add_argument("--iterations", type=int, default=20)
    given = parser.parse_args()
    model = network(given.model)
    shape = [each or 64 for each in model.inputs[0].shape[1:]]
    probe = Probe(model, np.random.default_rng(0).random((1, *shape), dtype=np.float32))
    numbers = tuple(range(given.units))
    units = find_units(probe, numbers)
    path = units[0].path
    answer: dict[str, Any] = {
        "benchmark": "deep_visualization",
        "backend": keras.backend.backend(),
        "units": given.units,
        "batch": batch_size(probe, path),
    }
    steps = given.iterations + 1  # the last picture is evaluated too

    def compare(name: str, figure: Callable[[], Any]) -> None:
        took, by_clock, of_processors = alternating(figure, bare(probe, units, path, steps))
        answer[f"{name}_ms"] = round(1e3 * took / steps / given.units, 3)
        answer[f"{name}_ratio"] = round(by_clock, 3)
        answer[f"{name}_processor_ratio"] = round(of_processors, 3)

    for name in SETS:
        options = Options(units=numbers, regularisers=name, iterations=given.iterations)
        compare(name, lambda options=options: compute(probe, options))
    features = feature_visualization.Options(units=numbers, steps=given.iterations)
    compare("feature_visualization", lambda: feature_visualization.compute(probe, features))
    weights = stacked(units[:1], "mean", "float32")
    took, ratio, _ = alternating(eager(probe, units), lambda: unit_gradients(probe, probe.image[:1], path, weights))
    answer |= {"eager_ms": round(1e3 * took, 3), "eager_to_compiled": round(ratio, 2)}
    _, ratio, _ = alternating(eager(probe, units), bare(probe, units, path))
    answer["eager_to_batched"] = round(ratio * given.units, 2)
    if keras.backend.backend() == "tensorflow" and find_spec("tf_keras_vis"):
        answer |= against_peer(probe, numbers, given.iterations)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
