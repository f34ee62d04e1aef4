"""Deep visualisation on real networks: closed forms, units by address, the zoo, dead units, functions that are kept."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import keras
import numpy as np
from keras import layers, tree
from left import leave
from trial import Trial, for_each, fresh, plainly, same
from zoo import draw_weights, floats

from trainvis.vis.figures import Figure
from trainvis.vis.growing import DEAD, NOT_A_NUMBER
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.techniques.deep_visualization import Options, compute
from trainvis.vis.units import find_units, stacked, unit_gradients

SMALL = {"iterations": 5, "raw": True}


def digits(bias: float = 0.0) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((9, 8, 1)),
            layers.Conv2D(4, 3, activation="relu", name="conv", bias_initializer=keras.initializers.Constant(bias)),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(),
            layers.Dense(6, activation="relu", name="hidden"),
            layers.Dense(12, activation="softmax", name="classes"),
        ]
    )
    draw_weights(model, "digits")
    return model


def linear(activation: str | None = "softmax") -> keras.Model:
    model = keras.Sequential(
        [keras.Input((4, 5, 2)), layers.Flatten(), layers.Dense(3, activation, use_bias=False, name="classes")]
    )
    draw_weights(model, "linear")
    return model


def numbers(figure: Figure, layer: str) -> np.ndarray:
    return figure.part(f"{layer} (numbers)").values


def scores(figure: Figure, layer: str) -> np.ndarray:
    return np.array([item.score for item in figure.part(layer).items])


def check_a_class_of_a_linear_network_follows_the_geometric_series() -> None:
    model = linear()
    weights = np.asarray(keras.ops.convert_to_numpy(model.layers[-1].kernel)).T.reshape(3, 4, 5, 2)
    for convention, updates in (("thesis", 30), ("yosinski", 29)):
        figure = compute(
            Probe(model, floats(1, 4, 5, 2)),
            Options(
                regularisers="none", l2_decay=0.02, learning_rate=0.4, iterations=30, convention=convention,
                keep="last", clip=False, absolute_noise=10, seed=3, raw=True,
            ),
        )  # fmt: skip
        start = np.random.default_rng([3, 0]).normal(0, 10, (4, 5, 2))
        q = 0.98
        expected = start * q**updates + 0.4 * weights * q * (1 - q**updates) / (1 - q)
        same(numbers(figure, "classes"), expected, 1e-5, convention)
        same(scores(figure, "classes"), np.sum(expected * weights, axis=(1, 2, 3)), 1e-5, convention)


def check_scores_are_those_of_the_pictures_on_networks_of_every_kind() -> None:
    def of(trial: Trial) -> None:
        case = trial.case
        probe = Probe(trial.network, case.inputs, output=trial.output)
        figure = compute(probe, Options(iterations=3, keep="last", raw=True))
        (part,) = [each for each in figure.parts if each.kind in ("pictures", "vectors")]
        values = part.values if part.kind == "vectors" else figure.parts[1].values
        first = probe.image[:1]
        pictures = np.moveaxis(values, -1, 1) if probe.channels_first else values.reshape(-1, *first.shape[1:])
        structure = tree.pack_sequence_as(case.inputs, list(probe.filled(pictures.astype(first.dtype))))
        outputs = tree.flatten(plainly(case.bare())(structure))
        logits = outputs[probe.output].reshape(len(pictures), -1, outputs[probe.output].shape[-1])
        expected = np.stack([logits[place, :, item.target].mean() for place, item in enumerate(part.items)])
        same([item.score for item in part.items], expected, max(5e-5, trial.tolerance), case.name)
        alive = [item for item in part.items if item.note != DEAD]
        assert alive, "no unit has a gradient"

    for_each(
        of,
        [
            "unbuilt_sequential", "softmax_layer", "segmentation", "series", "mixed_float16", "nested_twice", "siamese",
            "image_and_ids", "dict_outputs", "subclassed",
        ],
    )  # fmt: skip


def check_a_unit_has_one_address_in_several_forms() -> None:
    probe = Probe(digits(), floats(1, 9, 8, 1))
    for forms in ([("conv", (4, 5, 2)), "conv:4,5,2", (1, [4, 5, 2])], ["classes:3", 3, (-1, 3), ("classes", (3,))]):
        assert len({find_units(probe, (each,))[0] for each in forms}) == 1, forms
    assert [unit.index for unit in find_units(probe, None)] == [(each,) for each in range(10)]
    assert find_units(Probe(probe.network, floats(2, 9, 8, 1), target=[7, 7]), None) == find_units(probe, (7,))


def check_units_that_are_not_there_are_refused_with_what_is() -> None:
    probe = Probe(digits(), floats(1, 9, 8, 1))
    for address, said in {
        "conv:9": "maps are 0 to 3, each 7×6", "conv:7,0,0": "maps are 0 to 3", "conv:1,2": "has 2 numbers",
        "classes:12": "0 to 11", "clases:1": "did you mean classes", "conv": "say layer:index", "conv:x": "is no unit",
        12: "0 to 11", -1: "0 to 11", ("conv", None): "is no unit",
    }.items():  # fmt: skip
        refusal = ""
        try:
            find_units(probe, (address,))
        except NetworkError as error:
            refusal = str(error)
        assert said in refusal, (address, refusal)


def check_the_score_of_hidden_units_and_maps_is_their_activation() -> None:
    model = digits()
    inside = keras.Model(model.inputs[0], model.get_layer("conv").output)
    images = floats(3, 9, 8, 1)
    values = plainly(inside)(images)
    probe = Probe(model, images)
    for address, over, expected in (
        ("conv:4,5,2", "mean", values[:, 4, 5, 2]),
        ("conv:1", "mean", values[..., 1].mean((1, 2))),
        ("conv:1", "centre", values[:, 3, 3, 1]),
    ):
        weights = stacked(find_units(probe, (address,)) * 3, over, "float32")
        found, gradients = unit_gradients(probe, images, "conv", weights)
        same(found, expected, 1e-5, address)
        assert gradients.shape == images.shape


def check_channels_first_maps_are_addressed_by_row_column_map() -> None:
    trial = fresh("channels_first")
    probe = Probe(trial.network, trial.case.inputs)
    site = next(each for each in trial.network.sites.leaves if each.is_maps and each.channels_first)
    row, column, channel = site.shape[1] - 1, 0, site.shape[0] - 1
    try:
        values = trial.walked(taps=(site.path,))[1][site.path]
    except Exception as error:  # a CPU build of TensorFlow has no such convolution
        if keras.backend.backend() == "tensorflow" and "NHWC" in str(error):
            return
        raise
    for address, expected in (
        ((row, column, channel), values[:, channel, row, column]),
        ((channel,), values[:, channel].mean((1, 2))),
    ):
        weights = stacked(find_units(probe, ((site.path, address),)) * probe.count, "mean", "float32")
        same(unit_gradients(probe, probe.image, site.path, weights)[0], expected, 1e-5, str(address))


def check_units_and_tries_climb_as_they_would_alone() -> None:
    probe = Probe(digits(), floats(1, 9, 8, 1), batch=5)
    units = ("conv:4,5,2", "classes:1", "conv:3", "classes:4")
    figure = compute(probe, Options(units=units, tries=3, **SMALL))
    assert [part.name for part in figure.parts] == ["conv", "conv (numbers)", "classes", "classes (numbers)"]
    for layer in ("conv", "classes"):
        items = figure.part(layer).items
        assert [item.rank for item in items] == [0, 1, 2, 0, 1, 2]
        assert all(one.score >= other.score for one, other in pairwise(items) if other.rank)
        for unit in range(2):
            rows = slice(3 * unit, 3 * unit + 3)
            address = (layer, items[3 * unit].unit)
            alone = compute(probe, Options(units=(address,), tries=3, **SMALL))
            same(numbers(alone, layer), numbers(figure, layer)[rows], 1e-4, str(address))
    leave("units and tries", numbers(figure, "classes"))


def check_the_same_seed_gives_the_same_figure_and_another_one_another() -> None:
    probe = Probe(digits(), floats(1, 9, 8, 1))
    one, again, other = (compute(probe, Options(units=(3,), seed=seed, **SMALL)) for seed in (1, 1, 2))
    assert np.array_equal(one.part("classes").values, again.part("classes").values)
    assert not np.array_equal(numbers(one, "classes"), numbers(other, "classes"))


def check_nothing_is_traced_again_for_other_units_or_settings() -> None:
    probe = Probe(digits(), floats(1, 9, 8, 1))
    compute(probe, Options(units=(0, 1), **SMALL))
    kept: dict[Any, Any] = probe.network._functions
    before = len(kept), sum(each.traces() for each in kept.values())
    for round_ in range(4):
        settings = Options(units=(round_, round_ + 5), l2_decay=0.1 * round_, seed=round_, **SMALL)
        compute(Probe(probe.network, floats(1, 9, 8, 1)), settings)
    assert (len(kept), sum(each.traces() for each in kept.values())) == before


def check_a_start_below_every_rectifier_is_rescued() -> None:
    model = digits()
    model.get_layer("conv").bias.assign(np.full(4, -1.0, np.float32))
    probe = Probe(model, floats(1, 9, 8, 1))
    given = {"units": ("conv:1",), "iterations": 40, "noise": 0.01}
    left, rescued = (compute(probe, Options(**given, rescue=each)).part("conv").items[0] for each in (False, True))
    assert left.note == DEAD
    assert left.score == 0
    assert rescued.note == ""
    assert rescued.score > 0


def check_weights_that_are_no_numbers_are_told() -> None:
    model = linear()
    model.layers[-1].kernel.assign(np.full((40, 3), np.nan, np.float32))
    figure = compute(Probe(model), Options(iterations=2))
    assert [item.note for item in figure.part("classes").items] == [NOT_A_NUMBER] * 3


def check_a_dead_unit_is_told_in_words() -> None:
    model = digits()
    conv = model.get_layer("conv")
    kernel = np.array(keras.ops.convert_to_numpy(conv.kernel))
    kernel[..., 2] = 0
    conv.kernel.assign(kernel)
    conv.bias.assign(np.array([0, 0, -1, 0], np.float32))
    for convention in ("thesis", "yosinski"):
        figure = compute(
            Probe(model, floats(1, 9, 8, 1)), Options(units=("conv:2", "conv:3"), convention=convention, tries=2)
        )
        assert [item.note for item in figure.part("conv").items] == [DEAD, DEAD, "", ""]


def check_probabilities_are_climbed_by_progress01() -> None:
    figure = compute(
        Probe(digits(), floats(1, 9, 8, 1)),
        Options(units=(2,), policy="progress01", regularisers="none", iterations=60),
    )
    assert 0.5 < figure.part("classes").items[0].score <= 1


def check_pictures_lie_in_the_range_of_the_preprocessing() -> None:
    model = keras.Sequential([keras.Input((6, 6, 3)), layers.Flatten(), layers.Dense(2, name="out")])
    draw_weights(model, "range")
    probe = Probe(model, preprocess="bgr mean 104,117,123")
    figure = compute(probe, Options(clip=True, learning_rate=1e4, raw=True))
    values = numbers(figure, "out")
    assert figure.recipe["input_range"] == {"low": [-104, -117, -123], "high": [151, 138, 132]}
    assert figure.recipe["channels"] == "bgr"
    assert np.array_equal(values.min((0, 1, 2)), [-104, -117, -123])
    assert np.array_equal(values.max((0, 1, 2)), [151, 138, 132])
    shown = figure.part("out").values.astype(float)
    assert np.abs(shown[..., ::-1] - [104, 117, 123] - values).max() <= 1
    assert figure.inputs == figure.predictions == ()


def check_further_inputs_are_held_and_it_is_said() -> None:
    image, more = keras.Input((6, 6, 1)), keras.Input((3,))
    out = layers.Dense(4, name="out")(layers.Concatenate()([layers.Flatten()(image), more]))
    model = keras.Model([image, more], out)
    figure = compute(Probe(model), Options(iterations=2))
    assert "The other input is held at zeros." in figure.notes
    figure = compute(Probe(model, [floats(2, 6, 6, 1), floats(2, 3)]), Options(iterations=2))
    assert "The other input is held at those of the first input given." in figure.notes


def check_an_input_without_height_and_width_gives_vectors_and_no_blur() -> None:
    model = keras.Sequential([keras.Input((7,)), layers.Dense(4, "relu"), layers.Dense(3, name="out")])
    draw_weights(model, "vectors")
    figure = compute(Probe(model), Options(iterations=3))
    assert figure.part("out").values.shape == (3, 7)
    assert any("Nothing is blurred" in note for note in figure.notes)
