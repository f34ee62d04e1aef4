from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trainvis.engine.rundir import RunDir
from trainvis.tui.figures.layers import PARTS, Course, LayerReader, layers_of
from trainvis.vis.figures import Figure, Graph, Moment, Node, Table
from trainvis.vis.results import Results

GRAPH = Graph(
    (Node("image", "Input", "8×8×1"), Node("conv", "Conv2D", "6×6×4", 40), Node("top/out", "Dense", "10", 90, False)),
    np.array([[0, 1], [1, 2]]),
    "layers",
)
ACTIVATIONS = ("layer", "image", "kind", "shape", "units", "zeros", "dark", "dead")


def activations(dead: int | None) -> Table:
    """Two images of one layer."""
    rows = tuple(("conv", image, "Conv2D", "6×6×4", 4, 0.25 + image / 2, 0, dead) for image in (0, 1))
    return Table(ACTIVATIONS, rows, "layers")


def weights(std: float) -> Table:
    rows = (("conv", "kernel", 36, std), ("conv", "bias", 4, 9.0))
    return Table(("layer", "variable", "count", "std"), rows, "weights")


def test_a_layer_has_what_the_graph_and_the_tables_say_of_it_over_the_steps() -> None:
    found = layers_of(
        GRAPH,
        {
            "layer_activations": [(0, activations(0)), (9, activations(2))],
            "weights": [(0, weights(0.1)), (9, weights(0.3))],
            "gradient_norms": [(9, Table(("layer", "gradient norm"), (("top/out", 1.5),)))],
            "update_ratios": [(9, Table(("layer", "ratio a step"), (("conv", 0.001),)))],
        },
    )
    assert [layer.path for layer in found] == ["image", "conv", "top/out"]
    conv = found[1]
    assert (conv.shape, conv.parameters) == ("6×6×4", 40)
    assert conv.dead == Course((0, 9), (0.0, 0.5))
    assert conv.zeros.last == pytest.approx(0.5)  # of both images
    assert conv.weights.values == (0.1, 0.3)  # of the kernel, which is the larger variable
    assert conv.update.last == 0.001
    assert found[2].gradient.values == (1.5,)
    assert not found[2].trainable


def test_without_a_graph_the_tables_name_the_layers() -> None:
    (found,) = layers_of(None, {"layer_activations": [(0, activations(None))]})
    assert (found.path, found.kind, found.shape, found.parameters) == ("conv", "Conv2D", "6×6×4", None)
    assert found.dead == Course()


def test_what_is_no_number_is_left_out_and_nan_stays() -> None:
    table = Table(("layer", "gradient norm"), (("conv", None), ("out", float("nan"))))
    found = {layer.path: layer.gradient for layer in layers_of(None, {"gradient_norms": [(3, table)]})}
    assert found["conv"] == Course()
    assert np.isnan(found["out"].values[0])


def test_the_figures_of_a_run_are_found_by_their_technique_and_what_is_missing_is_told(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, "digits")
    results = Results(run)
    totals = Table(("what", "count"), (("parameters", 130),), "totals")
    results.save("my graph", Figure("layer_graph", (GRAPH, totals), moment=Moment(0)))
    for step in range(40):
        results.save("weights", Figure("weights", (weights(float(step)),), moment=Moment(step)))
    found = LayerReader().read(run.path, {name: results.steps(name) for name in results.names()})
    assert found.totals == {"parameters": 130}
    assert found.missing == ("layer_activations", "gradient_norms", "update_ratios")
    assert set(found.missing) < set(PARTS)
    course = found.layers[1].weights
    assert course.steps == (*range(0, 40, 2), 39)  # evenly, the first and the last among them


def test_a_damaged_figure_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, "digits")
    results = Results(run)
    results.save("weights", Figure("weights", (weights(1.0),), moment=Moment(5)))
    results.save("layer_graph", Figure("layer_graph", (GRAPH,), moment=Moment(5)))
    run.figure_file("weights", 5).write_bytes(b"no figure")
    found = LayerReader().read(run.path, {name: results.steps(name) for name in results.names()})
    assert [layer.path for layer in found.layers] == ["image", "conv", "top/out"]
    assert found.problems
