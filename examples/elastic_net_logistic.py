"""Logistic regression with an elastic-net penalty in plain TensorFlow, recorded with `log`.

Data: scikit-learn's diabetes set; the class is a disease progression above 200, the loss the squared error of
the predicted probability. The penalty is l1 × Σ|w| + l2 × Σw² (Zou and Hastie, 2005). At the end the weights are
saved as a checkpoint and restored into new variables.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes

from trainvis.vis import log


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Elastic-net logistic regression, in plain TensorFlow")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--lr", type=float, default=0.5)
    parser.add_argument("--l1", type=float, default=0.001)
    parser.add_argument("--l2", type=float, default=0.001)
    parser.add_argument("--batch-size", type=int, default=32)
    return parser.parse_args()


def data() -> tuple[np.ndarray, np.ndarray]:
    """Features [442, 10] with mean 0 and deviation 1, and classes [442, 1]: 1 above a progression of 200."""
    features, target = load_diabetes(return_X_y=True)
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    return features.astype("float32"), (target > 200).astype("float32")[:, None]


def accuracy(probability: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.cast((probability > 0.5) == (target > 0.5), tf.float32))


def main() -> None:
    options = parsed()
    features, target = data()
    train = tf.data.Dataset.from_tensor_slices((features[:354], target[:354]))
    batches = train.shuffle(354, seed=0).batch(options.batch_size)
    weights = tf.Variable(tf.zeros([10, 1]))
    bias = tf.Variable(tf.zeros([1]))

    @tf.function
    def step(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            probability = tf.sigmoid(x @ weights + bias)
            loss = tf.reduce_mean(tf.square(probability - y))
            penalty = options.l1 * tf.reduce_sum(tf.abs(weights)) + options.l2 * tf.reduce_sum(tf.square(weights))
            whole = loss + penalty
        by_weights, by_bias = tape.gradient(whole, [weights, bias])
        weights.assign_sub(options.lr * by_weights)
        bias.assign_sub(options.lr * by_bias)
        return loss, penalty, accuracy(probability, y)

    count = len(batches)
    for epoch in range(options.epochs):
        for at, (x, y) in enumerate(batches, start=1):
            loss, penalty, share = step(x, y)
            log(step=epoch * count + at, epoch=epoch + at / count, loss=loss, penalty=penalty, accuracy=share)
        probability = tf.sigmoid(features[354:] @ weights + bias)
        log(
            step=(epoch + 1) * count,
            epoch=epoch + 1,
            val_loss=tf.reduce_mean(tf.square(probability - target[354:])),
            val_accuracy=accuracy(probability, target[354:]),
        )

    with tempfile.TemporaryDirectory() as folder:
        saved = tf.train.Checkpoint(weights=weights, bias=bias).save(str(Path(folder, "elastic-net")))
        restored = tf.Variable(tf.ones([10, 1]))
        tf.train.Checkpoint(weights=restored).restore(saved).expect_partial()
        assert bool(tf.reduce_all(restored == weights)), "a checkpoint gives back what was saved"
    print(f"accuracy on 88 patients kept apart: {float(accuracy(probability, target[354:])):.3f}")


if __name__ == "__main__":
    main()
