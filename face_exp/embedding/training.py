"""Training an embedding: ordinary `fit`, ordinary callbacks, one file at the end that any tool opens."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import layers

from ...engine.files import write_json
from ...engine.text import printable
from ...vis import framework, models, telling
from ...vis.augmentation import Augmenter
from ..errors import FacesError
from ..extractors.pictures import whole
from ..faces import Faces
from . import batches, losses, network
from .options import AUGMENT, Options, Parts, parts
from .verification import Verification, pairs, verification

Array: TypeAlias = np.ndarray
Say: TypeAlias = Callable[[str], None]

METRIC = "val_equal_error_rate"
PREPROCESS = "0..255"  # the network does it itself


@dataclass(frozen=True, slots=True)
class Trained:
    """An embedding that was trained for `epochs`, out of those asked for, and how well it verifies the faces that were
    held out, None where none were. `seconds` its training took, without reading the faces.
    """

    embedder: Any
    epochs: int
    seconds: float
    verification: Verification | None = None
    notes: tuple[str, ...] = ()

    def write(self, path: Path) -> None:
        """Put the network there, whole or not at all, and beside it a JSON file that says it takes pixels 0…255.

        Raises FacesError where the name does not end in .keras, OSError.
        """
        if path.suffix != ".keras":
            raise FacesError(f"{printable(path, 200)}: the name of a network ends in .keras")
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            self.embedder.save(aside)
            write_json(path.with_suffix(".json"), {"preprocess": PREPROCESS})
            os.replace(aside, path)
        finally:
            aside.unlink(missing_ok=True)


def train_embedding(
    faces: Faces,
    options: Options,
    out: Path,
    *,
    say: Say = print,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Path:
    """Train, and write the network from pixels 0…255 to the layer `embedding` into `out` (.keras), its path.

    Where the callbacks stop it early, what it has learned so far is kept. Raises FacesError, BlobError, ModelError;
    OSError where the file cannot be written.
    """
    trained(faces, options, say=say, callbacks=callbacks).write(out)
    return out


def trained(
    faces: Faces, options: Options, *, say: Say = print, callbacks: Sequence[keras.callbacks.Callback] = ()
) -> Trained:
    """As `train_embedding`, and nothing is written but by the callbacks."""
    part = parts(faces.identity, options)
    for note in part.notes:
        say(note)
    keras.utils.set_random_seed(options.seed)
    embedder = embedder_of(options)
    size, channels = embedder.input_shape[1:3], embedder.input_shape[3]
    images = whole(faces, size, channels, telling.progress())
    taught = _Taught.of(faces, part, options)
    model = _with_heads(embedder, taught, options)
    dealt = Batches(images, taught, options)
    _compile(model, len(dealt), options)
    ends = _Ends(embedder, images[part.held_out], faces.identity[part.held_out], options, say)
    began = time.monotonic()
    model.fit(dealt, epochs=options.epochs, callbacks=[ends, *callbacks], shuffle=False, verbose=0)
    if ends.broken:
        raise FacesError(
            f"the loss of epoch {ends.epochs} is no finite number, and nothing was kept: a smaller learning rate mends "
            f"that mostly (--rate {options.rate / 10:g})"
        )
    return Trained(embedder, ends.epochs, time.monotonic() - began, ends.verification, part.notes)


def embedder_of(options: Options) -> Any:
    """The network that is trained, as it is before. Raises FacesError, ModelError, ImageError."""
    if not options.base:
        return network.network(options.width, options.side)
    with framework.hushed():
        base = models.load(options.base)
    return network.on_top_of(base.model, options.preprocess or base.preprocess, options.width)


def vectors_of(embedder: Any, images: Array) -> Array:
    """N×D float32 of N×H×W×C pixels 0…255."""
    if not len(images):
        return np.zeros((0, embedder.output_shape[-1]), np.float32)
    return np.asarray(embedder.predict(images, batch_size=128, verbose=0), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Taught:
    """What is learned from: numbers of faces, and for each of them the person and expression as consecutive numbers."""

    numbers: Array
    person: Array
    expression: Array

    @classmethod
    def of(cls, faces: Faces, part: Parts, options: Options) -> _Taught:
        person = np.unique(faces.identity[part.learns], return_inverse=True)[1]
        expression = np.unique(faces.expression[part.learns], return_inverse=True)[1]
        if options.expression and expression.max() < 1:
            raise FacesError("all faces it learns from have one expression: leave out --expression")
        return cls(part.learns, person.astype(np.int32), expression.astype(np.int32))


class Batches(keras.utils.PyDataset):
    """(x, y): x N×S×S×C float32 of pixels 0…255, y the person of each, or [person, expression]. What a batch holds
    depends on the seed, the epoch and its number alone.
    """

    def __init__(self, images: Array, taught: _Taught, options: Options) -> None:
        super().__init__(workers=1)
        self._images, self._taught, self._options = images, taught, options
        self._augmenter = Augmenter(dict(AUGMENT)) if options.augment else None
        self._epoch = 0
        self._dealt = self._deal()

    def __len__(self) -> int:
        return len(self._dealt)

    def __getitem__(self, index: int) -> tuple[Array, Any]:
        chosen = self._dealt[int(index)]
        x = self._images[self._taught.numbers[chosen]].astype(np.float32)
        if self._augmenter is not None:
            x = self._augmenter(x, self._options.seed, self._epoch, int(index))
        person = self._taught.person[chosen]
        return (x, (person, self._taught.expression[chosen])) if self._options.expression else (x, person)

    def on_epoch_end(self) -> None:
        """Called by Keras."""
        self._epoch += 1
        self._dealt = self._deal()

    def _deal(self) -> list[Array]:
        person, seed = self._taught.person, self._options.seed
        if self._options.loss == "triplet":
            return list(batches.of_people(person, self._options.people, self._options.faces, seed, self._epoch))
        return list(batches.shuffled(len(person), self._options.batch, seed, self._epoch))


def _with_heads(embedder: Any, taught: _Taught, options: Options) -> Any:
    """The embedding with what teaches it: cosines to a vector for each person, and shares of expressions."""
    outputs = [embedder.output]
    if options.loss != "triplet":
        # A vector of unit length for each person: its product with the embedding is the cosine.
        unit = keras.constraints.UnitNorm(axis=0)
        people = int(taught.person.max()) + 1
        outputs = [layers.Dense(people, use_bias=False, kernel_constraint=unit, name="identity")(embedder.output)]
    if options.expression:
        # A unit vector has small numbers: stretched, so that shares of 0 and 1 are within reach.
        stretched = layers.Rescaling(10.0, name="stretched")(embedder.output)
        count = int(taught.expression.max()) + 1
        outputs.append(layers.Dense(count, activation="softmax", name="expression")(stretched))
    model = keras.Model(embedder.input, outputs if len(outputs) > 1 else outputs[0], name=f"{options.loss}_training")
    if options.loss != "triplet":
        head = model.get_layer("identity")
        kernel = np.asarray(keras.ops.convert_to_numpy(head.kernel))
        head.set_weights([kernel / np.linalg.norm(kernel, axis=0)])
    return model


def _compile(model: Any, steps: int, options: Options) -> None:
    make: dict[str, Callable[[], losses.Loss]] = {
        "triplet": lambda: losses.triplet(options.used_margin),
        "cosface": lambda: losses.cosface(options.used_margin, options.scale),
        "arcface": lambda: losses.arcface(options.used_margin, options.scale),
    }
    known = [] if options.loss == "triplet" else ["accuracy"]
    all_steps = steps * options.epochs
    rises = all_steps // 20
    rate: Any = keras.optimizers.schedules.CosineDecay(
        options.rate if not rises else 0.0, all_steps - rises, warmup_target=options.rate if rises else None,
        warmup_steps=rises,
    )  # fmt: skip
    of_person = make[options.loss]()
    more: dict[str, Any] = {"loss": of_person, "metrics": known}
    if options.expression:
        more = {
            "loss": [of_person, "sparse_categorical_crossentropy"],
            "loss_weights": [1.0, options.expression],
            "metrics": [known, ["accuracy"]],
        }
    model.compile(keras.optimizers.Adam(rate), **more)


class _Ends(keras.callbacks.Callback):
    """After each epoch: whether the loss is still a number, how well strangers are told apart, and a line."""

    def __init__(self, embedder: Any, images: Array, identity: Array, options: Options, say: Say) -> None:
        super().__init__()
        self._embedder, self._images, self._identity = embedder, images, identity
        self._options, self._say = options, say
        self._began = time.monotonic()
        self.epochs = 0
        self.broken = False
        self.verification: Verification | None = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = {} if logs is None else logs
        self.epochs = epoch + 1
        if not np.isfinite(float(logs.get("loss", 0.0))):
            self.broken = True
            assert self.model is not None
            self.model.stop_training = True
            return
        told = f"loss {float(logs.get('loss', 0.0)):.3f}"
        if len(self._images):
            found = pairs(vectors_of(self._embedder, self._images), self._identity, seed=self._options.seed)
            self.verification = verification(*found)
            logs[METRIC] = self.verification.equal_error_rate  # recorded with the others: these come before Callbacks
            told += f", equal error rate {self.verification.equal_error_rate:.1%}"
        left = (time.monotonic() - self._began) / self.epochs * (self._options.epochs - self.epochs)
        self._say(
            f"  epoch {self.epochs} of {self._options.epochs}: {told}" + (f"; {left:,.0f} s left" if left else "")
        )
