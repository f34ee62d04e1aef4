"""Networks as extractors: on every backend what the layer gives, the layer that is taken, and what is refused."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from backends import interpreter
from own_files import write_own

from trainvis.datasets.blob import open_blob
from trainvis.datasets.schema import Field, Schema
from trainvis.face_exp import features
from trainvis.face_exp.errors import FacesError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of Keras

PROGRAMME = Path(__file__).with_name("extractors_on_a_backend.py")


def faces_in(folder: Path, count: int = 20, side: int = 10) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)
    fields = (
        Field("image", "image", "uint8", (side, side, 3)),
        Field("identity", "class", "int64", classes=("ann", "bob")),
        Field("expression", "class", "int64", classes=("neutral", "happy")),
    )
    rows = [
        (f"k{number}", {"image": image, "identity": number % 2, "expression": number // 2 % 2})
        for number, image in enumerate(pixels)
    ]
    return write_own(folder / "faces.h5", Schema(fields), rows)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_features_and_tails_are_those_of_the_network_on_every_backend(backend: str, tmp_path: Path) -> None:
    python = interpreter(backend)
    done = subprocess.run(
        [python, "-P", str(PROGRAMME), str(faces_in(tmp_path))],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert np.shape(answer["features"]) == (20, 5)
    said = answer["said"]
    assert "  features are the 5 numbers of fc (Dense), the layer before its classifier (--layer names another)" in said
    assert any("conv_b (Conv2D), averaged over its 12×12×4 to 4" in each for each in said)
    refused = [each for each in said if each.startswith("the network cannot be cut before")]
    assert "before people: the features are made without it. The nearest layers where it can be" in refused[0]
    assert "before add: it reads what skips other layers, or is skipped itself" in refused[1]
    assert refused[1].endswith(": conv, norm, conv_b, relu, block/pool, block/conv")


def sequential(*layers: object, size: int = 8) -> object:
    import keras

    return keras.Sequential([keras.Input((size, size, 3)), *layers])


def test_the_layer_before_the_classifier_is_taken() -> None:
    from keras import layers

    from trainvis.face_exp.extractors.networks import KerasExtractor

    def taken(*some: object, **options: str) -> KerasExtractor:
        return KerasExtractor(sequential(*some), "net", "0..1", **options)  # type: ignore[arg-type]

    flat, fc = layers.Flatten(name="flat"), layers.Dense(5, name="fc")
    made = taken(flat, fc, layers.Dropout(0.5), layers.Dense(3, name="logits"), layers.Softmax())
    assert made.site.path == "fc"
    # As MobileNet ends: its classifier is a convolution, before which maps are averaged.
    maps = [layers.Conv2D(4, 3, name="maps"), layers.GlobalAveragePooling2D(keepdims=True, name="gap")]
    ends = [layers.Dropout(0.1), layers.Conv2D(3, 1), layers.Reshape((3,)), layers.Activation("softmax")]
    made = taken(*maps, *ends)
    assert (made.site.path, made.width) == ("gap", 4)
    # An embedding ends in no classifier.
    made = taken(flat, layers.Dense(7), layers.UnitNormalization(name="embedding"))
    assert (made.site.path, made.width) == ("embedding", 7)
    assert "its output, for it ends in no classifier" in made.notes[-1]
    assert taken(flat, fc, layers.Dense(3, activation="softmax"), layer="flat").width == 192
    assert taken(flat, fc, layers.Dense(3, activation="softmax"), layer="-1").width == 3


def test_what_tells_two_extractors_apart_is_in_the_digest(tmp_path: Path) -> None:
    import keras
    from keras import layers

    from trainvis.face_exp.extractors import extractor

    path = tmp_path / "net.keras"

    def saved(seed: int) -> None:
        keras.utils.set_random_seed(seed)
        sequential(layers.Flatten(name="flat"), layers.Dense(4), layers.Dense(3, activation="softmax")).save(path)  # type: ignore[attr-defined]

    saved(0)
    first = extractor(str(path), "0..1")
    assert extractor(str(path), "0..1").digest == first.digest
    assert extractor(str(path), "-1..1").digest != first.digest
    assert extractor(str(path), "0..1", "flat").digest != first.digest
    guessed = extractor(str(path))
    assert guessed.digest == first.digest
    assert guessed.notes[0] == "pixels are scaled to 0…1: nothing says what it was trained on (--preprocess says it)"
    saved(1)
    assert extractor(str(path), "0..1").digest != first.digest


def test_networks_that_take_no_faces_or_cannot_be_trained_are_refused(tmp_path: Path) -> None:
    import keras
    from keras import layers

    from trainvis.face_exp.extractors import extractor, trunk
    from trainvis.face_exp.extractors.networks import KerasExtractor

    rows = keras.Sequential([keras.Input((9,)), layers.Dense(3)])
    with pytest.raises(FacesError, match="rows takes no picture, but 9: an extractor takes height×width×channels"):
        KerasExtractor(rows, "rows", "0..1")
    with pytest.raises(FacesError, match=r"pixels:8 is no network that can be trained"):
        trunk(extractor("pixels:8"), "whole")
    made = KerasExtractor(sequential(layers.Flatten(), layers.Dense(4)), "net", "0..1")  # type: ignore[arg-type]
    with pytest.raises(FacesError, match="'all' is no way to tune: from:LAYER, whole and scratch are"):
        trunk(made, "all")
    with pytest.raises(FacesError, match=r"holds no network: give a \.keras or \.h5 file"):
        extractor(str(tmp_path))


def test_vgg_face_is_the_network_of_its_weights(tmp_path: Path) -> None:
    import h5py

    from trainvis.face_exp.extractors.vggface import network_of, of_weights
    from trainvis.face_exp.extractors.vggface_weights import Layout

    small = Layout(width=2, dense=6, people=5, size=32)
    random = np.random.default_rng(0)
    path = tmp_path / "weights.h5"
    weights = [(random.normal(size=each).astype("f4") * 0.3, random.normal(size=each[-1])) for each in small.shapes]
    with h5py.File(path, "w") as file:
        for name, (kernel, bias) in zip(small.names, weights, strict=True):
            file[f"{name}/kernel:0"], file[f"{name}/bias:0"] = kernel, bias.astype("f4")
    made = of_weights(str(path), layout=small)
    assert (made.width, made.size, made.channels) == (6, (32, 32), 3)
    images = random.integers(0, 256, (3, 32, 32, 3), np.uint8)
    network = network_of(small)
    network.set_weights([array for pair in weights[:-1] for array in pair])
    bgr = images[..., ::-1].astype("f4") - np.array([93.5940, 104.7624, 129.1863], "f4")
    assert made.features(images) == pytest.approx(network.predict(bgr, verbose=0), rel=1e-4, abs=1e-4)


def test_the_program_says_what_it_made_and_keeps_it_where_it_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from keras import layers

    path, out, net = faces_in(tmp_path), tmp_path / "out.h5", tmp_path / "net.keras"
    sequential(layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(4)).save(net)  # type: ignore[attr-defined]
    assert features.main([str(path), f"--extractor={net}", f"--out={out}"]) == 0
    told = capsys.readouterr().out
    assert "20 faces × 4 numbers" in told
    assert "scaled" not in told  # the network does it
    assert open_blob(out)[3]["features"].shape == (4,)
    assert features.main([str(path), f"--extractor={net}", f"--out={out}"]) == 1
    assert "is there already: --replace puts the features in its place" in capsys.readouterr().err
    assert features.main([str(path), f"--extractor={net}", f"--out={out}", "--replace"]) == 0
    assert "features are kept from before" in capsys.readouterr().out
    assert features.main([str(path), f"--extractor={out}"]) == 0
    assert "20 faces × 4 numbers" in capsys.readouterr().out


def test_vectors_of_length_one_are_of_the_usual_size_where_the_network_is_trained_too(tmp_path: Path) -> None:
    from keras import layers

    from trainvis.face_exp.preparing import material, opened
    from trainvis.face_exp.settings import Settings

    faces_in(tmp_path, 40)
    ends = {"unit": [layers.UnitNormalization(name="embedding")], "free": []}
    for name, end in ends.items():
        path = tmp_path / f"{name}.keras"
        sequential(layers.Flatten(), layers.Dense(9, name="fc"), *end).save(path)  # type: ignore[attr-defined]
        for tune in ("whole", "scratch", "from:fc"):
            said: list[str] = []
            asked = Settings(
                str(tmp_path / "faces.h5"), nets="A", seeds=1, extractor=str(path), preprocess="0..1", tune=tune,
                split="stratified",
            )  # fmt: skip
            found = material(opened(asked, said.append), said.append)
            assert found.trunk is not None
            assert found._inputs is not None
            lengths = np.linalg.norm(np.asarray(found.trunk.tail(0)(found._inputs[:8].astype(np.float32))), axis=1)
            told = "the vectors have length 1: they are multiplied by √9, to be of the size of other features"
            assert (told in said, told in found.notes) == (name == "unit",) * 2
            assert np.allclose(lengths, 3, atol=1e-4) == (name == "unit")
