"""What a network is shown: pictures made to fit whatever it takes, arrays as it is called, and what is refused."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

from trainvis.vis.images import ImageError
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.sets import as_set
from trainvis.vis.techniques import confusion_matrix, saliency_maps

RNG = np.random.default_rng(8)
PIXELS = RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8)


class Own(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = layers.Conv2D(3, 3, activation="relu")
        self.dense = layers.Dense(4, activation="softmax")

    def call(self, x):
        return self.dense(keras.ops.mean(self.convolution(x), axis=(1, 2)))


class Records:
    def __len__(self) -> int:
        return 2

    def __getitem__(self, place: int) -> dict[str, np.ndarray]:
        return {"image": PIXELS}


def picture() -> Path:
    path = Path(tempfile.mkdtemp()) / "cat.png"
    Image.fromarray(PIXELS).save(path)
    return path


def own() -> Own:
    model = Own()
    model(np.zeros((1, 8, 8, 3), "float32"))
    return model


def two() -> keras.Model:
    image, facts = keras.Input((8, 8, 3), name="image"), keras.Input((5,), name="facts")
    found = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, activation="tanh")(image))
    return keras.Model({"image": image, "facts": facts}, layers.Dense(3)(layers.Concatenate()([found, facts])))


def refusal(model: keras.Model, images, **more) -> str:
    try:
        Probe(model, images, **more)
    except (NetworkError, ImageError) as error:
        return str(error)
    raise AssertionError("nothing was refused")


def check_pictures_are_made_to_fit_what_a_subclassed_network_was_built_for() -> None:
    model = own()
    for images in (picture(), [str(picture())], Image.fromarray(PIXELS), Records()):
        probe = Probe(model, images, preprocess="0..1")
        assert probe.inputs[0].shape[1:] == (8, 8, 3)
        expected = np.asarray(keras.ops.convert_to_numpy(model(probe.inputs[0])))[0]
        np.testing.assert_allclose(probe.predictions()[0].scores, np.sort(expected)[::-1], rtol=1e-5)
        assert "20×20 resized to 8×8" in probe.pictures[0].note


def check_a_network_that_was_never_built_takes_a_picture_in_its_own_size() -> None:
    probe = Probe(Own(), picture())
    assert probe.inputs[0].shape == (1, 20, 20, 3)
    assert any("no weights yet" in note for note in probe.notes)


def check_a_subclassed_network_is_looked_at_without_any_input() -> None:
    assert Probe(own()).inputs[0].shape == (1, 8, 8, 3)
    assert "does not say what it takes" in refusal(Own(), None)


def check_a_picture_for_one_of_several_inputs_leaves_the_others_at_zero_and_says_so() -> None:
    model = two()
    probe = Probe(model, picture(), preprocess="0..1")
    facts, image = probe.inputs  # as a dict is flattened
    assert (facts.shape, image.shape) == ((1, 5), (1, 8, 8, 3))
    assert not facts.any()
    assert any("facts is 0" in note for note in probe.notes)
    figure = saliency_maps.compute(probe)
    assert figure.inputs[0].name == "cat.png"
    assert figure.parts[0].values.any()


def check_a_picture_is_refused_where_none_is_taken_and_a_file_of_numbers_is_not() -> None:
    model = keras.Sequential([keras.Input((6,)), layers.Dense(2)])
    assert "no image" in refusal(model, picture())
    numbers = picture().with_name("numbers.npy")
    values = RNG.normal(size=(3, 6)).astype("float32")
    np.save(numbers, values)
    np.testing.assert_array_equal(Probe(model, numbers).inputs[0], values)


def check_what_is_no_input_is_refused_in_words() -> None:
    model = keras.Sequential([keras.Input((6,)), layers.Dense(2)])
    assert "is no input" in refusal(model, 3.5)
    assert "is no input" in refusal(model, [[1.0, 2.0], [3.0]])
    assert "text cannot be looked at" in refusal(model, np.array([["a"] * 6]))


def check_floats_are_left_as_they_are_by_a_named_preprocessing_and_pixels_are_not() -> None:
    model = keras.Sequential([keras.Input((20, 20, 3)), layers.Flatten(), layers.Dense(2)])
    floats = (PIXELS / 255).astype("float32")
    for images in (PIXELS, floats, [floats, PIXELS]):
        for row in Probe(model, images, preprocess="0..1").inputs[0]:
            np.testing.assert_allclose(row, floats, rtol=1e-6)
    (doubled,) = Probe(model, floats, preprocess=lambda batch: batch * 2).inputs  # a person's own is meant so
    np.testing.assert_allclose(doubled[0], floats * 2)


def check_one_score_alone_is_that_of_the_second_class() -> None:
    model = keras.Sequential([keras.Input((20, 20, 3)), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    assert Probe(model, PIXELS[None], labels=("cat", "dog")).predictions()[0].labels == ("dog",)
    assert Probe(model, PIXELS[None], output="0").output == 0
    assert "one score alone" in refusal(model, PIXELS[None], target=1)


def check_scores_that_are_no_numbers_are_not_counted_as_a_class() -> None:
    model = keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(2)])
    said, images, labels = "", RNG.normal(size=(4, 2, 2, 1)).astype("float32"), np.array([0, 1, 0, 1])
    model.layers[-1].set_weights([np.full((4, 2), np.nan, "float32"), np.zeros(2, "float32")])
    try:
        confusion_matrix.compute(Probe(model, records=(images, labels)))
    except NetworkError as error:
        said = str(error)
    assert "no finite numbers" in said


def check_classes_of_a_set_that_need_not_be_those_of_the_network_are_told() -> None:
    images, labels = RNG.normal(size=(4, 2, 2, 1)).astype("float32"), np.array([0, 1, 0, 1])
    records = as_set((images, labels), ("bird", "cat"))
    for units, told in ((5, "first 2 of the network, in this order: bird, cat"), (2, ""), (1, "has one score")):
        model = keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Dense(units)])
        notes = confusion_matrix.compute(Probe(model, records=records)).notes
        assert [note for note in notes if "the network" in note] == [note for note in notes if told and told in note]
        assert any(told in note for note in notes)
