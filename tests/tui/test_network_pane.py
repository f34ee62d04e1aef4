"""The network pane: the layers of a run as a list and as a graph, and from a layer to its pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from seen import shows, until
from stage import World, snapshot

from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row
from trainvis.engine.status import Done, Finished
from trainvis.tui.app import TrainvisApp
from trainvis.tui.compat import screen_text
from trainvis.tui.screens.run import RunScreen
from trainvis.tui.settings import read_settings
from trainvis.tui.terminal import Terminal
from trainvis.tui.widgets.network import LayerList, Network
from trainvis.tui.widgets.views.graph import GraphView
from trainvis.vis.figures import Figure, Graph, Item, Maps, Moment, Node, Table
from trainvis.vis.results import Results

NODES = (
    Node("image", "Input", "8×8×1"), Node("stem", "Conv2D", "8×8×4", 40, activation="relu"),
    Node("add", "Add", "8×8×4"), Node("digit", "Dense", "10", 2570),
)  # fmt: skip
GRAPH = Graph(NODES, np.array([[0, 1], [1, 2], [0, 2], [2, 3]]), "layers")
TOTALS = Table(("what", "count"), (("parameters", 2610), ("of these trainable", 2610)), "totals")


def run_with(root: Path, *figures: Figure) -> RunDir:
    run = RunDir.create(root, "digits")
    for figure in figures:
        Results(run).save(figure.technique, figure)
    return run


def gradients(step: int) -> Figure:
    table = Table(("layer", "gradient norm"), (("stem", 0.5 + step),), "layers")
    return Figure("gradient_norms", (table,), moment=Moment(step))


def activations() -> Figure:
    maps = Maps(np.ones((4, 8, 8)), tuple(Item(layer="stem", unit=(at,), image=0) for at in range(4)), "stem", "layer")
    other = Maps(np.ones((4, 8, 8)), tuple(Item(layer="add", unit=(at,), image=0) for at in range(4)), "add", "layer")
    columns = ("layer", "image", "kind", "shape", "units", "zeros", "dark", "dead")
    rows = tuple((path, 0, "Conv2D", "8×8×4", 4, 0.25, 0, dead) for path, dead in (("stem", 3), ("add", 0)))
    return Figure("layer_activations", (maps, other, Table(columns, rows, "layers")), moment=Moment(0))


def app_with(run: RunDir) -> TrainvisApp:
    world = World(snapshot(run.path.parent, (run.path.name, Finished(Done(), 1.0, 2.0))))
    return TrainvisApp(run.path.parent, read_settings(), Terminal(), look=world.look)


@pytest.mark.slow
async def test_the_layers_of_a_network_are_listed_drawn_and_lead_to_their_pictures(tmp_path: Path) -> None:
    run = run_with(tmp_path, Figure("layer_graph", (GRAPH, TOTALS)), gradients(0), gradients(9), activations())
    app = app_with(run)
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(RunScreen(run.path, "network"))
        await shows(pilot, "4 layers", "2 610 parameters, all trainable", "stem", "Conv2D", "8×8×4", "75%", "9.500")
        assert 'weights by pictures("weights")' in screen_text(app.screen)
        await pilot.press("down")
        await shows(pilot, "stem: Conv2D 8×8×4", "gradient 0.5000 → 9.500", "since step 0")
        await pilot.press("g")
        await shows(pilot, "┏", "╭", "reads image; read by add")
        await pilot.press("down")
        await shows(pilot, "add: Add")
        await pilot.press("g")
        assert app.screen.query_one(LayerList).chosen is not None
        await shows(pilot, "› add")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query("#pane-pictures"), "the pictures")
        await shows(pilot, "add  4 maps")


@pytest.mark.slow
async def test_a_run_without_figures_says_how_to_get_them(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    app = app_with(run)
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(RunScreen(run.path, "network"))
        await shows(pilot, "nothing is recorded of the layers yet", 'pictures("layer_graph")')
        await pilot.press("down", "enter", "g", "down", "enter")
        await shows(pilot, "the graph is not recorded")


@pytest.mark.slow
async def test_figures_that_come_later_are_seen(tmp_path: Path) -> None:
    run = run_with(tmp_path)
    app = app_with(run)
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(RunScreen(run.path, "network"))
        await shows(pilot, "nothing is recorded")
        Results(run).save("layer_graph", Figure("layer_graph", (GRAPH, TOTALS)))
        network = app.screen.query_one(Network)
        network.row = Row(run.path, run.path.name, status=Finished(Done(), 1.0, 3.0))  # looks anew
        await shows(pilot, "4 layers", "digit")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (20, 5), (1, 1)])
async def test_the_pane_stands_every_size(size: tuple[int, int], tmp_path: Path) -> None:
    run = run_with(tmp_path, Figure("layer_graph", (GRAPH, TOTALS)), gradients(0), activations())
    app = app_with(run)
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(RunScreen(run.path, "network"))
        await shows(pilot, "4 layers")
        await pilot.resize_terminal(*size)
        await pilot.press("down", "pagedown", "end", "g", "down", "left", "right", "home", "g")
        await until(pilot, lambda: not app.screen.query_one(GraphView).display, "the list")
