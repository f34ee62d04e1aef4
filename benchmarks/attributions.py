"""Attributions: saliency, Grad-CAM and SmoothGrad beside a bare gradient of the backend and beside tf-keras-vis.

`python benchmarks/attributions.py [--model FILE.keras] [--rounds 30] [--peer]` prints one JSON line: milliseconds of a
whole figure from a probe that stands, and the ratio to `gradient`, a function of the backend that gives the gradient of
one output by one picture, compiled, NumPy in and NumPy out (at most 1.2; PyTorch compiles nothing), for SmoothGrad to
`gradient_20`, the same for a batch of 20. With `--peer`, what tf-keras-vis takes for the same maps, as a multiple (at
least 4, 8 for SmoothGrad), and by how much of the largest value the maps differ. Without a model it is the network for
digits of the examples, with random weights. Compilation is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent))

import _networks
import keras
import numpy as np

from trainvis.vis.probe import Probe
from trainvis.vis.techniques import grad_cam, saliency_maps, smoothgrad

SAMPLES = 20
NOISE = 0.2
CLASS = 3


def bare_gradient(model: keras.Model, class_: int) -> Callable[[np.ndarray], np.ndarray]:
    """The gradient of one output by the input, as one would write it for the backend alone."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            @tf.function
            def traced(x: Any) -> Any:
                with tf.GradientTape(watch_accessed_variables=False) as tape:
                    tape.watch(x)
                    score = tf.reduce_sum(model(x, training=False)[:, class_])
                return tape.gradient(score, x)

            return lambda x: traced(tf.constant(x)).numpy()
        case "jax":
            import jax

            def score(x: Any, weights: Any, others: Any) -> Any:
                return model.stateless_call(weights, others, x, training=False)[0][:, class_].sum()

            compiled = jax.jit(jax.grad(score))
            weights, others = model.trainable_variables, model.non_trainable_variables
            return lambda x: np.asarray(compiled(x, [each.value for each in weights], [each.value for each in others]))
        case _:
            import torch

            def eager(x: np.ndarray) -> np.ndarray:
                leaf = torch.from_numpy(x).requires_grad_()
                return torch.autograd.grad(model(leaf, training=False)[:, class_].sum(), leaf)[0].numpy()

            return eager


def ours(probe: Probe) -> dict[str, Callable[[], Any]]:
    options = smoothgrad.Options(SAMPLES, NOISE)
    return {
        "saliency": lambda: saliency_maps.compute(probe.forget()),
        "grad_cam": lambda: grad_cam.compute(probe.forget()),
        "smoothgrad": lambda: smoothgrad.compute(probe.forget(), options),
    }


def theirs(model: keras.Model, x: np.ndarray, class_: int) -> tuple[dict[str, Callable[[], Any]], str]:
    """The same maps by tf-keras-vis, which knows no Sequential of Keras 3, and the convolution that Grad-CAM takes."""
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
    from tf_keras_vis.utils.scores import CategoricalScore

    functional = keras.Model(model.inputs, model.outputs[0])
    score = CategoricalScore(class_)
    saliency = Saliency(functional, model_modifier=ReplaceToLinear())
    cam = Gradcam(functional, model_modifier=ReplaceToLinear())
    last = [layer.name for layer in model.layers if type(layer).__name__ == "Conv2D"][-1]
    return {
        "saliency": lambda: saliency(score, x, normalize_map=False),
        "grad_cam": lambda: cam(score, x, penultimate_layer=last, normalize_cam=False, expand_cam=True),
        "smoothgrad": lambda: saliency(
            score, x, smooth_samples=SAMPLES, smooth_noise=NOISE, gradient_modifier=None, normalize_map=False
        ),
    }, last


def beside_peer(model: keras.Model, x: np.ndarray, class_: int, rounds: int) -> dict[str, Any]:
    """How many times as long tf-keras-vis takes, and how far its maps are from ours."""
    their, last = theirs(model, x, class_)
    probe = Probe(model, x, class_)
    own = ours(probe)
    at_last = grad_cam.Options(last)
    own["grad_cam"] = lambda: grad_cam.compute(probe.forget(), at_last)
    answer: dict[str, Any] = {}
    for name in own:
        both = {"ours": own[name], "theirs": their[name]}
        answer[f"peer_{name}"] = _networks.measured(both, rounds, "ours")["theirs_ratio"]
    answer["differ_saliency"] = _apart(own["saliency"]().part("absolute").values, their["saliency"]())
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.model_modifiers import ReplaceToLinear
    from tf_keras_vis.utils.scores import CategoricalScore

    cam = Gradcam(keras.Model(model.inputs, model.outputs[0]), model_modifier=ReplaceToLinear())
    coarse = cam(CategoricalScore(class_), x, penultimate_layer=last, normalize_cam=False, expand_cam=False)
    answer["differ_grad_cam"] = _apart(own["grad_cam"]().part("layer").values, np.asarray(coarse))
    return answer


def _apart(found: np.ndarray, expected: np.ndarray) -> float:
    return float(f"{np.abs(found - expected).max() / np.abs(expected).max():.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--peer", action="store_true")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    model = _networks.network(asked.model)
    x = _networks.noise(model, 1) * (64 if asked.model else 1)
    many = np.repeat(x, SAMPLES, axis=0)
    gradient = bare_gradient(model, CLASS)
    figures = ours(Probe(model, x, CLASS))
    answer: dict[str, Any] = {
        "benchmark": "attributions", "backend": keras.backend.backend(), "network": model.name,
    }  # fmt: skip
    single = {"gradient": lambda: gradient(x), "saliency": figures["saliency"], "grad_cam": figures["grad_cam"]}
    answer |= _networks.measured(single, asked.rounds, "gradient")
    several = {"gradient_20": lambda: gradient(many), "smoothgrad": figures["smoothgrad"]}
    answer |= _networks.measured(several, max(3, asked.rounds // 4), "gradient_20")
    if asked.peer:
        answer |= beside_peer(model, x, CLASS, max(3, asked.rounds // 6))
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
