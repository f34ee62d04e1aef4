"""The images that excite a map most: the same as by sorting all activations, with place, crop and deconvolution."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from zoo import draw_weights

from trainvis.vis.figures import Maps, Pictures
from trainvis.vis.maxima import Largest
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import deconvolutional_network, maximal_images

RNG = np.random.default_rng(8)
IMAGES = RNG.random((40, 12, 12, 1)).astype("float32")


def network() -> keras.Model:
    members = [
        layers.Conv2D(4, 3, activation="relu", name="one"),
        layers.MaxPooling2D(2, name="pool"),
        layers.Conv2D(5, 3, activation="relu", name="two"),
        layers.Flatten(name="flat"),
        layers.Dense(3, activation="softmax", name="out"),
    ]
    model = keras.Sequential([keras.Input((12, 12, 1)), *members])
    draw_weights(model, "maximal")
    return model


def activations(model: keras.Model, layer: str) -> np.ndarray:
    return np.asarray(keras.Model(model.inputs, model.get_layer(layer).output).predict(IMAGES, verbose=0))


def check_the_winners_are_those_of_sorting_everything() -> None:
    model = network()
    options = maximal_images.Options(layers=("two",), count=-1, by="order", top=4)
    figure = maximal_images.compute(Probe(model, records=IMAGES, batch=16), options)
    crops, back = figure.part("two"), figure.part("two deconvolution")
    assert isinstance(crops, Pictures)
    assert isinstance(back, Maps)
    values = activations(model, "two")
    for item, crop in zip(crops.items, crops.values, strict=True):
        row, column, map_ = item.unit
        of_map = values[..., map_].reshape(40, -1)
        order = np.argsort(-of_map.max(axis=1), kind="stable")
        assert int(item.record) == order[item.rank]
        np.testing.assert_allclose(item.score, of_map.max(axis=1)[order[item.rank]], rtol=1e-5)
        assert row * values.shape[2] + column == of_map[order[item.rank]].argmax()
        top, left, bottom, right = item.box
        assert (top, left, bottom, right) == (2 * row, 2 * column, 2 * row + 8, 2 * column + 8)
        expected = np.rint(IMAGES[order[item.rank], top:bottom, left:right] * 255)
        assert np.abs(crop.astype(float) - expected).max() <= 1
    assert len(crops.items) == len(back.items)


def check_the_deconvolution_of_a_winner_is_that_of_the_technique() -> None:
    model = network()
    options = maximal_images.Options(layers=("two",), maps=(1,), top=1)
    back = maximal_images.compute(Probe(model, records=IMAGES, batch=16), options).part("two deconvolution")
    (item,) = back.items
    probe = Probe(model, IMAGES[int(item.record)])
    whole = deconvolutional_network.compute(probe, deconvolutional_network.Options(layer="two", maps=(1,))).parts[0]
    top, left, bottom, right = item.box
    expected = whole.values[0][top:bottom, left:right]
    np.testing.assert_allclose(back.values[0], expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())
    outside = whole.values[0].copy()
    outside[top:bottom, left:right] = 0
    assert not outside.any()


def check_of_equal_values_the_first_records_stay_and_no_number_counts_for_nothing() -> None:
    largest = Largest(2, 3)
    largest.add(np.array([[1.0, np.nan], [2.0, 0.5]]), [0, 1])
    largest.add(np.array([[2.0, np.nan], [1.0, 0.5], [1.0, 0.1]]), [2, 3, 4])
    np.testing.assert_array_equal(largest.records, [[1, 2, 0], [1, 3, 4]])
    np.testing.assert_array_equal(largest.values, [[2, 2, 1], [0.5, 0.5, 0.1]])


def check_dense_layers_and_logits_have_winners_too_and_dark_maps_are_said() -> None:
    model = network()
    dense = model.get_layer("out")
    kernel, bias = dense.get_weights()
    dense.set_weights([kernel * [[1, 1, 0]], bias * [1, 1, 0] - [0, 0, 1]])
    figure = maximal_images.compute(
        Probe(model, records=IMAGES, batch=16), maximal_images.Options(layers=("out",), top=2)
    )
    logits = activations(model, "flat") @ (kernel * [[1, 1, 0]]) + bias * [1, 1, 0] - [0, 0, 1]
    assert any(note.startswith("1 of 3 maps of out are active on none") for note in figure.notes)
    for item in figure.part("out").items:
        np.testing.assert_allclose(item.score, np.sort(logits[:, item.unit[-1]])[::-1][item.rank], rtol=1e-4)


def check_the_number_of_batches_changes_nothing() -> None:
    model = network()
    found = [
        maximal_images.compute(Probe(model, records=IMAGES, batch=size), maximal_images.Options(layers=("one",), top=3))
        for size in (7, 40)
    ]
    one, other = (figure.part("one").items for figure in found)
    assert [(item.record, item.unit, item.rank) for item in one] == [
        (item.record, item.unit, item.rank) for item in other
    ]


def check_a_limit_takes_records_from_all_over_the_set() -> None:
    figure = maximal_images.compute(
        Probe(network(), records=IMAGES, batch=8), maximal_images.Options(layers=("one",), top=3, limit=10)
    )
    assert {int(item.record) % 4 for item in figure.part("one").items} == {0}
    assert any("10 of the 40 images" in note for note in figure.notes)
