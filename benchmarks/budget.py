"""The share of a training's time that pictures take, where they are asked for more often than the budget allows.

`python -m benchmarks.budget [--minutes 3] [--budget 0.05]` trains the network for digits of the thesis on random
images for so long after the first picture, with saliency every second batch and deep visualisation every tenth, and
prints one JSON line: `ratio` is the measured share as a part of the budget (0.7 to 1.1), from the clock of this
program around everything that the callbacks do for pictures, and `least` and `most` are those of each minute's end.
`told` is what the run's own budget.json says. First, last and compile seconds are apart, as the callbacks count them.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def network():
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
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
    model.compile(keras.optimizers.Adadelta(1.0), "categorical_crossentropy", metrics=["accuracy"])
    return model


def measured(minutes: float, share: float) -> dict[str, object]:
    """Train, and time what the callbacks do for pictures from the outside."""
    import keras
    import numpy as np

    from trainvis.engine.files import read_json
    from trainvis.vis import Callbacks
    from trainvis.vis.pictures import Pictures
    from trainvis.vis.results import Results

    times: list[tuple[float, float]] = []  # of each batch: when its hook ended, and what it took
    began = 0.0

    class Timed(Pictures):
        def begin(self, training):
            nonlocal began
            super().begin(training)
            began = time.perf_counter()

        def end_batch(self, training, logs):
            start = time.perf_counter()
            super().end_batch(training, logs)
            times.append((time.perf_counter() - began, time.perf_counter() - start))

    class Enough(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002 - Keras' signature
            if time.perf_counter() - began > minutes * 60:
                self.model.stop_training = True

    rng = np.random.default_rng(0)
    x = rng.random((12_800, 28, 28, 1), dtype="float32")
    y = np.eye(10, dtype="float32")[rng.integers(0, 10, len(x))]
    watch = Callbacks(run="benchmark")._add(Timed())  # noqa: SLF001 - one that is timed
    watch.pictures("saliency_maps", 2, images=x[:10], budget=share)
    watch.pictures("deep_visualization", 10, images=x[:1], learning_rate=200.0, iterations=50)
    network().fit(x, y, batch_size=128, epochs=10_000, verbose=0, callbacks=[Enough(), watch])
    assert watch.run
    told = read_json(watch.run.budget_file).value
    compiling = told["interval"]["compile_seconds"]  # of a last, smaller batch: none is asked for again
    taken = np.cumsum([seconds for _, seconds in times])
    ends = np.array([end for end, _ in times])
    shares = [
        (taken[np.searchsorted(ends, 60 * minute) - 1] - compiling) / (60 * minute)
        for minute in range(1, int(minutes) + 1)
    ] or [taken[-1] / ends[-1]]
    return {
        "ratio": round(shares[-1] / share, 3),
        "minutes": [round(float(each) / share, 3) for each in shares],
        "told": round(told["used"] / share, 3),
        "batches": len(times),
        "pictures": {name: len(Results(watch.run).steps(name)) for name in Results(watch.run).names()},
        **{reason: told[reason] for reason in ("first", "interval", "last")},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="the share of the time that pictures take")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--budget", type=float, default=0.05)
    given, _ = parser.parse_known_args()
    import keras

    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRAINVIS_RUNS"] = str(Path(folder, "runs"))
        found = measured(given.minutes, given.budget)
    said = {"benchmark": "budget", "backend": keras.backend.backend(), "budget": given.budget, **found}
    print(json.dumps(said | {"limits": {"ratio": [0.7, 1.1]}}))


if __name__ == "__main__":
    main()
