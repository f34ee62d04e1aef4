"""Layer activations: what each layer put out, and what is said of it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops, tree
from oracles import Window, convolved
from trial import for_each, same, spied
from zoo import MODELS, Case, floats

from trainvis.vis.distribution import NAMES
from trainvis.vis.figures import Figure, Histograms, Maps, Points, Table, Vectors
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import layer_activations
from trainvis.vis.techniques.layer_activations import Options

ALL = Options(most=-1)
SHAPES = [
    "sequential", "channels_first", "series", "volume", "segmentation", "nested_twice", "siamese", "residual",
    "image_and_ids", "dict_outputs", "attention", "time_distributed", "several_tensors", "own_blocks", "own_leaf",
    "subclassed", "mixed_float16", "mixed_bfloat16", "squeezed_head",
]  # fmt: skip


def array(tensor: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float32")), np.float64)


def probe_of(case: Case, **more: Any) -> Probe:
    return Probe(case.model, case.inputs, output=case.output, **more)


def as_put_out(part: Maps | Vectors, shape: tuple[int, ...], first: bool, images: int) -> np.ndarray:
    """The values of a part in the shape of the layer's output."""
    if isinstance(part, Vectors):
        return part.values.reshape(images, *shape)
    if len(shape) == 2:
        return np.moveaxis(part.values, 1, 2) if first else part.values
    maps = part.values
    channels = shape[0] if first else shape[-1]
    whole = maps.reshape(images, -1, channels, *maps.shape[1:])  # frames, maps
    whole = whole.reshape(images, -1, channels, *maps.shape[1:])
    last = np.moveaxis(whole, 2, -1).reshape(images, *((*shape[1:], channels) if first else shape))
    return np.moveaxis(last, -1, 1) if first else last


def rows_of(figure: Figure) -> dict[tuple[str, int], dict[str, Any]]:
    table = figure.part("layers")
    assert isinstance(table, Table)
    return {(row[0], row[1]): dict(zip(table.columns, row, strict=True)) for row in table.rows}  # type: ignore[misc]


def check_every_layer_shows_what_it_puts_out() -> None:
    def check(it: Any) -> None:
        probe = probe_of(it.case)
        figure = layer_activations.compute(probe, ALL)
        with spied(it.case.model) as seen:
            it.case.model(it.case.inputs, training=False)
        put_out: dict[int, list[np.ndarray]] = {}
        known = {id(site.layer) for site in probe.network.sites.leaves}
        for layer, _, found in [each for each in seen if id(each[0]) in known]:
            put_out.setdefault(id(layer), []).append(array(tree.flatten(found)[0]))
        bound = {"mixed_float16": 1e-2, "mixed_bfloat16": 6e-2}.get(it.case.policy, 1e-5)
        shown = {part.name: part for part in figure.parts if isinstance(part, Maps | Vectors)}
        assert len(shown) > 2
        for site in probe.network.sites.leaves:  # in the order in which they are called
            if not isinstance(site.layer, keras.Layer):
                continue
            expected = put_out[id(site.layer)].pop(0)
            if site.path in shown:
                first = site.channels_first and len(site.shape) > 1
                found = as_put_out(shown[site.path], site.shape, first, len(it.arrays[0]))
                same(found, expected, bound, site.path)

    for_each(check, SHAPES)


def check_numbers_on_maps_are_those_of_numpy() -> None:
    def check(it: Any) -> None:
        figure = layer_activations.compute(probe_of(it.case), ALL)
        points = figure.part("statistics")
        assert isinstance(points, Points)
        assert points.axes == NAMES
        rows = {}
        for item, row in zip(points.items, points.values, strict=True):
            rows[(item.layer, item.image, item.unit)] = row
        for part in figure.parts:
            if isinstance(part, Maps) and part.items[0].unit is not None:
                for item, map_ in zip(part.items, part.values.astype(np.float64), strict=True):
                    expected = (map_.mean(), map_.std(), map_.min(), map_.max(), (map_ == 0).mean())
                    same(rows[(item.layer, item.image, item.unit)], expected, 2e-5, f"{item}")
                    assert item.score == np.float32(map_.max())

    for_each(check, ["sequential", "channels_first", "volume", "nested_twice"])


