"""The deconvolutional network: against transposed convolutions and switches written out, published numbers and what
must hold of any.
"""

from __future__ import annotations

import keras
import numpy as np
import oracles
from keras import layers
from left import leave
from trial import Trial, for_each, same, trial
from zoo import MODELS, draw_weights, floats, precision

from trainvis.vis.figures import Maps
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.projection import projected
from trainvis.vis.receptive import box, receptive_field
from trainvis.vis.techniques.deconvolutional_network import Options, compute

CHAINS = ("sequential", "bias_free", "strided", "squeezed_head")


def values(model: keras.Model, x: np.ndarray, **options) -> np.ndarray:
    return compute(Probe(model, x), Options(**options)).parts[0].values


def check_it_is_what_transposed_convolutions_and_switches_give() -> None:
    def check(it: Trial) -> None:
        chain, probe = oracles.chain_of(it.case.model), Probe(it.network, it.case.inputs)
        chain.forward(it.arrays[0])
        for step in chain.steps:
            if step.y.ndim == 4:
                part = compute(probe, Options(layer=step.name, top=3)).parts[0]
                for item, found in zip(part.items, part.values, strict=True):
                    expected = chain.deconvolution(step.name, item.unit[-1])[item.image]
                    same(found, expected, 1e-5, f"{step.name} {item}")

    for_each(check, CHAINS)


def check_in_doubles_it_is_that_to_nine_digits() -> None:
    with precision("float64"):
        case = MODELS["strided"]()
        x = np.asarray(case.inputs, "float64")
        part = compute(Probe(case.model, x), Options(top=2)).parts[0]
    chain = oracles.chain_of(case.model)
    chain.forward(x)
    for item, found in zip(part.items, part.values, strict=True):
        same(found, chain.deconvolution(item.layer, item.unit[-1])[item.image], 1e-9)
    leave("double_strided", part.values)


def check_a_unit_of_a_dense_layer_goes_back_through_all_of_them() -> None:
    it = trial("sequential")
    chain = oracles.chain_of(it.case.model)
    chain.forward(it.arrays[0])
    for name in [step.name for step in chain.steps if step.kind == "dense"]:
        part = compute(Probe(it.network, it.case.inputs), Options(layer=name, maps=(1,))).parts[0]
        top = chain.step(name)
        seed = np.zeros_like(top.y)
        seed[:, 1] = top.y[:, 1]
        same(part.values, chain.back(seed, "deconvolution", name), 1e-5, name)
        assert all(item.unit == (1,) and item.box == (0, 0, 12, 12) for item in part.items)
        np.testing.assert_allclose([item.score for item in part.items], top.y[:, 1], rtol=1e-5)


def check_published_numbers_come_out() -> None:
    # Captum 0.9, tests/attr/test_deconvolution.py, the unit as its first: two kernels of ones, a dense layer whose
    # weights are 1 for the first five units (channel by channel) and -1 for the others.
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.Permute((3, 1, 2)),
            layers.Flatten(),
            layers.Dense(4, activation="relu", name="units"),
        ]
    )
    signs = np.repeat([[1.0], [-1.0]], [5, 3], axis=0) * np.ones((8, 4))
    model.set_weights([np.ones((3, 3, 1, 2)), np.array([-50.0, -75.0]), signs, np.zeros(4)])
    x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    found = values(model, x, layer="units", maps=(0, 3), signal="one")[..., 0]
    expected = [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]]
    same(found, [expected, expected], 1e-6)
    scaled = values(model, x, layer="units", maps=(0,))[0, ..., 0]
    same(scaled, 54.0 * np.array(expected), 1e-6)  # 4 + 31 + 40 + 0 − 0 − 6 − 15


def check_of_equal_maxima_the_first_is_followed_in_pools_and_maps() -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.MaxPooling2D(2, name="pool")])
    x = np.full((1, 4, 4, 1), 3.0, "float32")
    figure = compute(Probe(model, x), Options(layer="pool"))
    assert figure.parts[0].items[0].unit == (0, 0, 0)
    expected = np.zeros((4, 4))
    expected[0, 0] = 3
    same(figure.parts[0].values[0, ..., 0], expected, 0.0)
    whole = values(model, x, layer="pool", signal="map")[0, ..., 0]
    expected[[0, 2, 2], [2, 0, 2]] = 3  # vis: all-equal 4×4, pool 2
    same(whole, expected, 0.0)


def check_what_overlapping_pools_share_adds_up() -> None:
    model = keras.Sequential([keras.Input((5, 5, 1)), layers.MaxPooling2D(3, 1, name="pool")])
    x = np.zeros((1, 5, 5, 1), "float32")
    x[0, 2, 2] = 2
    same(values(model, x, layer="pool", signal="map")[0, 2, 2, 0], 18.0, 1e-6)


