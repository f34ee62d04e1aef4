"""The unit view on real figure files: panels of one unit, walking over units, layers, steps and images."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from seen import shows, until
from stage import NOW, RUNNING, StageApp, World, over
from textual.pilot import Pilot

from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import Done, Status
from trainvis.tui.pixels.raster import Photo, Plane
from trainvis.tui.screens.units import UnitsScreen
from trainvis.tui.widgets.tile import Nine, Tile
from trainvis.vis.figures import Figure, Input, Item, Items, Maps, Moment, Pictures, Prediction, Table, Vectors
from trainvis.vis.results import Results

DONE = over(Done())
UNITS = 6  # of layer "conv"; map 5 is not stored, and nothing excites map 4


def activations(step: int) -> Figure:
    values = np.zeros((2 * 5, 4, 4), np.float32)
    values[:] = (np.arange(10) + step)[:, None, None]
    items = Items(10, Item(layer="conv"), image=np.repeat([0, 1], 5), unit=np.tile(np.arange(5), 2))
    vectors = Vectors(
        np.array([[0.1, 0.9, 0.0], [0.8, 0.1, 0.1]], np.float32), Items(2, Item(layer="out"), image=[0, 1]), "out"
    )
    rows = tuple((path, image, kind, shape, count) for path, kind, shape, count in (
        ("conv", "Conv2D", "4×4×6", UNITS), ("out", "Dense", "3", 3)) for image in (0, 1))  # fmt: skip
    table = Table(("layer", "image", "kind", "shape", "units"), rows, "layers")
    inputs = tuple(Input(np.zeros((8, 8, 1), np.uint8), name) for name in ("six.png", "two.png"))
    said = (Prediction((6, 2), (0.9, 0.1), ("six", "two")), Prediction((2, 6), (0.7, 0.3), ("two", "six")))
    parts = (Maps(values, items, "conv", "layer"), vectors, table)
    return Figure("layer_activations", parts, inputs, said, moment=Moment(step, step / 10))


def learned(step: int, regularisers: str = "dense", units: tuple[int, ...] = (0, 1)) -> Figure:
    count = 9 * len(units)
    pictures = np.full((count, 8, 8, 1), 40, np.uint8)
    items = Items(
        count, Item(layer="conv"), unit=np.repeat(units, 9), rank=np.tile(np.arange(9), len(units)),
        score=np.linspace(3, 1, count),
    )  # fmt: skip
    recipe = {"options": {"regularisers": regularisers}}
    return Figure(
        "deep_visualization", (Pictures(pictures, items, "conv", "input"),), recipe=recipe, moment=Moment(step)
    )


def maximal(step: int) -> Figure:
    unit, rank = np.repeat([0, 1], 2), np.tile([0, 1], 2)
    where = np.stack([rank, rank, unit], axis=1)  # the place in the map, and the map
    ranked = Items(4, Item(layer="conv"), unit=where, rank=rank, score=[4.0, 3.0, 2.0, 1.0], record=list("abcd"))
    crops = Pictures(np.full((4, 8, 8, 1), 90, np.uint8), ranked, "conv", "input")
    aspect = Item(layer="conv", aspect="deconvolution")
    back = Maps(np.ones((4, 8, 8), np.float32), ranked.sharing(aspect), "conv deconvolution", "input", signed=True)
    rows = tuple(("conv", map_, 1.0 if map_ < 4 else None, "7" if map_ < 4 else "") for map_ in range(UNITS))
    table = Table(("layer", "map", "largest activation", "record number"), rows, "largest")
    return Figure("maximal_images", (crops, back, table), moment=Moment(step))


ALL: Mapping[str, tuple[Figure, ...]] = {
    "layer_activations": (activations(10), activations(20), activations(30)),
    "deep_visualization": (learned(10), learned(30)),
    "sparse": (learned(30, "sparse", (0, 3)),),
    "maximal_images": (maximal(20),),
}


def saved(runs: Path, figures: Mapping[str, tuple[Figure, ...]] = ALL) -> RunDir:
    run = RunDir.create(runs, "train", NOW)
    for name, each in figures.items():
        for figure in each:
            Results(run).save(name, figure)
    return run


def staged(run: RunDir, unit: int = 0, status: Status = DONE) -> tuple[StageApp, UnitsScreen]:
    screen = UnitsScreen(run.path, "conv", unit)
    world = World(Snapshot(run.path.parent, NOW, (Row(run.path, run.id, status=status),)))
    return StageApp(world, lambda: screen), screen


def values(screen: UnitsScreen, panel: str = "activation") -> float | None:
    """The first number of what a panel shows."""
    raster = screen.query_one(f"#{panel}", Tile).view.raster
    return raster.numbers(0, 0)[0] if raster is not None else None


async def says(pilot: Pilot[None], screen: UnitsScreen, panel: str, *texts: str) -> None:
    tile = screen.query_one(f"#{panel}", Tile)
    await until(pilot, lambda: all(text in tile.words for text in texts), f"{texts} in {tile.words!r}")


async def showing(pilot: Pilot[None], screen: UnitsScreen, value: float) -> None:
    await until(pilot, lambda: values(screen) == value, f"an activation of {value}, not {values(screen)}")


@pytest.mark.slow
async def test_a_unit_is_seen_from_all_sides(runs: Path) -> None:
    app, screen = staged(saved(runs), unit=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "conv unit 1 of 6", "layer 1 of 2", "latest step, 30", "six 90.0 %, two 10.0 %")
        await showing(pilot, screen, 31)
        assert isinstance(screen.query_one("#activation", Tile).view.raster, Plane)
        learned_, images, back = (screen.query_one(f"#{name}", Nine) for name in ("learned", "images", "back"))
        await until(pilot, lambda: sum(view.raster is not None for view in learned_.views) == 9, "nine grown images")
        assert all(isinstance(view.raster, Photo) for view in learned_.views)
        two = [True, True, *[False] * 7]
        await until(pilot, lambda: [view.raster is not None for view in images.views] == two, "two images")
        await until(pilot, lambda: [view.raster is not None for view in back.views] == two, "two deconvolutions")
        await shows(pilot, "records c, d", "images step 20 · maximal_images")


@pytest.mark.slow
async def test_keys_walk_over_units_layers_images_and_steps(runs: Path) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await showing(pilot, screen, 30)
        await pilot.press("l", "l")
        await showing(pilot, screen, 32)
        await pilot.press("home", "left")  # before the first comes the last, which is not stored
        await says(pilot, screen, "activation", "5 of its maps are stored", "most=-1")
        await pilot.press("1", "n")
        await showing(pilot, screen, 36)
        await shows(pilot, "two.png is taken for two 70.0 %")
        await pilot.press("left_square_bracket")
        await showing(pilot, screen, 26)
        await shows(pilot, "step 20 of 30", "learned step 10")
        await pilot.press("left_curly_bracket")
        await showing(pilot, screen, 16)
        await says(pilot, screen, "images", "searched at step 20")
        await pilot.press("full_stop", "j")
        await shows(pilot, "out unit 1 of 3", "latest step, 30")
        await says(pilot, screen, "activation", "▸ two.png 0.1000", "number 2 of 3 on this image")


@pytest.mark.slow
async def test_what_is_missing_is_said_in_its_place(runs: Path) -> None:
    app, screen = staged(saved(runs), unit=4)
    async with app.run_test(size=(120, 40)) as pilot:
        await says(
            pilot, screen, "learned", "No image was grown for conv:4; there are some of 0, 1, 3", "--unit conv:4"
        )
        await says(pilot, screen, "images", "active on none of the images")
        await pilot.press("2")
        await says(pilot, screen, "back", "that excite map 2 of conv are kept; there are some of 0, 1", "-o maps=2")
        assert values(screen) == 32


@pytest.mark.slow
async def test_of_several_sets_of_learned_images_one_that_shows_the_unit_is_taken(runs: Path) -> None:
    app, screen = staged(saved(runs), unit=3)
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "learned sparse")
        await pilot.press("0")
        await shows(pilot, "learned deep_visualization")
        await pilot.press("s")
        await shows(pilot, "learned sparse")
        assert screen.look.unit == 0


@pytest.mark.slow
async def test_every_panel_can_be_seen_where_there_is_little_room(runs: Path) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await showing(pilot, screen, 30)
        for name in ("input", "learned", "images", "back", "layer", "activation"):
            await pilot.press("tab")
            await until(pilot, lambda name=name: screen.query_one(f"#{name}").region.width > 20, name)
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one("#activation").region.width == 80, "one panel alone")
        await pilot.press("escape")
        await until(pilot, lambda: screen.query_one("#activation").region.width < 40, "all panels")


@pytest.mark.slow
async def test_it_follows_a_training_and_stands_still_where_somebody_looks_back(runs: Path) -> None:
    run = saved(runs)
    app, screen = staged(run, status=RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await showing(pilot, screen, 30)
        Results(run).save("layer_activations", activations(40))
        await showing(pilot, screen, 40)
        await pilot.press("left_square_bracket")
        await showing(pilot, screen, 30)
        Results(run).save("layer_activations", activations(50))
        await shows(pilot, "step 30 of 50")
        assert values(screen) == 30


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (1, 1)])
async def test_no_room_is_no_crash(runs: Path, size: tuple[int, int]) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: screen.look.chosen("maps"), "the figures")
        await pilot.press("tab", "l", "j", "enter", "plus")
        await pilot.resize_terminal(80, 24)
        await shows(pilot, "out unit")


@pytest.mark.slow
async def test_a_run_without_figures_says_how_to_get_them(runs: Path) -> None:
    app, _ = staged(saved(runs, {}))
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "no figure of this run tells of units", "There are no activations", "callbacks.pictures(")


@pytest.mark.slow
async def test_a_damaged_figure_is_said_and_the_others_are_shown(runs: Path) -> None:
    run = saved(runs)
    run.figure_file("maximal_images", 20).write_bytes(b"no figure")
    app, screen = staged(run, unit=1)
    async with app.run_test(size=(120, 40)) as pilot:
        await showing(pilot, screen, 31)
        await says(pilot, screen, "images", "00000020.h5")


@pytest.mark.slow
async def test_large_pictures_are_read_whole_where_more_than_a_thumbnail_is_seen(runs: Path) -> None:
    peaks = np.zeros((8, 200, 200), np.float32)
    peaks[:, 7, 7] = np.arange(8) + 1  # which a thumbnail has not
    maps = Maps(peaks, Items(8, Item(layer="conv", image=0), unit=np.arange(8)), "conv", "layer")
    grown = np.zeros((72, 70, 70, 1), np.uint8)
    items = Items(72, Item(layer="conv"), unit=np.repeat(np.arange(8), 9), rank=np.tile(np.arange(9), 8))
    learned_ = Figure("deep_visualization", (Pictures(grown, items, "conv", "input"),), moment=Moment(0))
    large = {"layer_activations": (Figure("layer_activations", (maps,), moment=Moment(0)),)}
    app, screen = staged(saved(runs, large | {"deep_visualization": (learned_,)}), unit=2)
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "0 to 3 ")
        await pilot.press("l")
        await shows(pilot, "0 to 4 ")

        def seen() -> tuple[int, ...]:
            raster = screen.query_one("#learned", Nine).views[0].raster
            return raster.values.shape if isinstance(raster, Photo) else ()

        assert seen() == (24, 24, 1)
        await pilot.press(*["plus"] * 6)
        await until(pilot, lambda: seen() == (70, 70, 1), "what is seen near is whole")


@pytest.mark.slow
async def test_playing_goes_through_the_steps_and_stands_still_at_the_latest(runs: Path) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, "latest step, 30")
        await pilot.press(*["less_than_sign"] * 3, "space")
        await shows(pilot, "of 30 · ▶ 0.5 a second")
        await pilot.press(*["greater_than_sign"] * 5)
        await until(pilot, lambda: not screen._player.speed, "the end of playing")
        await shows(pilot, "latest step, 30")
        await pilot.press("space", "left_square_bracket")
        assert not screen._player.speed
