"""Two networks that name expressions, small enough for a few thousand faces: of any size, grey or colour.

Both take pixels 0…255 (a Rescaling layer inside makes −1…1 of them), have nothing but layers of Keras, and end in a
softmax called `expression`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import layers

from ..errors import FacesError

SMALLEST = 16  # pixels a side: what is left of a smaller picture behind the poolings tells nothing
PREPROCESS = "0..255"  # in words of vis.preprocessing: nothing is to be done outside


def dexpression(size: int, channels: int, classes: int) -> keras.Model:
    """After DeXpression (Burkert et al. 2015, arXiv 1509.05371): convolution 7×7 with stride 2 and 64 kernels, pooling,
    normalisation, then twice a block FeatEx with pooling behind it, and one dense layer.

    Otherwise than there: any input (there 224×224 grey), batch normalisation in place of the local response
    normalisation (Keras has no such layer, and it needs no constants), all paddings "same", dropout ½ before the dense
    layer, as the sets here are smaller than those the paper's augmentation made.
    """
    return _network("dexpression", size, channels, classes, _dexpression)


def residual(size: int, channels: int, classes: int) -> keras.Model:
    """A small residual network (He et al. 2016, arXiv 1512.03385): a convolution with stride 2 and three blocks of two
    3×3 convolutions with 32, 64 and 128 kernels, averaged over the picture: a third of a million parameters.
    """
    return _network("residual", size, channels, classes, _residual)


NETWORKS: Mapping[str, Callable[[int, int, int], keras.Model]] = {"dexpression": dexpression, "residual": residual}


def _network(name: str, size: int, channels: int, classes: int, body: Callable[[Any], Any]) -> keras.Model:
    if size < SMALLEST:
        raise FacesError(f"faces of {size}×{size} pixels are too small for {name}: {SMALLEST} or more")
    if keras.config.image_data_format() == "channels_first":
        raise FacesError("Keras is set to channels_first here, and faces are channels last: set it to channels_last")
    image = keras.Input((size, size, channels), name="image")
    x = body(layers.Rescaling(1 / 127.5, -1, name="scaled")(image))
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="expression")(x), name=name)


def _dexpression(x: Any) -> Any:
    x = layers.Conv2D(64, 7, strides=2, padding="same", activation="relu", name="conv1")(x)
    x = layers.MaxPooling2D(3, 2, padding="same", name="pool1")(x)
    x = _normed(x, "norm1")
    for number in (2, 3):
        x = _feat_ex(x, number)
        x = layers.MaxPooling2D(3, 2, padding="same", name=f"pool{number}b")(x)
    return layers.Dropout(0.5, name="dropout")(layers.Flatten(name="flatten")(x))


def _feat_ex(x: Any, number: int) -> Any:
    """Two ways side by side: 1×1 → 3×3, and pooling → 1×1. The names are those of the paper."""
    deep = layers.Conv2D(96, 1, activation="relu", name=f"conv{number}a")(x)
    deep = layers.Conv2D(208, 3, padding="same", activation="relu", name=f"conv{number}b")(deep)
    flat = layers.MaxPooling2D(3, 1, padding="same", name=f"pool{number}a")(x)
    flat = layers.Conv2D(64, 1, activation="relu", name=f"conv{number}c")(flat)
    return layers.Concatenate(name=f"concat{number}")([deep, flat])


def _residual(x: Any) -> Any:
    x = _normed(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False, name="conv1")(x), "norm1")
    x = layers.ReLU(name="relu1")(x)
    for number, (width, stride) in enumerate(((32, 1), (64, 2), (128, 2)), start=2):
        x = _block(x, number, width, stride)
    return layers.Dropout(0.3, name="dropout")(layers.GlobalAveragePooling2D(name="average")(x))


def _block(x: Any, number: int, width: int, stride: int) -> Any:
    past = x
    for letter, step in (("a", stride), ("b", 1)):
        name = f"{number}{letter}"
        x = layers.Conv2D(width, 3, strides=step, padding="same", use_bias=False, name=f"conv{name}")(x)
        x = _normed(x, f"norm{name}")
        if letter == "a":
            x = layers.ReLU(name=f"relu{name}")(x)
    if stride > 1 or past.shape[-1] != width:
        past = layers.Conv2D(width, 1, strides=stride, use_bias=False, name=f"conv{number}c")(past)
        past = _normed(past, f"norm{number}c")
    return layers.ReLU(name=f"relu{number}b")(layers.Add(name=f"add{number}")([past, x]))


def _normed(x: Any, name: str) -> Any:
    # Some tens of batches make an epoch here: with Keras' 0.99 the moving averages would lag behind for many of them.
    return layers.BatchNormalization(momentum=0.9, name=name)(x)
