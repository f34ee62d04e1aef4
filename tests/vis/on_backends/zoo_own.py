"""Networks with classes of somebody's own: subclassed models, layers with layers inside, ops.relu in a `call`."""

from __future__ import annotations

import keras
from keras import layers, ops
from zoo_case import Arrays, floats, network

Built = tuple[keras.Model, Arrays]
own = keras.saving.register_keras_serializable("zoo")


@own
class Net(keras.Model):
    """Layers as attributes and in a list; a rectifier as an op."""

    def __init__(self, head: str | None, **settings) -> None:
        super().__init__(**settings)
        self.stem = layers.Conv2D(6, 3, activation="relu")
        self.pool = layers.MaxPooling2D(2)
        self.blocks = [layers.Conv2D(6, 3, padding="same") for _ in range(2)]
        self.norm = layers.BatchNormalization()
        self.drop = layers.Dropout(0.3)
        self.flat = layers.Flatten()
        self.top = layers.Dense(5, activation=head)

    def call(self, inputs, training=None):
        x = self.pool(self.stem(inputs))
        for block in self.blocks:
            x = ops.relu(block(x)) + x
        return self.top(self.drop(self.flat(self.norm(x, training=training)), training=training))


@network("a subclassed model", form="subclassed", rectifiers=3, hidden_rectifiers=2)
def subclassed(head: str | None) -> Built:
    model, inputs = Net(head), floats(3, 10, 10, 3)
    model(inputs)
    return model, inputs


@own
class Block(layers.Layer):
    """A residual block: layers in a layer."""

    def __init__(self, maps: int = 4, **settings) -> None:
        super().__init__(**settings)
        self.maps = maps
        self.conv = layers.Conv2D(maps, 3, padding="same", activation="relu", name="conv")
        self.norm = layers.BatchNormalization(name="norm")
        self.out = layers.Conv2D(maps, 1, name="out")
        self.relu = layers.ReLU(name="relu")

    def build(self, shape):
        for each in (self.conv, self.norm, self.out):
            each.build(shape)
            shape = each.compute_output_shape(shape)

    def call(self, inputs, training=None):
        return self.relu(self.out(self.norm(self.conv(inputs), training=training)) + inputs)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self) -> dict:
        return {**super().get_config(), "maps": self.maps}


@network("layers in a layer, in a Functional", rectifiers=5)
def own_blocks(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 4))
    x = Block(name="first")(inputs)
    x = layers.Conv2D(4, 3, activation="relu")(x)
    x = Block(name="second")(x)
    return keras.Model(inputs, layers.Dense(4, activation=head)(layers.Flatten()(x))), floats(3, 8, 8, 4)


@own
class Scaled(layers.Layer):
    """A layer without layers, with a weight and a rectifier as an op, and a second argument."""

    def build(self, inputs_shape, other_shape=None):
        self.scale = self.add_weight(shape=(inputs_shape[-1],), name="scale")

    def call(self, inputs, other=None):
        x = inputs * self.scale
        return ops.relu(x if other is None else x + other)

    def compute_output_shape(self, inputs_shape, other_shape=None):
        return inputs_shape


@network("a layer of one's own with a rectifier inside", rectifiers=3, hidden_rectifiers=2)
def own_leaf(head: str | None) -> Built:
    inputs = keras.Input((10,))
    first = layers.Dense(8)(inputs)
    x = Scaled(name="alone")(first)
    x = layers.Dense(8, activation="relu")(x)
    x = Scaled(name="with_other")(x, other=first)
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 10)


@own
class Encoder(keras.Model):
    """A subclassed model with a model inside that is called twice."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.narrow = layers.Conv2D(4, 1, activation="relu")
        self.twice = Block(name="block")

    def call(self, inputs):
        return self.twice(self.twice(self.narrow(inputs)))

    def get_config(self) -> dict:
        return {"name": self.name}


@network("a subclassed model inside a Functional", rectifiers=6)
def functional_with_subclassed(head: str | None) -> Built:
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu")(inputs)
    x = Encoder(name="encoder")(x)
    return keras.Model(inputs, layers.Dense(4, activation=head)(layers.Flatten()(x))), floats(3, 8, 8, 3)


@own
class Around(keras.Model):
    """A subclassed model around a Functional and a Sequential, with a dict of inputs and one of outputs."""

    def __init__(self, head: str | None, **settings) -> None:
        super().__init__(**settings)
        inputs = keras.Input((8, 8, 3))
        x = layers.Conv2D(4, 3, activation="relu", name="conv")(inputs)
        self.backbone = keras.Model(inputs, layers.MaxPooling2D(2, name="pool")(x), name="backbone")
        self.flat = layers.Flatten()
        members = [layers.Dense(8, activation="relu"), layers.Dense(5, activation=head)]
        self.top = keras.Sequential(members, name="top")

    def call(self, inputs):
        features = self.flat(self.backbone(inputs["image"]))
        joined = ops.concatenate([features, inputs["vector"]], axis=-1)
        return {"kind": self.top(joined), "features": features}


@network("a subclassed model around a Functional, dicts in and out", form="subclassed", rectifiers=2, output="kind")
def subclassed_around(head: str | None) -> Built:
    model, inputs = Around(head), {"image": floats(3, 8, 8, 3), "vector": floats(3, 4)}
    model(inputs)
    return model, inputs


@own
class Splits(layers.Layer):
    """A layer that gives a dict, in which its input is left as it came."""

    def call(self, inputs):
        return {"same": inputs, "half": inputs[:, ::2], "rest": {"other": ops.abs(inputs[:, 1::2])}}


@network("a layer of one's own that gives a nested dict", rectifiers=1)
def own_dict(head: str | None) -> Built:
    inputs = keras.Input((10,))
    parts = Splits(name="splits")(layers.Dense(8, activation="relu")(inputs))
    x = layers.Concatenate()([parts["same"], parts["half"], parts["rest"]["other"]])
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 10)


@own
class Relays(keras.Model):
    """A Functional with a `call` of its own, as people write it to add a step."""

    def call(self, inputs, training=None, mask=None):
        return 2.0 * super().call(inputs, training=training, mask=mask)


@network("a Functional of a class of its own that overrides call", head="linear", rectifiers=1)
def functional_override(_: str | None) -> Built:
    inputs = keras.Input((10,))
    x = layers.Dense(8, activation="relu")(inputs)
    return Relays(inputs, layers.Dense(4)(x)), floats(3, 10)


@own
class Penalised(layers.Layer):
    """Adds a loss, counts its calls in a variable and draws numbers while it trains."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.seeds = keras.random.SeedGenerator(3)

    def build(self, shape):
        self.calls = self.add_weight(shape=(), name="calls", trainable=False, initializer="zeros")

    def call(self, inputs, training=None):
        self.calls.assign(self.calls + 1.0)
        self.add_loss(0.1 * ops.mean(ops.square(inputs)))
        return inputs + keras.random.normal(ops.shape(inputs), seed=self.seeds) if training else inputs

    def compute_output_shape(self, shape):
        return shape


@network("a layer of one's own that writes to the network whenever it is called", rectifiers=1)
def own_state(head: str | None) -> Built:
    inputs = keras.Input((10,))
    x = Penalised(name="penalised")(layers.Dense(8, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(4, activation=head)(x)), floats(3, 10)
