"""Feature visualisation and deep dream: transforms against NumPy and closed forms, ascent against what it must do."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops
from left import leave
from trial import Trial, for_each, plainly, same
from zoo import draw_weights, floats

from trainvis.vis import gradients
from trainvis.vis.canvas import Canvas, centred
from trainvis.vis.fourier import Fourier, correlated
from trainvis.vis.growing import DEAD
from trainvis.vis.input_range import input_range
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.technique import TechniqueError
from trainvis.vis.techniques import deep_dream, feature_visualization
from trainvis.vis.techniques.deep_dream import octave_sizes, resized
from trainvis.vis.views import Views, seen, view

SIZES = ((8, 8), (9, 7), (6, 11), (1, 5))
RNG = np.random.default_rng(5)


def compiled(function: Any, *arrays: np.ndarray) -> Any:
    return gradients.compiled(keras.Sequential([keras.Input((1,)), layers.Dense(1)]), function)(*arrays)


def small(activation: str | None = "softmax", channels: int = 3) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((12, 10, channels)),
            layers.Conv2D(5, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(4, 3, activation="relu", name="deep"),
            layers.Flatten(),
            layers.Dense(3, activation, name="classes"),
        ]
    )
    draw_weights(model, "growing")
    return model


# Spectra


def check_spectra_become_pictures_as_numpy_has_it() -> None:
    for height, width in SIZES:
        fourier = Fourier(height, width, 2)
        spectra = RNG.normal(size=(3, *fourier.shape)).astype("float32")
        complex_ = (spectra[:, 0] + 1j * spectra[:, 1]) * fourier.scales()
        expected = np.moveaxis(np.fft.irfft2(complex_, s=(height, width)), 1, -1)
        same(fourier.pictures(spectra), expected, 1e-6, "numpy")
        same(compiled(fourier.tensors, spectra), expected, 1e-5, f"{height}×{width}")


def check_amplitudes_fall_with_the_frequency() -> None:
    scales = Fourier(16, 16, 1).scales()
    assert scales.shape == (16, 9)
    assert np.isclose(scales[0, 2] / scales[0, 4], 2)
    assert np.isclose(scales[0, 1], scales[0, 0])  # what has no frequency counts as the lowest
    assert np.isclose(scales[0, 1], 16 * 16 / 4)


def check_one_frequency_is_one_wave() -> None:
    fourier = Fourier(6, 10, 1)
    spectrum = np.zeros((1, *fourier.shape))
    spectrum[0, 0, 0, 1, 2] = 1
    rows, columns = np.indices((6, 10))
    wave = np.cos(2 * np.pi * (rows / 6 + 2 * columns / 10))
    same(fourier.pictures(spectrum)[0, ..., 0], wave * 2 * fourier.scales()[1, 2] / 60, 1e-12)


def check_the_gradient_of_a_spectrum_is_that_of_finite_differences() -> None:
    fourier, weights = Fourier(5, 6, 2), RNG.normal(size=(1, 5, 6, 2)).astype("float32")

    def gradient(spectra: Any) -> Any:
        def score(each: Any) -> Any:
            return ops.sum(ops.multiply(fourier.tensors(each), weights)), ()

        return gradients.value_and_gradient(score, [spectra])[1][0]

    spectra = RNG.normal(size=(1, *fourier.shape))
    expected = np.zeros_like(spectra)
    for place in np.ndindex(*spectra.shape):
        step = np.zeros_like(spectra)
        step[place] = 1
        expected[place] = np.sum((fourier.pictures(spectra + step) - fourier.pictures(spectra - step)) * weights) / 2
    same(compiled(gradient, spectra.astype("float32")), expected, 1e-5)


def check_colours_have_the_published_covariance_and_one_channel_has_none() -> None:
    colours = correlated(3)
    assert np.isclose(np.linalg.norm(colours, axis=1).max(), 1)
    covariance = colours.T @ colours
    assert np.allclose(covariance, covariance.T)
    assert (covariance > 0).all()  # red, green and blue of photographs rise and fall together
    assert np.array_equal(correlated(3, reversed_=True), colours[:, ::-1])
    for channels in (1, 2, 4):
        assert np.array_equal(correlated(channels), np.eye(channels))


# Views


def check_the_view_from_the_front_is_the_picture() -> None:
    picture = RNG.random((2, 5, 7, 3), dtype=np.float32)
    places, shares = view(5, 7)
    same(compiled(seen, picture, places, shares.astype("float32")), picture, 0)


def check_a_shift_by_whole_pixels_moves_the_picture_and_goes_on_at_its_border() -> None:
    picture = np.arange(20, dtype=np.float32).reshape(1, 4, 5, 1)
    places, shares = view(4, 5, (1, -2))
    expected = picture[0, np.clip(np.arange(4) + 1, 0, 3)][:, np.clip(np.arange(5) - 2, 0, 4)]
    same(compiled(seen, picture, places, shares.astype("float32"))[0], expected, 1e-6)


def check_a_quarter_turn_and_a_doubling_are_exact() -> None:
    picture = RNG.random((1, 7, 7, 2), dtype=np.float32)
    places, shares = view(7, 7, degrees=90)
    turned = compiled(seen, picture, places, shares.astype("float32"))
    same(turned, np.rot90(picture, -1, axes=(1, 2)), 1e-5)
    places, shares = view(7, 7, scale=2)
    larger = compiled(seen, picture, places, shares.astype("float32"))
    same(larger[0, 1::2, 1::2], picture[0, 2:5, 2:5], 1e-5)


def check_shares_sum_to_one_wherever_one_looks_from() -> None:
    for seed in range(20):
        places, shares = Views(3, 0.3, 40).draw(np.random.default_rng(seed), 9, 6)
        assert np.allclose(shares.sum(1), 1)
        assert (shares >= 0).all()
        assert places.min() >= 0
        assert places.max() < 54


def check_the_gradient_of_a_view_carries_every_share_back() -> None:
    places, shares = Views(2, 0.2, 20).draw(np.random.default_rng(1), 6, 5)
    weights = RNG.normal(size=(1, 6, 5, 2)).astype("float32")

    def gradient(pictures: Any, places: Any, shares: Any) -> Any:
        def score(each: Any) -> Any:
            return ops.sum(ops.multiply(seen(each, places, shares), weights)), ()

        return gradients.value_and_gradient(score, [pictures])[1][0]

    expected = np.zeros((30, 2))
    for pixel, weight in enumerate(weights.reshape(30, 2)):
        for place, share in zip(places[pixel], shares[pixel], strict=True):
            expected[place] += share * weight
    found = compiled(gradient, np.zeros((1, 6, 5, 2), np.float32), places, shares.astype("float32"))
    same(found.reshape(30, 2), expected, 1e-5)


# What is shown


def check_zero_is_grey_where_nothing_says_what_is_black() -> None:
    assert np.allclose(centred(np.array([-1.0, 0.0, 3.0])), [1 / 3, 0.5, 1])
    assert np.allclose(centred(np.array([-4.0, 0.0, 2.0])), [0, 0.5, 0.75])
    assert np.allclose(centred(np.zeros(3)), 0.5)
    canvas = Canvas(Probe(small()), input_range(Probe(small())))
    picture = np.linspace(-2, 4, 360).reshape(12, 10, 3)
    assert canvas.bytes(picture, inside=False).min() == round(255 * 0.25)
    assert canvas.bytes(picture, inside=True).min() == 0


def check_the_range_of_the_input_is_taken_from_whoever_knows_it() -> None:
    model, sample = small(), RNG.random((5, 12, 10, 3), dtype=np.float32)
    for probe, low, high, guessed in (
        (Probe(model, preprocess="-1..1"), -1, 1, False),
        (Probe(model, sample=255 * sample), 0, 255, False),
        (Probe(model, 2 * sample - 1), -1, 1, True),
        (Probe(model), 0, 1, True),
    ):
        found = input_range(probe)
        assert np.allclose(found.low, low, atol=1e-6), found
        assert np.allclose(found.high, high, atol=1e-6), found
        assert found.guessed == guessed
    odd = input_range(Probe(model, sample=sample * [1, 2, 3] - 7))
    assert np.allclose(odd.low, (sample * [1, 2, 3] - 7).min((0, 1, 2)))
    assert input_range(Probe(model), (-5, 5)).span == 10
    reordered = input_range(Probe(model, preprocess=lambda images: images[..., ::-1] / 255))
    assert reordered.bgr
    assert reordered.span == 1
    rescaled = keras.Sequential([keras.Input((4, 4, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2)])
    assert input_range(Probe(rescaled)).span == 255


# Feature visualisation


def check_a_feature_is_found_in_range_and_scored_as_it_is_shown() -> None:
    probe = Probe(small(), preprocess="bgr mean 104,117,123")
    options = feature_visualization.Options(units=(1, "conv:2", "deep:1,1,3"), steps=30, raw=True, learning_rate=0.3)
    figure = feature_visualization.compute(probe, options)
    for layer in ("classes", "conv", "deep"):
        values, item = figure.part(f"{layer} (numbers)").values, figure.part(layer).items[0]
        assert (values >= np.array([-104, -117, -123]) - 1e-3).all()
        assert (values <= np.array([151, 138, 132]) + 1e-3).all()
        shown = figure.part(layer).values[0].astype(np.float64)[..., ::-1] - [104, 117, 123]
        assert np.abs(shown - values[0]).max() <= 1
        network = keras.Model(probe.network.model.inputs[0], probe.network.model.get_layer(layer).output)
        activations = plainly(network)(values)[0]
        if layer == "conv":
            same(item.score, activations[..., 2].mean(), 1e-4)
        elif layer == "deep":
            same(item.score, activations[1, 1, 3], 1e-4)
        else:
            assert activations.argmax() == 1
    leave("features", figure.part("conv (numbers)").values / 255)


def check_a_feature_beats_grey_on_every_kind_of_network() -> None:
    def of(trial: Trial) -> None:
        probe = Probe(trial.network, trial.case.inputs, output=trial.output)
        few, many = (
            feature_visualization.compute(probe, feature_visualization.Options(steps=steps, learning_rate=0.5, seed=3))
            for steps in (1, 25)
        )
        before, after = ([item.score for item in figure.parts[0].items] for figure in (few, many))
        assert np.mean(after) > np.mean(before), trial.case.name

    for_each(of, ["unbuilt_sequential", "nested_twice", "siamese", "image_and_ids", "subclassed", "mixed_float16"])


def check_one_channel_and_four_are_grown_too() -> None:
    for channels in (1, 2, 4):
        figure = feature_visualization.compute(
            Probe(small(channels=channels)), feature_visualization.Options(units=(0,), steps=3, raw=True)
        )
        assert figure.part("classes (numbers)").values.shape == (1, 12, 10, channels)
        assert figure.part("classes").values.shape == (1, 12, 10, 1)
        assert "The input is taken to lie between 0 and 1 (a guess)" in figure.notes[0]


def check_further_units_and_settings_trace_nothing_again() -> None:
    probe = Probe(small())
    kept = probe.network._functions
    counts = []
    for round_ in range(3):
        feature_visualization.compute(
            probe, feature_visualization.Options(units=(round_,), steps=3, seed=round_, rotate=5.0 * round_)
        )
        counts.append((len(kept), sum(each.traces() for each in kept.values())))
    assert counts[0] == counts[1] == counts[2]


def check_tries_differ_and_units_do_not_know_of_each_other() -> None:
    probe = Probe(small(), batch=2)
    options = feature_visualization.Options(units=(0, 1), steps=8, tries=2, raw=True)
    figure = feature_visualization.compute(probe, options)
    values = figure.part("classes (numbers)").values
    assert np.abs(values[0] - values[1]).max() > 1e-3
    alone = feature_visualization.compute(probe, feature_visualization.Options(units=(1,), steps=8, tries=2, raw=True))
    same(alone.part("classes (numbers)").values, values[2:], 1e-4)


def check_a_dead_feature_is_told() -> None:
    model = small()
    deep = model.get_layer("deep")
    deep.kernel.assign(np.zeros(deep.kernel.shape, np.float32))
    deep.bias.assign(-np.ones(4, np.float32))
    figure = feature_visualization.compute(Probe(model), feature_visualization.Options(units=("deep:1",), steps=3))
    assert figure.part("deep").items[0].note == DEAD


def refusal(work: Any, error: type[Exception]) -> str:
    try:
        work()
    except error as said:
        return str(said)
    raise AssertionError("it was not refused")


def check_what_has_no_height_and_width_is_refused() -> None:
    model = keras.Sequential([keras.Input((7,)), layers.Dense(3)])
    for technique in (feature_visualization, deep_dream):
        said = refusal(lambda technique=technique: technique.compute(Probe(model, floats(1, 7))), NetworkError)
        assert "height and width" in said


# Deep dream


def check_a_dream_of_nothing_leaves_the_image_as_it_is() -> None:
    model = small()
    conv = model.get_layer("conv")
    conv.kernel.assign(np.zeros(conv.kernel.shape, np.float32))
    image = RNG.random((2, 12, 10, 3), dtype=np.float32)
    figure = deep_dream.compute(Probe(model, image), deep_dream.Options(layers=("conv",), scale=1.2, raw=True))
    same(figure.part("dream (numbers)").values, image, 1e-6)


def check_a_step_is_the_normalised_gradient_of_the_mean_square_inside_the_border() -> None:
    model = keras.Sequential([keras.Input((12, 11, 2)), layers.Conv2D(2, 1, use_bias=False, name="same")])
    model.layers[0].kernel.assign(np.eye(2, dtype=np.float32)[None, None])
    image = RNG.random((2, 12, 11, 2), dtype=np.float32)
    image[0, 0, 0, 0], image[0, 0, 0, 1] = 0, 1
    options = deep_dream.Options(layers=("same",), octaves=1, iterations=3, step=0.1, raw=True, clip=False)
    figure = deep_dream.compute(Probe(model, image), options)
    expected = image.astype(np.float64)
    inside = np.zeros((1, 12, 11, 1))
    inside[:, 2:-2, 2:-2] = 1
    for _ in range(3):
        gradient = 2 * expected * inside / (12 * 11 * 2)
        expected += 0.1 * gradient / np.abs(gradient).mean(axis=(1, 2, 3), keepdims=True)
    same(figure.part("dream (numbers)").values, expected, 1e-5)
    loss = np.sum((expected * inside) ** 2, axis=(1, 2, 3)) / (12 * 11 * 2)
    same([item.score for item in figure.part("dream").items], loss, 1e-5)
    leave("dream", figure.part("dream (numbers)").values)


def check_layers_count_as_much_as_their_coefficients() -> None:
    image = RNG.random((1, 12, 10, 3), dtype=np.float32)
    probe = Probe(small(), image)

    def loss(**given: Any) -> float:
        options = deep_dream.Options(iterations=1, octaves=1, step=1e-7, **given)
        return deep_dream.compute(probe, options).part("dream").items[0].score

    one, other = loss(layers=("conv",)), loss(layers=("deep",))
    both = loss(layers=("conv", "deep"), coefficients=(2.0, 0.5))
    assert np.isclose(both, 2 * one + 0.5 * other, rtol=1e-3)


def check_a_dream_grows_its_layer_within_the_range() -> None:
    image = RNG.random((3, 12, 10, 3), dtype=np.float32)
    probe = Probe(small(), image, batch=2)
    little, much = (
        deep_dream.compute(probe, deep_dream.Options(iterations=each, octaves=2, scale=1.2, raw=True))
        for each in (1, 9)
    )
    for one, other in zip(little.part("dream").items, much.part("dream").items, strict=True):
        assert other.score > one.score
    values = much.part("dream (numbers)").values
    assert values.min() >= 0
    assert values.max() <= 1
    assert "Layers: pool." in much.notes


def check_a_loss_that_is_high_enough_ends_a_size() -> None:
    image = RNG.random((1, 12, 10, 3), dtype=np.float32)
    options = deep_dream.Options(layers=("conv",), octaves=1, most=-1.0, raw=True)
    same(deep_dream.compute(Probe(small(), image), options).part("dream (numbers)").values, image, 1e-6)


def check_a_layer_that_takes_one_size_only_is_refused_with_the_way_out() -> None:
    probe = Probe(small(), RNG.random((1, 12, 10, 3), dtype=np.float32))
    options = {"layers": ("classes",), "scale": 1.2}
    assert "octaves=1" in refusal(lambda: deep_dream.compute(probe, deep_dream.Options(**options)), NetworkError)
    assert deep_dream.compute(probe, deep_dream.Options(layers=("classes",), octaves=1, iterations=2)).parts
    assert "give one" in refusal(lambda: deep_dream.compute(Probe(small())), NetworkError)


def check_sizes_of_octaves_end_at_the_image() -> None:
    assert octave_sizes((196, 98), 3, 1.4) == [(100, 50), (140, 70), (196, 98)]
    assert octave_sizes((28, 28), 6, 1.4) == [(10, 10), (14, 14), (20, 20), (28, 28)]
    assert octave_sizes((4, 4), 3, 1.4) == [(4, 4)]


def check_a_constant_picture_stays_constant_at_every_size() -> None:
    assert np.allclose(resized(np.full((2, 5, 7, 3), 0.4), 9, 4), 0.4)


def check_settings_that_make_no_sense_are_refused_by_name() -> None:
    for technique, given in (
        (feature_visualization, {"steps": 0}), (feature_visualization, {"scale": 1.0}),
        (feature_visualization, {"learning_rate": 0.0}), (deep_dream, {"octaves": 0}), (deep_dream, {"scale": 1.0}),
        (deep_dream, {"coefficients": (1.0,)}),
    ):  # fmt: skip
        said = refusal(lambda technique=technique, given=given: technique.Options(**given), TechniqueError)
        assert next(iter(given)) in said
