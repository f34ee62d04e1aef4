"""The trainings of trainings.py on Keras' three backends, each in a process (and environment) of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from backends import interpreter

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_what_is_recorded_agrees_with_values_computed_by_hand(backend: str, runs: Path) -> None:
    done = subprocess.run(
        [interpreter(backend), "-P", str(Path(__file__).with_name("trainings.py"))],
        env={**os.environ, "KERAS_BACKEND": backend, "TRAINVIS_RUNS": str(runs), "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["backend"] == backend
    assert len(answer["checks"]) > 25
    failed = {name: text for name, text in answer["checks"].items() if text}
    assert not failed, "\n".join(f"{name}\n{text}" for name, text in failed.items())
