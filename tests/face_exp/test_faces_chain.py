"""The whole chain: expressions learned from some drawn people are told of others, and go into a network as input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from smileys import smileys

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # of Keras


def silent(_: str) -> None: ...


def test_expressions_learned_elsewhere_go_into_a_network_that_recognises_people(tmp_path: Path, runs: Path) -> None:
    from trainvis.face_exp.emotions import training
    from trainvis.face_exp.emotions.material import Reading, material
    from trainvis.face_exp.emotions.predicting import predicted
    from trainvis.face_exp.expressions import expression_set
    from trainvis.face_exp.nets import Net
    from trainvis.face_exp.opening import open_faces
    from trainvis.face_exp.scores import Head
    from trainvis.face_exp.splits import split
    from trainvis.face_exp.training import HeadData, train

    # Words in another language of data sets, and nobody of the second set.
    learned = smileys(tmp_path / "learn.h5", range(60), each=2, side=24, named={"happiness": "Happy", "anger": "AN"})
    path = smileys(tmp_path / "faces.h5", range(100, 108), each=10, side=24)
    found = material(learned, Reading(size=24), silent)
    parts, _ = found.split(0)
    options = training.Options("residual", epochs=6, batch=16, augment={})
    callbacks = training.callbacks_of(found, parts, options)
    training.train(found, parts, options, [callbacks])
    assert callbacks.run is not None
    assert callbacks.run.path.parent == runs

    faces = open_faces(path, say=silent)
    seven = expression_set(faces, "7")
    given = predicted(callbacks.run.path, faces, seven, silent)
    assert (given.argmax(axis=1) == seven.of).mean() > 0.6  # of five

    # Vectors that tell the person only together with the expression: what was predicted has to be of use.
    random = np.random.default_rng(0)
    features = np.eye(8, dtype=np.float32)[(faces.identity + seven.of) % 8] + random.normal(0, 0.05, (400, 8))
    parts = split(faces, "stratified", 0)
    accuracy = {}
    for name, layers in (("B", "64 → 64 → id"), ("E", "64 → concat(expression) → 64 → id")):
        net = Net(name, "of this test", layers, 30, batch=32, learning_rate=0.005)  # type: ignore[arg-type]
        data = HeadData(features.astype(np.float32), faces.identity, 8, parts, given, seven.of, len(seven))
        accuracy[name] = train(net, data, Head(name), recorded=False).accuracy()
    assert accuracy["E"] > accuracy["B"] + 0.2
