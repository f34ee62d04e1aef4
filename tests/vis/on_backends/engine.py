"""The walk: what it computes, which layers it shows, and that it leaves no trace on the network."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import keras
import numpy as np
from keras import layers, ops, tree
from keras.src import backend
from keras.src.layers.layer import Layer
from left import leave
from trial import Trial, as_array, far, for_each, fresh, plainly, same, spied, trial
from zoo import MODELS

from trainvis.vis import gradients
from trainvis.vis.graph import ALL
from trainvis.vis.network import Network, NetworkError
from trainvis.vis.rules import Rule

RULES: tuple[Rule, ...] = ("plain", "guided", "deconvolution", "redirected")


# TensorFlow's compiled convolutions make zeros of what is no number: there the walk gives what a compiled model gives.
FINITE = [name for name in MODELS if name != "nan_weights"]
REPEATED = ("time_distributed", "time_distributed_model")  # some backends call what is inside once for each step


def check_a_walk_gives_what_the_model_gives() -> None:
    def check(it: Trial) -> None:
        expected = tree.flatten(it.outputs)
        for options in ({"taps": ALL}, {"rule": "guided"}):
            found, _ = it.walked(**options)
            assert len(found) == len(expected)
            for place, (one, other) in enumerate(zip(found, expected, strict=True)):
                same(one, other, it.tolerance, f"output {place}, {options}")
        for place, each in enumerate(expected):
            if not it.case.policy.startswith("mixed"):
                leave(f"output_{it.case.name}_{place}", each)

    for_each(check, FINITE)


def check_logits_are_what_the_network_gives_without_its_last_activation() -> None:
    def check(it: Trial) -> None:
        found, _ = it.walked(logits=True)
        expected = plainly(it.case.bare())(it.case.inputs)
        expected = expected if it.case.output is None else expected[it.case.output]
        same(found[it.output], expected, it.tolerance)
        head = it.network.heads[it.output]
        assert (head.activation is not None) == (it.case.head in ("softmax", "sigmoid")), head
        if head.activation is not None:
            made = as_array(it.network.probabilities(it.output, ops.convert_to_tensor(found[it.output])))
            outputs = it.outputs if it.case.output is None else it.outputs[it.case.output]
            same(made, outputs, it.tolerance, "probabilities")

    for_each(check, FINITE)


def leaf_calls(model: keras.Model, inputs: Any) -> dict[int, list[Any]]:
    """The outputs of each layer that stands for itself: no layer around it is one of Keras' that calls others."""
    with keras.StatelessScope(), spied(model) as seen:
        model(inputs, training=False)
    found = defaultdict(list)
    callers = {id(each) for _, around, _ in seen for each in around}
    for layer, around, value in seen:
        inside_keras = any(not isinstance(each, keras.Model) and _is_keras(each) for each in around)
        # A layer that calls others shows what is inside, unless it is one of Keras' own.
        opened = id(layer) in callers and (isinstance(layer, keras.Model) or not _is_keras(layer))
        if not inside_keras and not opened and not isinstance(layer, keras.Model):
            found[id(layer)].append(value)
    return found


def _is_keras(layer: Any) -> bool:
    return type(layer).__module__.startswith("keras.")


def check_each_call_of_each_layer_is_kept_with_the_value_it_had() -> None:
    def check(it: Trial) -> None:
        _, values = it.walked(taps=ALL)
        sites = it.network.sites
        expected = leaf_calls(it.case.model, it.case.inputs)
        by_layer = defaultdict(list)
        for site in sites.leaves:
            if isinstance(site.layer, Layer) and not isinstance(site.layer, layers.InputLayer):
                by_layer[id(site.layer)].append(site)
        assert Counter({key: len(each) for key, each in by_layer.items()}) == Counter(
            {key: len(each) for key, each in expected.items()}
        ), (list(sites), len(expected))
        for key, seen in expected.items():
            for site, value in zip(by_layer[key], seen, strict=True):
                first = as_array(tree.flatten(value)[0])
                assert site.shape == first.shape[1:], site
                same(values[site.path], first, it.tolerance, site.path)

    for_each(check, FINITE)


