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
LOOP = "batches = [1.0, 2.0]\ntrain = float\n"
KERAS = """
import keras, numpy as np
x, y = np.random.rand(64, 4).astype("float32"), np.random.rand(64, 1).astype("float32")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
"""


def of_kind(*, keras: bool) -> list[str]:
    return [text for text in SNIPPETS if ("model.fit" in text) is keras]


def ran(text: str, runs: Path) -> None:
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "trainvis:" not in done.stderr, done.stderr
    made = list(runs.iterdir())
    assert made
    assert not [problem for path in made for problem in path.glob("results/problems.jsonl")]


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
