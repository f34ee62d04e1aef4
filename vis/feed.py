"""A blob goes into `fit` in one line: `model.fit(BlobDataset("faces.h5", part="train", shuffle=0))`.

Works on every backend of Keras. What a batch is made of says `datasets.feed.Feed`, whose options these are too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, TypeAlias

import keras
import numpy as np

from ..datasets.blob import Blob, View
from ..datasets.errors import BlobError
from ..datasets.feed import Batch, Feed
from .augmentation import Augmenter, augmentation
from .preprocessing import Preprocessing, applied, named

Array: TypeAlias = np.ndarray
Source: TypeAlias = Blob | View | str | os.PathLike[str]

STANDARD = "standard"
_SOME = 1000  # images that stand for all where no statistics do

__all__ = ["BlobDataset", "augmentation", "tf_dataset"]


class Recipe:
    """What is made of a batch: `x` as the network takes it, `y` and weights, as `fit` takes them."""

    def __init__(
        self,
        feed: Feed,
        normalise: str | Callable[[Array], Array] | None = "0..1",
        outputs: Sequence[str] = (),
        *,
        as_tuple: bool = False,
    ) -> None:
        """Raises BlobError, and ImageError for a normalisation that has no such name."""
        if outputs and len(outputs) != len(feed.targets):
            raise BlobError(f"{len(outputs)} outputs are named, for {len(feed.targets)} targets: one for each")
        self.names = tuple(outputs) or feed.targets
        self.as_tuple = as_tuple
        self.preprocess = _preprocess(feed, normalise)
        self._process = named(self.preprocess) if isinstance(self.preprocess, str) else self.preprocess
        self._is_image = feed.view.schema[feed.image].kind == "image"
        self._first = keras.config.image_data_format() == "channels_first"

    def x(self, images: Array) -> Array:
        """float32 (what a normalisation of one's own makes) of a batch of images."""
        if not self._is_image or images.ndim != 4:
            return images.astype(np.float32, copy=False)
        process = self._process
        if isinstance(process, Preprocessing) and not process.bgr and len(process.scale) == len(process.shift) == 1:
            # One number for all channels: a single pass over the batch.
            made = np.multiply(images, np.float32(process.scale[0]), dtype=np.float32)
            made = np.add(made, np.float32(process.shift[0]), out=made) if process.shift[0] else made
            return np.ascontiguousarray(np.moveaxis(made, -1, 1)) if self._first else made
        return applied(process, images, self._first)

    def affine(self) -> tuple[Array, Array] | None:
        """Scale and shift of each channel, where that is all that is done to a batch."""
        process = self._process
        if not isinstance(process, Preprocessing) or process.bgr or not self._is_image or self._first:
            return None
        return np.array(process.scale, np.float32), np.array(process.shift, np.float32)

    def y(self, values: Sequence[Any]) -> Any:
        """One array, or one for each target: by the name of its output, or as a tuple."""
        if len(values) == 1:
            return values[0]
        return tuple(values) if self.as_tuple else dict(zip(self.names, values, strict=True))

    def whole(self, batch: Batch, x: Array, targets: Sequence[str]) -> tuple[Any, ...]:
        """(x,), (x, y) or (x, y, weights)."""
        if not targets:
            return (x,)
        y = self.y([batch[name] for name in targets])
        if not batch.weights:
            return x, y
        return x, y, self.y([batch.weights[name] for name in targets])


class BlobDataset(keras.utils.PyDataset):
    """The batches of a blob for `fit`, `evaluate` and `predict`.

    `source`, `batch` and the further options (part, image, targets, one_hot, unknown, balance, shuffle, epoch,
    drop_last, size, channels) are those of `datasets.feed.Feed`. With several targets y is a mapping of arrays by
    their names, or by those of `outputs`; a tuple with `as_tuple`.

    `normalise` makes network units of pixels: a name ("0..1", "-1..1", "caffe", "mean 104,117,123": vis.preprocessing
    lists them), "standard" (the mean and standard deviation of the blob), a function of a batch, None for 0…255. What
    it comes to is `preprocess`, as the pictures of a training want it. `augment` are options of `augmentation`, done
    to the pixels 0…255 before; what is drawn depends on the seed, the epoch and the number of the batch alone.

    `shuffle` is a seed, and the batches are those of that seed in every epoch; Keras mixes their order once more
    unless it is told `fit(shuffle=False)`. Training goes on at an epoch with `epoch=n` and `fit(initial_epoch=n)`.

    `workers` threads decode the images of a batch, and the next batches meanwhile. With `use_multiprocessing` Keras
    starts so many processes instead.

    Raises BlobError, ImageError.
    """

    def __init__(
        self,
        source: Source,
        batch: int = 32,
        *,
        normalise: str | Callable[[Array], Array] | None = "0..1",
        augment: Mapping[str, Any] | keras.Sequential | None = None,
        outputs: Sequence[str] = (),
        as_tuple: bool = False,
        workers: int | None = None,
        use_multiprocessing: bool = False,
        max_queue_size: int = 10,
        **options: Any,
    ) -> None:
        if use_multiprocessing and augment:
            raise BlobError(
                "no framework runs in processes that only read: put vis.feed.augmentation(…) in front of the network, "
                "or leave use_multiprocessing out"
            )
        # The threads are the feed's own, which decode one batch side by side: Keras' would each decode another one.
        keras_workers = (workers or os.cpu_count() or 1) if use_multiprocessing else 1
        super().__init__(workers=keras_workers, use_multiprocessing=use_multiprocessing, max_queue_size=max_queue_size)
        self.feed = Feed(source, batch, workers=0 if use_multiprocessing else workers, **options)
        self.recipe = Recipe(self.feed, normalise, outputs, as_tuple=as_tuple)
        self.augmenter = Augmenter(augment) if augment else None
        self.epoch = self.feed.position["epoch"]
        self._within = False

    @property
    def preprocess(self) -> Any:
        """The normalisation, as `Callbacks.pictures(preprocess=…)` takes it."""
        return self.recipe.preprocess

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes of the first target."""
        return self.feed.classes()

    @property
    def notes(self) -> tuple[str, ...]:
        """What must be said: records that were left out."""
        return self.feed.notes

    def counts(self, target: str | None = None) -> dict[str, int]:
        """How many records of an epoch each class of a target has."""
        return self.feed.counts(target)

    def __len__(self) -> int:
        return len(self.feed)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """(x, y) of a batch of this epoch, (x, y, weights) where records are weighed. Raises BlobError."""
        epoch = self.epoch
        batch = self.feed.batch(int(index), epoch)
        images = batch[self.feed.image]
        if self.augmenter is not None:
            images = self.augmenter(images, self.feed.seed or 0, epoch, int(index))
        return self.recipe.whole(batch, self.recipe.x(images), self.feed.targets)

    def on_epoch_begin(self) -> None:
        """Called by Keras."""
        self._within = True

    def on_epoch_end(self) -> None:
        """Called by Keras, also where it only looked at a batch to build the network."""
        self.epoch += self._within and not _starts_over()
        self._within = False

    def __repr__(self) -> str:
        return f"<BlobDataset of {self.feed!r}>"


def tf_dataset(source: Source, batch: int = 32, **options: Any) -> Any:
    """The same batches as a `tf.data.Dataset`; options are those of `BlobDataset`. Raises BlobError, ImageError.

    JPEG and PNG files that a build has written are decoded by TensorFlow, in parallel. Each time it is walked through
    is the next epoch.
    """
    try:
        from .feed_tf import made
    except ModuleNotFoundError as error:
        raise BlobError("tf.data needs TensorFlow, which is not installed here: BlobDataset does the same") from error
    return made(source, batch, **options)


def _starts_over() -> bool:
    """Whether Keras tells of an end where it has not walked through an epoch: in `EpochIterator.reset`, which nothing
    but the name of the caller tells from a true one.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way to it is slow, and warns
    return any(each is not None and each.f_code.co_name == "reset" for each in _callers(frame))


def _callers(frame: FrameType) -> Iterator[FrameType | None]:
    """Those of `on_epoch_end`: the adapter, and what called that."""
    found: FrameType | None = frame
    for _ in range(3):
        found = found.f_back if found is not None else None
        yield found


def _preprocess(feed: Feed, normalise: Any) -> Any:
    if normalise is None:
        return "0..255"
    if normalise != STANDARD:
        return normalise
    said = feed.view.blob.statistics
    mean, std = said.get("mean"), said.get("std")
    channels = feed.shape[-1]
    if not mean or not std or len(mean) not in (1, channels):
        places = np.linspace(0, feed.records - 1, min(feed.records, _SOME)).astype(np.int64)
        some = np.stack([feed.view.read([int(place)], [feed.image])[feed.image][0] for place in feed.order(0)[places]])
        mean, std = some.mean(axis=(0, 1, 2)), some.std(axis=(0, 1, 2))
    return f"mean {_listed(mean)} std {_listed([max(float(each), 1.0) for each in std])}"


def _listed(numbers: Any) -> str:
    return ",".join(f"{float(each):.6g}" for each in numbers)
