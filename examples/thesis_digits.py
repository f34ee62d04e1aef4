"""The worked example of the thesis: a network learns digits and is looked into five times an epoch.

What `trainvis demo --thesis` starts. The network, its optimiser and the settings of the pictures are those of 2017
(Adadelta with learning rate 1.0, batches of 128; deep visualisation with learning rate 200 and 50 iterations). The
digits are those of MNIST where an mnist.npz lies at hand, else scikit-learn's, enlarged: nothing is downloaded.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers

from trainvis.vis import Callbacks

Array: TypeAlias = np.ndarray
Settings: TypeAlias = dict[str, Any]

CLASSES, SIZE = 10, 28
BOX = 20  # pixels: the digits of MNIST lie in the middle of 28×28, in a box of this size
VARIANTS = 6  # of each enlarged digit, besides itself
DEGREES, PIXELS, SHARE = 10.0, 1.5, 0.08  # at most: turned, shifted, larger or smaller
KEPT = 5  # every fifth of the enlarged digits is kept for validation
FAMILIAR = Path("~/.keras/datasets/mnist.npz")  # where Keras keeps it
EVERY = "0.2 epochs"
SAMPLE = 512  # inputs that stand for the training data
# The regularisers of the thesis are the set "low_frequency". Its pictures start and end far outside of 0…1.
ASCENT: Settings = {"learning_rate": 200.0, "iterations": 50, "absolute_noise": 10.0, "keep": "last", "raw": True}
OTHER_SETS = ("sparse", "high_frequency", "dense")


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Images N×28×28×1 in 0…1 and their digits N, to train on (`x`, `y`) and to validate with (`x_val`, `y_val`).

    `source` is a sentence.
    """

    x: Array
    y: Array
    x_val: Array
    y_val: Array
    source: str

    def ten(self) -> tuple[Array, Array]:
        """The first image of each digit that is kept for validation: images 10×28×28×1, their places."""
        places = np.array([np.flatnonzero(self.y_val == digit)[0] for digit in range(CLASSES)])
        return self.x_val[places], places


def digits(file: Path | None = None, seed: int = 0, limit: int | None = None) -> Digits:
    """The digits that are at hand: of `file`, of an mnist.npz where Keras keeps it, else scikit-learn's.

    At most `limit` to train on, and half as many to validate with.
    """
    known = file or FAMILIAR.expanduser()
    found = mnist(known) if file is not None or known.is_file() else enlarged(seed)
    if limit is None:
        return found
    half = max(limit // 2, 10 * CLASSES)
    return Digits(found.x[:limit], found.y[:limit], found.x_val[:half], found.y_val[:half], found.source)


def mnist(file: Path) -> Digits:
    """The 60,000 and 10,000 digits of MNIST, from the file that `keras.datasets.mnist` loads."""
    with np.load(file, allow_pickle=False) as arrays:
        x, x_val = ((arrays[name][..., None] / 255.0).astype("float32") for name in ("x_train", "x_test"))
        y, y_val = (arrays[name].astype("int64") for name in ("y_train", "y_test"))
    return Digits(x, y, x_val, y_val, f"{len(x):,} and {len(x_val):,} digits of MNIST")


def enlarged(seed: int = 0) -> Digits:
    """scikit-learn's 1,797 digits of 8×8 pixels, enlarged (`drawn`); those to train on in some variants too."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    random = np.random.default_rng(seed)
    order = random.permutation(len(pixels))
    images, labels = pixels[order].reshape(-1, 8, 8) / 16.0, labels[order]
    kept = len(images) // KEPT
    training = images[kept:]
    chances = random.uniform(-1, 1, (VARIANTS, len(training), 4))
    x = [drawn(image) for image in training]
    x += [drawn(image, *chance) for some in chances for image, chance in zip(training, some, strict=True)]
    return Digits(
        np.stack(x),
        np.tile(labels[kept:], VARIANTS + 1),
        np.stack([drawn(image) for image in images[:kept]]),
        labels[:kept],
        f"scikit-learn's digits (not MNIST) enlarged from 8×8 to {SIZE}×{SIZE} pixels: {len(training):,}, each also "
        f"{VARIANTS} times turned, shifted and resized a little, and {kept} others for validation",
    )


def drawn(image: Array, turn: float = 0.0, down: float = 0.0, right: float = 0.0, larger: float = 0.0) -> Array:
    """An 8×8 image in the middle of 28×28×1 pixels, bilinear, its centre of mass in the centre as in MNIST.

    The others are −1…1 times what is allowed at most.
    """
    from scipy import ndimage

    zoom = BOX / len(image) * (1 + SHARE * larger)
    angle = np.deg2rad(DEGREES * turn)
    to_source = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / zoom
    middle = np.array([SIZE - 1, SIZE - 1]) / 2 + PIXELS * np.array([down, right])
    offset = np.array(ndimage.center_of_mass(image)) - to_source @ middle
    made = ndimage.affine_transform(image, to_source, offset, (SIZE, SIZE), order=1, mode="grid-constant")
    return made[..., None].astype("float32")


def network() -> keras.Model:
    """The network of the thesis, which is that of Keras' own example of 2017 with one dense layer more."""
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1), name="image"),
            layers.Conv2D(32, 3, activation="relu", name="conv_1"),
            layers.Conv2D(32, 3, activation="relu", name="conv_2"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Dropout(0.25, name="dropout_1"),
            layers.Flatten(name="flatten"),
            layers.Dense(128, activation="relu", name="dense_1"),
            layers.Dropout(0.5, name="dropout_2"),
            layers.Dense(64, activation="relu", name="dense_2"),
            layers.Dense(CLASSES, activation="softmax", name="digit"),
        ],
        name="thesis_digits",
    )


def callbacks(data: Digits) -> Callbacks:
    """Curves, networks, and pictures of ten digits and of the ten outputs, before training and five times an epoch."""
    images, _ = data.ten()
    ten = [{"image": image, "key": f"a {digit}"} for digit, image in enumerate(images)]
    stages: Settings = {"every": EVERY, "images": ten, "sample": data.x[:SAMPLE], "budget": 1.0}
    # Before training and after it: the other sets of regularisers, for comparison.
    ends: Settings = {"every": None, "sample": data.x[:SAMPLE]}
    made = (
        Callbacks(tags="digits thesis", params={"data": data.source})
        .progress()
        .network_saver(keep=None)
        .pictures("layer_activations", **stages)
        .pictures("saliency_maps", signs=("absolute", "signed"), **stages)
        .pictures("deconvolutional_network", layer="pool", top=-1, **stages)
        .pictures("deep_visualization", regularisers="low_frequency", **ASCENT, **stages)
    )
    for name in OTHER_SETS:
        made.pictures("deep_visualization", name=f"deep_visualization-{name}", regularisers=name, **ASCENT, **ends)
    return made


def main() -> None:
    options = parsed()
    keras.utils.set_random_seed(options.seed)
    data = digits(options.data, options.seed, options.limit)
    print(data.source)
    model = network()
    model.compile(
        optimizer=keras.optimizers.Adadelta(learning_rate=1.0, rho=0.95),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.summary()
    model.fit(
        data.x,
        keras.utils.to_categorical(data.y, CLASSES),
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=(data.x_val, keras.utils.to_categorical(data.y_val, CLASSES)),
        callbacks=[callbacks(data)],
        verbose=2,
    )


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The worked example of the thesis: digits, looked into while learned")
    parser.add_argument(
        "--data", type=Path, help="an mnist.npz; else Keras' own where there is one, else scikit-learn's"
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--limit", type=int, help="train on so many at most")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
