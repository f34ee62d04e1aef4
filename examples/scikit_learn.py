"""A scikit-learn classifier trained batch by batch with `partial_fit`, recorded with `log`."""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

from trainvis.vis import log


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Digits and a linear classifier, with scikit-learn's partial_fit")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--alpha", type=float, default=1e-3, help="weight of the L2 penalty")
    parser.add_argument("--batch-size", type=int, default=50)
    return parser.parse_args()


def main() -> None:
    options = parsed()
    images, labels = load_digits(return_X_y=True)
    images = images / 16.0
    order = np.random.default_rng(0).permutation(len(images))
    training, kept = order[360:], order[:360]
    model = SGDClassifier(loss="log_loss", alpha=options.alpha, random_state=0)
    classes = np.unique(labels)

    step = 0
    for epoch in range(options.epochs):
        shuffled = np.random.default_rng(epoch).permutation(training)
        batches = np.array_split(shuffled, len(shuffled) // options.batch_size)
        for at, batch in enumerate(batches, start=1):
            model.partial_fit(images[batch], labels[batch], classes=classes)
            loss = log_loss(labels[batch], model.predict_proba(images[batch]), labels=classes)
            step += 1
            log(step=step, epoch=epoch + at / len(batches), loss=loss)
        score = model.score(images[kept], labels[kept])
        log(step=step, epoch=epoch + 1, val_accuracy=score)
    print(f"accuracy on 360 digits kept apart: {score:.3f}")


if __name__ == "__main__":
    main()
