"""Networks that name expressions: their shapes and parameters, a training, and what it says of other faces."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from backends import interpreter
from smileys import smileys

from trainvis.datasets.blob import open_blob
from trainvis.face_exp.emotions.learned import described
from trainvis.face_exp.errors import FacesError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of Keras


def silent(_: str) -> None: ...


def test_the_networks_have_the_layers_of_their_papers_at_any_size() -> None:
    from trainvis.face_exp.emotions.networks import NETWORKS, dexpression, residual

    paper = dexpression(224, 1, 11)
    # As in the paper: 224 → 112 → 56; FeatEx gives 208 + 64 maps; pooled to 28, then to 14.
    shapes = {layer.name: tuple(layer.output.shape[1:]) for layer in paper.layers}
    assert shapes["conv1"] == (112, 112, 64)
    assert shapes["pool1"] == (56, 56, 64)
    assert shapes["concat2"] == (56, 56, 272)
    assert shapes["pool2b"] == (28, 28, 272)
    assert shapes["pool3b"] == (14, 14, 272)
    convolutions = 7 * 7 * 64 + 64
    for inside in (64, 272):
        convolutions += inside * 96 + 96 + 9 * 96 * 208 + 208 + inside * 64 + 64
    assert paper.count_params() == convolutions + 4 * 64 + 14 * 14 * 272 * 11 + 11
    small = residual(48, 1, 7)
    assert small.get_layer("relu4b").output.shape[1:] == (6, 6, 128)
    kernels = 9 * (32 + 4 * 32 * 32 // 2 + 32 * 64 + 64 * 64 + 64 * 128 + 128 * 128) + 32 * 64 + 64 * 128
    norms = 4 * (32 * 3 + 64 * 3 + 128 * 3)
    assert small.count_params() == kernels + norms + 128 * 7 + 7
    for make in NETWORKS.values():
        assert make(64, 3, 5).output_shape == (None, 5)
        with pytest.raises(FacesError, match="faces of 8×8 pixels are too small"):
            make(8, 1, 7)


def test_faces_are_moved_by_whole_pixels_and_in_another_order_each_epoch() -> None:
    from trainvis.face_exp.emotions.training import Batches, shifted

    images = np.zeros((50, 32, 32, 1), np.float32)
    images[:, 16, 16] = np.arange(1, 51)[:, None]
    moved = shifted(images, np.random.default_rng(0))
    assert moved.reshape(50, -1).max(axis=1).tolist() == list(range(1, 51))  # as bright as before: nothing is blurred
    rows = moved.reshape(50, -1).argmax(axis=1) // 32
    assert set(rows.tolist()) == {14, 15, 16, 17, 18}
    first, again = (Batches(images, np.arange(50), 20, seed=1, augment={"flip": "horizontal"}) for _ in range(2))
    seen = []
    for _ in range(2):
        first.on_epoch_begin()
        again.on_epoch_begin()
        x, y = first[1]
        np.testing.assert_array_equal(x, again[1][0])
        np.testing.assert_array_equal(x.reshape(20, -1).max(axis=1), y + 1)  # each keeps its expression
        seen.append(y.tolist())
    assert seen[0] != seen[1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that told 100 people's smileys apart, in a process of its own, and the runs folder beside it."""
    folder = tmp_path_factory.mktemp("expression")
    smileys(folder / "faces.h5", range(100), each=2, side=24)
    # Other people, other words, and two expressions fewer.
    smileys(folder / "others.h5", range(200, 212), ("happiness", "sadness", "surprise"), side=24, named=NAMED)
    out = program(
        folder, "faces.h5", "--net=residual", "--size=24", "--epochs=5", "--evaluate=others.h5", "--out=net.keras"
    )
    (folder / "said.txt").write_text(out)
    return folder


NAMED = {"happiness": "HA", "sadness": "SA", "surprise": "SU"}


