"""Every snippet of docs/feeding.md runs."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "feeding.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
BEFORE = """
import keras, numpy as np
from keras import layers
from trainvis.datasets.building.build import BuildOptions, Split, build
from trainvis.datasets.sample import Found, Planned, Sample
rng = np.random.default_rng(0)
pixels = rng.integers(0, 256, (160, 12, 12, 3)).astype("uint8")
samples = [
    Sample(f"{n}", {"image": pixels[n], "expression": n % 3 if n % 5 else None, "who": n % 4}) for n in range(160)
]
fields = (Planned("image", "image"), Planned("expression", "class", ("calm", "glad", "sad")),
          Planned("who", "class", ("ann", "bob", "cy", "dee")))
build(Found("faces", fields, samples), "faces.h5",
      BuildOptions(encoding="jpeg", split=Split(shares={"train": 0.7, "validation": 0.3}), workers=1))
inputs = keras.Input((12, 12, 3))
hidden = layers.Conv2D(4, 3, activation="relu", name="conv")(inputs)
flat = layers.Flatten()(hidden)
loss = "sparse_categorical_crossentropy"
model = keras.Model(inputs, layers.Dense(3, activation="softmax", name="expression")(flat))
model.compile("sgd", loss)
heads = {name: layers.Dense(count, activation="softmax", name=name)(flat)
         for name, count in (("who", 4), ("expression", 3))}
two_heads = keras.Model(inputs, heads)
two_heads.compile("sgd", {"who": loss, "expression": loss})
"""


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.skipif(find_spec("tensorflow") is None, reason="no TensorFlow here")
def test_every_snippet_runs(runs: Path) -> None:
    assert len(SNIPPETS) == 7
    script = "\n".join([BEFORE, *SNIPPETS, SNIPPETS[3]])  # what is kept in a file is taken up again
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False, cwd=runs.parent
    )
    assert done.returncode == 0, done.stderr
    assert "left out: nobody knows their" not in done.stdout  # with a mask none is
    assert not [line for line in done.stderr.splitlines() if line.startswith("trainvis:")]
    (run,) = runs.iterdir()
    assert list(run.glob("results/maximal_images/*.h5"))