def check_each_node_of_a_functional_network_is_kept_as_a_model_of_its_own_gives_it() -> None:
    def check(it: Trial) -> None:
        model = it.case.model
        graph = model._functional if isinstance(model, keras.Sequential) else model
        symbols, paths, count = [], [], Counter()
        for depth in sorted(graph._nodes_by_depth, reverse=True):
            for node in graph._nodes_by_depth[depth]:
                if node.is_input:
                    continue
                name = node.operation.name
                count[name] += 1
                paths.append(name + (f"@{count[name]}" if count[name] > 1 else ""))
                symbols.append(node.outputs[0])
        expected = plainly(keras.Model(model.inputs, symbols))(it.arrays if len(it.arrays) > 1 else it.arrays[0])
        top = [path for path in it.network.sites if "/" not in path]
        assert top == paths
        _, values = it.walked(taps=ALL)
        for path, value in zip(paths, tree.flatten(expected), strict=True):
            if it.network.sites[path].leaf:
                same(values[path], value, it.tolerance, path)

    own_call = ("functional_override",)
    for_each(check, [name for name in FINITE if not name.startswith("subclassed") and name not in own_call])


def check_paths_tell_nesting_and_repetition() -> None:
    expected = {
        "nested_twice": ["conv", "middle/conv", "middle/deep/conv", "middle/deep", "middle/max_pooling2d", "middle"],
        "shared_layers": ["twice", "twice@2", "thrice", "thrice@2", "thrice@3"],
        "siamese": ["encoder/conv2d", "encoder/dense", "encoder@2/conv2d", "encoder@2/dense", "encoder@2"],
        "own_blocks": ["first/conv", "first/norm", "first/out", "first/relu", "first", "second/conv"],
        "functional_with_subclassed": ["encoder/block/conv", "encoder/block@2/conv", "encoder/block@2/relu", "encoder"],
        "subclassed_around": ["backbone/conv", "backbone/pool", "backbone", "flatten", "top/dense", "top"],
        "reused_backbone": ["inner/inner_conv", "inner/narrow", "inner", "inner@2/inner_conv", "inner_conv"],
    }
    for name, paths in expected.items():
        found = list(trial(name).network.sites)
        places = [found.index(path) for path in paths if path in found]
        assert len(places) == len(paths), (name, set(paths) - set(found), found)
        assert places == sorted(places), (name, found)


def check_sites_know_what_they_read() -> None:
    sites = trial("residual").network.sites
    (total,) = [site for site in sites.leaves if site.kind == "Add"]
    assert sorted(sites[path].kind for path in total.inputs) == ["BatchNormalization", "Conv2D"]
    sites = trial("functional_with_subclassed").network.sites
    assert sites["encoder/block@2/conv"].inputs == ("encoder/block/relu",)
    nested = trial("nested_sequential").network.sites
    assert nested["body/dense"].inputs == ("body/flatten",)
    assert nested["body/flatten"].inputs == ("stem/max_pooling2d",)


def check_every_rectifier_is_found() -> None:
    def check(it: Trial) -> None:
        found = {}
        for rule in RULES[1:]:

            def function(*tensors: Any, rule: Rule = rule) -> Any:
                run = it.network.run(tensors, rule=rule)
                found[rule] = run.rectifiers
                return run.outputs

            gradients.once(function, *it.arrays)
        assert len(set(found.values())) == 1, found
        many, expected = found["guided"], it.case.rectifiers
        assert many >= expected if it.case.name in REPEATED else many == expected, (many, expected)

    for_each(check)


def check_nonlinearities_that_know_no_rule_are_told() -> None:
    expected = {
        "functional": {},
        "leaky_relu": {"LeakyReLU": 1, "leaky_relu": 1, "PReLU": 1},
        "relu_settings": {"LeakyReLU": 1},
        "smooth_ops": {"Gelu": 1, "Tanh": 1, "Softplus": 1, "Silu": 1},
        "masked_series": {"SimpleRNN": 1, "LSTM": 1},
        "text": {"Bidirectional": 1},
        "sequential": {},
        "residual": {},
    }
    for name, others in expected.items():
        assert trial(name).network.others == others, (name, trial(name).network.others)
    found = trial("smooth_activations").network.others
    assert {"gelu", "silu", "elu", "tanh", "ELU"} <= set(found), found


