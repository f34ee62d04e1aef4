"""A data set in one file goes into training in one line: the digits of scikit-learn, packed first.

    python examples/blob_training.py

builds `digits.h5` (1,797 digits of 8×8 pixels, a quarter for validation) in the current folder where it is not there
yet, trains a small network from it with `model.fit(BlobDataset(…))`, and searches the same file for the images that
excite each feature map most. `trainvis pictures last` shows them, `trainvis-tui digits.h5` the data set.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers

from trainvis.datasets.building.build import BuildOptions, Split, build
from trainvis.datasets.sample import Found, Planned, Sample
from trainvis.vis import BlobDataset, Callbacks

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class Digits:
    """The samples, one after the other; a build may walk through them more than once."""

    def __iter__(self) -> Iterator[Sample]:
        from sklearn.datasets import load_digits

        digits = load_digits()
        for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
            pixels = np.clip(image * 16, 0, 255).astype(np.uint8)[:, :, None]
            yield Sample(f"digit-{number:04}", {"image": pixels, "label": int(label)})


def packed(path: Path) -> Path:
    """The blob, built where it is not there yet."""
    if not path.exists():
        found = Found("scikit-learn digits", (Planned("image", "image"), Planned("label", "class", NAMES)), Digits())
        parts = Split(shares={"train": 0.75, "validation": 0.25}, stratify="label")
        built = build(found, path, BuildOptions(split=parts, statistics=True, workers=1))
        print(f"{built.records:,} records in {built.path}, {built.size / 1e6:.1f} MB")
    return path


def network(shape: tuple[int, ...]) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input(shape, name="image"),
            layers.Conv2D(32, 3, activation="relu", name="conv_1"),
            layers.Conv2D(64, 3, activation="relu", name="conv_2"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a network on digits from a data set in one file")
    parser.add_argument(
        "--blob", type=Path, default=Path("digits.h5"), help="the data set; built where it is not there"
    )
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    keras.utils.set_random_seed(options.seed)

    blob = packed(options.blob)
    moved = {"rotation": 8, "translation": 0.05}
    training = BlobDataset(blob, part="train", shuffle=options.seed, normalise="standard", augment=moved)
    validation = BlobDataset(blob, 128, part="validation", normalise="standard")
    model = network(training.feed.shape)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    callbacks = (
        Callbacks(tags="digits blob")
        .progress()
        .network_saver(classes=training.classes, preprocess=training.preprocess)
        .pictures(
            "maximal_images", records=blob, preprocess=training.preprocess, layers=("conv_2", "digit"), every=None
        )
    )
    model.fit(training, validation_data=validation, epochs=options.epochs, callbacks=callbacks, verbose=2)


if __name__ == "__main__":
    main()
