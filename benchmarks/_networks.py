"""What the benchmarks that look into networks share: a network, and times as ratios within one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers


def network(path: Path | None) -> keras.Model:
    """That of a file, else the one for digits of the examples, with random weights."""
    if path is not None:
        return keras.models.load_model(path, compile=False)  # type: ignore[return-value]
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
        ],
        name="digits",
    )


def noise(model: keras.Model, count: int) -> np.ndarray:
    """Pictures of noise that the model takes."""
    return np.random.default_rng(0).normal(size=(count, *model.input_shape[1:])).astype("float32")


def measured(works: Mapping[str, Callable[[], Any]], rounds: int, beside: str) -> dict[str, float]:
    """Milliseconds of each work, and its ratio to that called `beside`: the median of the ratios of the rounds, in
    which the works alternate (machines are shared), and that of the fastest. The first round is left out: it compiles.
    """
    took: dict[str, list[float]] = {name: [] for name in works}
    for place in range(rounds + 1):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            if place:
                took[name].append((time.perf_counter() - began) * 1e3)
    answer: dict[str, float] = {}
    for name, each in took.items():
        answer[f"{name}_ms"] = round(statistics.median(each), 2)
        if name != beside:
            pairs = zip(each, took[beside], strict=True)
            answer[f"{name}_ratio"] = round(statistics.median(one / other for one, other in pairs), 2)
            answer[f"{name}_ratio_of_fastest"] = round(min(each) / min(took[beside]), 2)
    return answer