def fingerprint(model: keras.Model) -> dict[str, Any]:
    """All of a network that a look at it might change."""
    everything = list(model._flatten_layers())
    operations = {id(each): each for each in everything}
    for each in everything:
        graph = getattr(each, "_functional", None) or each
        for operation in getattr(graph, "operations", []):
            operations[id(operation)] = operation
    try:
        config = model.to_json()
    except (NotImplementedError, ValueError, TypeError):  # a subclassed model without get_config
        config = ""
    return {
        "config": config,
        "variables": [(each.path, as_array(each.value).tobytes()) for each in model.variables],
        "nodes": [(each.name, len(each._inbound_nodes), len(each._outbound_nodes)) for each in operations.values()],
        "layers": [id(each) for each in everything],
        "attributes": [{name: id(value) for name, value in _own(each).items()} for each in everything],
        "types": [type(each) for each in everything],
        "losses": [as_array(each).tobytes() for each in model.losses],
        "optimizer": [as_array(each.value).tobytes() for each in model.optimizer.variables],
        "trainable": [each.trainable for each in everything],
        "calls": (Layer.__call__, backend.nn.relu, backend.nn.relu6, keras.activations.relu, ops.relu),
    }


def _own(layer: Any) -> dict[str, Any]:
    # What PyTorch keeps of a module stands in dicts of its own, and the losses of the last call in a list.
    return {name: value for name, value in vars(layer).items() if name != "_losses"}


def check_the_network_is_left_as_it_was() -> None:
    def check(it: Trial) -> None:
        model = it.case.model
        model.compile(keras.optimizers.Adam(1e-3), "mse")
        model.optimizer.build(model.trainable_variables)
        model(it.case.inputs)  # so that there are losses
        training = getattr(model, "training", None)
        before = fingerprint(model)
        again = Trial(it.case, Network(model, it.case.inputs), it.arrays)
        again.walked(taps=ALL)
        if it.case.floating:
            again.logit_gradients(rule="guided")
        after = fingerprint(model)
        for part, value in before.items():
            assert value == after[part], part
        assert getattr(model, "training", None) == training

    for_each(check, make=fresh)


