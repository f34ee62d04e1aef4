"""Saliency and class activation maps beside those of tf-keras-vis, of the same network (it knows no Sequential)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency
from tf_keras_vis.utils.model_modifiers import GuidedBackpropagation, ReplaceToLinear
from tf_keras_vis.utils.scores import CategoricalScore
from trial import same
from zoo import draw_weights, floats

from trainvis.vis.cam import Options
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import grad_cam, guided_backpropagation, layer_cam, saliency_maps

CLASSES = [2, 0, 1]
SCORE = CategoricalScore(CLASSES)


def network() -> tuple[keras.Model, np.ndarray]:
    inputs = keras.Input((12, 14, 2))
    y = layers.MaxPooling2D()(layers.Conv2D(5, 3, activation="relu")(inputs))
    y = layers.Flatten()(layers.Conv2D(6, 3, activation="relu", name="second")(y))
    y = layers.Dense(4, activation="softmax")(layers.Dense(8, activation="relu")(y))
    model = keras.Model(inputs, y)
    draw_weights(model, "peer")
    return model, floats(3, 12, 14, 2)


def theirs(kind: Any, model: keras.Model, *modifiers: Any) -> Any:
    return kind(model, model_modifier=[*modifiers, ReplaceToLinear()], clone=True)


def check_saliency() -> None:
    model, x = network()
    expected = theirs(Saliency, model)(SCORE, x, normalize_map=False)
    same(saliency_maps.compute(Probe(model, x, CLASSES)).part("absolute").values, expected, 1e-5)


def check_guided_back_propagation() -> None:
    model, x = network()
    peer = theirs(Saliency, model, GuidedBackpropagation())
    expected = peer(SCORE, x, normalize_map=False, keepdims=True, gradient_modifier=None)
    same(guided_backpropagation.compute(Probe(model, x, CLASSES)).part("signed").values, expected, 1e-5)


def check_grad_cam_and_layer_cam() -> None:
    model, x = network()
    asked = {"penultimate_layer": "second", "normalize_cam": False, "expand_cam": False}
    for technique, kind in ((grad_cam, Gradcam), (layer_cam, Layercam)):
        expected = np.asarray(theirs(kind, model)(SCORE, x, **asked))
        found = technique.compute(Probe(model, x, CLASSES), Options("second")).part("layer").values
        same(found, expected, 1e-5, technique.__name__)
