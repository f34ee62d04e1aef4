"""The views of figures that are no pictures, each on a figure of its kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import figure_files
import numpy as np
import pytest
from seen import shows, until
from textual.app import App, ComposeResult

from trainvis.engine.rundir import RunDir
from trainvis.tui.compat import screen_text
from trainvis.tui.drawing.matrix import Grid
from trainvis.tui.figures.sheet import Ask, PartFacts, Sheet, read_sheet
from trainvis.tui.widgets.picture import PictureView
from trainvis.tui.widgets.views.base import SheetView
from trainvis.tui.widgets.views.graph import GraphView, folded
from trainvis.tui.widgets.views.points import PointsView
from trainvis.tui.widgets.views.receptive import fields
from trainvis.tui.widgets.views.table_of_kinds import view_for, view_for_technique, view_of
from trainvis.vis.figures import (
    Figure,
    Graph,
    Histograms,
    Input,
    Item,
    Maps,
    Matrix,
    Moment,
    Node,
    Part,
    Pictures,
    Points,
    Series,
    Table,
    Vectors,
)
from trainvis.vis.results import Results

KINDS = ("vectors", "histograms", "points", "matrix", "series", "table", "graph")
KEYS = ("down", "right", "up", "left", "pagedown", "pageup", "end", "home", "o", "down", "right", "o", "O", "end")
HOSTILE = "evil\x1b]0;own\x07\x1b[31m name\u202e \u65e5\u672c"


class Stage(App[None]):
    """A view alone on the screen, and what it said last."""

    def __init__(self, view: SheetView, sheet: Sheet, earlier: tuple[Sheet, ...] = ()) -> None:
        super().__init__()
        self.view, self.sheet, self.earlier = view, sheet, earlier
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.show(self.sheet, self.earlier)
        self.view.focus()

    def on_sheet_view_said(self, message: SheetView.Said) -> None:
        self.said.append(message.text)


def sheets(folder: Path, *figures: Figure, part: str = "") -> list[Sheet]:
    """The figures as a run has them, one a step."""
    run = RunDir.create(folder, "views")
    results = Results(run)
    for step, figure in enumerate(figures):
        results.save("shown", replace(figure, moment=Moment(step * 10)))
    return [read_sheet(Ask(run.path, "shown", step * 10, part)) for step in range(len(figures))]


def view(kind: str) -> SheetView:
    found = view_for(kind)
    assert found is not None
    return found()


def test_pictures_have_no_view_here_and_what_nobody_knows_has_none_either() -> None:
    assert all(view_for(kind) for kind in KINDS)
    assert [view_for(kind) for kind in ("maps", "pictures", "hologram", "")] == [None] * 4
    assert view_for_technique("saliency_maps") is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_every_key_works_in_every_size(kind: str, tmp_path: Path) -> None:
    earlier, sheet = sheets(tmp_path, figure_files.figure(kind), figure_files.figure(kind))
    app = Stage(view(kind), sheet, (earlier,))
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((80, 24), (3, 2), (1, 1), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.press(*KEYS)
        await pilot.click(offset=(20, 5))
        assert app.said[-1]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_a_problem_stands_in_the_place_of_the_figure(kind: str, tmp_path: Path) -> None:
    sheet = read_sheet(Ask(tmp_path, "shown"))
    app = Stage(view(kind), sheet)
    async with app.run_test() as pilot:
        await shows(pilot, "there is no figure shown")
        await pilot.press("down", "o", "end")


HOSTILE_PARTS: dict[str, Part] = {
    "matrix": Matrix(np.ones((2, 2)), (HOSTILE, "b"), (HOSTILE, "c"), axes=(HOSTILE, HOSTILE)),
    "histograms": Histograms(np.ones((1, 3)), np.array([[0.0, 1, 2, 3]]), (Item(layer=HOSTILE, aspect=HOSTILE),)),
    "table": Table((HOSTILE, "b"), ((HOSTILE, 1.0),)),
}


@pytest.mark.parametrize("kind", HOSTILE_PARTS)
async def test_no_control_character_of_a_name_gets_onto_the_screen(kind: str, tmp_path: Path) -> None:
    (sheet,) = sheets(tmp_path, Figure("any", (HOSTILE_PARTS[kind],)))
    app = Stage(view(kind), sheet)
    async with app.run_test() as pilot:
        await shows(pilot, "evil")
        assert not {"\x1b", "\x07", "\u202e"} & set(screen_text(app.screen) + "".join(app.said))


async def test_the_square_under_the_cursor_is_told_with_what_it_was(tmp_path: Path) -> None:
    names = ("cat", "dog")
    parts = [Matrix(np.array([[9 - step, step], [1, 8]]), names, names, axes=("true", "predicted")) for step in (4, 1)]
    earlier, sheet = sheets(tmp_path, *(Figure("confusion_matrix", (part,)) for part in parts))
    app = Stage(view("matrix"), sheet, (earlier,))
    async with app.run_test() as pilot:
        await pilot.press("right")
        await until(pilot, lambda: "true cat, predicted dog: 1 of 9 (11.1%)" in app.said[-1], "the square")
        assert "4 → 1 since step 0" in app.said[-1]
        await shows(pilot, "88.9% right", "recall", "prec.")


def test_what_is_right_of_a_class_without_records_is_not_known() -> None:
    grid = Grid(np.array([[0, 0], [0, 3]]), ("a", "b"), ("a", "b"))
    assert (grid.recall(0), grid.precision(0), grid.recall(1)) == (None, None, 1.0)


@pytest.mark.slow
async def test_records_are_told_with_their_class_and_what_was_predicted(tmp_path: Path) -> None:
    (sheet,) = sheets(tmp_path, figure_files.figure("points"))
    app = Stage(PointsView(), sheet)
    async with app.run_test() as pilot:
        await pilot.press("right")
        assert app.said[-1].startswith("record test/000")
        await pilot.press("o", "o", "o")
        await shows(pilot, "record", "PC 1", "PC 3")


@pytest.mark.slow
async def test_the_graph_is_walked_along_its_edges(tmp_path: Path) -> None:
    (sheet,) = sheets(tmp_path, figure_files.figure("graph"))
    shown = GraphView()
    app = Stage(shown, sheet)
    async with app.run_test() as pilot:
        await pilot.press("down", "down")
        assert shown.node is not None
        assert shown.node.path == "add"
        assert "reads image, conv2d" in app.said[-1]
        await pilot.press("up")
        assert shown.node.path == "conv2d"


def test_what_lies_inside_of_a_model_is_folded_into_one_box() -> None:
    inside = [Node(f"tail/{at}", "Dense", "10", 5, inside="tail") for at in range(2)]
    nodes, edges = folded([Node("image", "Input"), *inside, Node("out", "Dense")], [(0, 1), (1, 2), (2, 3)])
    assert [(node.path, node.layer, node.parameters) for node in nodes[1:2]] == [("tail", "2 layers", 10)]
    assert edges == [(0, 1), (1, 2)]


# Views of whole techniques

GREY = np.full((8, 8, 1), 120, np.uint8)


async def test_the_worst_images_stand_with_their_classes_and_scores(tmp_path: Path) -> None:
    items = (Item(record="95", rank=0, score=0.01, target=1, unit=(0,)),)
    pictures = Pictures(GREY[None], items, "worst")
    table = Table(("record", "class", "predicted", "score of its class"), (("95", "cat", "dog", 0.01),), "worst")
    (sheet,) = sheets(tmp_path, Figure("worst_images", (pictures, table)))
    found = view_of(sheet)
    assert found is view_for_technique("worst_images")
    assert found is not None
    app = Stage(found(), sheet)
    async with app.run_test() as pilot:
        await shows(pilot, "cat → dog", "#1  0.01")
        await until(pilot, lambda: app.said[-1].startswith("record 95: cat, taken for dog"), "the record")


@pytest.mark.slow
async def test_an_image_goes_step_by_step_with_sizes_and_shares_of_zeros(tmp_path: Path) -> None:
    first = Maps(np.ones((1, 8, 8, 1)), (Item(image=0, rank=0, aspect="input"),), "0 input", "layer")
    items = tuple(Item(image=0, layer="conv", unit=(at,), rank=1, aspect="relu") for at in range(2))
    second = Maps(np.zeros((2, 6, 6)), items, "1 conv relu", "layer")
    table = Table(("step", "share of zeros"), ((0, 0.0), (1, 1.0)), "steps")
    input_, step, last = (
        read_sheet(Ask(sheet.ask.run, "shown", None, part))
        for sheet in sheets(tmp_path, Figure("step_by_step", (first, second, table)))
        for part in ("0 input", "1 conv relu", "steps")
    )
    found = view_of(input_)
    assert found is view_of(last) is view_for_technique("step_by_step")
    assert view_of(step) is None  # a map of a step is a picture too
    assert found is not None
    app = Stage(found(), input_)
    async with app.run_test() as pilot:
        await shows(pilot, "0 input", "1 relu", "conv", "6×6×2", "100% zeros", "→", "map 1")
        await pilot.press("right", "down")
        assert app.said[-1].startswith("step 1: relu of conv, map 1, 0 to 0")
        views = list(app.query(PictureView).results(PictureView))
        sizes = {(view.raster.size, view.region.height) for view in views if view.display and view.raster}
        assert sizes == {((8, 8), 8), ((6, 6), 9)}  # each by a whole number
        first = next(view for view in views if view.raster is not None and view.raster.size == (8, 8))
        await pilot.click(first)
        await until(pilot, lambda: app.said[-1].startswith("step 0: input"), "what was clicked")


async def test_a_receptive_field_is_drawn_and_told(tmp_path: Path) -> None:
    head = ("layer", "shape", "size", "stride", "first", "share of the input", "exact")
    row = ("conv", "4×4×3", "3×3", "2×2", "-1×-1", 0.14, "yes")
    flat = ("top", "10", "8×8", "all alike", "0×0", 1.0, "at most")
    table = Table(head, (row, flat, ("text", "5", "one", "one", "one", 1.0, "yes")), "receptive fields")
    (sheet,) = sheets(tmp_path, Figure("receptive_fields", (table,), inputs=(Input(GREY),)))
    one, all_ = fields(table)
    assert one.box(2, 0) == (3, -1, 6, 2)
    assert all_.places == (1, 1)
    found = view_of(sheet)
    assert found is not None
    app = Stage(found(), sheet)
    async with app.run_test() as pilot:
        await shows(pilot, "conv", "3×3")
        await until(pilot, lambda: [view.size.width for view in app.query(PictureView) if view.display], "the image")
        assert app.said[-1] == (
            "conv: a unit sees 3×3 pixels, 14.0% of the input, stride 2×2; unit 2, 2 from row 3, column 3 on"
        )
        await pilot.press("down")
        assert "at most 8×8 pixels" in app.said[-1]


NAN = float("nan")
ODD: dict[str, Part] = {
    "vectors of nothing": Vectors(np.zeros((0, 0)), ()),
    "vectors without length": Vectors(np.zeros((2, 0)), (Item(), Item())),
    "vectors that are no numbers": Vectors(np.full((1, 9), NAN), (Item(),)),
    "a long vector": Vectors(np.arange(100_000.0)[None], (Item(),), signed=True),
    "histograms of nothing": Histograms(np.zeros((0, 3)), np.zeros((0, 4)), ()),
    "histograms without bins": Histograms(np.zeros((1, 0)), np.zeros((1, 1)), (Item(),)),
    "histograms with strange edges": Histograms(np.ones((1, 3)), np.array([[NAN, np.inf, 1, 2]]), (Item(),)),
    "one number many times": Histograms(
        np.array([[7]]), np.array([[3.0, 3.0]]), (Item(),), "", np.ones(1), np.zeros(1)
    ),
    "points of nothing": Points(np.zeros((0, 2)), ()),
    "points without axes": Points(np.zeros((2, 0)), (Item(), Item())),
    "points on one axis": Points(np.ones((2, 1)), (Item(record="a"), Item(record="b"))),
    "points at one place": Points(np.ones((3, 2)), tuple(Item(record=str(at), target=at) for at in (-5, 2, 99999))),
    "points that are no numbers": Points(np.full((2, 2), np.inf), (Item(record="a"), Item(record="b"))),
    "a matrix of nothing": Matrix(np.zeros((0, 0)), (), ()),
    "a matrix of one": Matrix(np.array([[NAN]]), ("a",), ("a",)),
    "a matrix with negative numbers": Matrix(np.array([[-1.0, NAN], [np.inf, 2]]), ("a", "b"), ("c", "d")),
    "series of nothing": Series(np.zeros((0, 2, 5)), ()),
    "series without points": Series(np.full((1, 2, 3), NAN), (Item(),)),
    "series backwards": Series(
        np.array([[[3.0, 2, 1], [1, NAN, np.inf]]]), (Item(aspect="a", score=NAN),), axes=("x", "")
    ),
    "a table of nothing": Table((), ()),
    "a table without rows": Table(("a",), ()),
    "a table without columns": Table((), ((), ())),
    "a table of anything": Table(("a", "b"), ((None, NAN), ("x", 10**400), (True, -0.0))),
    "a graph of nothing": Graph((), np.zeros((0, 2), int)),
    "a graph in pieces with cycles": Graph(
        tuple(Node(str(at), "Dense", inside="a/b") for at in range(5)),
        np.array([[0, 1], [1, 0], [2, 2], [3, 3], [4, 0]]),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD)
async def test_odd_figures_are_shown_as_far_as_there_is_anything(odd: str, tmp_path: Path) -> None:
    (sheet,) = sheets(tmp_path, figure_files.figure("table"))
    part = ODD[odd]
    shape = getattr(getattr(part, "values", None), "shape", ())
    sheet = replace(sheet, part=part, parts=(PartFacts(part.kind, "odd", shape),), at=0)
    app = Stage(view(part.kind), sheet, (sheet, sheet))
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((80, 24), (9, 3)):
            await pilot.resize_terminal(*size)
            await pilot.press("down", "right", "pagedown", "end", "o", "down", "left", "o", "up", "o", "o", "home")
        assert app.is_running


async def test_the_cursor_stays_while_steps_go_by_and_begins_anew_in_another_part(tmp_path: Path) -> None:
    first, second = sheets(tmp_path, figure_files.figure("points"), figure_files.figure("points"))
    part = first.part
    assert isinstance(part, Points)
    statistics = replace(part, items=tuple(Item(layer="conv", unit=(at,)) for at in range(30)), name="statistics")
    other = replace(first, part=statistics, parts=(PartFacts("points", "statistics", (30, 3)),))
    shown = PointsView()
    app = Stage(shown, first)
    async with app.run_test() as pilot:
        await pilot.press("right", "right")
        at = shown.cursor
        assert at > 0
        shown.show(second)
        assert shown.cursor == at
        shown.show(other)
        assert shown.cursor == 0
        await shows(pilot, "layer", "map", "PC 1")  # what is no record stands in a table
        shown.show(second)
        await shows(pilot, "◉")
