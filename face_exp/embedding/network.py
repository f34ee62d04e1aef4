"""Networks that turn a face into a vector of unit length: of built-in layers only, so that any tool opens them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from ...engine.text import printable
from ...vis.preprocessing import named
from ..errors import FacesError

SIDE = 64  # pixels, of the faces that our own network takes
WIDTH = 128  # of the embedding, unless told otherwise
NAME = "embedding"  # the last layer
_FILTERS = (32, 64, 128)


def network(width: int = WIDTH, side: int = SIDE, filters: tuple[int, ...] = _FILTERS) -> Any:
    """A small residual network: pixels side×side×3, 0…255, to `width` numbers, a vector of unit length.

    A stem of stride 2 and max-pooling, then for each number of filters a pair of 3×3 convolutions around which the
    picture passes (He et al., CVPR 2016), each but the first halving the picture; the mean over the picture, a linear
    layer. Its output is the layer `embedding`.
    """
    if width < 2 or side < 16:
        raise FacesError(f"an embedding has 2 numbers at least, of faces of 16 pixels at least: not {width} of {side}")
    image = keras.Input((side, side, 3), name="image")
    flow: Any = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(image)
    flow = layers.Conv2D(filters[0] // 2, 5, strides=2, padding="same", use_bias=False, name="stem")(flow)
    flow = layers.BatchNormalization(name="stem_norm")(flow)
    flow = layers.Activation("relu", name="stem_relu")(flow)
    flow = layers.MaxPooling2D(2, name="stem_pool")(flow)
    for number, count in enumerate(filters, 1):
        flow = _residual(flow, count, 1 if number == 1 else 2, f"block_{number}")
    flow = layers.GlobalAveragePooling2D(name="mean")(flow)
    return keras.Model(image, _unit(flow, width), name="embedder")


def _residual(flow: Any, count: int, stride: int, name: str) -> Any:
    """Two convolutions, and the picture itself beside them, by a 1×1 convolution where its shape changes."""
    way = layers.Conv2D(count, 3, strides=stride, padding="same", use_bias=False, name=f"{name}_conv_1")(flow)
    way = layers.BatchNormalization(name=f"{name}_norm_1")(way)
    way = layers.Activation("relu", name=f"{name}_relu_1")(way)
    way = layers.Conv2D(count, 3, padding="same", use_bias=False, name=f"{name}_conv_2")(way)
    way = layers.BatchNormalization(name=f"{name}_norm_2")(way)
    if stride != 1 or flow.shape[-1] != count:
        flow = layers.Conv2D(count, 1, strides=stride, use_bias=False, name=f"{name}_past")(flow)
    return layers.Activation("relu", name=f"{name}_relu_2")(layers.Add(name=f"{name}_sum")([way, flow]))


def _unit(flow: Any, width: int) -> Any:
    flow = layers.Dense(width, use_bias=False, name="projection")(flow)
    return layers.UnitNormalization(name=NAME)(flow)


def on_top_of(base: Any, preprocess: str, width: int = WIDTH) -> Any:
    """Another network with its last layers cut off and an embedding in their place; all of it learns.

    Of `base` the part up to its last vector before the classifier is kept. It gets pixels 0…255 here, so what it was
    trained on (`preprocess`, a name of vis.preprocessing, "" for 0..255) becomes a fixed 1×1 convolution in front.
    Raises FacesError where it does not take one picture of a known size, ImageError.
    """
    shape = getattr(base, "input_shape", None)
    known = isinstance(shape, tuple) and len(shape) == 4 and None not in shape[1:] and shape[3] in (1, 3)
    if not known or keras.config.image_data_format() != "channels_last":
        raise FacesError(
            f"{printable(base.name, 60)} takes {printable(shape, 80)}, and an embedding is made of a network that "
            "takes one picture of a known size, height × width × 3 or × 1"
        )
    assert shape is not None
    image = keras.Input(shape[1:], name="image")
    flow: Any = layers.Conv2D(shape[3], 1, trainable=False, name="preprocessing")(image)
    cut = keras.Model(base.inputs, _last_vector(base), name=base.name)
    made = keras.Model(image, _unit(cut(flow), width), name="embedder")
    of_zero, *of_units = (named(preprocess or "0..255")(_probes(shape[3]))).reshape(shape[3] + 1, shape[3])
    made.get_layer("preprocessing").set_weights([np.stack(of_units)[None, None] - of_zero, of_zero])
    return made


def _probes(channels: int) -> np.ndarray:
    """Pictures of one pixel that show what an affine map does: black, then each channel alone at 1."""
    return np.concatenate([np.zeros((1, channels)), np.eye(channels)])[:, None, None, :].astype(np.float32)


def _last_vector(base: Any) -> Any:
    """The tensor of the last layer that gives one vector a picture and is followed by another one."""
    vectors = [
        layer.output
        for layer in base.layers[:-1]
        if hasattr(layer, "output") and not isinstance(layer.output, list) and len(layer.output.shape) == 2
    ]
    if vectors:
        return vectors[-1]
    if len(base.output.shape) == 4:
        return layers.GlobalAveragePooling2D(name="mean")(base.output)
    raise FacesError(
        f"{printable(base.name, 60)} has no vector before its output that an embedding could be made of: give a "
        "network that ends in maps (without its top), or one with a layer between those and the classes"
    )
