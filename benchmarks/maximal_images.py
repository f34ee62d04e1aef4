"""Maxima of all convolutional and dense maps over a set, beside plain forward passes over the same batches.

`python -m benchmarks maximal_images [--model FILE.keras] [--images N]`: images a second of both, interleaved in one
run, and their ratio; without a model the MNIST net of the thesis with random weights. Reading the set counts in both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

TARGET = 0.8
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="")
    parser.add_argument("--images", type=int, default=0)
    parser.add_argument("--batch", type=int, default=32)
    given = parser.parse_args()
    import keras
    import numpy as np
    from keras import layers

    from trainvis.vis.maxima import maxima
    from trainvis.vis.probe import Probe

    if given.model:
        model = keras.saving.load_model(given.model, compile=False)
    else:
        members = [
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
        ]
        members += [layers.Dropout(0.25), layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
        members += [layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
        model = keras.Sequential([keras.Input((28, 28, 1)), *members])
    count = given.images or (256 if given.model else 4096)
    images = np.random.default_rng(0).random((count, *model.input_shape[1:])).astype("float32")
    probe = Probe(model, records=images, batch=given.batch)
    sites = [site for site in probe.network.sites.leaves if "Conv" in site.kind or "Dense" in site.kind]

    def forward(*inputs: object) -> object:
        return probe.network.run(inputs).outputs

    def plain() -> None:
        for at in range(0, count, given.batch):
            probe.network.call(("plain",), forward, probe.prepared(list(images[at : at + given.batch])))

    def searching() -> None:
        maxima(probe, sites, 9)

    plain(), searching()
    times: dict[str, list[float]] = {"plain": [], "maxima": []}
    for _ in range(ROUNDS):
        for name, work in (("plain", plain), ("maxima", searching)):
            began = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - began)
    best = {name: min(found) for name, found in times.items()}
    median = statistics.median(a / b for a, b in zip(times["plain"], times["maxima"], strict=True))
    answer = {
        "benchmark": "maximal_images", "backend": keras.backend.backend(), "model": model.name, "images": count,
        "maps": sum(site.units for site in sites), "plain_images_s": round(count / best["plain"], 1),
        "maxima_images_s": round(count / best["maxima"], 1), "ratio": round(best["plain"] / best["maxima"], 3),
        "ratio_median": round(median, 3), "target": TARGET,
    }  # fmt: skip
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
