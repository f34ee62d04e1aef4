"""Gradients through the walk: against central differences, by-hand guided and deconvolution passes, closed forms.

And the proof that these checks see what is wrong: faults that other tools have (or had) fail them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import layers, ops, tree
from left import leave
from oracles import chain_of, differences, strongest_alone
from trial import BACKEND, Trial, as_array, far, for_each, fresh, plainly, same, trial
from zoo import Case, named, precision

from trainvis.vis import gradients, graph
from trainvis.vis.network import Network
from trainvis.vis.rules import Rule

RULES: tuple[Rule, ...] = ("plain", "guided", "deconvolution")
# What the oracle of chains knows: convolutions, pools, dense layers, ReLUs.
CHAINS = ("sequential", "softmax_layer", "logits", "multi_label", "strided", "bias_free", "squeezed_head", "regression")
HALF = ("mixed_float16", "mixed_bfloat16")
FLOATING = named(floating=True, finite=True)
SINGLE = [name for name in FLOATING if name not in HALF]
# Of these the backend computes something in single floats: TensorFlow what has no kernel, JAX its fused attention.
ROUNDED = {"tensorflow": named(doubles=False), "jax": ["keyword_tensors"], "torch": []}[BACKEND]
DOUBLE = [name for name in SINGLE if name not in ROUNDED]
# Constants of these (a slope, a scale, an epsilon) TensorFlow keeps in single floats, whatever the network computes in.
SINGLE_CONSTANTS = {
    "tensorflow": ["augmented", "layer_norm", "leaky_relu", "relu_settings", "smooth_activations", "smooth_ops"]
}.get(BACKEND, [])
# |x| at 0 and the larger of two equals have the gradient that a backend gives them, each another one. A dead unit is
# such a place, and only the deconvolutional rule leads a gradient through dead units.
KINKS = ("merged", "own_dict", "siamese")
WITHOUT_RELU = [name for name in FLOATING if name in named(rectifiers=0)]


def in_doubles(name: str) -> Trial:
    with precision("float64"):
        return fresh(name)


def doubled(check: Callable[[Trial], None]) -> Callable[[Trial], None]:
    def inside(it: Trial) -> None:
        with precision("float64"):
            check(it)

    return inside


def by_differences(it: Trial, place: int, class_: int = 1) -> np.ndarray:
    """∂z/∂x of the first sample for one input, by central differences of what Keras computes."""
    forward = plainly(it.case.bare())

    def logit(many: np.ndarray) -> np.ndarray:
        given = [np.repeat(each[:1], len(many), axis=0) for each in it.arrays]
        given[place] = many
        z = forward(tree.pack_sequence_as(it.case.inputs, given))
        z = z if it.case.output is None else z[it.case.output]
        z = z.reshape(len(z), -1, z.shape[-1]).mean(axis=1)
        return z[:, min(class_, z.shape[-1] - 1)]

    return differences(logit, it.arrays[place][0])


def check_the_gradient_of_a_logit_is_what_differences_say() -> None:
    @doubled
    def check(it: Trial) -> None:
        _, found = it.logit_gradients()
        for place, gradient in zip(it.floats, found, strict=True):
            assert gradient.dtype == np.float64
            assert np.abs(gradient).max() > 1e-4, "a gradient of zeros proves nothing"
            expected = by_differences(it, place)
            if it.case.name == "masked_series":  # a step of zeros is left out; a difference would let it in again
                expected[it.arrays[0][0] == 0] = 0
            same(gradient[0], expected, 1e-6, f"input {place}")
            if it.case.name not in SINGLE_CONSTANTS:
                leave(f"double_gradient_{it.case.name}_{place}", gradient)

    for_each(check, DOUBLE, make=in_doubles)


def check_single_floats_lose_no_more_than_they_must() -> None:
    def check(it: Trial) -> None:
        _, found = it.logit_gradients()
        with precision("float64"):
            _, exact = in_doubles(it.case.name).logit_gradients()
        for place, (gradient, reference) in enumerate(zip(found, exact, strict=True)):
            assert gradient.dtype == np.float32
            same(gradient, reference, 1e-5, f"input {place}")
            leave(f"gradient_{it.case.name}_{place}", gradient)

    for_each(check, DOUBLE)


def check_every_rule_gives_the_same_on_every_backend() -> None:
    def check(it: Trial) -> None:
        for rule in RULES[1:]:
            for place, gradient in enumerate(it.logit_gradients(rule=rule)[1]):
                assert np.isfinite(gradient).all()
                if rule != "deconvolution" or it.case.name not in KINKS:
                    leave(f"{rule}_{it.case.name}_{place}", gradient)

    for_each(check, [name for name in SINGLE if name not in WITHOUT_RELU])


# --- by hand


def agrees_with_the_oracle(it: Trial, rule: Rule, class_: int = 1) -> None:
    """The gradient of a logit by a rule, through convolutions, pools and dense layers, is what loops give."""
    chain = chain_of(it.case.model)
    z = chain.forward(it.arrays[0])
    seed = np.zeros_like(z)
    seed[:, min(class_, z.shape[1] - 1)] = 1
    outputs, (gradient,) = it.logit_gradients(class_, rule)
    same(outputs[0], z, it.tolerance, "logits")
    same(gradient, chain.back(seed, rule), it.tolerance, rule)


def check_all_rules_agree_with_the_loops_of_the_oracle() -> None:
    @doubled
    def check(it: Trial) -> None:
        for rule in RULES:
            agrees_with_the_oracle(it, rule)

    for_each(check, CHAINS, make=in_doubles)


def pulled(it: Trial, path: str, seeds: np.ndarray, rule: Rule) -> np.ndarray:
    """K seeds at the output of a layer, pulled back to the input: K×N×H×W×C."""

    def function(x: Any, many: Any) -> Any:
        def upto(image: Any) -> Any:
            values = it.network.run([image], rule=rule, taps=(path,), stop=True).values
            return values[path], values[path]

        _, (found,) = gradients.pulled_back(upto, [x], lambda _: many, it.network.scale)
        return found

    return it.network.call(("pulled", path, rule, len(seeds)), function, it.arrays[0], seeds)


def check_the_deconvolutional_network_is_that_of_the_thesis_map_by_map() -> None:
    def check(it: Trial) -> None:
        chain = chain_of(it.case.model)
        chain.forward(it.arrays[0])
        for step in chain.steps:
            if step.kind not in ("conv", "max", "average"):
                continue
            maps = range(step.y.shape[-1])
            seeds = np.stack([strongest_alone(step.y, each) for each in maps]).astype("float32")
            found = pulled(it, step.name, seeds, "deconvolution")
            for each in maps:
                expected = chain.deconvolution(step.name, each)
                same(found[each], expected, 1e-5, f"{step.name}, map {each}")

    for_each(check, [name for name in CHAINS if name != "regression"])


def check_what_lies_above_the_input_of_a_deconvolution_is_its_receptive_field() -> None:
    it = trial("bias_free")  # conv 3 same, pool 3/2 same, conv 3/2 valid
    path = it.network.sites.leaves[2].path
    value = it.walked(taps=(path,))[1][path]
    seeds = np.zeros((1, *value.shape), "float32")
    seeds[0, :, 1, 1, :] = 1
    support = np.abs(pulled(it, path, seeds, "deconvolution")[0]).max(axis=(0, 3)) > 0
    rows, columns = np.nonzero(support)
    # Unit 1 of the second convolution reads the pool's rows 2…4, these the first one's 4…10, these 3…11.
    assert rows.min() >= 3
    assert rows.max() <= 11
    assert columns.min() >= 3
    assert columns.max() <= 11


# --- properties


def check_without_a_relu_all_rules_are_the_gradient() -> None:
    def check(it: Trial) -> None:
        plain = it.logit_gradients()[1]
        for rule in RULES[1:]:
            for one, other in zip(it.logit_gradients(rule=rule)[1], plain, strict=True):
                same(one, other, 1e-7, rule)

    assert len(WITHOUT_RELU) >= 4, WITHOUT_RELU
    for_each(check, WITHOUT_RELU)


def check_without_a_bias_input_times_gradient_adds_up_to_the_logit() -> None:
    @doubled
    def check(it: Trial) -> None:
        for class_ in range(3):
            outputs, (gradient,) = it.logit_gradients(class_)
            axes = tuple(range(1, gradient.ndim))
            same((it.arrays[0] * gradient).sum(axis=axes), outputs[0][:, class_], 1e-10)

    assert len(named(euler=True)) >= 3
    for_each(check, named(euler=True), make=in_doubles)


def check_a_seed_twice_as_large_comes_back_twice_as_large() -> None:
    def check(it: Trial) -> None:
        path = it.network.sites.leaves[1].path
        value = it.walked(taps=(path,))[1][path]
        seed = np.random.default_rng(5).normal(size=value.shape).astype("float32")
        for rule in RULES:
            one, two, small = pulled(it, path, np.stack([seed, 2 * seed, seed / 1024]), rule)
            same(two, 2 * one, 1e-6, rule)
            same(small, one / 1024, 1e-6, rule)

    for_each(check, ("sequential", "residual", "depthwise", "subclassed", "channels_first"))


def made(*members: layers.Layer, x: np.ndarray, weights: list[np.ndarray] | None = None) -> Trial:
    """A trial of layers that are made for one closed form."""
    model = keras.Sequential([keras.Input(x.shape[1:]), *members])
    if weights is not None:
        model.set_weights(weights)
    case = Case("made", "", model, x, lambda: model, head="linear")
    return Trial(case, Network(model, x), [x])


def check_of_equal_values_the_first_has_the_gradient() -> None:
    it = made(layers.MaxPooling2D(2), layers.Flatten(), x=np.ones((1, 4, 4, 1), "float32"))
    for rule in RULES:
        found = pulled(it, it.network.sites.leaves[0].path, np.ones((1, 1, 2, 2, 1), "float32"), rule)[0, 0, :, :, 0]
        np.testing.assert_array_equal(np.argwhere(found), [[0, 0], [0, 2], [2, 0], [2, 2]])
        assert found.sum() == 4


def check_where_all_is_positive_all_rules_are_the_gradient() -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(0.1, 1, (2, 8, 8, 2)).astype("float32")
    members = [layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten()]
    it = made(*members, layers.Dense(6, activation="relu"), layers.Dense(3), x=x)
    it.case.model.set_weights([rng.uniform(0.05, 0.5, each.shape) for each in it.case.model.get_weights()])
    plain = it.logit_gradients()[1][0]
    assert (plain >= 0).all()
    for rule in RULES[1:]:
        same(it.logit_gradients(rule=rule)[1][0], plain, 1e-7, rule)


def check_a_linear_network_has_its_weights_as_gradient() -> None:
    rng = np.random.default_rng(2)
    kernel, bias = rng.normal(size=(12, 3)).astype("float32"), rng.normal(size=3).astype("float32")
    x = rng.normal(size=(2, 2, 3, 2)).astype("float32")
    it = made(layers.Flatten(), layers.Dense(3, activation="softmax"), x=x, weights=[kernel, bias])
    for class_ in range(3):
        found = it.logit_gradients(class_)[1][0]
        for each in found:
            same(each, kernel[:, class_].reshape(2, 3, 2), 1e-7)


def check_a_relu_with_a_ceiling_and_a_threshold_lets_through_where_it_is_open() -> None:
    x = np.linspace(-1, 3, 41, dtype="float32")[None] + np.float32(0.013)
    for settings, is_open in (
        ({}, x > 0),
        ({"max_value": 2.0}, (x > 0) & (x < 2)),
        ({"threshold": 0.5}, x > 0.5),
        ({"threshold": 0.5, "max_value": 2.0}, (x > 0.5) & (x < 2)),
    ):
        it = made(layers.ReLU(**settings), layers.Reshape((41,)), x=x)
        path = it.network.sites.leaves[0].path
        seeds = np.stack([np.ones_like(x), -np.ones_like(x)])
        expected = {"plain": (is_open, -1.0 * is_open), "guided": (is_open, 0 * x), "deconvolution": (1 + 0 * x, 0 * x)}
        for rule, (up, down) in expected.items():
            found = pulled(it, path, seeds, rule)
            np.testing.assert_array_equal(found[0], up.astype("float32"), err_msg=f"{settings} {rule}")
            np.testing.assert_array_equal(found[1], down.astype("float32"), err_msg=f"{settings} {rule}")
        values = it.walked(taps=(path,), rule="guided")[1][path]
        same(values, plainly(it.case.model)(x), 0.0)


def check_a_redirected_gradient_finds_its_way_out_of_a_dead_unit() -> None:
    x = np.array([[1.0, 1.0], [-1.0, -1.0]], "float32")  # the first sample lives, the second is dead
    weights = [np.array([[1.0, 2.0], [0.5, 1.0]], "float32"), np.zeros(2, "float32")]
    it = made(layers.Dense(2, activation="relu"), layers.Dense(1, use_bias=False), x=x)
    it.case.model.set_weights([*weights, np.array([[1.0], [-1.0]], "float32")])
    plain = it.logit_gradients(0)[1][0]
    np.testing.assert_allclose(plain, [[-1.0, -0.5], [0.0, 0.0]])
    found = it.logit_gradients(0, "redirected")[1][0]
    np.testing.assert_allclose(found[0], plain[0])
    np.testing.assert_allclose(found[1], [1.0, 0.5])  # what would lift the unit that the head wants


def check_half_floats_lose_no_small_gradients() -> None:
    for policy, bound in (("mixed_float16", 1e-2), ("mixed_bfloat16", 8e-2)):
        half = fresh(policy)
        with precision("float32"):
            wide = keras.models.clone_model(half.case.bare(), clone_function=_in_single)
        wide.set_weights(half.case.model.get_weights())
        # A head of small weights: the gradients of its logits would underflow in half floats.
        for model in (half.case.model, wide):
            kernel = next(layer for layer in reversed(model.layers) if layer.weights).kernel
            kernel.assign(kernel.value * 1e-4)
        reference = Trial(half.case, Network(wide, half.arrays[0]), half.arrays)
        found, expected = half.logit_gradients()[1][0], reference.logit_gradients()[1][0]
        assert found.dtype == np.float32
        gone = np.mean((found == 0) & (expected != 0))
        assert gone < 0.02, (policy, gone)
        error = np.linalg.norm(found - expected) / np.linalg.norm(expected)
        assert error < 5 * bound, (policy, error)


def _in_single(layer: layers.Layer) -> layers.Layer:
    config = layer.get_config()
    config["dtype"] = "float32"
    return type(layer).from_config(config)


def check_the_gradient_by_weights_is_what_differences_say() -> None:
    with precision("float64"):
        it = in_doubles("softmax_activation")
        model, x = it.case.model, it.arrays[0]
        y = np.eye(5)[[0, 3, 1]]

        def loss(inputs: Any) -> Any:
            return ops.mean(keras.losses.categorical_crossentropy(y, model(inputs, training=False)))

        def function(inputs: Any) -> Any:
            return gradients.weight_gradients(model, lambda: loss(inputs))

        value, found = it.network.call(("weights",), function, x)
        assert len(found) == len(model.trainable_variables)
        kernel = model.trainable_variables[-2]
        kept = as_array(kernel.value)

        def at(weights: np.ndarray) -> np.ndarray:
            values = []
            for each in weights:
                kernel.assign(each)
                with keras.StatelessScope():
                    values.append(float(as_array(loss(x))))
            kernel.assign(kept)
            return np.array(values)

        rows = slice(0, 3)
        few = differences(lambda many: at(np.stack([np.concatenate([each, kept[3:]]) for each in many])), kept[rows])
        same(found[-2][rows], few, 1e-6)
        same(value, at(kept[None])[0], 1e-12)


# --- faults that must fail


def fails(check: Callable[[], None]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


@contextmanager
def rectified_by(other: Callable[..., Any]) -> Iterator[None]:
    """The engine with somebody else's idea of a rule."""
    kept = graph.rectifier
    graph.rectifier = other
    try:
        yield
    finally:
        graph.rectifier = kept


