"""The images that excite a map most: the same as by sorting all activations, with place, crop and deconvolution."""

from __future__ import annotations

import itertools

import keras
import numpy as np
from keras import layers
from trial import Trial, trial
from zoo import draw_weights

from trainvis.vis.figures import Maps, Pictures
from trainvis.vis.maxima import Largest
from trainvis.vis.network import NetworkError
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


def check_a_winner_can_be_sent_back_as_one_or_not_at_all() -> None:
    model = network()
    shown = {}
    for name, more in {"activation": {}, "one": {"signal": "one"}, "none": {"deconvolution": False}}.items():
        options = maximal_images.Options(layers=("two",), count=2, top=3, **more)
        shown[name] = maximal_images.compute(Probe(model, records=IMAGES, batch=16), options)
    by_activation, by_one = (shown[name].part("two deconvolution") for name in ("activation", "one"))
    scores = np.array([item.score for item in by_activation.items]).reshape(-1, 1, 1, 1)
    np.testing.assert_allclose(by_activation.values, by_one.values * scores, rtol=1e-4, atol=1e-6)
    assert [part.name for part in shown["none"].parts] == ["two", "largest"]
    assert [*shown["none"].part("two").items] == [*shown["one"].part("two").items]


class Counting:
    """A set that counts how often each record is read."""

    def __init__(self) -> None:
        self.reads = np.zeros(len(IMAGES), int)

    def __len__(self) -> int:
        return len(IMAGES)

    def __getitem__(self, place: int) -> dict:
        self.reads[place] += 1
        return {"image": IMAGES[place], "key": f"file {place}\x1b[31m"}


def check_progress_reaches_its_end_and_no_record_is_read_without_need() -> None:
    records, told = Counting(), []
    probe = Probe(network(), records=records, batch=8)
    before = records.reads.copy()
    probe.progress = lambda done, total: told.append((done, total))
    figure = maximal_images.compute(probe, maximal_images.Options(layers=("one", "two"), count=-1, top=9))
    winners = sum(len(figure.part(name).items) for name in ("one", "two"))
    assert told[4] == (40, 40)
    assert told[-1] == (winners, winners)
    assert all(one[0] < other[0] for one, other in itertools.pairwise(told[5:]))
    again = records.reads - before - 1  # one pass over all; after it only those that win
    assert again[1:].sum() <= winners  # the first tells what set it is
    assert all("\x1b" not in item.record for item in figure.part("one").items)


def check_maps_are_given_or_drawn_and_a_seed_draws_the_same() -> None:
    model = network()

    def maps(**options) -> list[int]:
        figure = maximal_images.compute(
            Probe(model, records=IMAGES, batch=40),
            maximal_images.Options(layers=("two",), top=1, deconvolution=False, **options),
        )
        return list(dict.fromkeys(item.unit[-1] for item in figure.part("two").items))

    peaks = activations(model, "two").max(axis=(0, 1, 2))
    active = [each for each in np.argsort(-peaks, kind="stable").tolist() if peaks[each] > 0]
    assert maps(count=2) == active[:2]
    assert maps(maps=(active[-1], active[0])) == [active[-1], active[0]]
    assert maps(count=3, by="random", seed=4) == maps(count=3, by="random", seed=4)
    assert maps(count=-1, by="order") == sorted(active)


def check_crops_that_hang_over_the_border_are_filled_and_have_one_size() -> None:
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(1, 5, padding="same", activation="relu", name="blur")]
    )
    model.set_weights([np.ones((5, 5, 1, 1)), np.zeros(1)])
    images = np.zeros((4, 8, 8, 1), "uint8")
    for number, (row, column) in enumerate(((0, 0), (7, 7), (4, 4), (0, 7))):
        images[number, row, column] = 250 - number
    figure = maximal_images.compute(Probe(model, records=images, batch=4), maximal_images.Options(top=4))
    crops = figure.part("blur")
    # The unit that is the first to see the only bright pixel is two rows above it and two columns to its left.
    assert [item.unit for item in crops.items] == [(0, 0, 0), (5, 5, 0), (2, 2, 0), (0, 5, 0)]
    assert [item.box for item in crops.items] == [(-2, -2, 3, 3), (3, 3, 8, 8), (0, 0, 5, 5), (-2, 3, 3, 8)]
    first = crops.values[0, ..., 0]
    assert (first[:2] == 128).all()
    assert (first[:, :2] == 128).all()
    assert first[2, 2] == 250
    assert first[3:, 3:].max() == 0
    back = figure.part("blur deconvolution").values[0, ..., 0]
    expected = np.zeros((5, 5))
    expected[2:, 2:] = 250  # ones where the kernel lies on the image, times the activation
    np.testing.assert_allclose(back, expected, rtol=1e-5)


def check_networks_of_other_shapes_are_searched_too() -> None:
    for name in ("channels_first", "siamese", "nested_twice", "own_blocks", "mixed_float16", "any_size"):
        it = trial(name)
        network_input = it.arrays[0]
        figure = maximal_images.compute(
            Probe(it.network, it.case.inputs, records=_last(it, network_input), batch=2),
            maximal_images.Options(count=2, top=2),
        )
        parts = {part.name: part for part in figure.parts}
        shown = [part for part in parts.values() if isinstance(part, Pictures)]
        assert shown, name
        for part in shown:
            assert np.isfinite(parts[f"{part.name} deconvolution"].values).all()
            assert not any("are not what they were" in note for note in figure.notes), figure.notes
            for item in part.items:
                assert item.rank in (0, 1)
                assert item.score > 0


def _last(it: Trial, images: np.ndarray) -> np.ndarray:
    """As a set has them: height, width, channels."""
    return np.moveaxis(images, 1, -1) if it.case.name == "channels_first" else images


def check_what_cannot_be_is_refused_before_the_set_is_read() -> None:
    for options, said in (
        ({"layers": ("two",), "maps": (7,)}, "layer 'two' has no map 7: it has 5"),
        ({"layers": ("tow",)}, "did you mean two"),
    ):
        records = Counting()
        probe = Probe(network(), records=records, batch=8)
        before = records.reads.copy()
        refused = ""
        try:
            maximal_images.compute(probe, maximal_images.Options(**options))
        except NetworkError as error:
            refused = str(error)
        assert said in refused, refused or f"{options} was not refused"
        assert (records.reads == before).all()
