"""A blob in `fit` on every backend: the same records, in the same order, as arrays would be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from left import leave
from zoo import draw_weights

sys.path.append(str(Path(__file__).resolve().parents[2] / "datasets"))

from memory_source import MemorySource

from trainvis.datasets.blob import Blob
from trainvis.datasets.schema import UNKNOWN, Field, Schema
from trainvis.vis.augmentation import augmentation
from trainvis.vis.feed import BlobDataset

RECORDS = 50
rng = np.random.default_rng(0)
KINDS = np.arange(RECORDS) % 3
IMAGES = (rng.integers(0, 60, (RECORDS, 6, 6, 1)) + 90 * KINDS[:, None, None, None] % 200).astype(np.uint8)
SIDE = np.where(np.arange(RECORDS) % 7, np.arange(RECORDS) % 2, UNKNOWN)


def blob() -> Blob:
    fields = (
        Field("image", "image", "uint8", (6, 6, 1)),
        Field("kind", "class", "int64", (), ("a", "b", "c")),
        Field("side", "class", "int64", (), ("left", "right")),
    )
    columns = {"image": IMAGES, "kind": KINDS, "side": SIDE}
    return Blob(MemorySource(Schema(fields), columns, [str(each) for each in range(RECORDS)]))


def network(name: str = "kinds") -> keras.Model:
    model = keras.Sequential([keras.Input((6, 6, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    draw_weights(model, name)
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def weights(model: keras.Model) -> np.ndarray:
    return np.concatenate([np.asarray(each).reshape(-1) for each in model.get_weights()])


class Spied(BlobDataset):
    """Keeps which batches it was asked for while Keras walked through an epoch."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.asked: list[tuple[int, int]] = []

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        self.asked += [(self.epoch, int(index))] if self._within else []
        return super().__getitem__(index)


def check_a_blob_trains_a_network_as_arrays_do() -> None:
    fed, given = network(), network()
    fed.fit(BlobDataset(blob(), 8), epochs=3, shuffle=False, verbose=0)
    given.fit(IMAGES.astype("float32") / 255, KINDS, batch_size=8, epochs=3, shuffle=False, verbose=0)
    assert np.abs(weights(fed) - weights(given)).max() < 1e-5
    leave("fed", weights(fed))


def check_every_epoch_has_the_order_of_its_number() -> None:
    data = Spied(blob(), 8, shuffle=5)
    validation = Spied(blob(), 16)
    network().fit(data, epochs=3, shuffle=False, verbose=0, validation_data=validation)
    assert set(data.asked) == {(epoch, number) for epoch in range(3) for number in range(7)}, data.asked
    assert {number for _, number in validation.asked} == set(range(4))


def check_a_training_that_goes_on_ends_where_one_without_a_break_does() -> None:
    whole, broken = network(), network()
    options = {"shuffle": 3, "augment": {"flip": "horizontal", "light": 0.1}}
    whole.fit(BlobDataset(blob(), 8, **options), epochs=3, shuffle=False, verbose=0)
    broken.fit(BlobDataset(blob(), 8, **options), epochs=1, shuffle=False, verbose=0)
    again = BlobDataset(blob(), 8, epoch=1, **options)
    broken.fit(again, initial_epoch=1, epochs=3, shuffle=False, verbose=0)
    assert np.abs(weights(whole) - weights(broken)).max() < 1e-6


def check_two_targets_train_two_heads_and_unknown_ones_weigh_nothing() -> None:
    inputs = keras.Input((6, 6, 1))
    flat = layers.Flatten()(inputs)
    heads = {"kind": layers.Dense(3, name="kind")(flat), "side": layers.Dense(2, name="side")(flat)}
    model = keras.Model(inputs, heads)
    draw_weights(model, "two heads")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), {"kind": loss, "side": loss})
    data = BlobDataset(blob(), 8, targets=("kind", "side"), unknown="mask", balance=True)
    _, y, w = data[0]
    assert set(y) == set(w) == {"kind", "side"}
    assert w["side"][0] == 0
    assert (w["kind"] > 0).all()
    losses = model.fit(data, epochs=3, shuffle=False, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    # Of records whose side nobody knows the head of sides learns nothing.
    before = [np.asarray(each) for each in model.get_layer("side").get_weights()]
    unknown = np.flatnonzero(SIDE == UNKNOWN)
    alone = BlobDataset(blob().at(unknown), 4, targets=("kind", "side"), unknown="mask")
    model.fit(alone, shuffle=False, verbose=0)
    for old, new in zip(before, model.get_layer("side").get_weights(), strict=True):
        assert np.array_equal(old, np.asarray(new))


def check_augmentation_is_drawn_by_seed_epoch_and_batch_and_changes_nothing_else() -> None:
    options = {"flip": "both", "rotation": 10, "zoom": 0.1, "translation": 0.1, "light": 0.1, "contrast": 0.1}
    data = BlobDataset(blob(), 8, augment=options, shuffle=1, normalise=None)
    plain = BlobDataset(blob(), 8, shuffle=1, normalise=None)
    one, again, other = data[0][0], data[0][0], data[1][0]
    assert one.dtype == np.float32
    assert one.shape == (8, 6, 6, 1)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, plain[0][0])
    assert np.array_equal(data[0][1], plain[0][1])
    assert one.min() >= 0
    assert one.max() <= 255
    seeded = BlobDataset(blob(), 8, augment=options, shuffle=1, epoch=1, normalise=None)
    assert not np.array_equal(seeded[0][0], one)


def check_augmentation_in_a_network_works_in_training_only() -> None:
    made = augmentation(flip="horizontal", rotation=20, light=0.2, value_range=(0, 1), seed=3)
    x = IMAGES[:8].astype("float32") / 255
    assert np.array_equal(np.asarray(keras.ops.convert_to_numpy(made(x, training=False))), x)
    changed = np.asarray(keras.ops.convert_to_numpy(made(x, training=True)))
    assert not np.array_equal(changed, x)
    assert changed.max() <= 1


def check_a_blob_is_evaluated_and_predicted() -> None:
    model = network()
    data = BlobDataset(blob(), 8)
    loss, accuracy = model.evaluate(data, verbose=0)
    by_hand = model.predict(IMAGES.astype("float32") / 255, verbose=0)
    assert np.abs(model.predict(data, verbose=0) - by_hand).max() < 1e-5
    assert abs(accuracy - (by_hand.argmax(1) == KINDS).mean()) < 1e-6
    assert np.isfinite(loss)


def check_channels_come_first_where_keras_says_so() -> None:
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        assert BlobDataset(blob(), 8, normalise="standard")[0][0].shape == (8, 1, 6, 6)
        assert BlobDataset(blob(), 8)[0][0].shape == (8, 1, 6, 6)
    finally:
        keras.config.set_image_data_format(before)
