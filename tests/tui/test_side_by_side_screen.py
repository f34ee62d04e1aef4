"""Side by side on real figure files: what is compared, and that zoom, range and time go together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from seen import shows, until
from stage import NOW, StageApp, World, over
from textual.pilot import Pilot

from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import Done
from trainvis.tui.pixels.raster import Plane
from trainvis.tui.screens.dialogs import Choose
from trainvis.tui.screens.runs import RunsScreen
from trainvis.tui.screens.side_by_side import SideBySideScreen
from trainvis.tui.widgets.tile import Tile
from trainvis.vis.figures import Figure, Input, Item, Items, Maps, Moment
from trainvis.vis.results import Results

STEPS = (0, 10, 20, 30, 40)


def figure(step: int, more: float = 0.0, per_epoch: int = 10, **options: object) -> Figure:
    """Two units on three images: each map is full of step + unit + image / 10 + `more`, up to the place (0, 0)."""
    image, unit = np.repeat([0, 1, 2], 2), np.tile([0, 1], 3)
    values = np.repeat((step + unit + image / 10 + more).astype(np.float32), 64).reshape(6, 8, 8)
    values[:, 0, 0] = 0
    parts = tuple(
        Maps(values + 100 * at, Items(6, Item(layer=name), image=image, unit=unit), name, "layer")
        for at, name in enumerate(("conv_1", "conv_2"))
    )
    inputs = tuple(Input(np.zeros((8, 8, 1), np.uint8), f"{name}.png") for name in ("six", "two", "one"))
    moment = Moment(step, step / per_epoch)
    return Figure("layer_activations", parts, inputs, recipe={"options": options}, moment=moment)


def saved(runs: Path, name: str = "first", more: float = 0.0, per_epoch: int = 10) -> RunDir:
    run = RunDir.create(runs, name, NOW)
    for step in STEPS:
        Results(run).save("layer_activations", figure(step, more, per_epoch, bins=20))
    Results(run).save("many-bins", figure(20, more + 0.5, per_epoch, bins=99))
    return run


def staged(*runs: RunDir, item: int = 0) -> tuple[StageApp, SideBySideScreen]:
    screen = SideBySideScreen([run.path for run in runs], "layer_activations", "conv_1", item)
    rows = tuple(Row(run.path, run.id, name=run.id.partition("-")[0], status=over(Done())) for run in runs)
    return StageApp(World(Snapshot(runs[0].path.parent, NOW, rows)), lambda: screen), screen


def tiles(screen: SideBySideScreen) -> list[Tile]:
    return [tile for tile in screen.query(Tile) if tile.display]


def numbers(screen: SideBySideScreen) -> list[float | None]:
    """What lies in the middle of each picture."""
    found = [tile.view.raster if tile.view.display else None for tile in tiles(screen)]
    return [None if raster is None else round(raster.numbers(4, 4)[0], 3) for raster in found]


async def standing(pilot: Pilot[None], screen: SideBySideScreen, *wanted: float | None) -> None:
    await until(pilot, lambda: numbers(screen) == list(wanted), f"{wanted}, not {numbers(screen)}")


@pytest.mark.slow
async def test_the_same_map_at_several_steps_which_move_together(runs: Path) -> None:
    app, screen = staged(saved(runs), item=1)
    async with app.run_test(size=(80, 24)) as pilot:
        await standing(pilot, screen, 1, 21, 41)
        await shows(pilot, "comparing steps", "step 20 epoch 2", "one range, 0 to 41")
        await pilot.press("n")  # halves the wider gap, of two the later one
        await standing(pilot, screen, 1, 21, 31, 41)
        await pilot.press("x", "left_square_bracket")
        await standing(pilot, screen, 11, 21, 31)
        await pilot.press("tab", "tab", "greater_than_sign")
        await standing(pilot, screen, 11, 21, 41)
        await pilot.press("k")
        await standing(pilot, screen, 10, 20, 40)
        await pilot.press("J")
        await standing(pilot, screen, 110, 120, 140)


@pytest.mark.slow
async def test_images_and_settings_of_the_same_map(runs: Path) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=(120, 40)) as pilot:
        await standing(pilot, screen, 0, 10, 30, 40)
        await pilot.press("a")
        await standing(pilot, screen, 40, 40.1, 40.2)
        await shows(pilot, "six.png", "two.png", "one.png", "step 40, latest")
        await pilot.press("j", "left_square_bracket")
        await standing(pilot, screen, 31, 31.1, 31.2)
        await pilot.press("a", "a")
        await standing(pilot, screen, 31, 21.5)  # each its nearest step before
        await shows(pilot, "bins 20 layer_activations", "bins 99 many-bins")
        await pilot.press("a", "a", "a")
        await shows(pilot, "only this run: n adds one")


@pytest.mark.slow
async def test_runs_stand_at_the_same_epoch_and_another_one_can_be_added(runs: Path) -> None:
    run, other = saved(runs), saved(runs, "second", 0.25, 20)
    app, screen = staged(run, other)
    async with app.run_test(size=(120, 40)) as pilot:
        await standing(pilot, screen, 20, 40.25)
        await shows(pilot, "comparing runs", "epoch 2, latest", "first step 20", "second step 40")
        await pilot.press("left_square_bracket")  # half an epoch: only the other has a figure there
        await standing(pilot, screen, 10, 30.25)
        await pilot.press("full_stop", "e")
        await standing(pilot, screen, 40, 40.25)
        await pilot.press("x")
        await until(pilot, lambda: "two stand side by side at least" in app.words(), "a word")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, Choose), "a question")
        await pilot.press("j", "enter")
        await standing(pilot, screen, 20.5, 20.75)


@pytest.mark.slow
async def test_zoom_range_and_cursor_are_one_for_all(runs: Path) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await standing(pilot, screen, 0, 20, 40)
        await pilot.press("plus", "plus", "right")
        await until(pilot, lambda: all(tile.view.viewport.zoom == 2 for tile in tiles(screen)), "a zoom")
        assert len({tile.view.viewport for tile in tiles(screen)}) == 1
        assert tiles(screen)[0].view.viewport.x > 0.5
        ranges = [tile.view.raster.range for tile in tiles(screen) if isinstance(tile.view.raster, Plane)]
        assert ranges == [(0.0, 40.0)] * 3
        await pilot.press("r")
        await shows(pilot, "a range for each")
        ranges = [tile.view.raster.range for tile in tiles(screen) if isinstance(tile.view.raster, Plane)]
        assert [high for _, high in ranges] == [1.0, 20.0, 40.0]
        await pilot.press("0", "i", "up")
        await shows(pilot, "(3, 4) 20", "(3, 4) 40")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (1, 1)])
async def test_no_room_is_no_crash(runs: Path, size: tuple[int, int]) -> None:
    app, screen = staged(saved(runs))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: any(numbers(screen)), "the figures")
        await pilot.press("a", "tab", "n", "plus", "right", "right_square_bracket")
        await pilot.resize_terminal(80, 24)
        await shows(pilot, "comparing images")


@pytest.mark.slow
async def test_marked_runs_are_laid_side_by_side_from_the_table(runs: Path) -> None:
    made = [saved(runs, "first"), RunDir.create(runs, "bare", NOW + 1)]
    rows = tuple(Row(run.path, run.id, status=over(Done()), created=NOW - at) for at, run in enumerate(made))
    app = StageApp(World(Snapshot(runs, NOW, rows)), RunsScreen)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "bare")
        await pilot.press("space", "down", "space", "v")
        await until(pilot, lambda: isinstance(app.screen, SideBySideScreen), "side by side")
        await shows(pilot, "layer_activations", "no figure layer_activations")


@pytest.mark.slow
async def test_playing_takes_all_steps_on_together_until_the_last_is_reached(runs: Path) -> None:
    app, screen = staged(saved(runs), item=1)
    async with app.run_test(size=(80, 24)) as pilot:
        await standing(pilot, screen, 1, 21, 41)
        await pilot.press("space")
        await until(pilot, lambda: any("from the first step to the last" in word for word in app.words()), "why not")
        await pilot.press("x", "less_than_sign", *["left_parenthesis"] * 3, "space")
        await shows(pilot, "▶ 0.5 a second")
        await pilot.press(*["right_parenthesis"] * 5)
        await until(pilot, lambda: not screen._player.speed, "the end of playing")
        assert screen.choice.steps[-1] == STEPS[-1]
