"""Linear regression with an L1 penalty (lasso) in plain TensorFlow, recorded with `log`.

Data: scikit-learn's diabetes set, 442 patients, 10 standardised features, disease progression after a year.
The penalty is applied by a proximal step (soft threshold), so that weights become exactly zero
(ISTA: Beck and Teboulle, 2009).
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes

from trainvis.vis import log


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Linear regression with an L1 penalty, in plain TensorFlow")
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--lr", type=float, default=0.2)
    parser.add_argument("--l1", type=float, default=6.0, help="weight of the penalty")
    parser.add_argument("--batch-size", type=int, default=354, help="all at once: noise would blur the zeros")
    return parser.parse_args()


def data() -> tuple[np.ndarray, np.ndarray]:
    """Features [442, 10] and targets [442, 1], each feature with mean 0 and deviation 1."""
    features, target = load_diabetes(return_X_y=True)
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    return features.astype("float32"), target.astype("float32")[:, None]


def main() -> None:
    options = parsed()
    features, target = data()
    train = tf.data.Dataset.from_tensor_slices((features[:354], target[:354]))
    batches = train.shuffle(354, seed=0).batch(options.batch_size)
    weights = tf.Variable(tf.zeros([10, 1]))
    bias = tf.Variable(tf.zeros([1]))

    @tf.function
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(x @ weights + bias - y)) / 2
        by_weights, by_bias = tape.gradient(loss, [weights, bias])
        moved = weights - options.lr * by_weights
        weights.assign(tf.sign(moved) * tf.nn.relu(tf.abs(moved) - options.lr * options.l1))
        bias.assign_sub(options.lr * by_bias)
        return loss

    count = len(batches)
    for epoch in range(options.epochs):
        for at, (x, y) in enumerate(batches, start=1):
            loss = step(x, y)
            log(step=epoch * count + at, epoch=epoch + at / count, loss=loss)
        error = tf.sqrt(tf.reduce_mean(tf.square(features[354:] @ weights + bias - target[354:])))
        zero = int(tf.math.count_nonzero(weights == 0))
        log(step=(epoch + 1) * count, epoch=epoch + 1, val_rmse=error, zero_weights=zero)
    print(f"root mean squared error on 88 patients kept apart: {float(error):.1f}; weights that are zero: {zero} of 10")


if __name__ == "__main__":
    main()
