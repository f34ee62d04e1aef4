"""Layers whose code is somebody's own: rectifiers of the backend itself, functions that are compiled already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from oracles import differences
from trial import BACKEND, Trial, plainly, same
from zoo import Case, draw_weights, floats, precision

from trainvis.vis.graph import ALL
from trainvis.vis.network import Network
from trainvis.vis.rules import Rule

RULES: tuple[Rule, ...] = ("plain", "guided", "deconvolution")


class Applies(layers.Layer):
    """A layer of one's own that does what it is given, on the output of a Dense that it owns."""

    def __init__(self, function: Callable[[Any], Any], **settings: Any) -> None:
        super().__init__(**settings)
        self.function = function
        self.dense = layers.Dense(8, name="dense")

    def build(self, shape: tuple[int, ...]) -> None:
        self.dense.build(shape)

    def call(self, inputs: Any) -> Any:
        return self.function(self.dense(inputs))

    def compute_output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:-1], 8)


def with_layer(layer: layers.Layer) -> Trial:
    """A small network around a layer, always with the same weights."""
    inputs = keras.Input((6,))
    x = layers.Dense(8, activation="relu", name="first")(inputs)
    x = layers.Dense(3, name="last")(layer(x))
    model = keras.Model(inputs, x)
    draw_weights(model, "own code")
    x = floats(3, 6)
    return Trial(Case("own", "", model, x, lambda: model, head="linear"), Network(model, x), [x])


def late(owner: Any, name: str, factor: float = 1.0, **named: Any) -> Callable[[Any], Any]:
    """A function that looks another one up when it is called, as the code of a layer does."""
    return lambda x: getattr(owner, name)(x if factor == 1.0 else factor * x, **named)


def natives() -> dict[str, Callable[[Any], Any]]:
    """Every way in which a person writes max(0, x) on this backend."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return {"tf.nn.relu": late(tf.nn, "relu"), "by name": lambda x: tf.nn.relu(features=x)}
    if BACKEND == "jax":
        import jax

        return {"jax.nn.relu": late(jax.nn, "relu")}
    import torch

    return {
        "torch.relu": late(torch, "relu"),
        "functional": late(torch.nn.functional, "relu"),
        "functional, imported": torch.nn.functional.relu,
        "functional, in place": lambda x: torch.nn.functional.relu(x + 0, inplace=True),
        "module": torch.nn.ReLU().forward,
        "method": lambda x: x.relu(),
    }


def sixes() -> dict[str, Callable[[Any], Any]]:
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return {"tf.nn.relu6": late(tf.nn, "relu6", 3)}
    if BACKEND == "jax":
        import jax

        return {"jax.nn.relu6": late(jax.nn, "relu6", 3)}
    import torch

    return {"functional": late(torch.nn.functional, "relu6", 3)}


def check_rectifiers_of_the_backend_itself_follow_the_rule() -> None:
    for ours, theirs in ((late(ops, "relu"), natives()), (late(ops, "relu6", 3), sixes())):
        reference = with_layer(Applies(ours))
        for name, function in theirs.items():
            it = with_layer(Applies(function))
            assert it.network.rectifiers == 2, (name, it.network.rectifiers)
            for rule in RULES:
                expected = reference.logit_gradients(rule=rule)[1][0]
                same(it.logit_gradients(rule=rule)[1][0], expected, 1e-6, f"{name}, {rule}")


def check_rectifiers_of_the_backend_are_known_as_activations_too() -> None:
    def with_activation(function: Any) -> Trial:
        return with_layer(layers.Dense(8, activation=function))

    own = [late(ops, "relu"), *natives().values()]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        own.append(tf.nn.relu)
    elif BACKEND == "jax":
        import jax

        own.append(jax.nn.relu)
    else:
        import torch

        own += [torch.relu, torch.nn.functional.relu, torch.nn.ReLU(inplace=True)]
    reference = with_activation("relu")
    for function in own:
        it = with_activation(function)
        assert it.network.rectifiers == 2, function
        assert not it.network.others, (function, it.network.others)
        for rule in RULES:
            same(it.logit_gradients(rule=rule)[1][0], reference.logit_gradients(rule=rule)[1][0], 1e-6, str(function))
    it = with_activation(lambda x: ops.maximum(x, 0.1 * x))  # nobody can know that this is one, so it is told
    assert it.network.rectifiers == 1
    assert it.network.others.total() == 1


def softmaxes() -> dict[str, Any]:
    """The softmax of the backend itself, as an activation."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return {"tf.nn.softmax": tf.nn.softmax, "tf.nn.sigmoid": tf.nn.sigmoid}
    if BACKEND == "jax":
        import jax

        return {"jax.nn.softmax": jax.nn.softmax, "jax.nn.sigmoid": jax.nn.sigmoid}
    import torch

    return {"torch.sigmoid": torch.sigmoid, "torch.nn.Softmax": torch.nn.Softmax(dim=-1)}