def by_value(rule: Rule, max_value: float | None = None, threshold: float = 0.0) -> Callable[[Any], Any]:
    """Guided back-propagation as flashtorch has it: the gradient times the value, not times whether there is one."""

    @ops.custom_gradient
    def rectified(x: Any) -> Any:
        y = ops.maximum(x, 0.0)

        def back(*arguments: Any, upstream: Any = None) -> Any:
            return ops.maximum(arguments[0] if upstream is None else upstream, 0.0) * y

        return y, back

    return rectified


def check_a_guided_gradient_times_the_value_is_caught() -> None:
    for name in CHAINS:
        agrees_with_the_oracle(fresh(name), "guided")
        with rectified_by(by_value):
            assert fails(lambda name=name: agrees_with_the_oracle(fresh(name), "guided")), name


def check_one_rule_taken_for_another_is_caught() -> None:
    for name in ("sequential", "bias_free", "softmax_layer"):
        for rule in RULES[1:]:
            for other in RULES:
                if other != rule:
                    wrong = graph_with(other)
                    with rectified_by(wrong):
                        assert fails(lambda name=name, rule=rule: agrees_with_the_oracle(fresh(name), rule)), (
                            rule,
                            other,
                        )


def graph_with(other: Rule) -> Callable[..., Any]:
    kept = graph.rectifier

    def rectifier(_: Rule, max_value: float | None = None, threshold: float = 0.0) -> Any:
        return kept(other, max_value, threshold)

    return rectifier


def check_the_gradient_of_a_hidden_unit_or_of_a_probability_is_caught() -> None:
    with precision("float64"):
        it = in_doubles("sequential")
        expected = by_differences(it, 0)
        hidden = it.network.sites.leaves[-2].path  # the input of a fused softmax layer, as the thesis took it

        def of_hidden(x: Any) -> Any:
            def score(image: Any) -> Any:
                return ops.sum(it.network.run([image], taps=(hidden,)).values[hidden][:, 1]), ()

            return gradients.value_and_gradient(score, [x])[1][0]

        def of_probability(x: Any) -> Any:
            def score(image: Any) -> Any:
                return ops.sum(it.network.run([image]).outputs[0][:, 1]), ()

            return gradients.value_and_gradient(score, [x])[1][0]

        for wrong in (of_hidden, of_probability):
            found = it.network.call((wrong.__name__,), wrong, it.arrays[0])[0]
            assert fails(lambda found=found: same(found, expected, 1e-6)), wrong.__name__
            # Nor is it the same up to a scale, which a display would hide.
            scaled = found / np.abs(found).max() * np.abs(expected).max()
            assert far(scaled, expected) > 0.05, wrong.__name__
