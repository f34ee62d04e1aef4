"""Every snippet of docs/callbacks.md runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "callbacks.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
WAITS = "waits until about step"  # a picture within the budget: epochs of a page last no second
LOOP = "batches = [1.0, 2.0]\ntrain = float\n"
KERAS = """
import keras, numpy as np
x, y = np.random.rand(64, 4).astype("float32"), np.random.rand(64, 1).astype("float32")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
photo_set = np.random.rand(32, 12, 12, 1).astype("float32")
photo_labels, photos = np.arange(32) % 2, photo_set[:2]
small = [keras.Input((12, 12, 1)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()]
picture_model = keras.Sequential([*small, keras.layers.Dense(2, "softmax", name="classes")])
thesis_model = keras.models.clone_model(picture_model)
for each in (picture_model, thesis_model):
    each.compile("sgd", "sparse_categorical_crossentropy")
import pathlib, PIL.Image
pathlib.Path("folder of the script/images").mkdir(parents=True)
PIL.Image.fromarray(np.zeros((12, 12), np.uint8)).save("folder of the script/images/digit.png")
"""


def of_kind(*, keras: bool) -> list[str]:
    return [text for text in SNIPPETS if (".fit(" in text) is keras]


def ran(text: str, runs: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, timeout=300, check=False, cwd=runs.parent
    )
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("trainvis:")]
    assert not [line for line in said if WAITS not in line]
    made = list(runs.iterdir())
    assert made
    problems = "".join(file.read_text() for path in made for file in path.glob("results/problems.jsonl"))
    assert not [line for line in problems.splitlines() if WAITS not in line]


def test_the_page_has_snippets_of_both_kinds() -> None:
    assert len(of_kind(keras=True)) >= 5
    assert of_kind(keras=False)


def test_the_snippets_of_log_run(runs: Path) -> None:
    ran(LOOP + "\n".join(of_kind(keras=False)), runs)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("keras") is None, reason="no Keras here")
def test_the_snippets_of_callbacks_run(runs: Path) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    ran(KERAS + "\n".join(of_kind(keras=True)), runs)
    names = {path.name for path in runs.glob("*/networks/*.keras")}
    assert {"start.keras", "best.keras"} <= names
    assert any(name.endswith("-epoch-0003.keras") for name in names)
    figures = {path.parent.name for path in runs.glob("*/results/*/*.h5")}
    assert {"saliency_maps", "deep_visualization", "smooth", "layer_activations"} <= figures
