"""`trainvis blob label`: what is refused before anything starts, and a real network that suggests labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from own_files import write_own

from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import Field, Schema

Trainvis = Callable[..., Result]


@pytest.fixture
def blob(tmp_path: Path) -> Path:
    """Grey pictures: dark ones are calm, light ones glad; of every third nobody knows it."""
    fields = (Field("image", "image", "uint8", (8, 8, 1)), Field("mood", "class", "int64", (), ("calm", "glad")))
    rows = [
        (f"k{n}", {"image": np.full((8, 8, 1), 40 + 160 * (n % 2), np.uint8), "mood": n % 2 if n % 3 else -1})
        for n in range(30)
    ]
    return write_own(tmp_path / "faces.h5", Schema(fields), rows)


def test_what_is_missing_is_said_before_a_process_starts(trainvis: Trainvis, runs: Path, blob: Path) -> None:
    (blob.parent / "net.keras").touch()
    net = blob.parent / "net.keras"
    for arguments, said in (
        ((blob, "-m", net), "Missing option '--field'"),
        ((blob, "-f", "mood"), "Missing option '--model'"),
        ((blob.with_name("face.h5"), "-m", net, "-f", "mood"), "did you mean 'faces.h5'?"),
        ((blob, "-m", blob.with_name("nett.keras"), "-f", "mood"), "did you mean 'net.keras'?"),
        ((blob, "-m", net, "-f", "mood", "--names", blob.with_name("x.txt")), "there is no file"),
    ):
        done = trainvis("blob", "label", *arguments)
        assert done.exit_code == 2
        assert said in done.stderr
    assert not list(runs.glob("suggest-*"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.kills
@pytest.mark.skipif(find_spec("keras") is None, reason="no keras here: install trainvis[tensorflow]")
def test_a_network_labels_what_nobody_knows_and_a_person_has_the_last_word(
    trainvis: Trainvis, runs: Path, blob: Path
) -> None:
    import keras

    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.layers[-1].set_weights([np.full((64, 1), 8 / 64, "float32"), np.full(1, -4, "float32")])
    network = blob.with_name("moods.keras")
    model.save(network)
    network.with_suffix(".json").write_text(json.dumps({"classes": ["calm", "glad"], "preprocess": "0..1"}))

    done = trainvis("blob", "label", blob, "-m", network, "-f", "mood", "--only-unknown", "--tag", "mine")
    assert done.exit_code == 0, done.output
    assert "10 of 30 records, of which nobody knows mood" in done.stdout

    labels = Labels(Labels.path_beside(blob))
    found = labels.suggestions("mood")
    assert {each.key: each.value for each in found} == {
        f"k{n}": ("calm", "glad")[n % 2] for n in range(30) if n % 3 == 0
    }
    # A sigmoid of 8 · pixel − 4, of pixels 40 and 200.
    expected = {"calm": 1 / (1 + np.exp(8 * 40 / 255 - 4)), "glad": 1 / (1 + np.exp(4 - 8 * 200 / 255))}
    for each in found:
        assert each.confidence == pytest.approx(expected[str(each.value)], abs=1e-5)
        assert each.model.startswith("moods ")
    assert [each.confidence for each in found] == sorted(each.confidence or 0 for each in found)

    labels.append("k0", "mood", "glad", by="me")
    again = trainvis("blob", "label", blob, "-m", network, "-f", "mood", "--only-unknown")
    assert again.exit_code == 0
    assert "nothing is left to label" in again.stdout
    assert len(list(runs.glob("suggest-*"))) == 2
    refused = trainvis("blob", "label", blob, "-m", network, "-f", "mood", "--classes", "a,b,c")
    assert refused.exit_code == 1
    assert "moods tells 2 classes apart, and --classes names 3: a, b, c" in refused.output
