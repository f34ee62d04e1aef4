"""The topics of on_backends/ on Keras' three backends: one process for each topic and backend."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from backends import BACKENDS, interpreter

pytestmark = pytest.mark.slow

HERE = Path(__file__).with_name("on_backends")
TOPICS = sorted(path.stem for path in HERE.glob("*.py") if "\ndef check_" in path.read_text(encoding="utf-8"))


@pytest.fixture
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the checks leave what is compared between the backends: one folder for all workers of a session."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "arrays"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("topic", TOPICS)
def test_what_must_hold_holds_on_every_backend(topic: str, backend: str, arrays: Path, runs: Path) -> None:
    python = interpreter(backend)
    done = subprocess.run(
        [python, "-P", str(HERE / "run.py"), topic],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "TRAINVIS_RUNS": str(runs),
            "TRAINVIS_TEST_ARRAYS": str(arrays / topic),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["backend"] == backend
    assert answer["checks"]
    failed = {name: text for name, text in answer["checks"].items() if text}
    assert not failed, "\n".join(f"{name}\n{text}" for name, text in failed.items())
    assert not apart(arrays / topic / backend)


def apart(mine: Path) -> dict[str, float]:
    """What a backend left and a backend that is done left otherwise, with how far the two are from each other."""
    mine.mkdir(parents=True, exist_ok=True)
    (mine / "done").touch()  # before it looks: of two that end together one sees the other
    found = {}
    for other in (folder.parent for folder in mine.parent.glob("*/done") if folder.parent != mine):
        # TensorFlow has no kernel for some in doubles: what both have is compared.
        names = set.intersection(*({path.name for path in folder.glob("*.npy")} for folder in (mine, other)))
        for name in sorted(names):
            far = difference(*(np.load(folder / name) for folder in (mine, other)))
            # Each is within 1e-9 (single floats: 1e-5) of the truth, so two are within twice that of each other.
            if not far <= (2e-9 if name.startswith("double") else 2e-5):
                found[f"{name} of {other.name}"] = far
    return found


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, relative to the largest value."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return np.inf
    return float(np.max(np.abs(one - other), initial=0.0) / max(np.max(np.abs(one), initial=0.0), 1e-30))
