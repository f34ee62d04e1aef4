"""Networks that are there for a kind of layer: normalisation, other activations, attention, recurrence, wrappers."""

from __future__ import annotations

import keras
from keras import layers, ops
from zoo_case import Arrays, floats, ids, network
from zoo_chains import chain

Built = tuple[keras.Model, Arrays]


@network("batch normalisation before and after the ReLU", form="sequential", rectifiers=2)
def batch_norm(head: str | None) -> Built:
    return chain(
        keras.Input((9, 9, 3)),
        layers.BatchNormalization(),
        layers.Conv2D(6, 3, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(6, 3, activation="relu"),
        layers.BatchNormalization(scale=False),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, activation=head),
    )


@network("depthwise and separable convolutions, ReLU6 in between", form="sequential", rectifiers=4)
def depthwise(head: str | None) -> Built:
    return chain(
        keras.Input((10, 10, 3)),
        layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu"),
        layers.SeparableConv2D(8, 3, padding="same", activation="relu"),
        layers.DepthwiseConv2D(3, strides=2, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(max_value=6.0),
        layers.Conv2D(6, 1, activation="relu6"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, activation=head),
    )


@network("convolutions in groups", form="sequential", rectifiers=2)
def grouped(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 4)),
        layers.Conv2D(8, 3, groups=2, activation="relu"),
        layers.Conv2D(8, 3, groups=8, activation="relu"),
        layers.Flatten(),
        layers.Dense(4, activation=head),
    )


@network("group normalisation", form="sequential", rectifiers=2)
def group_norm(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 3)),
        layers.Conv2D(6, 3, activation="relu"),
        layers.GroupNormalization(groups=3),
        layers.ReLU(),
        layers.Flatten(),
        layers.Dense(4, activation=head),
    )


@network("layer, unit and RMS normalisation, scaled inputs", form="sequential", rectifiers=2)
def layer_norm(head: str | None) -> Built:
    return chain(
        keras.Input((12,)),
        layers.Normalization(mean=[0.1] * 12, variance=[2.0] * 12),
        layers.Dense(10, activation="relu"),
        layers.LayerNormalization(),
        layers.Dense(10, activation="relu"),
        layers.UnitNormalization(),
        layers.RMSNormalization(),
        layers.Dense(4, activation=head),
    )


@network("ReLUs with a ceiling, a threshold or a slope below", form="sequential", rectifiers=4)
def relu_settings(head: str | None) -> Built:
    return chain(
        keras.Input((10,)),
        layers.Dense(14),
        layers.ReLU(max_value=1.0),
        layers.Dense(14),
        layers.ReLU(threshold=0.3),
        layers.Dense(14),
        layers.ReLU(max_value=2.0, threshold=0.1),
        layers.Dense(14),
        layers.ReLU(negative_slope=0.2),
        layers.Dense(14, activation="relu6"),
        layers.Dense(4, activation=head),
        seed=2,
    )


@network("leaky ReLUs, with a slope that is fixed or learned: no ReLU", form="sequential")
def leaky_relu(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 2)),
        layers.Conv2D(5, 3),
        layers.LeakyReLU(0.2),
        layers.Conv2D(5, 3, activation="leaky_relu"),
        layers.PReLU(shared_axes=[1, 2]),
        layers.Flatten(),
        layers.Dense(4, activation=head),
    )


@network("smooth activations: no ReLU", form="sequential", smooth=True)
def smooth_activations(head: str | None) -> Built:
    kinds = ("gelu", "silu", "elu", "selu", "tanh", "softplus", "mish", "exponential")
    return chain(
        keras.Input((8, 8, 2)),
        layers.Conv2D(6, 3, activation="gelu"),
        layers.AveragePooling2D(2),
        layers.Flatten(),
        *(layers.Dense(8, activation=kind) for kind in kinds),
        layers.ELU(),
        layers.LayerNormalization(),
        layers.Dense(4, activation=head),
    )


@network("smooth activations as ops between the layers: no ReLU", smooth=True)
def smooth_ops(head: str | None) -> Built:
    inputs = keras.Input((10,))
    x = ops.gelu(layers.Dense(8)(inputs))
    x = ops.tanh(layers.Dense(8)(x)) * ops.sigmoid(layers.Dense(8)(x))
    x = keras.activations.softplus(layers.Dense(8)(x)) + ops.silu(x)
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 10)


