"""How well embeddings of drawn people know strangers, and what is left for an expression to help with.

`python benchmarks/face_embedding.py [ROW …]` prints a JSON line for each training of `ROWS` (all of them, about ten
minutes on two cores): what it was trained with, its processor seconds (both cores together), and then, of the 3,000
faces of 60 other people that the demo shows: the verification figures of pairs of all of them, the equal error rate
of pairs out of different sessions only, and which share of 300 test faces is named rightly by the nearest mean of a
person's vectors, by logistic regression (with scikit-learn), and by the networks B and E of a study (one training
each). The split is that of seed 0, by image.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

# Loss, people, faces of all of them, epochs. The last one is the demo's extractor.
ROWS = (
    ("cosface", 200, 4000, 15),
    ("triplet", 200, 4000, 15),
    ("cosface", 60, 1200, 10),
    ("triplet", 60, 1200, 10),
    ("triplet", 100, 2000, 10),
)


def main() -> int:
    from trainvis.face_exp import demo
    from trainvis.face_exp.generating import generate
    from trainvis.face_exp.opening import open_faces

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, nargs="*", metavar="ROW", help=f"0 to {len(ROWS) - 1}; all of them")
    rows = parser.parse_args().rows or range(len(ROWS))
    if not all(0 <= row < len(ROWS) for row in rows):
        parser.error(f"a row is 0 to {len(ROWS) - 1}")
    with tempfile.TemporaryDirectory() as folder:
        asked = open_faces(generate(Path(folder) / "asked.h5", demo.OPTIONS, quiet), say=quiet)
        for row in rows:
            with redirect_stdout(sys.stderr):  # how far it is
                found = measured(Path(folder), asked, *ROWS[row])
            print(json.dumps(found), flush=True)
    return 0


def measured(folder: Path, asked: Any, loss: str, people: int, count: int, epochs: int) -> dict[str, Any]:
    from trainvis.face_exp.embedding.demo import DRAWING
    from trainvis.face_exp.embedding.options import Options
    from trainvis.face_exp.embedding.training import trained, vectors_of
    from trainvis.face_exp.embedding.verification import pairs, verification
    from trainvis.face_exp.extractors.pictures import whole
    from trainvis.face_exp.generating import generate
    from trainvis.face_exp.opening import open_faces

    file = folder / f"others-{people}-{count}.h5"
    if not file.exists():
        generate(file, replace(DRAWING, people=people, faces=count), quiet)
    learned = open_faces(file, expression="", say=quiet)
    began = time.process_time()
    found = trained(learned, Options(loss=loss, epochs=epochs, held_out="none"), say=quiet)
    seconds = time.process_time() - began
    side = found.embedder.input_shape[1:3]
    vectors = vectors_of(found.embedder, whole(asked, side, 3, lambda _done, _of: None))
    every = verification(*pairs(vectors, asked.identity, limit=5_000_000))
    apart = verification(*pairs(vectors, asked.identity, limit=5_000_000, group=asked.group))
    return {
        "name": "face_embedding", "loss": loss, "people": people, "faces": count, "epochs": epochs,
        "cpu_seconds": round(seconds, 1), "equal_error_rate": round(every.equal_error_rate, 4),
        "area": round(every.area, 4), "tar_at": {f"{far:g}": round(tar, 3) for far, tar in every.tar_at.items()},
        "equal_error_rate_of_sessions": round(apart.equal_error_rate, 4), **named(vectors, asked),
    }  # fmt: skip


def named(vectors: np.ndarray, asked: Any) -> dict[str, float | None]:
    """Shares of the test faces that are named rightly."""
    from trainvis.face_exp.nets import nets
    from trainvis.face_exp.preparing import of_usual_size
    from trainvis.face_exp.scores import Head
    from trainvis.face_exp.splits import split
    from trainvis.face_exp.training import HeadData, train

    parts, identity = split(asked), asked.identity
    means = np.stack(
        [vectors[parts.train][identity[parts.train] == person].mean(axis=0) for person in np.unique(identity)]
    )
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearest = (vectors[parts.test] @ means.T).argmax(axis=1) == identity[parts.test]
    given = np.eye(len(asked.expressions), dtype=np.float32)[asked.expression]
    data = HeadData(
        of_usual_size(vectors)[0], identity, len(asked.identities), parts, given, asked.expression,
        len(asked.expressions),
    )  # fmt: skip
    heads = {
        net.name: train(net, data, Head(net.name, "7", "label", 0), recorded=False).accuracy() for net in nets("B,E")
    }
    found = {"nearest_mean": nearest.mean(), "regression": regression(vectors, identity, parts), **heads}
    return {name: None if share is None else round(float(share), 3) for name, share in found.items()}


def regression(vectors: np.ndarray, identity: np.ndarray, parts: Any) -> float | None:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        return None
    model = LogisticRegression(C=100, max_iter=500).fit(vectors[parts.train], identity[parts.train])
    return float(model.score(vectors[parts.test], identity[parts.test]))


def quiet(_text: str) -> None: ...


if __name__ == "__main__":
    raise SystemExit(main())