def check_a_layer_is_summed_up_over_all_of_its_maps() -> None:
    model = keras.Sequential(
        [keras.Input((9, 9, 1)), layers.Conv2D(70, 3, activation="relu", name="conv"), layers.Dense(5, name="top")]
    )
    model.layers[0].set_weights(
        [np.random.default_rng(0).normal(size=(3, 3, 1, 70)), np.random.default_rng(1).normal(size=70)]
    )
    x = floats(2, 9, 9, 1)
    whole = convolved(x, array(model.layers[0].kernel), Window((3, 3))) + array(model.layers[0].bias)
    whole = np.maximum(whole, 0)
    figure = layer_activations.compute(Probe(model, x), Options(most=8))
    part, bars = figure.part("conv"), figure.part("histograms")
    assert isinstance(part, Maps)
    assert isinstance(bars, Histograms)
    same(part.values, np.moveaxis(whole[..., :8], -1, 1).reshape(16, 7, 7), 1e-5)
    assert [item.unit for item in part.items] == [(map_,) for map_ in range(8)] * 2
    for image in (0, 1):
        row = rows_of(figure)[("conv", image)]
        one = whole[image]
        expected = (one.mean(), one.std(), one.min(), one.max(), (one == 0).mean())
        same([row[name] for name in NAMES], expected, 1e-5)
        assert row["units"] == 70
        assert row["dark"] == (one.max(axis=(0, 1)) == 0).sum()
        assert row["dead"] is None
        assert bars.values[image].sum() == one.size
        same(bars.edges[image][[0, -1]], (one.min(), one.max()), 1e-6)
    assert any("1 layers have more than 8 maps: the first are stored" in note for note in figure.notes)


def check_the_largest_maps_are_kept_on_demand_and_the_first_ones_else() -> None:
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(6, 1, use_bias=False, name="conv")])
    weights = np.array([1.0, 5.0, 2.0, 6.0, 3.0, 4.0], np.float32)
    model.layers[0].set_weights([weights.reshape(1, 1, 1, 6)])
    x = np.abs(floats(2, 4, 4, 1))
    figure = layer_activations.compute(Probe(model, x), Options(most=2, by="max"))
    part = figure.part("conv")
    assert isinstance(part, Maps)
    assert [(item.image, item.unit, item.rank) for item in part.items] == [
        (image, (unit,), rank) for image in (0, 1) for rank, unit in enumerate((3, 1))
    ]
    same(part.values, np.stack([x[image, ..., 0] * weight for image in (0, 1) for weight in (6, 5)]), 1e-6)
    first = layer_activations.compute(Probe(model, x), Options(most=2)).part("conv")
    assert isinstance(first, Maps)
    assert {item.unit for item in first.items} == {(0,), (1,)}


def ramps(activation: str) -> keras.Model:
    """Map 0 is never active, map 1 on images that are bright, map 2 always."""
    convolution = layers.Conv2D(3, 1, activation=activation, name="conv")
    model = keras.Sequential(
        [keras.Input((3, 3, 1)), convolution, layers.Flatten(name="flatten"), layers.Dense(2, name="top")]
    )
    convolution.set_weights([np.array([0.0, 1.0, 0.0]).reshape(1, 1, 1, 3), np.array([-1.0, -2.0, 1.0])])
    return model


def check_what_is_dark_on_an_image_is_told_from_what_is_dead() -> None:
    x = np.stack([np.full((3, 3, 1), 1.0), np.full((3, 3, 1), 3.0)]).astype("float32")
    for activation, why in (("relu", "all zeros"), ("leaky_relu", "nothing above 0")):
        model = ramps(activation)
        alone = layer_activations.compute(Probe(model, x[:1]))
        said = [item.note for item in alone.part("conv").items]  # type: ignore[union-attr]
        assert said == [f"dark on this image: {why}"] * 2 + [""]
        assert rows_of(alone)[("conv", 0)]["dark"] == 2
        assert rows_of(alone)[("conv", 0)]["dead"] is None
        assert any("no sample" in note for note in alone.notes)
        known = layer_activations.compute(Probe(model, x[:1], sample=x, batch=1))
        said = [item.note.partition(":")[0] for item in known.part("conv").items]  # type: ignore[union-attr]
        assert said == ["dead", "dark on this image", ""]
        assert rows_of(known)[("conv", 0)]["dead"] == 1
        # What an image at hand wakes is not dead, whatever the sample did.
        both = layer_activations.compute(Probe(model, x, sample=x[:1]))
        assert rows_of(both)[("conv", 0)]["dead"] == 1
        points = both.part("statistics")
        assert isinstance(points, Points)
        assert [item.note.partition(":")[0] for item in points.items] == [
            "dead",
            "dark on this image",
            "",
            "dead",
            "",
            "",
        ]