@network("linear all through", form="sequential", head="linear", smooth=True, euler=True)
def linear(_: str | None) -> Built:
    return chain(
        keras.Input((6, 6, 3)),
        layers.Conv2D(4, 3, use_bias=False),
        layers.Flatten(),
        layers.Dense(4, use_bias=False),
    )


@network("self-attention over patches", rectifiers=1)
def attention(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(8, 2, strides=2)(inputs)
    x = layers.Reshape((16, 8))(x)
    x = layers.Add()([x, layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x)])
    y = layers.Dense(12, activation="relu")(layers.LayerNormalization()(x))
    x = layers.GlobalAveragePooling1D()(layers.Add()([x, layers.Dense(8)(y)]))
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 8, 8, 3)


@network("one convolution for each picture of a film", rectifiers=2)
def time_distributed(head: str | None) -> Built:
    inputs = keras.Input((3, 8, 8, 2))
    x = layers.TimeDistributed(layers.Conv2D(4, 3, activation="relu"))(inputs)
    x = layers.TimeDistributed(layers.GlobalAveragePooling2D())(x)
    x = layers.Dense(6, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(2, 3, 8, 8, 2)


@network("a film through a model of its own, then a memory", rectifiers=2)
def time_distributed_model(head: str | None) -> Built:
    frame = keras.Input((8, 8, 1))
    x = layers.Conv2D(4, 3, activation="relu")(frame)
    each = keras.Model(frame, layers.Dense(5, activation="relu")(layers.Flatten()(x)), name="frame_encoder")
    inputs = keras.Input((3, 8, 8, 1))
    x = layers.GRU(5)(layers.TimeDistributed(each)(inputs))
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(2, 3, 8, 8, 1)


@network("a text, read from both sides, with a mask", form="sequential", rectifiers=1, floating=False)
def text(head: str | None) -> Built:
    model = keras.Sequential(
        [
            keras.Input((6,), dtype="int32"),
            layers.Embedding(20, 6, mask_zero=True),
            layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
            layers.GlobalAveragePooling1D(),
            layers.Dense(8, activation="relu"),
            layers.Dense(4, activation=head),
        ]
    )
    return model, ids(3, 6)


@network("a series with steps to leave out", form="sequential", rectifiers=1)
def masked_series(head: str | None) -> Built:
    model, series = chain(
        keras.Input((6, 4)),
        layers.Masking(),
        layers.SimpleRNN(6, activation="relu", return_sequences=True),
        layers.LSTM(5),
        layers.Dense(6, activation="relu"),
        layers.Dense(4, activation=head),
    )
    series[:, -2:] = 0.0
    return model, series


@network("a convolution whose kernel is normalised by a wrapper", form="sequential", rectifiers=1)
def spectral_norm(head: str | None) -> Built:
    return chain(
        keras.Input((8, 8, 2)),
        layers.SpectralNormalization(layers.Conv2D(4, 3, activation="relu")),
        layers.Flatten(),
        layers.Dense(4, activation=head),
    )


@network("penalties on weights and activations", rectifiers=2)
def penalised(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2", activity_regularizer="l1")(inputs)
    x = layers.ActivityRegularization(l2=0.1)(layers.Flatten()(x))
    x = layers.Dense(8, activation="relu", activity_regularizer="l2")(x)
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 8, 8, 2)


@network("a Lambda", form="sequential", rectifiers=1, hidden_rectifiers=1)
def lambda_layer(head: str | None) -> Built:
    return chain(
        keras.Input((10,)),
        layers.Lambda(lambda x: 2.0 * x - 0.1),
        layers.Dense(10),
        layers.Lambda(ops.relu),
        layers.Dense(4, activation=head),
    )


@network("layers with several outputs: an LSTM and its states", rectifiers=1)
def several_tensors(head: str | None) -> Built:
    inputs = keras.Input((5, 4))
    every, last, cell = layers.LSTM(6, return_sequences=True, return_state=True)(inputs)
    x = layers.Concatenate()([layers.GlobalAveragePooling1D()(every), last, cell])
    x = layers.Dense(8, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 5, 4)
