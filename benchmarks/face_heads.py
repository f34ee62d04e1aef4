"""What a study's heads cost beside the trainings they are made of, in one process and in a process each.

`python benchmarks/face_heads.py [--nets A-I] [--seeds 3] [--epochs N]` prints one JSON line. The arrays have the size
of the demo: 2,100 vectors of 128 numbers to learn from, 600 to validate on, 300 to test; 60 identities, 7 expressions.

`rate`: epochs a second of a head as the study trains it (its run with progress, scores and the file they are written to
included) beside a bare `fit` of the same network on the same arrays, as anybody would write it; the first round, which
compiles, is left out of both, and of the rounds the median of the ratios is said, for each network and for all
(`rate`, the sum of the bare seconds by the sum of ours). Target: at least 0.7.

`processes`: all networks × seeds one after another in one process, its start included, beside a process for each
(`python benchmarks/face_heads.py --head B --seed 0`, which does the same with one head). What a process costs is
measured for each network once (times seeds). Target: at most 0.75. `processes_cpu` is the same of processor seconds,
which a busy machine changes less.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

TRAIN, VALIDATION, TEST, WIDTH, IDENTITIES, EXPRESSIONS = 2100, 600, 300, 128, 60, 7


def data() -> Any:
    from trainvis.face_exp.splits import Split
    from trainvis.face_exp.training import HeadData

    rng = np.random.default_rng(0)
    count = TRAIN + VALIDATION + TEST
    identity, expression = rng.integers(0, IDENTITIES, count), rng.integers(0, EXPRESSIONS, count)
    features = rng.normal(size=(IDENTITIES, WIDTH))[identity] + rng.normal(size=(count, WIDTH))
    split = Split(np.arange(TRAIN), np.arange(TRAIN, TRAIN + VALIDATION), np.arange(TRAIN + VALIDATION, count))
    given = np.eye(EXPRESSIONS, dtype="float32")[expression]
    return HeadData(features.astype("float32"), identity, IDENTITIES, split, given, expression, EXPRESSIONS)


def head(net: Any, seed: int) -> Any:
    from trainvis.face_exp.scores import Head

    return Head(net.name, "7" if net.knows_expression else "", "label" if net.takes_expression else "", seed)


def trained(net: Any, arrays: Any, seed: int, folder: Path) -> float:
    """Seconds of a head as the study trains it."""
    from trainvis.face_exp import scores
    from trainvis.face_exp.training import train

    began = time.perf_counter()
    scores.write(folder, train(net, arrays, head(net, seed), pairs=20_000))
    return time.perf_counter() - began


def bare(net: Any, arrays: Any, model: Any) -> float:
    """Seconds of a `fit` that does nothing but train and validate."""
    parts = arrays.split
    eye = {"identity": np.eye(IDENTITIES, dtype="float32"), "expression": np.eye(EXPRESSIONS, dtype="float32")}
    truth = {"identity": arrays.identity, "expression": arrays.expression}

    def of(places: Any) -> tuple[Any, Any]:
        x = arrays.features[places]
        y = {target: eye[target][truth[target][places]] for target in net.outputs}
        return (
            {"features": x, "expression_in": arrays.given[places]} if net.takes_expression else x,
            y if len(y) > 1 else y[net.outputs[0]],
        )

    (x, y), validation = of(parts.train), of(parts.validation)
    began = time.perf_counter()
    model.fit(x, y, batch_size=net.batch, epochs=net.epochs, validation_data=validation, verbose=0)
    return time.perf_counter() - began


def rates(nets: list[Any], rounds: int, folder: Path) -> dict[str, Any]:
    from trainvis.face_exp.building import build

    arrays = data()
    ours: dict[str, list[float]] = {net.name: [] for net in nets}
    theirs: dict[str, list[float]] = {net.name: [] for net in nets}
    for net in nets:
        model = build(net, WIDTH, IDENTITIES, EXPRESSIONS)
        for turn in range(rounds + 1):
            pair = bare(net, arrays, model), trained(net, arrays, turn, folder)
            if turn:
                theirs[net.name].append(pair[0])
                ours[net.name].append(pair[1])
    ratio = {
        name: round(statistics.median(one / other for one, other in zip(theirs[name], ours[name], strict=True)), 3)
        for name in ours
    }
    middle = {name: (statistics.median(theirs[name]), statistics.median(ours[name])) for name in ours}
    return {
        "rate": round(sum(each[0] for each in middle.values()) / sum(each[1] for each in middle.values()), 3),
        "rates": ratio,
        "bare_seconds": {name: round(each[0], 2) for name, each in middle.items()},
        "head_seconds": {name: round(each[1], 2) for name, each in middle.items()},
    }


def process(*arguments: str) -> np.ndarray:
    """Seconds, and processor seconds, of a process of its own."""

    def processor() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    began, before = time.perf_counter(), processor()
    subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.DEVNULL)
    return np.array([time.perf_counter() - began, processor() - before])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", default="A-I")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=0, help="of each network, instead of its own")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["rate", "processes"], default=None)
    parser.add_argument("--head", default="", help="train these heads and end: what a process does")
    parser.add_argument("--seed", type=int, default=-1)
    given, _ = parser.parse_known_args()
    from trainvis.face_exp import nets as table

    chosen = [table.changed(net, epochs=given.epochs or net.epochs) for net in table.nets(given.head or given.nets)]
    folder = Path(os.environ.get("TRAINVIS_BENCHMARK", tempfile.gettempdir()))
    if given.head:
        arrays = data()
        for seed in [given.seed] if given.seed >= 0 else range(given.seeds):
            for net in chosen:
                trained(net, arrays, seed, folder)
        return
    import keras

    said: dict[str, Any] = {"benchmark": "face_heads", "backend": keras.backend.backend(), "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"TRAINVIS_RUNS": str(Path(place, "runs")), "TRAINVIS_BENCHMARK": place}
        if given.only != "processes":
            said |= rates(chosen, given.rounds, Path(place))
        if given.only != "rate":
            epochs = ("--epochs", str(given.epochs))
            each = [process("--head", net.name, "--seed", "0", *epochs) for net in chosen]
            together = process("--head", given.nets, "--seeds", str(given.seeds), *epochs)
            separate = given.seeds * sum(each)
            said |= {
                "heads": given.seeds * len(chosen), "processes": round(together[0] / separate[0], 3),
                "processes_cpu": round(together[1] / separate[1], 3),
                "together_seconds": together.round(1).tolist(), "separate_seconds": separate.round(1).tolist(),
            }  # fmt: skip
    print(json.dumps(said | {"target": "rate >= 0.7, processes <= 0.75"}))


if __name__ == "__main__":
    main()
