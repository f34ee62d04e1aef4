"""What captum and tf-keras-vis make of the same networks, live: `pip install trainvis[peers]`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RUN = Path(__file__).with_name("on_backends") / "run.py"
# Whether they are installed, not whether they load: a peer that is there and broken is a failure.
THERE = "import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))"
PEERS = (("captum", "torch", "TRAINVIS_TEST_TORCH"), ("tf_keras_vis", "tensorflow", "TRAINVIS_TEST_TENSORFLOW"))


@pytest.mark.parametrize(("peer", "backend", "named"), PEERS)
def test_maps_are_those_of_another_tool(peer: str, backend: str, named: str, runs: Path) -> None:
    python = os.environ.get(named) or sys.executable
    environment = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "TRAINVIS_RUNS": str(runs),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "1",
    }
    there = subprocess.run([python, "-c", THERE, backend, peer], env=environment, check=False)
    if there.returncode:
        pytest.skip(
            f"no {peer} with {backend} here: install trainvis[peers], or name a Python that has both in {named}"
        )
    done = subprocess.run(
        [python, "-P", str(RUN), f"../peers/against_{peer}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["checks"]
    failed = {name: text for name, text in answer["checks"].items() if text}
    assert not failed, "\n".join(f"{name}\n{text}" for name, text in failed.items())
