"""Handwritten digits and a small convolutional network: what `trainvis demo` starts.

Data: the 1,797 digits of 8×8 pixels that come with scikit-learn, a fifth of them kept for validation.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

from trainvis.vis import Callbacks


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train a small convolutional network on handwritten digits")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1e-3, help="learning rate of Adam at the start")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def data(seed: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and validation: images [N, 8, 8, 1] in 0…1, labels [N] in 0…9."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.images))
    images = (digits.images[order, :, :, None] / 16.0).astype("float32")
    labels = digits.target[order]
    kept = len(images) // 5
    return (images[kept:], labels[kept:]), (images[:kept], labels[:kept])


def network() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.RandomTranslation(0.1, 0.1, fill_mode="constant", name="shift"),
            layers.UpSampling2D(4, interpolation="bilinear", name="enlarge"),
            layers.Conv2D(32, 3, activation="relu", name="conv_1"),
            layers.Conv2D(64, 3, activation="relu", name="conv_2"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Conv2D(64, 3, activation="relu", name="conv_3"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.5, name="dropout"),
            layers.Dense(64, activation="relu", name="dense"),
            layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits",
    )


def main() -> None:
    options = parsed()
    keras.utils.set_random_seed(options.seed)
    training, validation = data(options.seed)
    steps = options.epochs * -(-len(training[0]) // options.batch_size)
    model = network()
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(options.lr, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.summary()
    model.fit(
        *training,
        batch_size=options.batch_size,
        epochs=options.epochs,
        validation_data=validation,
        # A training of seconds that is made to be looked at: pictures may take a third of it, not a twentieth.
        callbacks=Callbacks(tags="digits demo")
        .progress()
        .network_saver()
        .pictures("layer_activations", images=validation[0][:1], sample=training[0][:256], budget=0.33)
        .pictures("saliency_maps", images=validation[0][:4], sample=training[0][:256])
        .pictures("deep_visualization", units=tuple(("digit", each) for each in range(10)), tries=9, every=None)
        .pictures("maximal_images", records=validation, layers=("conv_2", "conv_3", "digit"), count=-1, every=None)
        .pictures("confusion_matrix", records=validation)
        .pictures("layer_graph", every=None)
        .pictures("weights")
        .pictures("gradient_norms")
        .pictures("update_ratios"),
        verbose=2,
    )


if __name__ == "__main__":
    main()
