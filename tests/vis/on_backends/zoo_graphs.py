"""Functional networks: branches, nesting, shared layers, several inputs and outputs, ops between the layers."""

from __future__ import annotations

import keras
from keras import layers, ops
from zoo_case import Arrays, floats, ids, network

Built = tuple[keras.Model, Arrays]


@network("a Functional line", rectifiers=2)
def functional(head: str | None) -> Built:
    inputs = keras.Input((10, 10, 3))
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dense(12, activation="relu")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(5, activation=head)(x)), floats(3, 10, 10, 3)


@network("ops between the layers, three of them rectifiers", rectifiers=3)
def functional_ops(head: str | None) -> Built:
    inputs = keras.Input((10, 10, 3))
    x = ops.relu(layers.Conv2D(6, 3)(inputs * 0.5 + 0.1))
    x = ops.max_pool(x, (2, 2), strides=(2, 2))
    x = ops.concatenate([x, ops.relu6(2 * layers.Conv2D(6, 1)(x))[:, :, :, 1:]], axis=-1)
    x = keras.activations.relu(layers.Conv2D(5, 3)(x))
    x = layers.Dense(5)(ops.reshape(x, (-1, 20)) / 3.0)
    return keras.Model(inputs, ops.softmax(x) if head else x), floats(3, 10, 10, 3)


@network("ops that are called with tensors by name", rectifiers=1)
def keyword_tensors(head: str | None) -> Built:
    inputs = keras.Input((6, 8))
    asked = layers.Dense(8, activation="relu")(inputs)
    x = layers.MultiHeadAttention(2, 4)(query=asked, value=inputs, key=inputs)
    x = ops.mean(ops.where(x > 0, x, 0.1 * x), axis=1)
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 6, 8)


@network("a Sequential inside a Sequential", form="sequential", rectifiers=2)
def nested_sequential(head: str | None) -> Built:
    stem = keras.Sequential(
        [keras.Input((10, 10, 2)), layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(2)], name="stem"
    )
    body = keras.Sequential([layers.Flatten(), layers.Dense(12, activation="relu")], name="body")
    model = keras.Sequential([keras.Input((10, 10, 2)), stem, body, layers.Dense(5, activation=head)])
    return model, floats(3, 10, 10, 2)


@network("a model in a model in a model; layers of one name on each level", rectifiers=3)
def nested_twice(head: str | None) -> Built:
    deep_in = keras.Input((8, 8, 4))
    deep = keras.Model(deep_in, layers.Conv2D(5, 3, activation="relu", name="conv")(deep_in), name="deep")
    middle_in = keras.Input((10, 10, 2))
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(middle_in)
    middle = keras.Model(middle_in, layers.MaxPooling2D(2)(deep(x)), name="middle")
    inputs = keras.Input((12, 12, 1))
    x = middle(layers.Conv2D(2, 3, activation="relu", name="conv")(inputs))
    return keras.Model(inputs, layers.Dense(5, activation=head)(layers.Flatten()(x))), floats(3, 12, 12, 1)


def _backbone() -> keras.Model:
    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(6, 3, strides=2, padding="same", use_bias=False, name="stem")(inputs)
    x = layers.ReLU(name="stem_relu")(layers.BatchNormalization(name="stem_bn")(x))
    y = layers.Conv2D(6, 3, padding="same", name="block_conv")(x)
    y = layers.Activation("relu", name="block_relu")(layers.BatchNormalization(name="block_bn")(y))
    return keras.Model(inputs, layers.Add(name="block_add")([x, y]), name="backbone")


@network("transfer learning: a frozen backbone, a pool and a new head", form="sequential", rectifiers=2)
def transfer_learning(head: str | None) -> Built:
    backbone = _backbone()
    backbone.trainable = False
    members = [backbone, layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(5, activation=head)]
    return keras.Sequential(members), floats(3, 12, 12, 3)


