"""Embeddings that are trained: by the program, on every backend, from another network, with the expression."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from backends import interpreter

from trainvis.datasets.building.build import BuildOptions, build
from trainvis.datasets.layouts.iterable import of_samples
from trainvis.datasets.sample import Planned, Sample
from trainvis.face_exp.embedding.options import Options
from trainvis.face_exp.errors import FacesError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of Keras

MOODS = ("happiness", "sadness")


def patterns(people: int, each: int) -> Iterator[Sample]:
    """A person is four colours; of various sizes and shapes, with noise. Who is glad is brighter below."""
    rng = np.random.default_rng(0)
    for person in range(people):
        colours = rng.integers(30, 190, (2, 2, 3))
        for number in range(each):
            side, mood = int(rng.integers(8, 15)), number % 2
            picture = np.kron(colours, np.ones((side, side, 1))) + rng.normal(0, 12, (2 * side, 2 * side, 3))
            picture[side:] += 50 * (1 - mood)
            found = np.clip(picture, 0, 255).astype(np.uint8)
            fields = {"image": found, "identity": f"p{person:02}", "expression": mood}
            yield Sample(f"p{person:02}-{number}", fields)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedding")
    fields = (Planned("image", "image"), Planned("identity", "class"), Planned("expression", "class", MOODS))
    build(of_samples(lambda: patterns(20, 12), fields), folder / "faces.h5", BuildOptions(workers=1))
    return folder / "faces.h5"


def program(data: Path, *words: str, backend: str = "", python: str = sys.executable) -> subprocess.CompletedProcess:
    environment = {**os.environ, "TRAINVIS_RUNS": str(data.parent / "runs"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= {"KERAS_BACKEND": backend} if backend else {}
    command = [python, "-m", "trainvis.face_exp.embed", str(data), "--side=16", "--batch=8x4", *words]
    return subprocess.run(command, cwd=data.parent, env=environment, capture_output=True, text=True, check=False)


def opens_by_itself(network: Path) -> str:
    """The file opens in a process that knows Keras only; what it makes of a face is of length 1."""
    code = f"""
import keras, numpy as np
model = keras.models.load_model({str(network)!r}, safe_mode=True)
made = model.predict(np.full((2, 16, 16, 3), 200, "uint8"), verbose=0)
print(model.layers[-1].name, made.shape[1], round(float(np.linalg.norm(made[0])), 4))
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_strangers_are_told_apart_and_the_network_needs_no_code_of_ours(data: Path) -> None:
    out = data.parent / "people.keras"
    done = program(data, "--loss=triplet", "--epochs=6", "--width=16", f"--out={out}")
    assert done.returncode == 0, done.stderr
    assert "4 of 20 people are held out for verification: 48 faces" in done.stdout
    run = Path(done.stdout.split("network → ")[1].splitlines()[0]).parent.parent
    assert opens_by_itself(out) == opens_by_itself(run / "networks" / "embedding.keras") == "embedding 16 1.0"
    found = json.loads((run / "results" / "verification.json").read_text())
    assert found["equal_error_rate"] < 0.2  # by chance 0.5
    lines = [json.loads(line) for line in (run / "results" / "metrics.jsonl").read_text().splitlines()]
    errors = [float(line["val_equal_error_rate"]) for line in lines if "val_equal_error_rate" in line]
    assert len(errors) == 6
    assert errors[-1] == pytest.approx(found["equal_error_rate"])
    assert (run / "networks" / "best.keras").exists()


def test_person_and_expression_are_learned_together(data: Path) -> None:
    out = data.parent / "both.keras"
    done = program(data, "--joint=1", "--epochs=4", "--width=16", "--held-out=images", f"--out={out}")
    assert done.returncode == 0, done.stderr
    assert "new images of people it knows" in done.stdout
    assert opens_by_itself(out) == "embedding 16 1.0"
    run = Path(done.stdout.split("network → ")[1].splitlines()[0]).parent.parent
    lines = [json.loads(line) for line in (run / "results" / "metrics.jsonl").read_text().splitlines()]
    assert [line for line in lines if "expression_accuracy" in line][-1]["expression_accuracy"] > 0.7
    # The one with both heads is in the run too, and can be looked into.
    from trainvis.vis import models

    best = models.load(run / "networks" / "best.keras")
    assert len(best.model.outputs) == 2
    assert best.preprocess == "0..255"


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_backend_trains_what_another_opens(data: Path, backend: str) -> None:
    python = interpreter(backend)
    out = data.parent / f"{backend}.keras"
    done = program(data, "--loss=arcface", "--epochs=2", "--width=8", f"--out={out}", backend=backend, python=python)
    assert done.returncode == 0, done.stderr
    assert opens_by_itself(out) == "embedding 8 1.0"


def test_what_cannot_be_learned_from_is_a_sentence(data: Path) -> None:
    done = program(data, "--people=3")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("trainvis: of 3 people with two faces or more none can be held out")


def test_a_loss_that_is_no_number_ends_the_training_in_a_sentence(data: Path) -> None:
    from trainvis.face_exp.embedding import training
    from trainvis.face_exp.opening import open_faces

    class Spoils(training.keras.callbacks.Callback):
        """Weights that a step too wide would leave behind."""

        def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
            head = self.model.get_layer("identity")
            head.set_weights([np.full_like(each, np.nan) for each in head.get_weights()])

    options = Options(loss="cosface", side=16, width=8, epochs=3, people=8)
    said: list[str] = []
    faces = open_faces(data, say=lambda _: None)
    with pytest.raises(
        FacesError, match=r"the loss of epoch 1 is no finite number, and nothing was kept.*--rate 0.0002"
    ):
        training.trained(faces, options, say=said.append, callbacks=[Spoils()])


def test_another_network_is_begun_with_and_what_it_was_trained_on_is_kept_with_it(tmp_path: Path) -> None:
    import keras

    from trainvis.face_exp.embedding import network
    from trainvis.vis.preprocessing import named

    keras.utils.set_random_seed(0)
    flow = image = keras.Input((12, 12, 3))
    flow = keras.layers.Conv2D(4, 3, activation="relu")(flow)
    flow = keras.layers.GlobalAveragePooling2D()(flow)
    base = keras.Model(image, keras.layers.Dense(5, activation="softmax")(flow), name="base")
    made = network.on_top_of(base, "bgr mean 104,117,123 std 50", width=7)
    made.save(tmp_path / "made.keras")
    with zipfile.ZipFile(tmp_path / "made.keras") as archive:
        assert b"trainvis" not in archive.read("config.json")
    pixels = np.random.default_rng(0).integers(0, 256, (3, 12, 12, 3)).astype(np.float32)
    before = keras.Model(made.input, made.get_layer("preprocessing").output)
    expected = named("bgr mean 104,117,123 std 50")(pixels)
    np.testing.assert_allclose(before.predict(pixels, verbose=0), expected, atol=1e-4)
    vectors = made.predict(pixels, verbose=0)
    assert vectors.shape == (3, 7)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert len(made.trainable_weights) == 3  # the two of its convolution, and the projection: the classifier is gone
    of_vectors = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(FacesError, match="one picture of a known size"):
        network.on_top_of(of_vectors, "")