def check_the_signals_differ_by_the_activation_and_a_map_is_the_sum_of_its_units() -> None:
    for name in ("sequential", "residual", "own_blocks"):
        it = trial(name)
        probe = Probe(it.network, it.case.inputs)
        thesis, one = (compute(probe, Options(top=4, signal=signal)).parts[0] for signal in ("activation", "one"))
        scores = np.array([item.score for item in thesis.items])
        assert (scores > 0).any(), name
        lit = scores > 0
        same(thesis.values[lit], (one.values * scores.reshape(-1, 1, 1, 1).astype("float32"))[lit], 1e-5, name)
    linear = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(3, 3, name="conv"), layers.Conv2D(2, 2, name="top")]
    )
    draw_weights(linear, "linear")
    x = floats(1, 6, 6, 2)
    kernel = [np.asarray(each, "float64") for each in linear.get_weights()]
    chain = oracles.chain_of(linear)
    y = chain.forward(x)
    seed = np.zeros_like(y)
    seed[..., 1] = y[..., 1]
    assert len(kernel) == 4
    same(values(linear, x, layer="top", maps=(1,), signal="map")[0], chain.back(seed, "plain")[0], 1e-5)


def check_nothing_lies_outside_of_the_receptive_field() -> None:
    for name in ("sequential", "strided", "residual", "concatenated", "segmentation", "channels_first"):
        it = trial(name)
        part = compute(Probe(it.network, it.case.inputs), Options(top=3)).parts[0]
        field = receptive_field(it.network, part.name)
        for item, found in zip(part.items, part.values, strict=True):
            assert item.box == box(field, *item.unit[:2])
            top, left, bottom, right = (max(0, edge) for edge in item.box)
            inside = np.zeros(found.shape[:2], bool)
            inside[top:bottom, left:right] = True
            assert not found[~inside].any(), f"{name} {item}"
            assert found.any() or item.note, f"{name} {item}"


def check_a_map_comes_out_alone_as_among_others_and_beside_other_images() -> None:
    it = trial("sequential")
    probe = Probe(it.network, it.case.inputs, batch=2)  # three images: a full batch and one over
    path = next(site.path for site in it.network.sites.leaves if site.is_maps)
    every = compute(probe, Options(layer=path, top=-1)).parts[0]
    count = it.network.sites[path].units
    assert len(every.items) == 3 * count
    for item, found in zip(every.items, every.values, strict=True):
        one = Probe(it.network, it.arrays[0][item.image : item.image + 1])
        alone = compute(one, Options(layer=path, maps=(item.unit[-1],))).parts[0]
        same(found, alone.values[0], 1e-5)
        assert (alone.items[0].unit, alone.items[0].box, alone.items[0].note) == (item.unit, item.box, item.note)


def check_the_order_is_that_of_the_largest_activation() -> None:
    it = trial("concatenated")
    figure = compute(Probe(it.network, it.case.inputs), Options(top=-1))
    path = figure.parts[0].name
    _, kept = it.walked(taps=(path,))
    peaks = kept[path].max(axis=(1, 2))
    for image in range(len(peaks)):
        items = [item for item in figure.parts[0].items if item.image == image]
        assert [item.rank for item in items] == list(range(peaks.shape[1]))
        assert [item.unit[-1] for item in items] == np.argsort(-peaks[image], kind="stable").tolist()
        np.testing.assert_allclose([item.score for item in items], -np.sort(-peaks[image]), rtol=1e-5, atol=1e-6)
        for item in items:
            row, column, map_ = item.unit
            place = np.argmax(kept[path][image, ..., map_])
            assert kept[path][image, row, column, map_] == kept[path][image, ..., map_].ravel()[place]


def check_many_maps_go_in_several_calls_of_one_function() -> None:
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(40, 3, activation="relu", name="conv"), layers.MaxPooling2D(name="pool")]
    )
    draw_weights(model, "many")
    probe = Probe(model, floats(2, 8, 8, 1))
    every = compute(probe, Options(top=-1)).parts[0]
    assert every.values.shape == (80, 8, 8, 1)
    kept = len(probe.network._functions)
    seconds = probe.network.seconds_compiling
    some = compute(probe, Options(maps=tuple(range(40)))).parts[0]
    for item, found in zip(every.items, every.values, strict=True):
        same(found, some.values[item.image * 40 + item.unit[-1]], 1e-5)
    compute(probe, Options(top=-1))
    compute(probe, Options(maps=tuple(reversed(range(40)))))
    assert len(probe.network._functions) == kept + 1
    if keras.backend.backend() != "torch":
        assert seconds > 0
    model.get_layer("conv").set_weights([np.zeros((3, 3, 1, 40)), np.ones(40)])
    dark = compute(probe.forget(), Options(top=2))
    assert not dark.parts[0].values.any()
    assert dark.parts[0].items[0].score == 1


