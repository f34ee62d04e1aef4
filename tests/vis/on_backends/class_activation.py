"""Class activation maps against the equations of their papers, written out in loops, and against what they equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import oracles
from keras import layers, ops
from left import leave
from trial import as_array, far, plainly, same, trial
from zoo import MODELS, draw_weights, floats, precision

from trainvis.engine.errors import TrainvisError
from trainvis.vis import gradients
from trainvis.vis.cam import Options
from trainvis.vis.network import Network
from trainvis.vis.probe import Probe
from trainvis.vis.resampling import stretched
from trainvis.vis.techniques import grad_cam, grad_cam_plus_plus, guided_grad_cam, layer_cam, smoothgrad

METHODS: tuple[tuple[Any, Callable], ...] = (
    (grad_cam, oracles.grad_cam),
    (grad_cam_plus_plus, oracles.grad_cam_plus_plus),
    (layer_cam, oracles.layer_cam),
)


def probe(name: str, **options: Any) -> Probe:
    it = trial(name)
    return Probe(it.network, it.case.inputs, output=it.case.output, **options)


def at_layer(chain: oracles.Chain, x: np.ndarray, name: str, class_: int) -> tuple[np.ndarray, np.ndarray]:
    """Activations of a layer and the gradient of a logit by them, by loops."""
    logits = chain.forward(x)
    signal = np.zeros_like(logits)
    signal[:, class_] = 1
    for step in reversed(chain.steps):
        if step.name == name:
            return step.y, signal
        signal = step.back(step.below_relu(signal, "plain"))
    raise AssertionError(name)


def agree(layer: str, bound: float, x: np.ndarray, model: keras.Model) -> None:
    a, g = at_layer(oracles.chain_of(model), x, layer, 1)
    for technique, expected in METHODS:
        figure = technique.compute(Probe(model, x, 1), Options(layer))
        wanted = np.stack([expected(*each) for each in zip(a, g, strict=True)])
        same(figure.part("layer").values, wanted, bound, f"{technique.__name__} {layer}")
        assert {item.layer for item in figure.part("layer").items} == {layer}


def check_all_three_are_the_equations_of_their_papers() -> None:
    for name, kind in (("sequential", "max_pooling2d"), ("strided", "conv2d")):
        case = MODELS[name]()
        for layer in case.model.layers:
            if layer.name.startswith(kind):
                agree(layer.name, 1e-5, case.inputs, case.model)


def check_in_doubles_they_are_that_to_nine_digits() -> None:
    with precision("float64"):
        case = MODELS["sequential"]()
        x = case.inputs.astype("float64")
        last = [layer.name for layer in case.model.layers if layer.name.startswith("conv")][-1]
        agree(last, 1e-9, x, case.model)


def check_below_a_mean_and_a_dense_layer_they_are_the_class_activation_map_of_2016() -> None:
    """Zhou et al. 2016: with a global average and one dense layer the weights are those of the dense layer."""
    inputs = keras.Input((9, 8, 3))
    inner = keras.Input((9, 8, 3))
    body = keras.Model(inner, layers.Conv2D(5, 3, activation="relu", name="maps")(inner), name="body")
    pooled = layers.GlobalAveragePooling2D()(body(inputs))
    model = keras.Model(inputs, layers.Dense(4, activation="softmax", name="head")(pooled))
    draw_weights(model, "cam")
    x = floats(2, 9, 8, 3)
    maps = plainly(body)(x)
    weights = as_array(model.get_layer("head").kernel.value)[:, 2] / (7 * 6)
    expected = np.maximum(maps @ weights, 0)
    for address in (None, "body/maps", "body", "maps"):
        figure = grad_cam.compute(Probe(model, x, 2), Options(address))
        same(figure.part("layer").values, expected, 1e-5, str(address))
    assert "5 maps of body/maps, 7×6" in " ".join(grad_cam.compute(Probe(model, x, 2)).notes)
    same(layer_cam.compute(Probe(model, x, 2)).part("layer").values, maps @ np.maximum(weights, 0), 1e-5)


def by_a_second_model(it: Any, path: str, class_: int) -> tuple[np.ndarray, np.ndarray]:
    """Activations and gradient by a network that is cut at the layer, with the change added there: two passes."""
    network = it.network

    def activations(*tensors: Any) -> Any:
        return network.run(tensors, taps=(path,), stop=True).values[path]

    maps = network.call(("activations", path), activations, *it.arrays)

    def shifted(shift: Any, *tensors: Any) -> Any:
        def score(each: Any) -> Any:
            run = network.run(tensors, logits=True, change={path: lambda found: found + each})
            return ops.sum(run.outputs[it.output][:, class_]), ()

        return gradients.value_and_gradient(score, [shift])[1][0]

    return maps, network.call(("shifted", path, class_), shifted, np.zeros_like(maps), *it.arrays)


def check_any_layer_of_any_network_can_be_asked() -> None:
    for name, path in (
        ("residual", None),
        ("concatenated", None),
        ("nested_twice", "middle/deep/conv"),
        ("reused_backbone", "inner@2/inner_conv"),
        ("subclassed", None),
        ("functional_with_subclassed", "encoder/block@2/conv"),
        ("image_and_vector", None),
        ("shared_layers", "twice@2"),
    ):
        it = trial(name)
        figure = grad_cam.compute(probe(name, target=1), Options(path))
        (found,) = {item.layer for item in figure.part("layer").items}
        assert path in (None, found)
        maps, gradient = by_a_second_model(it, found, 1)
        expected = np.stack([oracles.grad_cam(*each) for each in zip(maps, gradient, strict=True)])
        same(figure.part("layer").values, expected, 2e-5, f"{name} {found}")  # both are rounded
        leave(f"grad_cam_{name}", figure.part("input").values)


def check_channels_first_is_the_same_map() -> None:
    last = keras.Sequential(
        [
            keras.Input((12, 10, 2)),
            layers.Conv2D(6, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(3, 3, activation="relu"),
            layers.Activation("linear"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4),
        ]
    )
    first = keras.Sequential(
        [
            keras.Input((2, 12, 10)),
            layers.Conv2D(6, 3, data_format="channels_first"),
            layers.BatchNormalization(axis=1),
            layers.ReLU(),
            layers.Conv2D(3, 3, activation="relu", data_format="channels_first"),
            layers.Activation("linear"),
            layers.GlobalAveragePooling2D(data_format="channels_first"),
            layers.Dense(4),
        ]
    )
    draw_weights(last, "order")
    first.set_weights(last.get_weights())
    x = floats(2, 12, 10, 2)
    for technique in (grad_cam, grad_cam_plus_plus, layer_cam, guided_grad_cam):
        for layer in (None, 3):
            one, other = (
                technique.compute(Probe(model, each, 1), technique.Options(layer))
                for model, each in ((last, x), (first, np.moveaxis(x, -1, 1)))
            )
            for part in one.parts:
                same(other.part(part.name).values, part.values, 1e-5, f"{technique.__name__} {layer} {part.name}")


def check_a_map_over_the_input_is_the_layers_own_stretched() -> None:
    figure = grad_cam.compute(probe("sequential"))
    raw, over = figure.part("layer"), figure.part("input")
    assert over.values.shape[1:] == trial("sequential").arrays[0].shape[1:3]
    same(over.values, stretched(raw.values, *over.values.shape[1:]), 0.0)
    assert (over.space, raw.space) == ("input", "layer")
    assert list(over.items) == list(raw.items)
    resized = as_array(ops.image.resize(raw.values[..., None], over.values.shape[1:], interpolation="bilinear"))
    same(over.values, resized[..., 0], 1e-5)


def check_half_floats_lose_no_small_gradients() -> None:
    with precision("mixed_float16"):
        inputs = keras.Input((6, 6, 1))
        maps = layers.Conv2D(3, 3, activation="relu")(inputs)
        outputs = layers.Dense(2, dtype="float32")(layers.GlobalAveragePooling2D()(maps))
        model = keras.Model(inputs, outputs)
    draw_weights(model, "half")
    model.layers[-1].kernel.assign(as_array(model.layers[-1].kernel.value) * 1e-6)
    x = floats(2, 6, 6, 1)
    found = grad_cam.compute(Probe(model, x, 0)).part("layer").values
    kept = plainly(keras.Model(inputs, maps))(x)
    expected = np.maximum(kept @ as_array(model.layers[-1].kernel.value)[:, 0] / 16, 0)
    assert expected.max() < 1e-6
    same(found, expected, 2e-3)


def check_a_layer_without_maps_is_refused_with_one_that_has_them() -> None:
    for name, layer, said in (
        ("sequential", "dense", "one that has"),
        ("sequential", "dense_7", "did you mean"),
        ("regression", None, "has none"),
        ("series", None, "needs a layer with height and width"),
        ("time_distributed", "time_distributed", "height and width"),
    ):
        try:
            grad_cam.compute(probe(name), Options(layer))
        except TrainvisError as error:
            found = str(error)
        else:
            found = "nothing"
        assert said in found, (name, layer, found)


def check_nothing_that_speaks_for_a_class_is_said() -> None:
    case = MODELS["squeezed_head"]()
    model = case.model
    convolution = next(layer for layer in reversed(model.layers) if layer.name.startswith("conv"))
    kernel, bias = convolution.get_weights()
    convolution.set_weights([kernel * 0, bias * 0 - 1])
    figure = grad_cam.compute(Probe(model, case.inputs, 0))
    assert "nothing in these maps speaks for the class" in " ".join(figure.notes), figure.notes


def check_a_network_of_any_size_is_asked_at_any_size() -> None:
    case = MODELS["any_size"]()
    network = Network(case.model, case.inputs)
    for height, width in ((9, 11), (14, 7)):
        figure = grad_cam.compute(Probe(network, floats(2, height, width, 3), 0))
        assert figure.part("input").values.shape == (2, height, width)
        assert figure.part("layer").values.shape == (2, height - 4, width - 4)


def check_noise_around_a_class_activation_map() -> None:
    it = probe("sequential")
    alone = grad_cam.compute(it).part("input")
    figure = smoothgrad.compute(it, smoothgrad.Options(samples=6), grad_cam)
    assert figure.technique == "smoothgrad(grad_cam)"
    assert [part.name for part in figure.parts] == ["input"]
    part = figure.part("input")
    assert part.values.shape == alone.values.shape
    assert list(part.items) == list(alone.items)
    assert far(part.values, alone.values) > 1e-4
