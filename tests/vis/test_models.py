"""Networks from files: what loads, and one plain line for what does not."""

from __future__ import annotations

import json
import zipfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from trainvis.engine.errors import PlaceError

# What Keras and TensorFlow say of NumPy and of HDF5 is not ours to mend.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
if TYPE_CHECKING:
    import keras  # noqa: TC004

    from trainvis.vis import models  # noqa: TC004


@pytest.fixture(autouse=True, scope="module")
def frameworks() -> None:
    """Loaded by the first test, not with this file: whoever leaves the slow tests out does not wait for Keras."""
    global keras, models  # noqa: PLW0603
    keras = pytest.importorskip("keras")
    models = import_module("trainvis.vis.models")


def small(*layers: Any) -> Any:
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    return model


def saved(model: Any, path: Path) -> Path:
    model.save(path)
    return path


def refusal(source: str | Path) -> str:
    with pytest.raises(models.ModelError) as refused:
        models.load(source)
    text = str(refused.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("source", ["~no-such-user/net.keras", "keras:VGG16:~no-such-user/weights.h5"])
def test_a_path_below_the_home_folder_of_nobody_is_refused(source: str) -> None:
    with pytest.raises(PlaceError, match="there is no home folder ~no-such-user"):
        models.load(source)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_saved_network_is_the_network_that_was_saved(tmp_path: Path, ending: str) -> None:
    model = small()
    loaded = models.load(saved(model, tmp_path / f"net{ending}"))
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(np.asarray(loaded.model(x)), np.asarray(model(x)))
    assert loaded.name == "net"


def test_the_moment_of_a_network_is_read_from_the_file_beside_it(tmp_path: Path) -> None:
    path = saved(small(), tmp_path / "epoch-0003.keras")
    path.with_suffix(".json").write_text(json.dumps({"fit": 2, "epoch": 3.0, "step": 120, "time": 5.0}))
    moment = models.load(path).moment
    assert (moment.fit, moment.epoch, moment.step, moment.time) == (2, 3.0, 120, 5.0)
    path.with_suffix(".json").write_text("{")
    assert models.load(path).moment.step == 0


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_code_in_a_file_is_not_executed(tmp_path: Path, ending: str) -> None:
    path = saved(small(keras.layers.Lambda(lambda x: x * 2)), tmp_path / f"net{ending}")
    assert "nothing from a file is executed" in refusal(path)


def test_a_config_that_names_a_foreign_module_imports_nothing(tmp_path: Path) -> None:
    path, other = saved(small(), tmp_path / "net.keras"), tmp_path / "bad.keras"
    (tmp_path / "bomb.py").write_text("raise SystemExit('imported')")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(other, "w") as made:
        for name in whole.namelist():
            data = whole.read(name)
            if name == "config.json":
                config = json.loads(data)
                config["config"]["layers"][1].update(module="bomb", class_name="Dense", registered_name="Dense")
                data = json.dumps(config).encode()
            made.writestr(name, data)
    assert "it needs the class Dense" in refusal(other)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frobnicate": 3}, "frobnicate"),
        ({"units": -1}, "positive"),
        ({"units": 7}, "shape"),
    ],
)
def test_a_network_of_another_version_is_refused_with_the_reason_in_one_line(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path, other = saved(small(), tmp_path / "net.keras"), tmp_path / "other.keras"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(other, "w") as made:
        for name in whole.namelist():
            data = whole.read(name)
            if name == "config.json":
                config = json.loads(data)
                config["config"]["layers"][1]["config"].update(change)
                data = json.dumps(config).encode()
            made.writestr(name, data)
    assert said in refusal(other)
    assert "another version of Keras" in refusal(other)


@pytest.mark.parametrize("config", ["[1, 2]", "null", '"x"', "NaN", "{}"])
def test_a_description_that_describes_nothing_is_damage(tmp_path: Path, config: str) -> None:
    path = tmp_path / "net.keras"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("config.json", config)
        made.writestr("model.weights.h5", b"")
    assert "is damaged: what it says of its network" in refusal(path)


def test_a_network_with_weights_that_are_no_numbers_is_said_to_be_broken(tmp_path: Path) -> None:
    model = small()
    assert models.load(saved(model, tmp_path / "net.keras")).notes == ()
    model.layers[-1].set_weights([np.full((4, 3), np.nan), np.zeros(3)])
    (note,) = models.load(saved(model, tmp_path / "net.keras")).notes
    assert "in 1 of its 2 weights" in note


def test_a_layer_of_a_persons_own_is_named_and_code_that_is_given_mends_it(tmp_path: Path) -> None:
    code = tmp_path / "own.py"
    code.write_text(
        "import keras\n@keras.saving.register_keras_serializable('mine')\n"
        "class Twice(keras.layers.Layer):\n    def call(self, x):\n        return 2 * x\n"
    )
    models.run_code(code)
    path = saved(small(keras.saving.get_registered_object("mine>Twice")()), tmp_path / "net.keras")
    models.load(path)
    keras.saving.get_custom_objects().pop("mine>Twice")
    assert "Twice" in refusal(path)
    assert "--code FILE.py" in refusal(path)
    code.write_text("1 / 0")
    with pytest.raises(models.ModelError, match=r"own\.py failed: ZeroDivisionError"):
        models.run_code(code)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_damaged_file_is_said_to_be_one(tmp_path: Path, ending: str) -> None:
    whole = saved(small(), tmp_path / f"net{ending}").read_bytes()
    path = tmp_path / f"bad{ending}"
    for data in (b"", whole[: len(whole) // 3], whole[:-40], whole[:60] + bytes(80) + whole[140:]):
        path.write_bytes(data)
        assert str(path) in refusal(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.keras", "there is no network"),
        ("", "is a folder"),
        ("net.onnx", "is of ONNX"),
        ("net.pt", "is of PyTorch"),
        ("text.keras", "no network that can be read"),
        ("archive.keras", "is a zip file, but no network"),
        ("w.weights.h5", "holds weights without a network"),
    ],
)
def test_what_is_no_network_is_refused_in_words(tmp_path: Path, name: str, said: str) -> None:
    for file in ("net.onnx", "net.pt", "text.keras"):
        (tmp_path / file).write_text("no network")
    with zipfile.ZipFile(tmp_path / "archive.keras", "w") as archive:
        archive.writestr("readme", "nothing")
    small().save_weights(tmp_path / "w.weights.h5")
    assert said in refusal(tmp_path / name)


def test_an_application_is_made_by_its_name(tmp_path: Path) -> None:
    loaded = models.load("keras:MobileNetV2:random")
    assert loaded.preprocess == "-1..1"
    assert loaded.notes == ("its weights are random: it has learned nothing",)
    loaded.model.save_weights(tmp_path / "m.weights.h5")
    again = models.load(f"keras:MobileNetV2:{tmp_path / 'm.weights.h5'}")
    np.testing.assert_array_equal(again.model.get_weights()[0], loaded.model.get_weights()[0])
    assert "did you mean VGG19" in refusal("keras:VGG91") or "VGG16" in refusal("keras:VGG91")
    assert "there are no weights" in refusal("keras:MobileNetV2:/none.h5")
    assert "does not fit it" in refusal(f"keras:MobileNet:{tmp_path / 'm.weights.h5'}")