def check_darkness_and_what_is_blocked_are_said() -> None:
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(2, 1, activation="relu", name="first"),
            layers.Conv2D(3, 1, activation="relu", name="second"),
        ]
    )
    # Map 0 is dark; map 1 reads the first layer with a negative weight; map 2 sees what is there.
    model.set_weights(
        [np.ones((1, 1, 1, 2)), np.zeros(2), np.array([[-1.0, -1, 1], [-1, -1, 1]])[None, None], np.array([0.0, 50, 0])]
    )
    x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    for signal in ("activation", "one", "map"):
        figure = compute(Probe(model, x), Options(layer="second", top=-1, signal=signal))
        notes = {item.unit[-1]: item.note for item in figure.parts[0].items}
        assert notes[0] == "dark on this image: nothing to project"
        assert notes[1].startswith("nothing of it gets through")
        assert notes[2] == ""
        shown = {item.unit[-1]: each for item, each in zip(figure.parts[0].items, figure.parts[0].values, strict=True)}
        assert not shown[0].any()
        assert not shown[1].any()
        assert shown[2].any()


def check_other_nonlinearities_are_counted_and_pass_their_gradient() -> None:
    it = trial("smooth_activations")
    figure = compute(Probe(it.network, it.case.inputs), Options(top=1))
    assert any("No ReLU was found" in note and "gelu 2×" in note for note in figure.notes), figure.notes
    plain = trial("linear")
    figure = compute(Probe(plain.network, plain.case.inputs), Options(top=1))
    assert any("No ReLU was found" in note for note in figure.notes)


def check_half_floats_lose_nothing_of_it() -> None:
    for name in ("mixed_float16", "mixed_bfloat16"):
        it = trial(name)
        single = keras.models.model_from_json(it.case.model.to_json().replace(name, "float32"))
        single.set_weights(it.case.model.get_weights())
        half = compute(Probe(it.network, it.case.inputs), Options(top=3)).parts[0]
        full = compute(Probe(single, it.case.inputs), Options(layer=half.name, top=-1)).parts[0]
        known = {(item.image, item.unit): each for item, each in zip(full.items, full.values, strict=True)}
        shared = [(known[item.image, item.unit], each) for item, each in zip(half.items, half.values, strict=True)
                  if (item.image, item.unit) in known]  # fmt: skip
        assert len(shared) > len(half.items) // 2, name
        for expected, found in shared:
            assert found.dtype == np.float32
            assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99, name


WORKS = (
    "nested_twice", "shared_layers", "siamese", "image_and_ids", "concatenated", "residual", "merged", "depthwise",
    "group_norm", "attention", "subclassed", "functional_with_subclassed", "channels_first", "resampled", "nan_weights",
)  # fmt: skip
REFUSED = ("series", "text", "time_distributed", "regression")


def check_networks_of_every_shape_give_pictures_or_say_why_not() -> None:
    def check(it: Trial) -> None:
        part = compute(Probe(it.network, it.case.inputs), Options(top=2)).parts[0]
        assert isinstance(part, Maps)
        assert part.space == "input"
        assert part.signed
        assert part.values.dtype == "float32"
        assert np.isfinite(part.values).all() == it.case.finite
        assert it.case.finite or all(item.note == "its activation is no finite number" for item in part.items)
        if it.case.finite:
            leave(it.case.name, part.values)

    for_each(check, WORKS)
    for name in REFUSED:
        said = refusal(trial(name), Options())
        assert "needs a layer with height and width" in said or "no input of this network has a gradient" in said


def check_layers_and_maps_that_there_are_not_are_refused() -> None:
    it = trial("sequential")
    assert "has no map 900: it has" in refusal(it, Options(layer="conv2d", maps=(900,)))
    assert "did you mean conv2d" in refusal(it, Options(layer="conv2e"))
    assert "sees nothing of input 0" in refusal(trial("siamese"), Options(layer="encoder@2/conv2d"))


def refusal(it: Trial, options: Options) -> str:
    try:
        compute(Probe(it.network, it.case.inputs), options)
    except NetworkError as error:
        return str(error)
    raise AssertionError(f"{it.case.name} {options} was not refused")


def check_one_image_of_each_with_a_map_of_its_own() -> None:
    it = trial("sequential")
    site = next(site for site in it.network.sites.leaves if site.is_maps)
    probe = Probe(it.network, it.case.inputs)
    numbers = np.array([[2], [0], [1]])[: len(it.arrays[0])]
    found = projected(probe, it.arrays, site, numbers)
    every = projected(probe, it.arrays, site, np.array([[0, 1, 2]] * len(numbers)))
    for image, map_ in enumerate(numbers[:, 0]):
        same(found.values[image, 0], every.values[image, map_], 1e-5)
        assert found.places[image, 0] == every.places[image, map_]
