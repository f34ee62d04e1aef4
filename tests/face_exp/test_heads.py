"""Heads on Keras' three backends: all checks on TensorFlow, what a backend could do otherwise on the other two."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from backends import interpreter

from trainvis.face_exp.errors import FacesError
from trainvis.face_exp.splits import Split
from trainvis.face_exp.training import HeadData

CHECKS = Path(__file__).with_name("head_checks.py")
CHOSEN = (
    "check_a_head_of_two_outputs_trains_is_scored_and_recorded",
    "check_a_head_does_not_depend_on_those_before_it",
)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_heads_train_as_they_are_asked_to(backend: str, runs: Path) -> None:
    python = interpreter(backend)
    chosen = () if backend == "tensorflow" else CHOSEN
    done = subprocess.run(
        [python, "-P", str(CHECKS), *chosen],
        env={**os.environ, "KERAS_BACKEND": backend, "TRAINVIS_RUNS": str(runs)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["backend"] == backend
    wrong = {name: said for name, said in answer["checks"].items() if said}
    assert not wrong, "\n".join(wrong.values())
    assert len(answer["checks"]) >= len(CHOSEN)


def split() -> Split:
    return Split(np.arange(6), np.arange(6, 8), np.arange(8, 10))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"identity": np.zeros(9, int)}, "there are 10 faces, and identity of 9"),
        ({"identity": np.full(10, 3)}, "identity goes from 3 to 3, and has 3 classes"),
        ({"given": np.zeros((10, 5))}, "what is put in has shape .10, 5., for 2 expressions"),
        ({"expression": np.full(10, -1)}, "expression goes from -1 to -1, and has 2 classes"),
        ({"split": Split(np.arange(6), np.arange(0), np.arange(8, 10))}, "no face is in the part for validation"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(changed: dict, said: str) -> None:
    right = {"features": np.zeros((10, 4)), "identity": np.zeros(10, int), "identities": 3, "expressions": 2}
    HeadData(**right, split=split())
    with pytest.raises(FacesError, match=said):
        HeadData(**{**right, "split": split(), **changed})