def check_what_is_negative_is_no_less_active_where_nothing_closes_below_zero() -> None:
    figure = layer_activations.compute(Probe(ramps("linear"), np.ones((1, 3, 3, 1), "float32")))
    assert rows_of(figure)[("conv", 0)]["dark"] == 0
    part = figure.part("conv")
    assert isinstance(part, Maps)
    assert part.signed
    assert part.values.min() == -1.0


def check_layers_can_be_given_or_left_out_and_a_wrong_name_finds_the_nearest() -> None:
    probe = Probe(ramps("relu"), np.ones((1, 3, 3, 1), "float32"))

    def names(options: Options) -> list[str]:
        return [part.name for part in layer_activations.compute(probe, options).parts][:-2]

    assert names(Options()) == ["conv", "top", "statistics"]
    assert names(Options(exclude=("InputLayer",))) == ["conv", "flatten", "top", "statistics"]
    assert names(Options(exclude=(layers.Conv2D, "flatten"))) == ["top"]
    assert names(Options(layers=("flatten", 1))) == ["conv", "flatten", "statistics"]
    assert any("1 Flatten" in note for note in layer_activations.compute(probe).notes)
    for options, said in (
        (Options(layers=("con",)), "did you mean conv"),
        (Options(exclude=("tp",)), "did you mean top"),
        (Options(exclude=("Conv2D", "Flatten", "Dense")), "no layer is left"),
    ):
        assert said in refusal(probe, options), options


def refusal(probe: Probe, options: Options) -> str:
    try:
        return f"a figure: {layer_activations.compute(probe, options)}"
    except NetworkError as error:
        return str(error)


def check_all_layers_take_one_pass_that_is_compiled_once_for_any_number_of_figures() -> None:
    it = MODELS["sequential"]()
    probe = probe_of(it, sample=it.inputs)
    before = layer_activations.compute(probe)
    kept = dict(probe.network._functions)
    seconds = probe.network.seconds_compiling
    for weight in it.model.weights:
        weight.assign(weight * 0.5)
    after = [layer_activations.compute(probe.forget()) for _ in range(20)][-1]
    assert probe.network._functions == kept
    assert len(kept) == 2
    assert probe.network.seconds_compiling == seconds
    assert {function.traces() for function in kept.values()} == {1}
    assert not np.allclose(after.part("conv2d").values, before.part("conv2d").values)  # type: ignore[union-attr]
    assert after.predictions != before.predictions


def check_many_images_go_through_in_parts_and_come_out_in_order() -> None:
    it = MODELS["channels_first"]()
    x = floats(7, 2, 12, 10)
    whole = layer_activations.compute(Probe(it.model, x))
    parts = layer_activations.compute(Probe(it.model, x, batch=3))
    for one, other in zip(whole.parts, parts.parts, strict=True):
        if isinstance(one, Maps | Vectors):
            same(other.values, one.values, 1e-6, one.name)  # type: ignore[union-attr]
            assert list(other.items) == list(one.items) or one.values.dtype == np.float32  # type: ignore[union-attr]
    assert [row[:5] for row in parts.part("layers").rows] == [row[:5] for row in whole.part("layers").rows]  # type: ignore[union-attr]


def check_values_that_are_no_numbers_are_said() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="bad"), layers.Dense(2, name="worse")])
    model.layers[0].set_weights([np.full((4, 3), np.nan), np.zeros(3)])
    figure = layer_activations.compute(Probe(model, floats(2, 4)))
    assert any(note.startswith("layer bad and 1 more: ") and "NaN" in note for note in figure.notes)


def check_options_that_mean_nothing_are_refused() -> None:
    for wrong in ({"most": 0}, {"most": -2}, {"by": "min"}, {"bins": 0}):
        assert unfit(wrong).startswith(f"{next(iter(wrong))} is "), wrong


def unfit(options: dict[str, Any]) -> str:
    try:
        return str(Options(**options))
    except ValueError as error:
        return str(error)