@network("transfer learning: a backbone cut at an inner layer, called on a scaled input", rectifiers=1)
def cut_backbone(head: str | None) -> Built:
    whole = _backbone()
    cut = keras.Model(whole.input, whole.get_layer("stem_relu").output, name="cut")
    inputs = keras.Input((12, 12, 3))
    x = cut(layers.Rescaling(0.5)(inputs), training=False)
    return keras.Model(inputs, layers.Dense(5, activation=head)(layers.Flatten()(x))), floats(3, 12, 12, 3)


@network("one encoder for two inputs", head="sigmoid", rectifiers=4)
def siamese(head: str | None) -> Built:
    pictured = keras.Input((10, 10, 1))
    x = layers.Conv2D(6, 3, activation="relu")(pictured)
    x = layers.Dense(8, activation="relu")(layers.GlobalAveragePooling2D()(x))
    encoder = keras.Model(pictured, x, name="encoder")
    one, two = keras.Input((10, 10, 1), name="one"), keras.Input((10, 10, 1), name="two")
    x = ops.abs(encoder(one) - encoder(two))
    model = keras.Model([one, two], layers.Dense(1, activation=head)(x))
    return model, [floats(2, 10, 10, 1), floats(2, 10, 10, 1, seed=1)]


@network("one convolution called twice, one ReLU called three times", rectifiers=5)
def shared_layers(head: str | None) -> Built:
    inputs = keras.Input((10, 10, 4))
    conv, relu = layers.Conv2D(4, 3, padding="same", activation="relu", name="twice"), layers.ReLU(name="thrice")
    x = relu(conv(conv(inputs)) - 0.3)
    x = relu(layers.Conv2D(6, 3)(x))
    x = relu(layers.Dense(8)(layers.Flatten()(x)))
    return keras.Model(inputs, layers.Dense(5, activation=head)(x)), floats(3, 10, 10, 4)


@network("a residual block: batch normalisation, a sum, a projection", rectifiers=3)
def residual(head: str | None) -> Built:
    inputs = keras.Input((10, 10, 3))
    x = layers.Conv2D(6, 3, padding="same", activation="relu")(inputs)
    y = layers.Activation("relu")(layers.BatchNormalization()(layers.Conv2D(6, 3, strides=2, padding="same")(x)))
    y = layers.BatchNormalization()(layers.Conv2D(6, 3, padding="same")(y))
    x = layers.Add()([layers.Conv2D(6, 1, strides=2)(x), y])
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
    return keras.Model(inputs, layers.Dense(5, activation=head)(x)), floats(3, 10, 10, 3)


@network("a residual net without a bias: Σ x·∂z/∂x = z", head="linear", rectifiers=2, euler=True)
def bias_free_residual(_: str | None) -> Built:
    inputs = keras.Input((10, 10, 2))
    x = layers.Conv2D(5, 3, padding="same", activation="relu", use_bias=False)(inputs)
    y = layers.Conv2D(5, 3, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D(2)(layers.ReLU()(x + y))
    return keras.Model(inputs, layers.Dense(4, use_bias=False)(layers.Flatten()(x))), floats(3, 10, 10, 2)


@network("branches that are concatenated", rectifiers=4)
def concatenated(head: str | None) -> Built:
    inputs = keras.Input((10, 10, 3))
    squeezed = layers.Conv2D(4, 1, activation="relu")(inputs)
    branches = [
        layers.Conv2D(4, 1, activation="relu")(squeezed),
        layers.Conv2D(4, 3, padding="same", activation="relu")(squeezed),
        layers.MaxPooling2D(3, strides=1, padding="same")(squeezed),
    ]
    x = layers.Conv2D(5, 3, activation="relu")(layers.Concatenate()(branches))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(5, activation=head)(x)), floats(3, 10, 10, 3)


@network("every layer that merges", rectifiers=2)
def merged(head: str | None) -> Built:
    inputs = keras.Input((6, 6, 4))
    one, two = (layers.Conv2D(5, 3, activation="relu")(inputs) for _ in range(2))
    pairs = [kind()([one, two]) for kind in (layers.Maximum, layers.Minimum, layers.Average, layers.Multiply)]
    x = layers.GlobalAveragePooling2D()(layers.Concatenate()([*pairs, layers.Subtract()([one, two])]))
    x = layers.Concatenate()([x, layers.Dot(axes=1)([x, x])])
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 6, 6, 4)