@keras.saving.register_keras_serializable("engine")
class Fails(layers.Layer):
    """A layer that fails from its second call on."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.left = 10**6

    def call(self, inputs: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise LookupError("on purpose")
        return 2 * inputs


def check_an_exception_leaves_nothing_patched() -> None:
    inputs = keras.Input((4,))
    fails = Fails()
    model = keras.Model(inputs, layers.Dense(3, activation="relu")(fails(inputs)))
    x = np.ones((2, 4), "float32")
    network = Network(model, x)
    before = fingerprint_of_calls()
    fails.left = 0
    try:
        network.call(("fails",), lambda each: network.run([each], rule="guided").outputs, x)
    except LookupError:
        pass
    else:
        raise AssertionError("nothing was raised")
    assert fingerprint_of_calls() == before
    with suppress(NetworkError, LookupError):
        Network(model, x)
    assert fingerprint_of_calls() == before
    fails.left = 10**6
    same(network.call(("works",), lambda each: network.run([each]).outputs, x)[0], plainly(model)(x), 1e-6)


def fingerprint_of_calls() -> tuple[Any, ...]:
    return Layer.__call__, backend.nn.relu, backend.nn.relu6


def check_a_pass_that_stops_leaves_nothing_patched() -> None:
    it = trial("subclassed")
    before = fingerprint_of_calls()
    path = it.network.sites.leaves[1].path
    outputs, values = it.walked(taps=(path,), stop=True)
    assert outputs == []
    assert list(values) == [path]
    assert fingerprint_of_calls() == before


def check_other_threads_see_nothing_of_a_walk() -> None:
    it = trial("subclassed")
    other = MODELS["subclassed"]().model
    x = it.case.inputs
    expected = plainly(other)(x)
    recorded: list[str] = []
    found: list[Any] = []
    patched: list[bool] = []

    def elsewhere() -> None:
        patched.append(fingerprint_of_calls() != calls)
        found.append(as_array(other(x, training=False)))

    def change(value: Any) -> Any:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return value

    calls = fingerprint_of_calls()
    first = it.network.sites.leaves[0].path

    def function(tensor: Any) -> Any:
        run = it.network.run([tensor], rule="deconvolution", change={first: change}, taps=ALL)
        recorded.extend(run.values)
        return run.outputs

    outputs = it.network.call(("threads",), function, x)
    assert patched == [True], "the other thread has not run within the walk"
    same(found[0], expected, 1e-6)
    same(outputs[0], it.outputs, 1e-5)
    assert recorded == [site.path for site in it.network.sites.leaves]
    assert fingerprint_of_calls() == calls


def check_a_changed_output_goes_on_into_the_layers_above() -> None:
    it = trial("residual")
    (total,) = [site.path for site in it.network.sites.leaves if site.kind == "Add"]

    def function(tensor: Any) -> Any:
        return it.network.run([tensor], change={total: lambda each: 0 * each}, logits=True).outputs

    (found,) = it.network.call(("change",), function, *it.arrays)
    dense = it.case.model.layers[-1]
    same(found, np.broadcast_to(as_array(dense.bias.value), found.shape), 1e-6)


def check_linear_leaves_an_activation_out() -> None:
    it = trial("sequential")
    path = it.network.sites.leaves[0].path
    _, plain = it.walked(taps=(path,))
    _, linear = it.walked(taps=(path,), linear=(path,))
    assert linear[path].min() < 0
    same(np.maximum(linear[path], 0), plain[path], 1e-6)
    _, relu = trial("batch_norm").walked(taps=("re_lu",), linear=("re_lu",))
    assert relu["re_lu"].min() < 0


def refusal(attempt: Callable[[], Any]) -> str:
    """What is said of something that cannot be."""
    try:
        attempt()
    except NetworkError as error:
        return str(error)
    raise AssertionError("nothing was refused")


def check_an_unbuilt_network_and_a_wrong_input_are_refused_in_words() -> None:
    case = MODELS["unbuilt_sequential"]()
    for model, inputs, word in (
        (case.model, case.inputs, "no weights yet"),
        (MODELS["functional"]().model, np.zeros((1, 4, 4, 3), "float32"), "cannot take"),
        (MODELS["functional"]().model, np.zeros((1, 10, 10, 1), "float32"), "cannot take"),
        (MODELS["subclassed"]().model, np.zeros((1, 7, 7, 3), "float32"), "cannot take"),
        (MODELS["subclassed"]().model, np.zeros((1, 7), "float32"), "expected min_ndim=4, found ndim=2"),
    ):
        said = refusal(lambda model=model, inputs=inputs: Network(model, inputs))
        assert word in said, said
        assert "\n" not in said, said
    assert not case.model.built


def check_sites_are_found_by_path_name_number_and_layer() -> None:
    it = trial("nested_twice")
    sites = it.network.sites
    assert sites.find("middle/deep/conv").path == "middle/deep/conv"
    assert sites.find("conv").path == "conv"
    assert sites.find("deep/conv").path == "middle/deep/conv"
    assert sites.find(it.case.model.layers[1]).path == "conv"
    assert sites.find(1).path == "conv"
    assert sites.find(-1).path == it.case.model.layers[-1].name
    plain = trial("sequential")
    assert [plain.network.sites.find(number).layer for number in range(1, 8)] == plain.case.model.layers
    for wrong in ("midle/conv", 99, -99, 0, it.case.model.layers[0]):
        assert refusal(lambda wrong=wrong: sites.find(wrong))
    assert "middle/conv" in refusal(lambda: sites.find("midle/conv"))


def check_weights_of_the_moment_are_used() -> None:
    it = fresh("functional")
    before, _ = it.walked()
    for weight in it.case.model.weights:
        weight.assign(weight.value * 0.5)
    after, _ = it.walked()
    assert far(after[0], before[0]) > 1e-3
    same(after[0], plainly(it.case.model)(it.case.inputs), 1e-5)