def program(folder: Path, *arguments: str, backend: str = "", python: str = sys.executable) -> str:
    environment = {**os.environ, "TRAINVIS_RUNS": str(folder / "runs"), "XDG_CACHE_HOME": str(folder / "cache")}
    environment |= {"KERAS_BACKEND": backend} if backend else {}
    command = [python, "-m", "trainvis.face_exp.expression", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_learns_and_says_how_well_on_both_sets(trained: Path) -> None:
    (run,) = (trained / "runs").iterdir()
    found = json.loads((run / "results" / "expression.json").read_text())
    assert found["test"]["accuracy"] > 0.6  # by chance it would be 0.2
    assert found["evaluate"]["accuracy"] > 0.6  # of three
    assert found["evaluate"]["classes"] == ["happiness", "sadness", "surprise"]
    assert found["evaluate"]["faces"] == 144
    out = (trained / "said.txt").read_text()
    assert "nobody in two parts (by identity)" in out
    assert "neutral, anger does not occur there: the other shares are made to sum to 1" in out
    assert (run / "results" / "confusion_matrix").is_dir()
    told = json.loads((trained / "net.json").read_text())
    assert told["classes"] == ["neutral", "anger", "happiness", "sadness", "surprise"]
    assert told["preprocess"] == "0..255"
    with open_blob(trained / "faces.h5") as blob:
        assert told["learned_from"] == described("faces.h5", blob)


def test_it_labels_another_set_by_the_names_of_its_classes(trained: Path) -> None:
    from trainvis.datasets.labels import Labels
    from trainvis.vis import suggesting

    said: list[str] = []
    path = trained / "others.h5"
    wanted = suggesting.Wanted(str(trained / "net.keras"), str(path), "mood", limit=40)
    assert suggesting.suggest(wanted, said.append) == 0
    found = Labels(Labels.path_beside(path)).suggestions("mood")
    right = [str(each.value) == each.key.split("-")[1] for each in found]
    assert np.mean(right) > 0.5
    assert not any("nobody says" in each or "nothing says" in each for each in said)


def test_it_predicts_the_classes_of_a_set_and_keeps_what_it_said(
    trained: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from trainvis.face_exp.emotions import predicting
    from trainvis.face_exp.expressions import expression_set
    from trainvis.face_exp.opening import open_faces

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (run,) = (trained / "runs").iterdir()
    faces = open_faces(trained / "faces.h5", say=silent)
    said: list[str] = []
    seven = expression_set(faces, "7")
    shares = predicting.predicted(run, faces, seven, said.append)
    assert shares.shape == (1000, 5)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert (shares.argmax(axis=1) == seven.of).mean() > 0.6
    assert said == [f"{run.name} best names the expressions of 1,000 faces"]
    three = expression_set(faces, "3")
    merged = predicting.predicted(trained / "net.keras", faces, three, said.append)
    assert len(said) == 1  # the same network and faces: found in the cache
    column = {name: shares[:, number] for number, name in enumerate(seven.classes)}
    np.testing.assert_allclose(merged[:, 1], column["anger"] + column["sadness"] + column["surprise"], atol=1e-6)
    others = open_faces(trained / "others.h5", say=silent)
    fewer = predicting.predicted(run, others, expression_set(others, "7"), said.append)
    assert fewer.shape == (144, 3)
    assert "neutral, anger, these faces do not: its other shares are made to sum to 1" in said[-2]


def test_a_network_whose_words_nobody_knows_is_refused(trained: Path, tmp_path: Path) -> None:
    from trainvis.face_exp.emotions import predicting
    from trainvis.face_exp.expressions import expression_set
    from trainvis.face_exp.opening import open_faces

    faces = open_faces(trained / "others.h5", say=silent)
    seven = expression_set(faces, "7")
    bare = tmp_path / "net.keras"
    bare.write_bytes((trained / "net.keras").read_bytes())
    with pytest.raises(FacesError, match=r"nobody says what the classes of net.keras are called: write"):
        predicting.predicted(bare, faces, seven, silent)
    bare.with_suffix(".json").write_text('{"classes": ["ann", "bob", "cy", "dora", "eve"]}')
    with pytest.raises(FacesError, match=r"the classes of net.keras are no expressions known here: ann, bob"):
        predicting.predicted(bare, faces, seven, silent)
    bare.with_suffix(".json").write_text('{"classes": ["happy", "sad"]}')
    with pytest.raises(FacesError, match=r"net.keras tells 5 classes apart, and 2 are named: happy, sad"):
        predicting.predicted(bare, faces, seven, silent)
    with pytest.raises(FacesError, match="there is no network"):
        predicting.predicted(tmp_path / "none.keras", faces, seven, silent)
    with pytest.raises(FacesError, match="has saved no network"):
        predicting.predicted(tmp_path, faces, seven, silent)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_it_is_trained_on_the_other_backends_too(backend: str, trained: Path, tmp_path: Path) -> None:
    python = interpreter(backend)
    out = program(
        tmp_path, str(trained / "others.h5"), "--size=16", "--epochs=1", "--net=residual", "--no-augment",
        backend=backend, python=python,
    )  # fmt: skip
    assert "on its test part" in out
