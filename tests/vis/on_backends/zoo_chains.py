"""Networks that are one line of layers: Sequential in all its states, and how an activation may be given."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from zoo_case import Arrays, drawn, floats, network

Built = tuple[keras.Model, Arrays]


def chain(*members: layers.Layer, batch: int = 3, seed: int = 0, **settings) -> Built:
    """A Sequential of these, the first an Input, and a batch for it."""
    model = keras.Sequential(members, **settings)
    return model, floats(batch, *model.input_shape[1:], seed=seed)


@network("convolutions, pools and dense layers with fused activations: the plain case", form="sequential", rectifiers=3)
def sequential(head: str | None) -> Built:
    return chain(
        keras.Input((12, 12, 1)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(16, activation="relu"),
        layers.Dense(5, activation=head),
    )


@keras.saving.register_keras_serializable("zoo")
class Drawn(keras.initializers.Initializer):
    """Initial weights drawn by NumPy: those of a network that is built later are the same on every backend too."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def __call__(self, shape, dtype=None):
        rng = np.random.default_rng([self.seed, *shape])
        return keras.ops.convert_to_tensor(drawn(rng, "kernel", tuple(shape)).astype("float32"), dtype=dtype)

    def get_config(self) -> dict:
        return {"seed": self.seed}


def _without_input(head: str | None) -> keras.Sequential:
    own = {"kernel_initializer": Drawn(1), "bias_initializer": Drawn(2)}
    return keras.Sequential(
        [
            layers.Conv2D(6, 3, activation="relu", **own),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(5, activation=head, **own),
        ]
    )


@network("a Sequential that nobody has built yet", form="sequential", rectifiers=1)
def unbuilt_sequential(head: str | None) -> Built:
    return _without_input(head), floats(3, 10, 10, 2)


@network("a Sequential without an Input that was built by a call", form="sequential", rectifiers=1)
def called_sequential(head: str | None) -> Built:
    model, inputs = _without_input(head), floats(3, 10, 10, 2)
    model(inputs)
    return model, inputs


@network("layers added one by one, one taken off again", form="sequential", rectifiers=2)
def grown_sequential(head: str | None) -> Built:
    model = keras.Sequential()
    for each in (
        keras.Input((10, 10, 2)),
        layers.Conv2D(5, 3, activation="relu"),
        layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(7, activation="relu"),
    ):
        model.add(each)
    model.pop()
    model.add(layers.Dense(4, activation=head))
    return model, floats(3, 10, 10, 2)


@network("the softmax is a layer of its own", form="sequential", rectifiers=2)
def softmax_layer(head: str | None) -> Built:
    members = [
        keras.Input((8, 8, 3)),
        layers.Conv2D(6, 3),
        layers.Activation("relu"),
        layers.Flatten(),
        layers.Dense(12),
        layers.ReLU(),
        layers.Dense(5),
    ]
    return chain(*members, *([layers.Softmax()] if head else []))


@network("the softmax is an Activation", form="sequential", rectifiers=1)
def softmax_activation(head: str | None) -> Built:
    members = [keras.Input((8, 8, 3)), layers.Conv2D(6, 3, activation="relu"), layers.Flatten(), layers.Dense(5)]
    return chain(*members, *([layers.Activation(head)] if head else []))


@network("a head of logits", form="sequential", head="linear", rectifiers=1)
def logits(_: str | None) -> Built:
    return chain(keras.Input((8, 8, 3)), layers.Conv2D(6, 3, activation="relu"), layers.Flatten(), layers.Dense(10))


@network("several labels at once", form="sequential", head="sigmoid", rectifiers=1)
def multi_label(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 3)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(5, activation=head),
    )


@network("one sigmoid unit: two classes", form="sequential", head="sigmoid", rectifiers=1)
def binary(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 1)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(1, activation=head),
    )


@network("regression: one linear unit", form="sequential", head="linear", rectifiers=1)
def regression(_: str | None) -> Built:
    return chain(keras.Input((9,)), layers.Dense(12, activation="relu"), layers.Dense(1), seed=3)


@network("the head is a rectified convolution and a global average", form="sequential", head="linear", rectifiers=2)
def squeezed_head(_: str | None) -> Built:
    return chain(
        keras.Input((10, 10, 3)),
        layers.Conv2D(6, 3, strides=2, activation="relu"),
        layers.Conv2D(5, 1, activation="relu"),
        layers.GlobalAveragePooling2D(),
    )


@network("a ReLU given as text, function, layer and op", form="sequential", rectifiers=4)
def activations(head: str | None) -> Built:
    return chain(
        keras.Input((10,)),
        layers.Dense(12, activation="relu"),
        layers.Dense(12, activation=keras.activations.relu),
        layers.Dense(12, activation=layers.ReLU()),
        layers.Dense(12, activation=keras.ops.relu),
        layers.Dense(5, activation=head),
    )


