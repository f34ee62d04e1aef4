"""How fast faces are drawn, and how hard they are to name for a simple classifier.

`python benchmarks/face_drawing.py [--difficulty D] [--correlation C] [--strength S] [--size N] [--workers N]` prints
one JSON line: seconds of 3,000 faces of 60 people and the processor seconds of all processes together (target: at
most 60 s on two cores at 130×130); then, with scikit-learn, the share that logistic regression on 150 principal
components of 32×32 grey pixels names rightly: `pictures`, a fifth of them left out by lot; `sessions`, a sixth of the
sessions left out. `commonest` is the share of the commonest expression.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIDE, COMPONENTS = 32, 150


def main() -> int:
    from trainvis.face_exp.generating import Options, drawn

    parser = argparse.ArgumentParser()
    for name, kind in (("difficulty", float), ("correlation", float), ("strength", float), ("size", int)):
        parser.add_argument(f"--{name}", type=kind)
    parser.add_argument("--workers", type=int, default=2)
    given = {name: value for name, value in vars(parser.parse_known_args()[0]).items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        built = drawn(Path(folder) / "faces.h5", Options(**given), lambda _: None)
        seconds = time.monotonic() - began
        spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        found: dict[str, Any] = {
            "name": "face_drawing", **given, "faces": built.records, "seconds": round(seconds, 1),
            "cpu_seconds": round(sum(each.ru_utime + each.ru_stime for each in spent), 1), "size": built.size,
        }  # fmt: skip
        print(json.dumps(found | named(built.path)))
    return 0


def named(path: Path) -> dict[str, Any]:
    """What the classifier names rightly."""
    try:
        import sklearn  # noqa: F401
    except ImportError:
        return {"named": "no scikit-learn here"}
    from trainvis.datasets.blob import open_blob

    with open_blob(path) as blob:
        places = range(len(blob))
        labels = {name: np.asarray(blob.read(places, [name])[name]) for name in ("identity", "expression")}
        sessions = np.asarray(blob.read(places, ["session"])["session"])
        pixels = np.array([small(blob.read([place], ["image"])["image"][0]) for place in places])
    pixels = (pixels - pixels.mean(axis=1, keepdims=True)) / pixels.std(axis=1, keepdims=True)
    lot = np.random.default_rng(0)
    pictures = lot.random(len(pixels)) < 0.2
    names = np.unique(sessions)
    out = np.isin(sessions, lot.choice(names, len(names) // 6, replace=False))
    told = {
        part: {name: round(score(pixels, values, test), 3) for name, values in labels.items()}
        for part, test in (("pictures", pictures), ("sessions", out))
    }
    return told | {"commonest": round(np.bincount(labels["expression"]).max() / len(pixels), 3)}


def small(image: np.ndarray) -> np.ndarray:
    grey = Image.fromarray(image).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(grey, np.float32).ravel()


def score(pixels: np.ndarray, labels: np.ndarray, test: np.ndarray) -> float:
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(
        PCA(COMPONENTS, random_state=0), StandardScaler(), LogisticRegression(C=0.01, max_iter=200)
    )  # fmt: skip
    return float(model.fit(pixels[~test], labels[~test]).score(pixels[test], labels[test]))


if __name__ == "__main__":
    raise SystemExit(main())