@network("a gate: channels weighed by a sigmoid of their means", rectifiers=2)
def gated(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    gate = layers.Dense(3, activation="relu")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, layers.Dense(6, activation="sigmoid")(gate)])
    return keras.Model(inputs, layers.Dense(4, activation=head)(layers.Flatten()(x))), floats(3, 8, 8, 3)


@network("an image and a vector, as a list", rectifiers=2)
def image_and_vector(head: str | None) -> Built:
    image, vector = keras.Input((8, 8, 3), name="image"), keras.Input((6,), name="vector")
    x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(image))
    x = layers.Concatenate()([x, layers.Dense(5, activation="relu")(vector)])
    model = keras.Model([image, vector], layers.Dense(4, activation=head)(x))
    return model, [floats(3, 8, 8, 3), floats(3, 6)]


@network("an image and a text of whole numbers, as a dict", rectifiers=1)
def image_and_ids(head: str | None) -> Built:
    image, text = keras.Input((8, 8, 1), name="image"), keras.Input((5,), dtype="int32", name="text")
    x = layers.Flatten()(layers.Conv2D(4, 3, activation="relu")(image))
    words = layers.GlobalAveragePooling1D()(layers.Embedding(20, 6, name="words")(text))
    model = keras.Model(
        {"image": image, "text": text}, layers.Dense(4, activation=head)(layers.Concatenate()([x, words]))
    )
    return model, {"image": floats(3, 8, 8, 1), "text": ids(3, 5)}


def _trunk(inputs: keras.KerasTensor) -> keras.KerasTensor:
    x = layers.Conv2D(6, 3, activation="relu")(inputs)
    return layers.Dense(10, activation="relu")(layers.Flatten()(x))


@network("two outputs, as a dict", rectifiers=2, output="kind")
def dict_outputs(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 2))
    x = _trunk(inputs)
    outputs = {
        "kind": layers.Dense(5, activation=head, name="kind_head")(x),
        "age": layers.Dense(1, name="age_head")(x),
    }
    return keras.Model(inputs, outputs), floats(3, 8, 8, 2)


@network("three outputs, as a list: one a hidden layer, one rectified", rectifiers=3, output=0)
def list_outputs(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 2))
    x = _trunk(inputs)
    outputs = [layers.Dense(5, activation=head)(x), x, layers.Dense(3, activation="relu")(x)]
    return keras.Model(inputs, outputs), floats(3, 8, 8, 2)


@network("a nested model with two inputs and a dict of outputs", rectifiers=3)
def nested_dicts(head: str | None) -> Built:
    one, two = keras.Input((6,), name="one"), keras.Input((4,), name="two")
    x = layers.Concatenate()([layers.Dense(5, activation="relu")(one), layers.Dense(5, activation="relu")(two)])
    inner = keras.Model(
        {"one": one, "two": two}, {"sum": layers.Dense(6, activation="relu")(x), "raw": x}, name="inner"
    )
    a, b = keras.Input((6,), name="a"), keras.Input((4,), name="b")
    found = inner({"one": a, "two": b})
    model = keras.Model([a, b], layers.Dense(4, activation=head)(layers.Concatenate()([found["sum"], found["raw"]])))
    return model, [floats(3, 6), floats(3, 4)]


@network("the same nested model twice, and one of its layers once more outside", rectifiers=5)
def reused_backbone(head: str | None) -> Built:
    inner_in = keras.Input((8, 8, 4))
    conv = layers.Conv2D(4, 3, padding="same", activation="relu", name="inner_conv")
    inner = keras.Model(inner_in, layers.Conv2D(4, 1, activation="relu", name="narrow")(conv(inner_in)), name="inner")
    inputs = keras.Input((8, 8, 4))
    x = conv(inner(inner(inputs)))
    return keras.Model(inputs, layers.Dense(4, activation=head)(layers.Flatten()(x))), floats(3, 8, 8, 4)