class Ends(layers.Layer):
    """A layer with an activation, of which only its `call` says what it does with it."""

    def __init__(self, activation: str) -> None:
        super().__init__()
        self.activation = keras.activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs) + 1


@keras.saving.register_keras_serializable("own code")
class Named(layers.Dense):
    """A Dense of one's own that computes as Dense does."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "name": "named"}


def check_a_subclass_that_computes_as_its_parent_is_treated_as_its_parent() -> None:
    x = floats(3, 6)
    model = keras.Sequential([keras.Input((6,)), Named(8, activation="relu"), Named(3, activation="softmax")])
    draw_weights(model, "subclass")
    it = Trial(Case("subclass", "", model, x, lambda: model), Network(model, x), [x])
    assert it.network.rectifiers == 1
    assert it.network.heads[0].activation is not None
    weights = model.get_weights()
    z = np.maximum(x @ weights[0] + weights[1], 0) @ weights[2] + weights[3]
    same(it.logit_gradients(rule="guided")[0][0], z, 1e-6)


def check_logits_are_told_from_probabilities_or_it_is_said_that_they_are_not() -> None:
    x = floats(3, 6)

    def ending(*members: layers.Layer) -> tuple[Network, np.ndarray]:
        model = keras.Sequential([keras.Input((6,)), layers.Dense(3, name="top"), *members])
        draw_weights(model, "ending")
        kernel, bias = model.get_layer("top").get_weights()
        return Network(model, x), x @ kernel + bias

    known = ["softmax", "sigmoid", "log_softmax", keras.activations.softmax, ops.softmax, *softmaxes().values()]
    for activation in known:
        network, z = ending(layers.Activation(activation))
        (head,) = network.heads
        assert head.apart, activation
        assert head.activation is not None, activation
        same(network.call((1,), lambda each, of=network: of.run([each], logits=True).outputs, x)[0], z, 1e-6)
        model = keras.Sequential([keras.Input((6,)), layers.Dense(3, activation=activation)])
        assert Network(model, x).heads[0].activation is not None, activation
    unknown = [layers.Lambda(ops.softmax), layers.Activation(lambda each: ops.softmax(2 * each)), Ends("softmax")]
    for unseen in unknown:
        network, _ = ending(unseen)
        assert not network.heads[0].apart, unseen
    for none in ((), (layers.ReLU(),), (layers.Activation("relu"),), (layers.Rescaling(2.0),)):
        network, _ = ending(*none)
        assert network.heads[0].apart
        assert network.heads[0].activation is None


def check_a_relu_with_settings_in_a_call_is_that_relu() -> None:
    relu = keras.activations.relu
    for settings in ({"max_value": 1.0}, {"threshold": 0.2}, {"max_value": 2.0, "threshold": 0.1}):
        reference = with_layer(Applies(layers.ReLU(**settings)))
        it = with_layer(Applies(lambda x, settings=settings: relu(x, **settings)))
        for rule in RULES:
            expected = reference.logit_gradients(rule=rule)[1][0]
            same(it.logit_gradients(rule=rule)[1][0], expected, 1e-6, f"{settings}, {rule}")


def check_a_slope_below_zero_in_a_call_is_no_relu() -> None:
    slope = {"negative_slope": 0.2}
    for function in (lambda x: keras.activations.relu(x, **slope), lambda x: ops.leaky_relu(x, **slope)):
        it = with_layer(Applies(function))
        reference = with_layer(Applies(layers.LeakyReLU(**slope)))
        assert it.network.rectifiers == 1
        for rule in RULES:
            expected = reference.logit_gradients(rule=rule)[1][0]
            same(it.logit_gradients(rule=rule)[1][0], expected, 1e-6, rule)


def check_modules_of_pytorch_are_looked_through() -> None:
    if BACKEND != "torch":
        return
    import torch

    linear = torch.nn.Linear(8, 8)
    with torch.no_grad():
        rng = np.random.default_rng(1)
        linear.weight.copy_(torch.tensor(rng.normal(size=(8, 8)) * 0.5))
        linear.bias.copy_(torch.tensor(rng.normal(size=8) * 0.1))
    members = [linear, torch.nn.ReLU(inplace=True), torch.nn.Dropout(0.5)]
    wrapped, dense = layers.TorchModuleWrapper(torch.nn.Sequential(*members)), layers.Dense(8, activation="relu")
    it, reference = around(wrapped), around(dense)
    dense.set_weights([linear.weight.detach().numpy().T, linear.bias.detach().numpy()])
    reference.case.model.last.set_weights(it.case.model.last.get_weights())
    assert it.network.rectifiers == 1
    for rule in RULES:
        same(it.logit_gradients(rule=rule)[1][0], reference.logit_gradients(rule=rule)[1][0], 1e-5, rule)


class Around(keras.Model):
    """A subclassed model around one layer that cannot say what shape it gives."""

    def __init__(self, layer: layers.Layer) -> None:
        super().__init__()
        self.inner, self.last = layer, layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.last(self.inner(inputs))


def around(layer: layers.Layer) -> Trial:
    model, x = Around(layer), floats(3, 8)
    model(x)
    return Trial(Case("around", "", model, x, lambda: model, head="linear"), Network(model, x), [x])


def compiled_by_its_author(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function as the backend's own compiler has it, which keeps what it traced."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    import torch

    return torch.compile(function, backend="eager")  # the others need a compiler for C++


def true_gradient(it: Trial) -> np.ndarray:
    """What the framework says, without anything of ours, by the input; as a training would have it."""
    model, x = it.case.model, it.arrays[0]
    if BACKEND == "tensorflow":
        import tensorflow as tf

        x = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = tf.reduce_sum(model(x, training=True)[:, 1])
        return tape.gradient(z, x).numpy()
    if BACKEND == "jax":
        import jax

        return np.asarray(jax.grad(lambda each: model(each, training=True)[:, 1].sum())(x))
    import torch

    x = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(model(x, training=True)[:, 1].sum(), x)[0].numpy()


def check_code_that_was_compiled_before_is_seen_and_keeps_its_own_gradient() -> None:
    for before in (False, True):  # compiled by its author already when we come, or by our pass
        function = compiled_by_its_author(late(ops, "relu"))
        it, reference = with_layer(Applies(function)), with_layer(Applies(late(ops, "relu")))
        if before:
            plainly(it.case.model)(it.arrays[0])
        for rule in ("guided", "plain", "deconvolution"):
            expected = reference.logit_gradients(rule=rule)[1][0]
            same(it.logit_gradients(rule=rule)[1][0], expected, 1e-6, f"{rule}, compiled before: {before}")
        expected = reference.logit_gradients()[1][0]
        for _ in range(2):
            same(true_gradient(it), expected, 1e-6, "the network's own gradient afterwards")


class CompiledCall(keras.Model):
    """A subclassed model whose whole call is compiled, as tutorials of TensorFlow write it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.first = layers.Dense(8, activation="relu", name="first")
        self.second = layers.Dense(8, name="second")
        self.last = layers.Dense(3, name="last")
        compiled = compiled_by_its_author if BACKEND != "torch" else lambda function: function  # it takes minutes there
        self.inner = compiled(lambda x: self.last(ops.relu(self.second(x))))

    def call(self, inputs: Any) -> Any:
        return self.inner(self.first(inputs))


