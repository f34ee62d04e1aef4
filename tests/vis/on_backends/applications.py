"""Architectures of keras.applications, small ones of each kind: the walk computes what they compute."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras.src.applications import convnext, densenet, efficientnet
from trial import Trial, plainly, same
from zoo import Case, draw_weights, precision
from zoo_case import zeros_first

from trainvis.vis.graph import ALL
from trainvis.vis.network import Network

SMALL = {"weights": None, "input_shape": (48, 48, 3), "classes": 5, "classifier_activation": "softmax"}


def _mobile() -> keras.Model:
    return keras.applications.MobileNetV2(alpha=0.35, **SMALL)


def _convnext() -> keras.Model:
    return convnext.ConvNeXt(
        depths=[1, 1, 2, 1], projection_dims=[8, 12, 16, 24], default_size=48, name="convnext", weights_name="", **SMALL
    )


def _densenet() -> keras.Model:
    return densenet.DenseNet(blocks=[1, 2, 1, 1], **SMALL)


def _efficient() -> keras.Model:
    return efficientnet.EfficientNet(0.25, 0.3, 48, weights_name="", **SMALL)


def _trial(make: Callable[[], keras.Model]) -> Trial:
    keras.backend.clear_session()
    with zeros_first():
        model = make()
    draw_weights(model, model.name)
    x = np.random.default_rng(2).uniform(0, 255, (2, 48, 48, 3)).astype("float32")
    return Trial(Case(model.name, "", model, x, lambda: model), Network(model, x), [x])


def check_known_architectures_are_walked() -> None:
    expected: dict[Callable[[], keras.Model], tuple[int, dict[str, int]]] = {
        _mobile: (35, {}),
        _convnext: (0, {"gelu": 5}),
        _densenet: (15, {}),
        _efficient: (0, {"silu": 25}),  # stem, top, and 3 in each of 8 blocks but the first, which has 2
    }
    for make, (rectifiers, others) in expected.items():
        it = _trial(make)
        network = it.network
        assert (network.rectifiers, dict(network.others)) == (rectifiers, others), make
        outputs, values = it.walked(taps=ALL)
        same(outputs[0], plainly(it.case.model)(it.arrays[0]), 1e-5, it.case.name)
        assert set(values) == {site.path for site in network.sites.leaves}
        (head,) = network.heads
        assert head.apart
        assert head.activation is not None


def check_their_gradients_are_the_slope_and_follow_the_rules() -> None:
    for make in (_mobile, _densenet):
        with precision("float64"):
            it = _trial(make)
            it.arrays[0] = it.arrays[0].astype("float64")
            plain, guided = (it.logit_gradients(rule=rule)[1][0] for rule in ("plain", "guided"))
            assert np.abs(plain - guided).max() > 1e-3 * np.abs(plain).max()
            length = np.linalg.norm(plain[0])
            steps = np.array([1, -1])[:, None, None, None] * 1e-4 * plain[0] / length
            (logits,) = it.network.call(
                ("logits",), lambda x, of=it.network: of.run([x], logits=True).outputs, it.arrays[0][:1] + steps
            )
            slope = (logits[0, 1] - logits[1, 1]) / 2e-4
            assert abs(slope - length) < 1e-3 * length, (slope, length)
