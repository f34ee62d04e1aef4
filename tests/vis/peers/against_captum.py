"""Attributions beside captum's, of one network twice: ours in Keras, theirs in PyTorch with the same weights."""

from __future__ import annotations

from typing import Any

import captum.attr as peer
import keras
import numpy as np
import torch
from keras import layers
from trial import as_array, same
from zoo import draw_weights, floats

from trainvis.vis.cam import Options as CamOptions
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import (
    deconvolutional_network,
    grad_cam,
    gradient_times_input,
    guided_backpropagation,
    guided_grad_cam,
    integrated_gradients,
    occlusion,
    saliency_maps,
)

CLASS = 2
SIGNED = ("signed",)


class Twin(torch.nn.Module):
    """The network of `both` in PyTorch: N×C×H×W, each ReLU a module of its own, as captum needs it."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        super().__init__()
        self.first, self.second = torch.nn.Conv2d(2, 5, 3), torch.nn.Conv2d(5, 6, 3)
        self.hidden, self.last = torch.nn.Linear(3 * 4 * 6, 8), torch.nn.Linear(8, 4)
        self.relus = torch.nn.ModuleList(torch.nn.ReLU() for _ in range(3))
        self.pool = torch.nn.MaxPool2d(2)
        given = iter(weights)
        for layer in (self.first, self.second, self.hidden, self.last):
            kernel, bias = next(given), next(given)
            order = (3, 2, 0, 1) if kernel.ndim == 4 else (1, 0)
            layer.weight.data = torch.from_numpy(np.ascontiguousarray(kernel.transpose(order)))
            layer.bias.data = torch.from_numpy(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.relus[0](self.first(x)))
        x = self.relus[1](self.second(x))
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.last(self.relus[2](self.hidden(x)))


def both() -> tuple[Probe, Twin, torch.Tensor]:
    inputs = keras.Input((12, 14, 2))
    y = layers.MaxPooling2D()(layers.Conv2D(5, 3, activation="relu")(inputs))
    y = layers.Flatten()(layers.Conv2D(6, 3, activation="relu", name="second")(y))
    y = layers.Dense(4, activation="softmax")(layers.Dense(8, activation="relu")(y))
    model = keras.Model(inputs, y)
    draw_weights(model, "peer")
    x = floats(3, 12, 14, 2)
    twin = Twin([as_array(weight.value) for weight in model.weights])
    return Probe(model, x, CLASS), twin, first(x)


def first(x: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(x, -1, 1))).requires_grad_()


def last(found: torch.Tensor) -> np.ndarray:
    return np.moveaxis(found.detach().numpy(), 1, -1)


def agrees(technique: Any, options: Any, theirs: Any, **asked: Any) -> None:
    probe, twin, x = both()
    expected = theirs(twin).attribute(x, target=CLASS, **asked)
    same(technique.compute(probe, options).part("signed").values, last(expected), 1e-5)


def check_both_networks_are_the_same() -> None:
    probe, twin, x = both()
    probabilities = torch.softmax(twin(x), dim=1).detach().numpy()
    same(as_array(probe.network.model(probe.image, training=False)), probabilities, 1e-5)


def check_saliency() -> None:
    agrees(saliency_maps, saliency_maps.Options(SIGNED), peer.Saliency, abs=False)


def check_gradient_times_input() -> None:
    agrees(gradient_times_input, gradient_times_input.Options(SIGNED), peer.InputXGradient)


def check_guided_back_propagation() -> None:
    agrees(guided_backpropagation, guided_backpropagation.Options(SIGNED), peer.GuidedBackprop)


def check_guided_grad_cam() -> None:
    options = guided_grad_cam.Options("second", SIGNED)
    agrees(
        guided_grad_cam,
        options,
        lambda twin: peer.GuidedGradCam(twin, twin.relus[1]),
        interpolate_mode="bilinear",
    )


def check_integrated_gradients_with_every_baseline_and_both_quadratures() -> None:
    probe, twin, x = both()
    reference = floats(12, 14, 2, seed=3)
    for quadrature, method in (("gauss_legendre", "gausslegendre"), ("midpoint", "riemann_middle")):
        for given in (None, reference):
            options = integrated_gradients.Options(steps=20, reference=given, quadrature=quadrature, signs=SIGNED)
            baseline = 0 if given is None else first(given[None]).detach()
            expected = peer.IntegratedGradients(twin).attribute(x, baseline, CLASS, n_steps=20, method=method)
            found = integrated_gradients.compute(probe, options).part("signed").values
            same(found, last(expected), 1e-5, f"{quadrature} {given is None}")


def check_grad_cam() -> None:
    probe, twin, x = both()
    expected = peer.LayerGradCam(twin, twin.relus[1]).attribute(x, CLASS, relu_attributions=True)
    found = grad_cam.compute(probe, CamOptions("second"))
    same(found.part("layer").values, last(expected)[..., 0], 1e-5)
    over = peer.LayerAttribution.interpolate(expected, (12, 14), "bilinear")
    same(found.part("input").values, last(over)[..., 0], 1e-5)


def check_occlusion_with_patches_that_hang_over_the_border() -> None:
    probe, twin, x = both()
    for size, stride in ((4, 2), (3, 3), (5, 4)):
        expected = peer.Occlusion(twin).attribute(x, (2, size, size), (2, stride, stride), 0.5, CLASS)
        found = occlusion.compute(probe, occlusion.Options(size, stride, value=0.5)).part("input").values
        same(found, last(expected)[..., 0], 1e-5, f"{size} {stride}")


def check_deconvolution_of_a_unit() -> None:
    """Theirs sends 1 back from a unit of a layer, ours the activation of the largest unit of a map."""
    probe, twin, x = both()
    options = deconvolutional_network.Options(layer="second", maps=(1,))
    figure = deconvolutional_network.compute(probe, options)
    part = figure.parts[0]
    theirs = peer.NeuronDeconvolution(twin, twin.second)
    for item, values in zip(part.items, part.values, strict=True):
        row, column, map_ = item.unit
        expected = theirs.attribute(x[item.image : item.image + 1], (map_, row, column))
        same(values, item.score * last(expected)[0], 1e-5, str(item.unit))