def check_layers_inside_of_compiled_code_are_seen_each_time() -> None:
    model, x = CompiledCall(), floats(3, 6)
    for layer, width in ((model.first, 6), (model.second, 8), (model.last, 8)):
        layer.build((None, width))  # a compiled function makes no weights, and on JAX keeps those it found
    draw_weights(model, "compiled call")
    model(x)
    it = Trial(Case("compiled", "", model, x, lambda: model, head="linear"), Network(model, x), [x])
    assert list(it.network.sites) == ["first", "second", "last"]
    _, values = it.walked(taps=ALL)
    same(values["last"], plainly(model)(x), 1e-6)
    _, values = it.walked(taps=("second",))
    assert values["second"].shape == (3, 8)
    guided, plain = (it.logit_gradients(rule=rule)[1][0] for rule in ("guided", "plain"))
    assert np.abs(guided - plain).max() > 1e-3
    same(true_gradient(it), plain, 1e-6)


def check_the_plain_gradient_through_own_code_is_what_differences_say() -> None:
    for function in (*natives().values(), compiled_by_its_author(late(ops, "relu"))):
        with precision("float64"):
            it = with_layer(Applies(function))
            it.arrays[0] = it.arrays[0].astype("float64")
            forward = plainly(it.case.model)
            expected = differences(lambda many, forward=forward: forward(many)[:, 1], it.arrays[0][0])
            same(it.logit_gradients()[1][0][0], expected, 1e-6)
