"""The layer graph, receptive fields as a table, and an image through convolution, activation and pool."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops
from zoo import MODELS

from trainvis.vis.figures import Graph, Maps, Table
from trainvis.vis.kernels import convolved, kernel, pooled
from trainvis.vis.network import NetworkError
from trainvis.vis.probe import Probe
from trainvis.vis.techniques import layer_graph, receptive_fields, step_by_step

RNG = np.random.default_rng(2)


def network() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(2, name="out"),
        ]
    )


def array(tensor) -> np.ndarray:
    return ops.convert_to_numpy(tensor)


def check_each_step_is_what_keras_computes_and_zeros_are_counted() -> None:
    model, x = network(), RNG.normal(size=(2, 8, 8, 1)).astype("float32")
    figure = step_by_step.compute(Probe(model, x))
    steps = [part for part in figure.parts if isinstance(part, Maps)]
    assert [part.items[0].aspect for part in steps] == ["input", "Conv2D", "relu", "MaxPooling2D"]
    conv = model.get_layer("conv")
    before = array(ops.conv(x, conv.kernel, padding="valid") + conv.bias)
    for part, expected in zip(
        steps[1:], (before, np.maximum(before, 0), pooled(np.maximum(before, 0)[0])), strict=True
    ):
        expected = expected if expected.ndim == 4 else expected[None]
        found = part.values[: 3 * len(expected)].reshape(len(expected), 3, *part.values.shape[1:])
        np.testing.assert_allclose(np.moveaxis(found, 1, -1), expected, rtol=1e-5, atol=1e-6)
    table = figure.part("steps")
    assert isinstance(table, Table)
    assert table.rows[2][3:7] == (6, 6, 3, float((np.maximum(before, 0)[0] == 0).mean()))
    assert table.rows[1][6] == 0.0


def check_a_vertical_kernel_answers_to_a_vertical_edge_alone() -> None:
    image = np.zeros((9, 9, 1))
    image[:, 5:] = 1
    both = np.stack(
        [kernel("vertical", 3), kernel("horizontal", 3), kernel("edge", 5), kernel("random", 5)[:, :]][:2], -1
    )
    found = convolved(image, both[:, :, None])
    np.testing.assert_array_equal(found[..., 0], np.tile([0, 0, 0, 4, 4, 0, 0], (7, 1)))
    assert not found[..., 1].any()
    for name in ("vertical", "horizontal", "edge", "random"):
        for size in (3, 5):
            np.testing.assert_allclose(kernel(name, size).sum(), 0, atol=1e-12)


def check_our_convolution_and_pool_are_those_of_keras() -> None:
    x, kernels = RNG.normal(size=(1, 9, 7, 2)).astype("float32"), RNG.normal(size=(3, 3, 2, 4)).astype("float32")
    np.testing.assert_allclose(convolved(x[0], kernels), array(ops.conv(x, kernels))[0], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(pooled(x[0]), array(ops.max_pool(x, 2, 2))[0])


def check_given_and_named_kernels_take_the_place_of_the_networks() -> None:
    probe = Probe(network(), RNG.random((1, 8, 8, 1), dtype="float32"))
    named = step_by_step.compute(probe, step_by_step.Options(kernels=("vertical", "edge"), size=5))
    assert [part.values.shape[1:3] for part in named.parts[:-1]] == [(8, 8), (4, 4), (4, 4), (2, 2)]
    given = np.stack([kernel("vertical", 5), kernel("edge", 5)], -1)[:, :, None]
    same = step_by_step.compute(probe, step_by_step.Options(given=given))
    np.testing.assert_array_equal(named.parts[1].values, same.parts[1].values)
    assert "do not fit images of (8, 8, 1)" in refusal(probe, step_by_step.Options(given=np.zeros((9, 9, 1, 2))))


def refusal(probe: Probe, options: step_by_step.Options) -> str:
    try:
        step_by_step.compute(probe, options)
    except NetworkError as error:
        return str(error)
    return "it was not refused"


def check_a_residual_network_has_the_edges_and_parameters_it_has() -> None:
    case = MODELS["residual"]()
    figure = layer_graph.compute(Probe(case.model, case.inputs))
    graph = figure.part("layers")
    assert isinstance(graph, Graph)
    assert sum(node.parameters for node in graph.nodes) == case.model.count_params()
    into = {
        place: sorted(edge[0] for edge in graph.edges.tolist() if edge[1] == place) for place in range(len(graph.nodes))
    }
    adds = [place for place, node in enumerate(graph.nodes) if node.layer == "Add"]
    assert adds
    assert all(len(into[place]) == 2 for place in adds)
    assert into[0] == []
    assert graph.nodes[0].layer == "Input"
    assert all(into[place] for place, node in enumerate(graph.nodes) if node.layer != "Input")


def check_a_shared_layer_is_a_node_for_each_call_and_counts_once() -> None:
    case = MODELS["shared_layers"]()
    graph = layer_graph.compute(Probe(case.model, case.inputs)).part("layers")
    assert isinstance(graph, Graph)
    assert sum(node.parameters for node in graph.nodes) == case.model.count_params()
    assert sum(node.path.startswith("twice") for node in graph.nodes) > 1


def check_receptive_fields_are_a_row_a_layer() -> None:
    figure = receptive_fields.compute(Probe(network(), np.zeros((1, 8, 8, 1), "float32")))
    rows = {row[0]: row[1:] for row in figure.part("receptive fields").rows}
    assert rows["conv"][1:4] == ("3×3", "1×1", "0×0")
    assert rows["pool"][1:4] == ("4×4", "2×2", "0×0")
    assert rows["conv"][4] == 9 / 64
    assert rows["out"][2] == "all alike"
