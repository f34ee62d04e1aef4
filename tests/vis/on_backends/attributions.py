"""Saliency and its kin against closed forms: what every attribution says about itself, its inputs and its class."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers
from left import leave
from trial import as_array, far, plainly, same, trial
from zoo import MODELS, draw_weights, floats, precision

from trainvis.engine.errors import TrainvisError
from trainvis.vis.figures import Figure
from trainvis.vis.network import Network
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import (
    grad_cam,
    gradient_times_input,
    guided_backpropagation,
    guided_grad_cam,
    integrated_gradients,
    layer_cam,
    occlusion,
    saliency_maps,
    smoothgrad,
    vargrad,
)

GRADIENTS = (saliency_maps, guided_backpropagation, gradient_times_input)
CHEAP = (*GRADIENTS, grad_cam, layer_cam, guided_grad_cam)


def values(figure: Figure, part: str) -> np.ndarray:
    return figure.part(part).values


def notes(figure: Figure) -> str:
    return " ".join(figure.notes)


def probe(name: str, **options: Any) -> Probe:
    it = trial(name)
    return Probe(it.network, it.case.inputs, output=it.case.output, **options)


def linear(classes: int = 4) -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """One dense layer over a picture, its weights, a batch."""
    inputs = keras.Input((6, 5, 3))
    model = keras.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Flatten()(inputs)))
    draw_weights(model, "linear")
    weights = as_array(model.layers[-1].kernel.value)
    return model, weights, floats(3, 6, 5, 3)


def refused(made: Any) -> str:
    try:
        made()
    except TrainvisError as error:
        return str(error)
    raise AssertionError("nothing was refused")


def smooth(x: np.ndarray) -> keras.Model:
    inputs = keras.Input(x.shape[1:], dtype=x.dtype.name)
    hidden = layers.Flatten()(layers.Conv2D(4, 3, activation="tanh")(inputs))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(layers.Dense(6, activation="softplus")(hidden)))
    draw_weights(model, "smooth")
    return model


# --- closed forms


def check_the_saliency_of_a_linear_network_is_its_weights() -> None:
    model, weights, x = linear()
    figure = saliency_maps.compute(
        Probe(model, x, [0, 3, 1]), saliency_maps.Options((*saliency_maps.Options().signs, "signed", "sum"))
    )
    expected = weights.T[[0, 3, 1]].reshape(3, 6, 5, 3)
    same(values(figure, "signed"), expected, 1e-6)
    same(values(figure, "absolute"), np.abs(expected).max(axis=-1), 1e-6)
    same(values(figure, "positive"), np.maximum(expected, 0), 1e-6)
    same(values(figure, "negative"), np.maximum(-expected, 0), 1e-6)
    same(values(figure, "sum"), expected.sum(axis=-1), 1e-5)
    other = saliency_maps.compute(Probe(model, 5 * x + 1, [0, 3, 1]), saliency_maps.Options(("signed",)))
    same(values(other, "signed"), expected, 1e-6)


def check_without_a_bias_gradient_times_input_adds_up_to_the_logit() -> None:
    for name in ("bias_free", "bias_free_residual"):
        figure = gradient_times_input.compute(probe(name))
        part = figure.part("sum")
        scores = [item.score for item in part.items]
        same(part.values.sum(axis=(1, 2)), scores, 1e-5, name)


def check_guided_is_plain_where_there_is_no_relu_and_says_so() -> None:
    for name in ("linear", "smooth_activations"):
        plain = saliency_maps.compute(probe(name), saliency_maps.Options(("signed",)))
        guided = guided_backpropagation.compute(probe(name))
        same(values(guided, "signed"), values(plain, "signed"), 1e-6, name)
        assert "No ReLU was found" in notes(guided), guided.notes
    assert "No ReLU" not in notes(plain)
    several = guided_backpropagation.compute(probe("relu_settings"))
    assert "for 4 ReLUs; not for 1 other nonlinearities: LeakyReLU 1×" in notes(several), several.notes
    assert "nonlinear" not in notes(guided_backpropagation.compute(probe("sequential")))


def check_guided_grad_cam_is_the_product() -> None:
    it = probe("sequential")
    product = guided_grad_cam.compute(it)
    guided = values(guided_backpropagation.compute(it), "signed")
    where = values(grad_cam.compute(it), "input")
    same(values(product, "signed"), guided * where[..., None], 1e-5)


def check_integrated_gradients_of_a_linear_network_are_weights_times_the_way() -> None:
    model, weights, x = linear()
    expected = weights.T[[0, 3, 1]].reshape(3, 6, 5, 3)
    reference = floats(6, 5, 3, seed=9)
    for options, start in (
        (integrated_gradients.Options(steps=3), np.zeros(())),
        (integrated_gradients.Options(steps=3, baseline="mean"), x.mean(axis=(1, 2), keepdims=True)),
        (integrated_gradients.Options(steps=1, quadrature="midpoint", reference=reference), reference),
        (integrated_gradients.Options(steps=1, reference=np.full((), 0.5)), np.full((), 0.5)),
    ):
        figure = integrated_gradients.compute(Probe(model, x, [0, 3, 1]), options)
        same(values(figure, "signed"), expected * (x - start), 1e-5, str(options))


def check_integrated_gradients_are_what_many_small_steps_give() -> None:
    import oracles

    x = floats(2, 7, 6, 2)
    it = Probe(smooth(x), x, 1)

    def gradient(pictures: np.ndarray) -> np.ndarray:
        found = saliency_maps.attribute(it, [pictures.astype("float32")], np.full(len(pictures), 1, np.int32))
        return found.values.astype(np.float64)

    found = integrated_gradients.compute(it)
    for image in range(it.count):
        expected = oracles.integrated(gradient, it.image[image], np.zeros_like(it.image[image]), pieces=20)
        same(values(found, "signed")[image], expected, 1e-4)


def check_integrated_gradients_add_up_and_tell_how_well() -> None:
    with precision("float64"):
        x = floats(2, 7, 6, 2).astype("float64")
        exact = integrated_gradients.compute(Probe(smooth(x), x))
        rows = exact.part("completeness").rows
        assert len(rows) == 2
        for image, class_, logit, empty, total, error in rows:
            assert abs(total - (logit - empty)) < 1e-9 * abs(logit - empty), rows
            assert error < 1e-9, rows
            assert exact.part("sum").items[image].target == class_
    kinks = probe("sequential")
    few, many = (
        integrated_gradients.compute(kinks, integrated_gradients.Options(steps=steps, quadrature="midpoint"))
        for steps in (2, 400)
    )
    worst = [max(row[-1] for row in figure.part("completeness").rows) for figure in (few, many)]
    assert worst[1] < 0.02 < worst[0], worst
    assert "more steps" in notes(few)
    assert "more steps" not in notes(many)


def check_the_points_of_an_integral_integrate() -> None:
    for steps in (1, 2, 7, 64, 65, 200):
        for quadrature in ("gauss_legendre", "midpoint"):
            alphas, weights = integrated_gradients.nodes(steps, quadrature)
            assert len(alphas) == steps
            assert ((alphas > 0) & (alphas < 1)).all()
            assert abs(weights.sum() - 1) < 1e-12
            assert abs(weights @ alphas - 0.5) < 1e-12
    alphas, weights = integrated_gradients.nodes(130)
    assert abs(weights @ alphas**9 - 0.1) < 1e-12


# --- noise


def check_noise_changes_nothing_of_a_linear_network() -> None:
    model, weights, x = linear()
    mean = smoothgrad.compute(Probe(model, x, 2), smoothgrad.Options(samples=5))
    same(values(mean, "absolute"), np.tile(np.abs(weights.T[2].reshape(6, 5, 3)).max(axis=-1), (3, 1, 1)), 1e-5)
    variance = vargrad.compute(Probe(model, x, 2), vargrad.Options(samples=5))
    assert values(variance, "variance").max() < 1e-10
    assert mean.technique == "smoothgrad(saliency_maps)"
    assert variance.technique == "vargrad(saliency_maps)"


def check_of_a_square_mean_and_variance_are_those_of_the_noise() -> None:
    inputs = keras.Input((4, 4, 1))
    outputs = layers.Dense(2, use_bias=False)(layers.Flatten()(keras.ops.square(inputs)))
    model = keras.Model(inputs, outputs)
    draw_weights(model, "square")
    weights = as_array(model.layers[-1].kernel.value)[:, 1].reshape(4, 4, 1)
    x = floats(2, 4, 4, 1)
    options = smoothgrad.Options(samples=7, noise=0.3, seed=5)
    inner = saliency_maps.Options(("signed",))
    mean = values(smoothgrad.compute(Probe(model, x, 1), options, saliency_maps, inner), "signed")
    spread = values(vargrad.compute(Probe(model, x, 1), vargrad.Options(7, 0.3, 5)), "variance")
    for image in range(2):
        noise = np.random.default_rng([5, image]).standard_normal((7, 4, 4, 1), np.float32)
        copies = x[image] + 0.3 * np.ptp(x[image]) * noise
        same(mean[image], 2 * weights * copies.mean(axis=0), 1e-5)
        same(spread[image], (4 * weights**2 * copies.var(axis=0))[..., 0], 1e-4)


def check_a_wrapper_without_noise_is_what_it_wraps() -> None:
    for technique in (*CHEAP, integrated_gradients):
        alone = technique.compute(probe("sequential"))
        options = smoothgrad.Options(samples=2, noise=0.0)
        wrapped = smoothgrad.compute(probe("sequential"), options, technique)
        name = technique.__name__.rpartition(".")[2]
        assert wrapped.technique == f"smoothgrad({name})"
        for part in wrapped.parts:
            same(part.values, values(alone, part.name), 1e-5, f"{name} {part.name}")
            assert list(part.items) == list(alone.part(part.name).items), name


def check_noise_depends_on_the_seed_and_not_on_the_batch() -> None:
    def made(**options: Any) -> np.ndarray:
        batch = options.pop("batch", 32)
        return values(
            smoothgrad.compute(probe("sequential", batch=batch), smoothgrad.Options(9, **options)), "absolute"
        )

    one = made()
    same(made(), one, 0.0)
    same(made(batch=4), one, 1e-5)
    assert far(made(seed=1), one) > 1e-3
    leave("smoothgrad", one)
    case = MODELS["sequential"]()
    alone = smoothgrad.compute(Probe(case.model, case.inputs[:1]), smoothgrad.Options(9))
    same(values(alone, "absolute")[0], one[0], 1e-5)


def check_the_class_of_noisy_copies_is_that_of_the_clean_image() -> None:
    it = probe("sequential")
    found = smoothgrad.compute(it, smoothgrad.Options(samples=8, noise=3.0))
    predicted = [one.classes[0] for one in it.predictions()]
    fixed = smoothgrad.compute(probe("sequential", target=predicted), smoothgrad.Options(samples=8, noise=3.0))
    same(values(found, "absolute"), values(fixed, "absolute"), 1e-6)
    assert [item.target for item in found.parts[0].items] == predicted


# --- occlusion


def check_what_a_linear_network_loses_is_what_was_covered() -> None:
    model, weights, x = linear()
    effect = weights.T[[0, 3, 1]].reshape(3, 6, 5, 3) * (x - 0.25)
    options = occlusion.Options(size=2, stride=2, value=0.25)
    figure = occlusion.compute(Probe(model, x, [0, 3, 1], batch=4), options)
    padded = np.pad(effect.sum(axis=-1), ((0, 0), (0, 0), (0, 1)))
    blocks = padded.reshape(3, 3, 2, 3, 2).sum(axis=(2, 4))
    same(values(figure, "patches"), blocks, 1e-4)
    same(values(figure, "input"), blocks.repeat(2, axis=1).repeat(2, axis=2)[:, :, :5], 1e-4)
    pixels = occlusion.compute(Probe(model, x, [0, 3, 1]), occlusion.Options(size=1, value=0.25))
    same(values(pixels, "input"), effect.sum(axis=-1), 1e-4)


def check_where_patches_overlap_the_mean_of_their_falls_stands() -> None:
    model, _, x = linear()
    figure = occlusion.compute(Probe(model, x, 1), occlusion.Options(size=3, stride=2, fill="blurred"))
    falls = values(figure, "patches")
    assert falls.shape == (3, 3, 2)
    same(values(figure, "input")[:, 0, 0], falls[:, 0, 0], 1e-5)
    same(values(figure, "input")[:, 2, 2], falls[:, :2, :2].mean(axis=(1, 2)), 1e-5)
    same(values(figure, "input")[:, 5, 4], falls[:, 2, 1], 1e-5)


def check_occlusion_by_probability_is_a_fall_of_the_probability() -> None:
    model, _, x = linear()
    figure = occlusion.compute(Probe(model, x, 1), occlusion.Options(size=5, stride=1, score="probability", value=0.0))
    assert values(figure, "patches").shape == (3, 2, 1)
    covered = x.copy()
    covered[:, :5] = 0
    clean, below = (plainly(model)(each)[:, 1] for each in (x, covered))
    same(values(figure, "patches")[:, 0, 0], clean - below, 1e-4)
    assert "gives no probabilities" in refused(
        lambda: occlusion.compute(probe("logits"), occlusion.Options(score="probability"))
    )


# --- what a figure says


def check_the_class_is_predicted_or_given() -> None:
    it = MODELS["sequential"]()
    predicted = np.argmax(plainly(it.model)(it.inputs), axis=-1)
    network = Network(it.model, it.inputs)
    for technique in (gradient_times_input, guided_grad_cam):
        free = technique.compute(Probe(network, it.inputs))
        given = technique.compute(Probe(network, it.inputs, [int(predicted[0]), None, 2]))
        for part in free.parts:
            assert [item.target for item in part.items] == list(predicted)
            assert [item.image for item in part.items] == [0, 1, 2]
            same(values(given, part.name)[:2], part.values[:2], 1e-5)
        assert [item.target for item in given.parts[0].items] == [*predicted[:2], 2]
        logits = plainly(it.bare())(it.inputs)
        same([item.score for item in given.parts[0].items], logits[range(3), [*predicted[:2], 2]], 1e-5)
        assert given.recipe["target"] == [predicted[0], -1, 2]


def check_several_outputs_are_explained_by_name() -> None:
    case = MODELS["list_outputs"]()
    names = [head.name for head in Network(case.model, case.inputs).heads]
    maps = []
    for place, name in enumerate(names[:2]):
        by_name, by_number = (
            saliency_maps.compute(Probe(case.model, case.inputs, 0, output=each)) for each in (name, place)
        )
        same(values(by_name, "absolute"), values(by_number, "absolute"), 0.0)
        assert by_name.recipe["output"] == name
        assert by_name.predictions[0].output == name
        maps.append(values(by_name, "absolute"))
    assert far(maps[1], maps[0]) > 1e-3
    assert "did" in refused(lambda: Probe(case.model, case.inputs, output=names[0] + "x")) or names[0]


def check_further_inputs_are_held_fixed_and_said_so() -> None:
    for name, said in (("image_and_vector", "vector"), ("image_and_ids", "whole numbers, without a gradient")):
        for technique in (saliency_maps, guided_grad_cam):
            figure = technique.compute(probe(name))
            assert "held fixed" in notes(figure), figure.notes
            assert said in notes(figure), figure.notes
        wrapped = smoothgrad.compute(probe(name), smoothgrad.Options(samples=2))
        assert "held fixed" in notes(wrapped)
        assert "held fixed" in notes(occlusion.compute(probe(name), occlusion.Options(size=4)))
        assert "held fixed" in notes(integrated_gradients.compute(probe(name), integrated_gradients.Options(3)))
    assert "held fixed" not in notes(saliency_maps.compute(probe("sequential")))


def check_whole_numbers_alone_are_refused() -> None:
    for technique in (saliency_maps, guided_grad_cam, integrated_gradients, smoothgrad, occlusion):
        said = refused(partial(technique.compute, probe("text")))
        assert "whole numbers or text" in said, said


def check_numbers_of_words_are_whole_numbers_also_where_they_are_declared_as_floats() -> None:
    words, vector = keras.Input((7,), name="words"), keras.Input((3,), name="vector")
    read = layers.GlobalAveragePooling1D()(layers.Embedding(20, 4)(words))
    alone = keras.Model(words, layers.Dense(2)(read))
    beside = keras.Model([words, vector], layers.Dense(2)(layers.Concatenate()([read, vector])))
    given = np.arange(14).reshape(2, 7)
    assert "no input of this network has a gradient" in refused(lambda: saliency_maps.compute(Probe(alone, given)))
    figure = saliency_maps.compute(Probe(beside, [given, np.ones((2, 3), "float32")]))
    assert figure.parts[0].values.shape == (2, 3)
    assert any("held fixed: words (whole numbers" in note for note in figure.notes)


def check_weights_that_are_no_numbers_are_named() -> None:
    it = probe("nan_weights")
    for technique in (saliency_maps, grad_cam, integrated_gradients, occlusion, smoothgrad, vargrad):
        figure = technique.compute(it)
        assert "weights are NaN or infinite, in" in notes(figure), figure.notes


def check_names_that_are_not_as_many_as_the_classes_are_said() -> None:
    case = MODELS["sequential"]()
    classes = case.model.output_shape[-1]
    for count, said in ((0, False), (classes, False), (classes - 1, True), (classes + 1, True)):
        figure = saliency_maps.compute(Probe(case.model, case.inputs, labels=[f"class {at}" for at in range(count)]))
        assert any(f"{count} names for {classes} classes" in note for note in figure.notes) is said, count


def check_a_map_of_zeros_is_explained_in_words() -> None:
    model, _, x = linear()
    model.layers[-1].kernel.assign(np.zeros(model.layers[-1].kernel.shape))
    assert "Zero everywhere for images 0, 1, 2" in notes(saliency_maps.compute(Probe(model, x)))
    assert "Zero everywhere" not in notes(saliency_maps.compute(probe("sequential")))


def check_an_output_that_is_no_vector_and_a_head_that_cannot_be_parted_are_said() -> None:
    assert "mean is explained" in notes(saliency_maps.compute(probe("segmentation")))
    assert "could not be told from its logits" in notes(saliency_maps.compute(probe("functional_override")))


def check_a_layer_that_is_nearly_called_so_is_suggested_once() -> None:
    sites = probe("sequential").network.sites
    name = sites.leaves[0].path
    said = refused(lambda: sites.find(f"{name}x"))
    meant = said.partition("did you mean ")[2].removesuffix("?").split(", ")
    assert name in meant
    assert len(meant) == len(set(meant)), said


def check_nonsense_is_refused_in_a_sentence() -> None:
    case = MODELS["sequential"]()
    classes = case.model.output_shape[-1]
    for made, said in (
        (lambda: Probe(case.model, case.inputs, classes), "out of range"),
        (lambda: Probe(case.model, case.inputs, [0]), "1 classes are given for 3 images"),
        (lambda: Probe(case.model, case.inputs[:0]), "empty"),
        (lambda: Probe(case.model, case.inputs, "cat"), "target 'cat' is no class"),
        (lambda: Probe(case.model, case.inputs, sample=case.inputs[:0]), "the sample of the training data is empty"),
        (lambda: Probe(case.model, case.inputs, sample=list(case.inputs)), "3 arrays and the network has an input"),
        (lambda: saliency_maps.Options(("loud",)), "absolute, positive, negative"),
        (lambda: saliency_maps.Options("signed"), "a tuple"),
        (lambda: guided_backpropagation.Options(()), "signs are"),
        (lambda: smoothgrad.Options(samples=0), "samples=0"),
        (lambda: smoothgrad.Options(noise=float("nan")), "noise=nan"),
        (lambda: vargrad.Options(samples=1), "two samples"),
        (lambda: integrated_gradients.Options(steps=0), "steps is 0"),
        (lambda: occlusion.Options(size=0), "size=0"),
        (lambda: occlusion.Options(size=2, stride=3), "stride=3"),
        (lambda: occlusion.compute(probe("sequential"), occlusion.Options(size=99)), "larger than the image"),
        (lambda: occlusion.compute(probe("regression")), "parts of a picture"),
        (
            lambda: integrated_gradients.compute(
                probe("sequential"), integrated_gradients.Options(reference=np.zeros((2, 7, 1)))
            ),
            "the picture input has",
        ),
    ):
        assert said in refused(made), (said, refused(made))


# --- many snapshots, many shapes


def check_a_snapshot_compiles_nothing_that_an_earlier_one_has() -> None:
    case = MODELS["sequential"]()
    network = Network(case.model, case.inputs)

    def snapshot() -> None:
        for technique in (*CHEAP, integrated_gradients, occlusion):
            technique.compute(Probe(network, case.inputs))
        smoothgrad.compute(Probe(network, case.inputs))

    snapshot()
    kept = dict(network._functions)
    traces = {key: function.traces() for key, function in kept.items()}
    for _ in range(3):
        case.model.layers[0].kernel.assign(case.model.layers[0].kernel.value * 0.9)
        snapshot()
    assert network._functions == kept
    assert {key: function.traces() for key, function in kept.items()} == traces


def check_maps_follow_the_weights() -> None:
    model, weights, x = linear()
    network = Network(model, x)
    for _ in range(2):
        found = saliency_maps.compute(Probe(network, x, 1), saliency_maps.Options(("signed",)))
        same(values(found, "signed")[0], as_array(model.layers[-1].kernel.value)[:, 1].reshape(6, 5, 3), 1e-6)
        model.layers[-1].kernel.assign(weights * 3)


def check_every_map_agrees_between_the_backends() -> None:
    for name in ("residual", "nested_twice", "subclassed", "channels_first"):
        it = probe(name, target=1)
        for technique in GRADIENTS:
            leave(
                f"{technique.__name__.rpartition('.')[2]}_{name}",
                values(technique.compute(it), "signed" if technique is not saliency_maps else "absolute"),
            )
        leave(f"occlusion_{name}", values(occlusion.compute(it, occlusion.Options(size=4)), "patches"))
        leave(f"integrated_{name}", values(integrated_gradients.compute(it, integrated_gradients.Options(8)), "sum"))
