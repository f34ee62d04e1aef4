"""From the notation of a network to a Keras model, for whatever widths and numbers of classes the data has."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.text import printable
from .errors import FacesError
from .layers import EXPRESSION, IDENTITY, Chain, Concat, Dense, Drop, Output, Placed
from .nets import Net

if TYPE_CHECKING:
    import keras


def build(net: Net, width: int, identities: int, expressions: int, seed: int = 0, trunk: Any = None) -> keras.Model:
    """The compiled model of a network, on any backend of Keras.

    Inputs by name: `features` (N×`width` float32; with a `trunk` whatever goes into that) and, where the net takes it,
    `expression_in` (N×`expressions`). Outputs by name: `identity` and `expression`, shares of classes; one output alone
    is a tensor, so that its metrics are plain `loss` and `accuracy`. `trunk` is a Keras model from its one input to
    N×`width` whose weights are trained with the head. Layers are named as `Layers.placed` names them.

    `seed` decides initial weights and what dropout drops, each layer by its own name: layers of the same name and shape
    begin alike in all networks. Raises FacesError for settings that Keras does not know.
    """
    import keras

    classes = {IDENTITY: identities, EXPRESSION: expressions}
    placed = {layer.name: layer for layer in net.layers.placed(width, identities, expressions)}
    if trunk is None:
        features = keras.Input((width,), name="features")
        vector = features
    else:
        given = trunk.inputs[0]
        features = keras.Input(tuple(given.shape[1:]), dtype=given.dtype, name="features")
        vector = trunk(features)
    inputs = {"features": features}
    if net.takes_expression:
        inputs["expression_in"] = keras.Input((expressions,), name="expression_in")
    outputs: dict[str, Any] = {}
    _chained(net, net.layers.chain, vector, inputs, outputs, iter(placed.values()))
    ordered = {target: outputs[target] for target in net.outputs}
    alone = len(ordered) == 1
    model = keras.Model(
        inputs if len(inputs) > 1 else features, next(iter(ordered.values())) if alone else ordered, name="head"
    )
    loss = {target: _loss(classes[target]) for target in ordered}
    metrics = {target: [keras.metrics.CategoricalAccuracy(name="accuracy")] for target in ordered}
    weights = {IDENTITY: 1.0, EXPRESSION: net.weight}
    (only,) = ordered if alone else ("",)
    model.compile(
        optimizer=_optimizer(net),
        loss=loss[only] if alone else loss,
        loss_weights=None if alone else {target: weights[target] for target in ordered},
        metrics=metrics[only] if alone else metrics,
    )
    model.optimizer.build(model.trainable_variables)
    restart(model, net, placed, seed)
    return model


def restart(model: keras.Model, net: Net, placed: Mapping[str, Placed], seed: int) -> None:
    """Bring the head of a model of `build` to where `build` with this seed begins, keeping what is compiled of it.

    `placed` are its layers by name. The weights of a trunk stay as they are.
    """
    for name, layer in placed.items():
        made: Any = model.get_layer(name)
        match layer.step:
            case Dense() | Output():
                start = _initialiser(net, seed_of(seed, "kernel", name))
                made.kernel.assign(start(made.kernel.shape, dtype=made.kernel.dtype))
                made.bias.assign(np.zeros(made.bias.shape, made.bias.dtype))
            case Drop():
                if generator := getattr(made, "seed_generator", None):  # dropout of nothing draws nothing
                    generator.state.assign(np.array([seed_of(seed, "drop", name), 0], np.uint32))
            case _:
                pass
    optimizer: Any = model.optimizer
    fresh = _optimizer(net)
    fresh.build(model.trainable_variables)
    for used, new in zip(optimizer.variables, fresh.variables, strict=True):
        used.assign(new.value)


def seed_of(seed: int, *words: str) -> int:
    """A seed of its own for each use that one is put to: equal for equal words, on any machine (31 bits)."""
    numbers = [seed, *(zlib.crc32(word.encode()) for word in words)]
    return int(np.random.SeedSequence(numbers).generate_state(1)[0] >> 1)


def _chained(
    net: Net, chain: Chain, vector: Any, inputs: Mapping[str, Any], outputs: dict[str, Any], placed: Any
) -> None:
    import keras

    for step in chain:
        match step:
            case Drop(rate):
                # Its seed is set by `restart`, as all seeds are.
                rate = net.dropout if rate is None else rate
                vector = keras.layers.Dropout(rate, seed=0, name=next(placed).name)(vector)
            case Dense(units):
                vector = keras.layers.Dense(units, _activation(net), name=next(placed).name)(vector)
            case Concat():
                vector = keras.layers.Concatenate(name=next(placed).name)([vector, inputs["expression_in"]])
            case Output(target):
                layer: Placed = next(placed)
                # One class alone is certain; Keras warns of a softmax over it.
                activation = "softmax" if layer.width > 1 else keras.ops.ones_like
                outputs[target] = keras.layers.Dense(layer.width, activation, name=layer.name)(vector)
            case _:
                for branch in step.chains:
                    _chained(net, branch, vector, inputs, outputs, placed)


def _loss(classes: int) -> Any:
    import keras

    return keras.losses.CategoricalCrossentropy() if classes > 1 else keras.losses.BinaryCrossentropy()


def _optimizer(net: Net) -> Any:
    import keras

    try:
        # Keras numbers the names of optimisers: heads of one process would seem to differ in it.
        config = {"learning_rate": net.learning_rate, "name": net.optimizer}
        return keras.optimizers.get({"class_name": net.optimizer, "config": config})
    except (ValueError, TypeError, AttributeError) as error:
        raise _unknown(net, "optimizer", net.optimizer) from error


def _initialiser(net: Net, seed: int) -> Any:
    import keras

    try:
        found: Any = keras.initializers.get(net.initialiser)
        config = found.get_config()
        return type(found).from_config({**config, "seed": seed} if "seed" in config else config)
    except (ValueError, TypeError, AttributeError) as error:
        raise _unknown(net, "initialiser", net.initialiser) from error


def _activation(net: Net) -> Any:
    import keras

    try:
        return keras.activations.get(net.activation)
    except (ValueError, TypeError, AttributeError) as error:
        raise _unknown(net, "activation", net.activation) from error


def _unknown(net: Net, setting: str, value: object) -> FacesError:
    return FacesError(f"the {setting} of network {net.name} is {printable(value, 60)}, which Keras does not know")
