"""Training an expression network: ordinary `fit`, ordinary callbacks, batches that are never twice the same."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np

from ...vis import Callbacks
from ...vis.augmentation import Augmenter
from ..errors import FacesError
from ..splits import Split
from .learned import LEARNED_FROM
from .material import Material
from .networks import NETWORKS, PREPROCESS

Array: TypeAlias = np.ndarray

# A face upside down is none, and a mirrored one has the same expression. Nothing that resamples: turning or zooming a
# face of 48 pixels blurs its mouth and brows, and a network that learned from blurred faces fails on sharp ones.
AUGMENT: Mapping[str, Any] = {"flip": "horizontal", "light": 0.1, "contrast": 0.1}
SHIFT = 0.06  # of the side, up or down and left or right, in whole pixels


@dataclass(frozen=True, slots=True)
class Options:
    """`net` one of NETWORKS; `rate` of Adam at the beginning, which falls to nothing along a half cosine; `balance`:
    all expressions count the same in the loss (weight n / (classes · n of the expression)), else each face does;
    `augment` are options of `vis.augmentation`, done to faces moved by SHIFT; empty for none.
    """

    net: str = "dexpression"
    epochs: int = 30
    batch: int = 32
    rate: float = 1e-3
    seed: int = 0
    balance: bool = True
    augment: Mapping[str, Any] = field(default_factory=lambda: dict(AUGMENT))

    def __post_init__(self) -> None:
        """Raises FacesError."""
        if self.net not in NETWORKS:
            raise FacesError(f"there is no network {self.net!r}: {' and '.join(NETWORKS)} are there")
        if self.epochs < 1 or self.batch < 1 or not 0 < self.rate < 1:
            raise FacesError(
                f"{self.epochs} epochs, batches of {self.batch}, rate {self.rate:g}: an epoch and a face are the "
                "least, and a rate lies between 0 and 1"
            )


class Batches(keras.utils.PyDataset):
    """(x, y, weights) of some faces: x N×S×S×C float32 of pixels 0…255. With a seed in another order each epoch, and
    changed by chance: what is drawn depends on the seed, the epoch and the number of the batch alone.
    """

    def __init__(
        self,
        images: Array,
        truth: Array,
        batch: int,
        *,
        weights: Array | None = None,
        seed: int | None = None,
        augment: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(workers=1)
        self._images, self._truth, self._weights = images, truth, weights
        self._batch, self._seed = batch, seed
        self._augmenter = Augmenter(augment) if augment else None
        self._epoch = -1
        self._order = np.arange(len(truth))

    def __len__(self) -> int:
        return math.ceil(len(self._truth) / self._batch)

    def __getitem__(self, index: int) -> tuple[Array, ...]:
        number = int(index)
        places = self._order[number * self._batch : (number + 1) * self._batch]
        x = self._images[places].astype(np.float32)
        if self._augmenter is not None:
            numbers = (self._seed or 0, max(self._epoch, 0), number)
            x = self._augmenter(shifted(x, np.random.default_rng(numbers)), *numbers)
        y = self._truth[places]
        return (x, y) if self._weights is None else (x, y, self._weights[places])

    def on_epoch_begin(self) -> None:
        """Called by Keras."""
        self._epoch += 1
        if self._seed is not None:
            self._order = np.random.default_rng([self._seed, self._epoch]).permutation(len(self._truth))


def shifted(images: Array, random: np.random.Generator) -> Array:
    """N×S×S×C, each moved by up to SHIFT of its side, whole pixels; its edge fills what comes in."""
    most = round(SHIFT * images.shape[1])
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)), mode="edge")
    moves = random.integers(0, 2 * most + 1, (len(images), 2))
    side = images.shape[1]
    return np.stack([each[y : y + side, x : x + side] for each, (y, x) in zip(padded, moves, strict=True)])


def train(
    material: Material, split: Split, options: Options, callbacks: Sequence[keras.callbacks.Callback] = ()
) -> int:
    """After how many epochs it ended; the best network is kept by the callbacks' network saver."""
    keras.utils.set_random_seed(options.seed)
    model = NETWORKS[options.net](material.images.shape[1], material.images.shape[3], len(material.classes))
    truth = material.truth[split.train]
    training = Batches(
        material.images[split.train],
        truth,
        options.batch,
        weights=weights_of(truth) if options.balance else None,
        seed=options.seed,
        augment=options.augment,
    )
    validation = Batches(material.images[split.validation], material.truth[split.validation], 256)
    rate: Any = keras.optimizers.schedules.CosineDecay(options.rate, len(training) * options.epochs)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        training,
        validation_data=validation,
        epochs=options.epochs,
        callbacks=list(callbacks),
        shuffle=False,  # the order is that of the batches
        verbose=0,  # pyright: ignore[reportArgumentType]  # Keras' own annotation is too narrow
    )
    return len(history.epoch)


def callbacks_of(material: Material, split: Split, options: Options, run: Any = None) -> Callbacks:
    """Progress, the best network with its classes, and at the end its confusion and worst faces of the test part."""
    params = {**asdict(options), "augment": bool(options.augment), "size": material.images.shape[1]}
    params |= {"channels": material.images.shape[3], "classes": len(material.classes), "data": material.name}
    tried = material.images[split.test], material.truth[split.test]
    shown: dict[str, Any] = {"records": tried, "labels": material.classes, "preprocess": PREPROCESS, "every": None}
    shown["sample"] = material.images[split.train[:64]].astype(np.float32)
    return (
        Callbacks(run, params=params, tags=("expression", options.net))
        .progress()
        .network_saver(
            classes=material.classes, preprocess=PREPROCESS, about={LEARNED_FROM: dict(material.learned_from)}
        )
        .pictures("confusion_matrix", images=tried[0][:1], **shown)
        .pictures("worst_images", images=tried[0][:1], **shown)
    )


def said(say: Callable[[str], None], epochs: int) -> keras.callbacks.Callback:
    """Says a line after each epoch: how it stands, and how long it still takes."""
    began = time.monotonic()

    def line(epoch: int, logs: Mapping[str, float] | None) -> None:
        left = (time.monotonic() - began) / (epoch + 1) * (epochs - epoch - 1)
        told = ", ".join(f"{name} {value:.3f}" for name, value in (logs or {}).items() if name != "learning_rate")
        say(f"  epoch {epoch + 1} of {epochs}: {told}" + (f"; {left:,.0f} s left" if left else ""))

    return keras.callbacks.LambdaCallback(on_epoch_end=line)


def weights_of(truth: Array) -> Array:
    """N float32 with which all classes that occur count the same, 1 in the mean."""
    counts = np.bincount(truth)
    return (len(truth) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[truth].astype(np.float32)


def network_of(callbacks: Callbacks) -> Path | None:
    """The best network that they saved, None where none could be."""
    best = callbacks.run.networks / "best.keras" if callbacks.run is not None else None
    return best if best is not None and best.exists() else None