@network("augmentation in front, which rests at inference", form="sequential", rectifiers=1)
def augmented(head: str | None) -> Built:
    model, _ = chain(
        keras.Input((10, 10, 3)),
        layers.Rescaling(1 / 127.5, offset=-1),
        layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(0.1, seed=2),
        layers.GaussianNoise(0.1, seed=3),
        layers.Conv2D(6, 3, activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.4, seed=4),
        layers.Dense(5, activation=head),
    )
    pictures = np.random.default_rng(4).integers(0, 256, (3, 10, 10, 3)).astype("float32")
    return model, pictures


@network("no bias anywhere: Σ x·∂z/∂x = z", form="sequential", head="linear", rectifiers=3, euler=True)
def bias_free(_: str | None) -> Built:
    return chain(
        keras.Input((12, 12, 2)),
        layers.Conv2D(6, 3, padding="same", activation="relu", use_bias=False),
        layers.MaxPooling2D(3, strides=2, padding="same"),
        layers.Conv2D(6, 3, strides=2, activation="relu", use_bias=False),
        layers.Flatten(),
        layers.Dense(12, activation="relu", use_bias=False),
        layers.Dense(4, use_bias=False),
    )


@network("strides, dilation, both paddings, kernels and pools that are not square", form="sequential", rectifiers=4)
def strided(head: str | None) -> Built:
    return chain(
        keras.Input((17, 14, 2)),
        layers.Conv2D(5, (3, 2), padding="same", strides=(2, 1), activation="relu"),
        layers.Conv2D(5, 3, padding="valid", dilation_rate=2, activation="relu"),
        layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same"),
        layers.Conv2D(4, 2, padding="same", dilation_rate=(2, 1), activation="relu"),
        layers.Conv2D(4, 3, padding="valid", strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(4, activation=head),
        batch=2,
    )


@network("average pools", form="sequential", rectifiers=2)
def average_pool(head: str | None) -> Built:
    return chain(
        keras.Input((11, 11, 2)),
        layers.Conv2D(5, 3, activation="relu"),
        layers.AveragePooling2D(3, strides=2, padding="same"),
        layers.Conv2D(5, 2, activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(4, activation=head),
    )


@network("padding, cropping, up-sampling, reshaping and permuting", form="sequential", rectifiers=2, doubles=False)
def resampled(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 2)),
        layers.ZeroPadding2D(((1, 2), (0, 1))),
        layers.Conv2D(4, 3, activation="relu"),
        layers.UpSampling2D(2),
        layers.UpSampling2D((1, 2), interpolation="bilinear"),
        layers.Cropping2D(((1, 2), (3, 0))),
        layers.Permute((2, 1, 3)),
        layers.Conv2D(3, 3, strides=3, activation="relu"),
        layers.Reshape((-1,)),
        layers.Dense(4, activation=head),
    )


@network("a picture of any size", form="sequential", rectifiers=2)
def any_size(head: str | None) -> Built:
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            layers.Conv2D(5, 3, activation="relu"),
            layers.Conv2D(5, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4, activation=head),
        ]
    )
    return model, floats(3, 9, 11, 3)


@network("a series: convolutions over time", form="sequential", rectifiers=2)
def series(head: str | None) -> Built:
    return chain(
        keras.Input((24, 3)),
        layers.Conv1D(6, 3, activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(6, 3, padding="causal", dilation_rate=2, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(4, activation=head),
    )


@network("a volume: convolutions over three axes", form="sequential", rectifiers=1, doubles=False)
def volume(head: str | None) -> Built:
    return chain(
        keras.Input((5, 6, 6, 2)),
        layers.Conv3D(4, 3, activation="relu"),
        layers.MaxPooling3D(2, padding="same"),
        layers.Flatten(),
        layers.Dense(4, activation=head),
        batch=2,
    )


@network("a class for each pixel", form="sequential", rectifiers=3)
def segmentation(head: str | None) -> Built:
    return chain(
        keras.Input((12, 12, 3)),
        layers.Conv2D(6, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(8, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(6, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2DTranspose(3, 3, strides=2, padding="same", activation=head),
        batch=2,
    )


@network("channels first", form="sequential", rectifiers=2, doubles=False)
def channels_first(head: str | None) -> Built:
    first = {"data_format": "channels_first"}
    return chain(
        keras.Input((2, 12, 10)),
        layers.Conv2D(6, 3, activation="relu", **first),
        layers.BatchNormalization(axis=1),
        layers.MaxPooling2D(2, **first),
        layers.Conv2D(6, 3, padding="same", activation="relu", **first),
        layers.GlobalAveragePooling2D(**first),
        layers.Dense(4, activation=head),
    )


def _mixed(head: str | None) -> Built:
    return chain(
        keras.Input((10, 10, 3)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(12, activation="relu"),
        layers.Dense(5),
        *([layers.Activation(head, dtype="float32")] if head else []),
    )


@network("half floats, weights in float32", policy="mixed_float16", form="sequential", rectifiers=2)
def mixed_float16(head: str | None) -> Built:
    return _mixed(head)


@network("bfloat16, weights in float32", policy="mixed_bfloat16", form="sequential", rectifiers=2)
def mixed_bfloat16(head: str | None) -> Built:
    return _mixed(head)


@network("weights that are no numbers", form="sequential", rectifiers=1, finite=False)
def nan_weights(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 1)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(3, activation=head),
    )
