"""Median time a batch inside the hooks of `Callbacks().progress()`, for a loss and one metric.

One JSON line a backend: `python -m benchmarks.progress` measures the backend of $KERAS_BACKEND, in the interpreter
that runs it. `hooks_us` reads no state (`exact=False`), `exact_us` does; `calibration_us` is one bare `json.dumps`
of a metric line on the same machine at the same time.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

BATCHES = 3_000
LIMITS = {"hooks_us": 80.0, "exact_us": 150.0}


def measured(*, exact: bool) -> float:
    """Microseconds a batch, the median over `BATCHES`, of everything between Keras' call and our return."""
    import keras
    import numpy as np

    from trainvis.vis import Callbacks

    class Timed(Callbacks):
        def __init__(self) -> None:
            super().__init__(run="benchmark")
            self.times: list[float] = []
            self.spent = 0.0

        def on_train_batch_begin(self, batch, logs=None):
            began = time.perf_counter()
            super().on_train_batch_begin(batch, logs)
            self.spent = time.perf_counter() - began

        def on_train_batch_end(self, batch, logs=None):
            began = time.perf_counter()
            super().on_train_batch_end(batch, logs)
            self.times.append(self.spent + time.perf_counter() - began)

    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(BATCHES * 8, 16)).astype("float32")
    y = (x.sum(axis=1) > 0).astype("float32")
    model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    timed = Timed()
    timed.progress(exact=exact)
    model.fit(x, y, batch_size=8, verbose=0, callbacks=[timed])
    return statistics.median(timed.times) * 1e6


def calibration() -> float:
    """Microseconds for one bare `json.dumps` of a metric line."""
    line = {"fit": 1, "step": 12345, "epoch": 1.234, "time": 1795309202.246, "loss": 0.7647544, "accuracy": 0.46875}
    times = []
    for _ in range(2_000):
        began = time.perf_counter()
        json.dumps(line)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def main() -> None:
    import keras

    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRAINVIS_RUNS"] = str(Path(folder, "runs"))
        figures = {"hooks_us": measured(exact=False), "exact_us": measured(exact=True)}
    print(
        json.dumps(
            {
                "benchmark": "progress",
                "backend": keras.backend.backend(),
                **{name: round(value, 1) for name, value in figures.items()},
                "limits": LIMITS if keras.backend.backend() == "tensorflow" else {},
                "calibration_us": round(calibration(), 2),
                "batches": BATCHES,
            }
        )
    )


if __name__ == "__main__":
    main()
