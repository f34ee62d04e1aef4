"""Layer activations: what a pass that keeps all of them costs beside a plain one, and a whole snapshot, written.

`python benchmarks/activations.py [--model PATH.keras] [--rounds 40]` prints one JSON line: milliseconds, and their
ratio to a bare compiled forward pass of the backend in the same round. `all` returns the output of every layer (at
most 1.3 times a pass that returns the last one), `figure` makes the figure, `written` also its file (at most 4 times).
Without a model it is the network for digits of the examples, with random weights. Compilation is left out. Rounds
alternate, since machines are shared: a ratio is the median of the ratios of the rounds.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from trainvis.vis import artifacts
from trainvis.vis.network import Network
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import layer_activations


def digits() -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def works(network: Network, probe: Probe, folder: Path) -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    options = layer_activations.Options()
    paths = [site.path for site in network.sites.leaves if site.kind not in layer_activations.EXCLUDED]

    def forward(*inputs: Any) -> Any:
        return network.run(inputs).outputs

    def every(*inputs: Any) -> Any:
        return network.run(inputs, taps=paths).values

    steps = itertools.count()

    def figure() -> Any:
        return layer_activations.compute(probe, options)

    return {
        "forward": lambda: network.call(("forward",), forward, *probe.inputs),
        "all": lambda: network.call(("all",), every, *probe.inputs),
        "figure": figure,
        "written": lambda: artifacts.write(figure(), folder / f"{next(steps)}.h5"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    model: Any = keras.models.load_model(asked.model, compile=False) if asked.model else digits()
    image = np.random.default_rng(0).normal(size=(1, *model.input_shape[1:])).astype("float32")
    image *= 64 if asked.model else 1  # pixels around their mean, or numbers about 1
    probe = Probe(model, image)
    with tempfile.TemporaryDirectory() as folder:
        measured = works(probe.network, probe, Path(folder))
        took: dict[str, list[float]] = {name: [] for name in measured}
        size = 0
        for _ in range(asked.rounds + 2):
            for name, work in measured.items():
                began = time.perf_counter()
                work()
                took[name].append((time.perf_counter() - began) * 1e3)
            for path in Path(folder).iterdir():  # off the clock, so that no disk is written to
                size = path.stat().st_size
                path.unlink()
    took = {name: each[2:] for name, each in took.items()}
    answer: dict[str, Any] = {
        "benchmark": "activations",
        "backend": keras.backend.backend(),
        "network": model.name,
        "bytes": size,
    }
    for name, each in took.items():
        answer[f"{name}_ms"] = round(statistics.median(each), 2)
        if name != "forward":
            ratios = [one / other for one, other in zip(each, took["forward"], strict=True)]
            answer[f"{name}_ratio"] = round(statistics.median(ratios), 2)
            answer[f"{name}_ratio_of_fastest"] = round(min(each) / min(took["forward"]), 2)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
