"""`python extractors_on_a_backend.py FACES.h5`: features and tails of a small network, on this environment's backend.

What must hold is asserted; on standard output come the features and what was said. It needs no pytest.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from trainvis.datasets.blob import open_blob
from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.extractors import extractor, features_of, trunk, tuning
from trainvis.face_exp.extractors.pictures import whole
from trainvis.face_exp.faces import Faces
from trainvis.vis.preprocessing import applied

SIDE = 12
QUIET: Any = 0


def network() -> keras.Model:
    """A residual network with a network in it, a layer name that occurs twice, and operations that are no layers.

    The same weights on every backend.
    """
    taken = keras.Input((SIDE, SIDE, 3))
    value = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(taken)
    normed = layers.BatchNormalization(name="norm")(value)
    other = layers.Conv2D(4, 3, padding="same", name="conv_b")(normed)
    value = keras.ops.relu(normed + other)
    block = [keras.Input((SIDE, SIDE, 4)), layers.MaxPooling2D(name="pool"), layers.Conv2D(6, 3, name="conv")]
    value = keras.Sequential(block, name="block")(value)
    value = layers.GlobalAveragePooling2D(name="gap")(value)
    value = layers.Dense(5, activation="relu", name="fc")(value)
    value = layers.Dropout(0.5, name="drop")(value)
    made = keras.Model(taken, layers.Dense(3, activation="softmax", name="people")(value))
    random = np.random.default_rng(0)
    made.set_weights([abs(random.normal(size=each.shape)) * 0.2 for each in made.get_weights()])
    return made


def main(path: str) -> None:
    blob = open_blob(path)
    nobody, places = np.zeros(len(blob), np.int64), np.arange(len(blob))
    faces = Faces("faces", blob, places, nobody, ("a",), nobody, ("neutral",), places, tuple(map(str, places)))
    folder = Path(path).parent / keras.backend.backend()
    folder.mkdir(exist_ok=True)
    model = network()
    model.save(folder / "net.keras")
    said: list[str] = []
    made = extractor(str(folder / "net.keras"), "caffe")
    assert (made.width, made.site.path) == (5, "fc")  # type: ignore[attr-defined]
    found = features_of(faces, made, folder, said.append)
    pixels = applied("caffe", whole(faces, (SIDE, SIDE), 3, lambda *_: None))
    wanted = keras.Model(model.inputs, model.get_layer("fc").output).predict(pixels, verbose=QUIET)
    close(found, wanted)
    averaged = features_of(faces, extractor(str(folder / "net.keras"), "caffe", "conv_b"), folder, said.append)
    maps = keras.Model(model.inputs, model.get_layer("conv_b").output).predict(pixels, verbose=QUIET)
    close(averaged, maps.mean(axis=(1, 2)))
    check_tails(made, faces, folder, found, said)
    sys.stdout.write(json.dumps({"features": found.tolist(), "said": said}) + "\n")


def check_tails(made: Any, faces: Faces, folder: Path, found: np.ndarray, said: list[str]) -> None:
    for tune, kind in {"whole": "uint8", "from:conv_b": "float32", "from:block/conv": "float32"}.items():
        cut = trunk(made, tune)
        taken = cut.inputs(faces, folder, said.append)
        assert taken.dtype == kind
        assert taken.shape[1:] == cut.shape
        tail = cut.tail(1)
        close(tail.predict(taken, verbose=QUIET), found)
        assert tail.output_shape == (None, cut.width)
    cut = trunk(made, "from:block/conv")
    tail = cut.tail(1)
    first, again, other = cut.tail(1, True), cut.tail(1, True), cut.tail(2, True)
    assert same(first, again)
    assert not same(first, other)
    assert not same(first, tail)
    assert trunk(made, "scratch").scratch
    tuning.MOST = 1  # bytes, beyond which halves are kept
    halves = cut.inputs(faces, folder, said.append)
    assert halves.dtype == "float16"
    np.testing.assert_allclose(tail.predict(halves, verbose=QUIET), found, rtol=0.01, atol=0.01 * abs(found).max())
    # A head learns with the tail, and neither the network nor another tail changes.
    cut = trunk(made, "from:block")
    tail, untouched = cut.tail(0), cut.tail(0)
    assert all(weight.trainable for weight in tail.weights)
    head = keras.Sequential([tail, layers.Dense(1)])
    head.compile("sgd", "mse")
    head.fit(cut.inputs(faces, folder, said.append), np.ones(len(faces)), verbose=QUIET)
    assert not same(tail, untouched)
    assert same(cut.tail(0), untouched)
    for layer in ("people", "add"):
        try:
            trunk(made, f"from:{layer}")
        except FacesError as error:
            said.append(str(error))


def same(one: keras.Model, other: keras.Model) -> bool:
    return all((a == b).all() for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


def close(found: np.ndarray, wanted: np.ndarray) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4 * abs(wanted).max())


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of Keras
    main(sys.argv[1])
