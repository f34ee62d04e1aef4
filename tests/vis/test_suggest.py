"""A network labels a blob: what is refused before one is loaded, and what scores come to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from own_files import write_own
from wait import wait_for

from trainvis.datasets.labels import Labels
from trainvis.datasets.schema import Field, Schema
from trainvis.vis import suggest, suggesting
from trainvis.vis.suggesting import SuggestError

FIELDS = (
    Field("image", "image", "uint8", (8, 8, 1)),
    Field("mood", "class", "int64", (), ("calm", "glad", "sad")),
    Field("split", "class", "int64", (), ("train", "test")),
    Field("age", "number", "float64"),
)


def blob(folder: Path, records: int = 6, fields: tuple[Field, ...] = FIELDS) -> Path:
    values = {"image": np.zeros((8, 8, 1), np.uint8), "mood": -1, "split": 0, "age": 3.0}
    rows = [(f"k{n}", {field.name: values[field.name] for field in fields}) for n in range(records)]
    return write_own(folder / "faces.h5", Schema(fields), rows)


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert suggest.main([str(each) for each in arguments]) == 1
    return capsys.readouterr().err


def test_what_cannot_be_labelled_is_refused_before_a_network_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = blob(tmp_path)
    assert "age of faces.h5 is no field of classes but of kind number" in refused(
        capsys, "n.keras", path, "--field=age"
    )
    assert "which part a record is in" in refused(capsys, "n.keras", path, "--field=split")
    assert "the field has no name" in refused(capsys, "n.keras", path, "--field= ")
    assert "two have one" in refused(capsys, "n.keras", path, "--field=mood", "--classes=a,b,a")
    assert "there is no file" in refused(capsys, "n.keras", tmp_path / "none.h5", "--field=mood")
    bare = blob(tmp_path, fields=FIELDS[1:])
    assert "faces.h5 has no images" in refused(capsys, "n.keras", bare, "--field=mood")


def test_scores_are_shares_whatever_a_network_gives() -> None:
    logits = np.array([[2.0, 0.0, 0.0], [1000.0, -1000.0, 0.0]])
    made = suggesting.probabilities(logits, sure=False)
    assert made.sum(axis=1) == pytest.approx([1, 1])
    assert made[0, 0] == pytest.approx(np.exp(2) / (np.exp(2) + 2))
    shares = np.array([[0.2, 0.8]])
    assert suggesting.probabilities(shares, sure=True).tolist() == shares.tolist()
    assert suggesting.probabilities(np.array([[0.9], [0.2]]), sure=True) == pytest.approx(
        np.array([[0.1, 0.9], [0.8, 0.2]])
    )
    assert suggesting.probabilities(np.array([[0.0]]), sure=False).tolist() == [[0.5, 0.5]]


@pytest.fixture
def network(tmp_path: Path) -> Path:
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    path = tmp_path / "net.keras"
    model.save(path)
    return path


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.slow
def test_the_names_of_classes_come_from_the_command_line_the_run_or_the_field(network: Path, tmp_path: Path) -> None:
    path = blob(tmp_path)
    said: list[str] = []

    def labelled(**options: object) -> set[str]:
        said.clear()
        given = {"field": "mood", "again": True, **options}
        wanted = suggesting.Wanted(str(network), str(path), **given)  # type: ignore[arg-type]
        assert suggesting.suggest(wanted, said.append) == 0
        return {str(each.value) for each in Labels(Labels.path_beside(path)).suggestions(str(given["field"]))}

    assert labelled() <= {"calm", "glad", "sad"}
    assert any("taken to be calm, glad, sad, in this order" in each for each in said)
    assert labelled(classes=("sad", "calm", "angry"), limit=2)
    assert any("mood gets classes it did not have: angry" in each for each in said)
    with pytest.raises(SuggestError, match="net tells 3 classes apart, and who has no classes yet: name them"):
        labelled(field="who")
    network.with_suffix(".json").write_text('{"classes": ["ann", "bob", "cy"]}')
    assert labelled(field="who") <= {"ann", "bob", "cy"}
    network.with_suffix(".json").write_text('{"classes": ["ann", "bob"]}')
    with pytest.raises(SuggestError, match="net tells 3 classes apart, and its run names 2: ann, bob"):
        labelled(field="whom")


@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_what_is_done_is_kept_when_it_is_stopped_and_the_same_command_goes_on(
    way: signal.Signals, network: Path, tmp_path: Path
) -> None:
    path = blob(tmp_path, 20_000)
    command = [sys.executable, "-m", "trainvis.vis.suggest", str(network), str(path), "--field=mood", "--batch=8"]
    side = Labels.path_beside(path)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        wait_for(lambda: side.exists() and side.stat().st_size > 1000, 60)
        process.send_signal(way)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == suggesting.EXIT_STOPPED
    assert "stopped: what is done is kept" in out
    done = len(Labels(side).suggestions("mood"))
    assert 0 < done < 20_000
    said: list[str] = []
    suggesting.suggest(suggesting.Wanted(str(network), str(path), "mood", limit=50), said.append)
    assert any(each.startswith(f"{done:,} have a suggestion of this network") for each in said)
    assert len(Labels(side).suggestions("mood")) == done + 50
