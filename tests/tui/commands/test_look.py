"""`trainvis look`: what is refused before anything starts, and real networks looked into by a run of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import Result

Trainvis = Callable[..., Result]


def test_without_a_network_it_says_what_one_is(trainvis: Trainvis) -> None:
    done = trainvis("look")
    assert done.exit_code == 2
    assert "a .keras or .h5 file, keras:NAME, or a run" in done.stderr


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a network and a picture that nobody opens."""
    for name in ("net.keras", "cat.png"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize("option", ["--image", "--set", "--labels", "--code"])
def test_a_file_that_is_not_there_is_refused_with_the_nearest_name(
    trainvis: Trainvis, runs: Path, files: Path, option: str
) -> None:
    done = trainvis("look", files / "net.keras", option, files / "cat.pgn")
    assert done.exit_code == 2
    assert "did you mean 'cat.png'?" in done.stderr
    assert "there is no file" in trainvis("look", files / "net.keras", option, "").stderr
    assert "did you mean 'net.keras'?" in trainvis("look", files / "nett.keras").stderr
    assert "did you mean 'net.keras'?" in trainvis("look", f"keras:VGG16:{files / 'nett.keras'}").stderr
    assert not list(runs.glob("look-*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--technique", "salience_maps"), "did you mean 'saliency_maps'"),
        (("--technique", "smoothgrad"), "write smoothgrad(saliency_maps)"),
        (("--option", "sings=absolute"), "did you mean signs?"),
        (("--option", "signs"), "is no NAME=VALUE"),
        (("--layer", "conv"), "nothing of it is of one layer"),
        (("-t", "deep_visualization", "--layer", "conv"), "--unit LAYER:INDEX"),
        (("--unit", "3"), "nothing of it is of single units"),
        ((), "saliency_maps looks at an image and none is given: --image FILE"),
        (("-t", "confusion_matrix"), "--set FOLDER"),
        (("-t", "update_ratios"), "several networks"),
        (("-t", "gradient_norms"), "Callbacks()"),
    ],
)
def test_what_no_technique_knows_is_refused_before_a_process_starts(
    trainvis: Trainvis, runs: Path, files: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = trainvis("look", files / "net.keras", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not list(runs.glob("look-*"))


def test_a_run_without_networks_is_said_to_have_none(trainvis: Trainvis, runs: Path) -> None:
    from trainvis.engine.rundir import RunDir, Spec

    run = RunDir.create(runs, "train", 0.0)
    run.write_spec(Spec(script="/train.py"))
    done = trainvis("look", run.id)
    assert done.exit_code == 1
    assert "has saved no network" in done.stderr
    (run.networks).mkdir(exist_ok=True)
    (run.networks / "epoch-0001.keras").write_bytes(b"")
    assert "it has epoch-0001" in trainvis("look", f"{run.id}:epoch-0002").stderr
    assert trainvis("look", "nothing").exit_code == 3


def test_last_is_the_newest_run_that_has_a_network(trainvis: Trainvis, runs: Path) -> None:
    from trainvis.engine.rundir import RunDir, Spec

    trained, look = RunDir.create(runs, "train", 0.0), RunDir.create(runs, "look", 1e9)
    for run in (trained, look):
        run.write_spec(Spec(script="/train.py"))
    assert f"{look.id} has saved no network" in trainvis("look", "last", "-t", "layer_graph").stderr
    trained.networks.mkdir(exist_ok=True)
    (trained.networks / "epoch-0001.keras").write_bytes(b"")
    assert f"{trained.id} has no network 'best'" in trainvis("look", "last:best", "-t", "layer_graph").stderr


def test_the_list_names_every_technique_and_the_options_of_one(trainvis: Trainvis) -> None:
    from trainvis.vis.catalogue import TECHNIQUES

    listed = trainvis("look", "--list").stdout
    assert all(f"  {name}: " in listed for name in TECHNIQUES)
    assert "\nWhat the layers do\n\n" in f"\n{listed}"
    both = trainvis("look", "--list", "-t", "smoothgrad(saliency_maps)").stdout
    assert "signs [absolute,positive,negative]: " in both
    assert "samples [20]: " in both
    found = json.loads(trainvis("look", "--list", "--json").stdout)
    assert {each["name"] for each in found} == set(TECHNIQUES)
    assert trainvis("look", "--list", "-t", "saliency_map").exit_code == 2


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of Keras
@pytest.mark.kills
@pytest.mark.skipif(find_spec("keras") is None, reason="no keras here: install trainvis[tensorflow]")
def test_pictures_of_a_network_lie_in_a_run_of_their_own(trainvis: Trainvis, runs: Path, tmp_path: Path) -> None:
    import keras
    import numpy as np
    from PIL import Image

    from trainvis.engine.rundir import RunDir
    from trainvis.vis.artifacts import read
    from trainvis.vis.results import Results

    layers = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten()]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers, keras.layers.Dense(3, activation="softmax")])
    network, picture = tmp_path / "net.keras", tmp_path / "seven.png"
    model.save(network)
    network.with_suffix(".json").write_text(json.dumps({"step": 40, "epoch": 2.0, "fit": 1}))
    pixels = np.random.default_rng(0).integers(0, 255, (8, 8), dtype=np.uint8)
    Image.fromarray(pixels).save(picture)
    (tmp_path / "labels.txt").write_text("six\nseven\neight\n")

    done = trainvis(
        "look", network, "--image", picture, "-t", "saliency_maps", "-t", "deep_visualization", "--unit", "nix:1",
        "--labels", tmp_path / "labels.txt", "--target", "seven", "--preprocess", "0..1", "--tag", "mine",
    )  # fmt: skip

    assert done.exit_code == 1, done.output  # there is no such unit
    (run,) = (RunDir(path) for path in runs.glob("look-*"))
    assert {"look", "mine"} <= set(run.notes()[0].tags)
    results = Results(run)
    assert results.names() == ("saliency_maps",)
    (entry,) = results.steps("saliency_maps")
    assert (entry.step, entry.epoch) == (40, 2.0)
    figure = read(run.results / "saliency_maps" / f"{40:08d}.h5")
    expected = np.asarray(model((pixels / 255.0)[None, :, :, None].astype("float32")))[0]
    assert figure.predictions[0].labels[0] == ["six", "seven", "eight"][int(expected.argmax())]
    np.testing.assert_allclose(figure.predictions[0].scores[0], expected.max(), rtol=1e-5)
    assert figure.part("absolute").items[0].target == 1
    np.testing.assert_array_equal(figure.inputs[0].picture[..., 0], pixels)
    assert "no layer 'nix'" in run.problems_file.read_text()
    assert figure.predictions[0].labels[0] in done.stdout
    assert list(run.images.iterdir())

    again = trainvis("look", network, "--image", picture, "--target", "sevn", "--labels", tmp_path / "labels.txt")
    assert "did you mean seven?" in again.output
    assert again.exit_code == 1
