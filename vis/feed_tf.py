"""A blob as a `tf.data.Dataset`: only bytes are read in Python, the decoding is TensorFlow's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from ..datasets.feed import Feed
from .augmentation import Augmenter
from .feed import Recipe, Source

Array: TypeAlias = np.ndarray

_UNROLLED = 512  # a batch of more is decoded in a loop
_DECODED = ("jpeg", "png")  # what a build writes itself: upright, of one frame


def made(
    source: Source,
    batch: int = 32,
    *,
    normalise: str | Callable[[Array], Array] | None = "0..1",
    augment: Mapping[str, Any] | keras.Sequential | None = None,
    outputs: Sequence[str] = (),
    as_tuple: bool = False,
    workers: int | None = None,
    **options: Any,
) -> tf.data.Dataset:
    """As `feed.tf_dataset` says."""
    feed = Feed(source, batch, workers=0, **options)
    recipe = Recipe(feed, normalise, outputs, as_tuple=as_tuple)
    augmenter = Augmenter(augment) if augment else None
    parallel = workers or tf.data.AUTOTUNE
    resized = options.get("size") is not None or options.get("channels") is not None or options.get("dtype")
    encoding = feed.view.schema[feed.image].encoding
    epochs = tf.data.Dataset.from_generator(_Epochs(feed), output_signature=tf.TensorSpec((), tf.int64))
    flow = epochs.flat_map(lambda epoch: tf.data.Dataset.range(len(feed)).map(lambda each: tf.stack([each, epoch])))
    if encoding in _DECODED and not resized:
        flow = flow.map(_Reader(feed).of_bytes, num_parallel_calls=parallel, deterministic=True)
        decode = _decoder(feed, encoding)
        flow = flow.map(lambda numbers, data, *rest: (numbers, decode(data), *rest), num_parallel_calls=parallel)
    else:
        flow = flow.map(_Reader(feed).of_pixels, num_parallel_calls=parallel, deterministic=True)
    finish = _Finish(feed, recipe, augmenter)
    flow = flow.map(finish, num_parallel_calls=parallel, deterministic=True)
    return flow.apply(tf.data.experimental.assert_cardinality(len(feed))).prefetch(tf.data.AUTOTUNE)


class _Epochs:
    """The number of the epoch, which is the next one once all of its batches were handed out."""

    def __init__(self, feed: Feed) -> None:
        self._epoch = int(feed.position["epoch"])
        self._lock = threading.Lock()

    def __call__(self) -> Iterator[int]:
        epoch = self._epoch
        yield epoch
        with self._lock:
            self._epoch = max(self._epoch, epoch + 1)


class _Reader:
    """What is read of a batch: the images, as bytes or pixels, and the targets and weights of its records."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        first = feed.targets_of(feed.places(0)[:1])
        columns = [*first.values(), *first.weights.values()]
        self._types = [tf.as_dtype(each.dtype) for each in columns]
        self._shapes = [each.shape[1:] for each in columns]
        self._pixel_type = tf.as_dtype(feed.images_of(feed.places(0)[:1]).dtype)

    def of_bytes(self, numbers: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return self._read(numbers, self._bytes, tf.string, ())

    def of_pixels(self, numbers: tf.Tensor) -> tuple[tf.Tensor, ...]:
        return self._read(numbers, self._pixels, self._pixel_type, self.feed.shape)

    def _read(self, numbers: tf.Tensor, images: Any, dtype: Any, shape: tuple[int, ...]) -> tuple[tf.Tensor, ...]:
        def read(at: Array) -> list[Array]:
            number, epoch = at.tolist()
            places = self.feed.places(number, epoch)
            found = self.feed.targets_of(places)
            return [images(places), *found.values(), *found.weights.values()]

        read_now = tf.numpy_function(read, [numbers], [dtype, *self._types])
        for tensor, inside in zip(read_now, (shape, *self._shapes), strict=True):
            tensor.set_shape((None, *inside))
        return numbers, *read_now

    def _bytes(self, places: Array) -> Array:
        view, name = self.feed.view, self.feed.image
        found = np.empty(len(places), object)
        found[:] = [view.blob.raw(int(view.places[place]), name) for place in places.tolist()]
        return found

    def _pixels(self, places: Array) -> Array:
        return self.feed.images_of(places)


def _decoder(feed: Feed, encoding: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """N×H×W×C uint8 of N files."""
    height, width, channels = feed.shape

    def one(data: tf.Tensor) -> tf.Tensor:
        if encoding == "png":
            image = tf.io.decode_png(data, channels=channels)
        else:  # exactly as Pillow does it
            image = tf.io.decode_jpeg(data, channels=channels, dct_method="INTEGER_ACCURATE")
        return tf.ensure_shape(image, (height, width, channels))

    def decode(data: tf.Tensor) -> tf.Tensor:
        if feed.size > _UNROLLED:
            return tf.map_fn(one, data, fn_output_signature=tf.TensorSpec((height, width, channels), tf.uint8))
        # One operation for each place of a batch: a loop costs what a tenth of the decoding does.
        count = tf.shape(data)[0]
        whole = tf.concat([data, tf.repeat(data[-1:], feed.size - count)], 0)
        return tf.stack([one(each) for each in tf.unstack(whole, feed.size)])[:count]

    return decode


class _Finish:
    """Augmentation, normalisation, and the structure that `fit` takes."""

    def __init__(self, feed: Feed, recipe: Recipe, augmenter: Augmenter | None) -> None:
        self.feed, self.recipe, self.augmenter = feed, recipe, augmenter
        first = feed.places(0)[:1]
        self._weighed = bool(feed.targets_of(first).weights)
        self._shape = self._prepare(np.zeros(2, np.int64), feed.images_of(first)).shape[1:]

    def __call__(self, numbers: tf.Tensor, images: tf.Tensor, *columns: tf.Tensor) -> tuple[Any, ...]:
        x = self._x(numbers, images)
        count = len(self.feed.targets)
        if not count:
            return (x,)
        targets, weights = columns[:count], columns[count:]
        y = self.recipe.y(list(targets))
        return (x, y, self.recipe.y(list(weights))) if self._weighed else (x, y)

    def _x(self, numbers: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
        affine = self.recipe.affine()
        if self.augmenter is None and affine is not None:
            scale, shift = (each[0] if len(each) == 1 else each for each in affine)
            scaled = tf.cast(images, tf.float32) * scale
            return scaled + shift if np.any(shift) else scaled  # a pass over the batch less
        made = tf.numpy_function(self._prepare, [numbers, images], tf.float32)
        return tf.ensure_shape(made, (None, *self._shape))

    def _prepare(self, at: Array, pixels: Array) -> Array:
        number, epoch = at.tolist()
        if self.augmenter is not None:
            pixels = self.augmenter(pixels, self.feed.seed or 0, epoch, number)
        return self.recipe.x(pixels)
