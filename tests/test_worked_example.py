"""The worked example of the thesis, short: its script makes a run, and what reads it makes a page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainvis.engine.rundir import RunDir
from trainvis.vis.results import Results

ROOT = Path(__file__).parent.parent


def _run(*argv: object, **env: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, argv)],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"} | {name: str(value) for name, value in env.items()},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.slow
def test_a_short_run_of_the_example_has_every_picture_and_its_page_says_what_holds(tmp_path: Path) -> None:
    said = _run(ROOT / "examples" / "thesis_digits.py", "--epochs", 1, "--limit", 640, TRAINVIS_RUNS=tmp_path / "runs")
    assert "not MNIST" in said
    (path,) = (tmp_path / "runs").iterdir()
    run = RunDir(path)
    assert (run.problems_file.read_text() if run.problems_file.exists() else "") == ""
    assert {"digits", "thesis"} <= set(run.notes()[0].tags)
    results = Results(run)
    for name in ("layer_activations", "saliency_maps", "deconvolutional_network", "deep_visualization"):
        assert [entry.step for entry in results.steps(name)] == [0, 1, 2, 3, 4, 5], name
    for name in ("sparse", "high_frequency", "dense"):
        assert [entry.step for entry in results.steps(f"deep_visualization-{name}")] == [0, 5]

    said = _run(ROOT / "docs" / "worked_example.py", path, "--docs", tmp_path)
    page = (tmp_path / "worked-example.md").read_text(encoding="utf-8")
    assert "holds         Pictures are captioned with class and confidence of their stage." in said
    assert "20 captions" in page
    pictures = {file.name for file in (tmp_path / "pictures").iterdir()}
    shown = {line.partition("(pictures/")[2].rstrip(")") for line in page.splitlines() if line.startswith("![")}
    assert shown <= pictures


@pytest.mark.slow
def test_digits_of_a_file_are_those_of_mnist(tmp_path: Path) -> None:
    program = """
import numpy as np, sys
from pathlib import Path
from trainvis.examples import thesis_digits
x = np.arange(40 * 784, dtype=np.uint8).reshape(40, 28, 28)
y = np.arange(40, dtype=np.uint8) % 10
file = Path(sys.argv[1])
np.savez(file, x_train=x, y_train=y, x_test=x[::-1], y_test=y[::-1])
found = thesis_digits.digits(file)
assert found.source == "40 and 40 digits of MNIST", found.source
assert found.x.shape == (40, 28, 28, 1) and found.x.max() == 1.0
images, places = found.ten()
assert found.y_val[places].tolist() == list(range(10))
assert (images[0] == found.x_val[places[0]]).all()
"""
    _run("-c", program, tmp_path / "mnist.npz")
