"""The pictures pane before real figure files: steps, list, linked zoom, cursor, playing, what is missing or damaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from seen import shows, until
from stage import NOW, RUNNING, StageApp, World, over
from textual.events import MouseScrollUp
from textual.pilot import Pilot

from trainvis.engine import wishes
from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import Done, Status
from trainvis.tui.compat import screen_text
from trainvis.tui.screens.run import RunScreen
from trainvis.tui.widgets.figure_list import FigureList
from trainvis.tui.widgets.picture import PictureView
from trainvis.tui.widgets.pictures import Pictures
from trainvis.tui.widgets.time_line import TimeLine
from trainvis.vis.figures import Figure, Input, Item, Items, Maps, Moment, Part, Prediction, Table
from trainvis.vis.results import Results, Why

STEPS = (0, 10, 20, 30)
ELSEWHERE = ("jump", "wish", "wish_one", "units", "beside", "save")  # what opens a dialog or a screen


def activations(step: int) -> Figure:
    values = np.arange(6 * 5 * 5, dtype=np.float32).reshape(6, 5, 5) + step
    parts: list[Part] = [
        Maps(values[:count], Items(count, Item(image=0, layer=name), unit=np.arange(count)), name, "layer")
        for name, count in (("conv_1", 6), ("conv_2", 4))
    ]
    given = (Input(np.zeros((5, 5, 1), np.uint8), "six.png"),)
    said = (Prediction((6, 5), (0.9, 0.1), ("six", "five")),)
    return Figure("layer_activations", tuple(parts), given, said, moment=Moment(step, step / 10))


def saliency(step: int) -> Figure:
    values = np.random.default_rng(step).normal(size=(2, 8, 8)).astype(np.float32)
    photos = tuple(Input(np.full((8, 8, 1), 90 * at, np.uint8), f"{at}.png") for at in range(2))
    maps = Maps(values, Items(2, Item(target=6), image=[0, 1]), "absolute", "input", signed=True)
    return Figure("saliency_maps", (maps,), photos, moment=Moment(step, step / 10))


def run_with_figures(runs: Path) -> RunDir:
    run = RunDir.create(runs, "train", NOW)
    results = Results(run)
    whys: tuple[Why, ...] = ("first", "interval", "wish", "last")
    for step, why in zip(STEPS, whys, strict=True):
        results.save("layer_activations", activations(step), why)
        results.save("saliency_maps", saliency(step), why)
    return run


def staged(run: RunDir, status: Status = over(Done())) -> StageApp:  # noqa: B008
    row = Row(run.path, run.id, status=status, started=NOW - 60)
    return StageApp(World(Snapshot(run.path.parent, NOW, (row,))), lambda: RunScreen(run.path, "pictures"))


def pane(pilot: Pilot[Any]) -> Pictures:
    return pilot.app.screen.query_one(Pictures)


async def test_steps_layers_and_figures_are_gone_through_by_keys(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(110, 34)) as pilot:
        await shows(pilot, "conv_1", "conv_2", "6 maps", "step 30 · 4 of 4 · at the end", "six", "90.0 %")
        await pilot.press("j")
        await shows(pilot, "conv_2  4 maps")
        await pilot.press("left_square_bracket")
        await shows(pilot, "step 20 · 3 of 4 · wished for", "conv_2  4 maps")  # the layer is remembered
        await pilot.press("home")
        await shows(pilot, "step 0 · 1 of 4 · the first", "conv_2  4 maps")
        await pilot.press("J")
        await shows(pilot, "absolute  image 1 of 2", "step 0 · 1 of 4")  # and so is the step
        await pilot.press("n")
        await shows(pilot, "image 2 of 2")
        await pilot.press("colon", "e", "1", ".", "9", "enter")
        await shows(pilot, "epoch 2.00  step 20")


@pytest.mark.slow
async def test_a_map_is_chosen_by_arrows_and_shown_alone_with_the_value_under_a_cursor(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "6 maps", "six 90.0 %, five 10.0 %")
        await pilot.press("right")
        await shows(pilot, "map 1")
        await pilot.press("enter")
        await shows(pilot, "map 2 of 6")
        await pilot.press("c", "right", "down")
        await shows(pilot, f"row 3, column 3: {25 + 3 * 5 + 3 + 30}")
        await pilot.press("escape", "escape")
        await shows(pilot, "6 maps")


@pytest.mark.slow
async def test_hundreds_of_tiny_maps_are_shown_page_by_page(runs: Path) -> None:
    run = RunDir.create(runs, "train", NOW)
    tiny = Maps(np.zeros((459, 5, 5), np.float32), Items(459, Item(layer="conv"), unit=np.arange(459)), "conv", "layer")
    Results(run).save("layer_activations", Figure("layer_activations", (tiny,)))
    app = staged(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "maps 1–32 of 459", "PgDn page")
        await pilot.press("pagedown", "right")
        await shows(pilot, "maps 33–64 of 459", "map 33")
        await pilot.press("enter")
        await shows(pilot, "map 34 of 459")
        await pilot.press("enter", "left", "left")
        await shows(pilot, "maps 1–32 of 459", "map 31")
        await pilot.press(*["pagedown"] * 15)
        await shows(pilot, "maps 449–459 of 459")


@pytest.mark.slow
async def test_photo_and_map_always_show_the_same_part(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(111, 34)) as pilot:
        await shows(pilot, "6 maps")
        await pilot.press("J")
        await shows(pilot, "saliency_maps")
        photo, saliency_map = pane(pilot).query(PictureView)
        await until(pilot, lambda: photo.display and photo.size == saliency_map.size, "both pictures, equally large")
        for keys in (("plus", "plus"), ("right", "down"), ("c", "right"), ("minus",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert photo.viewport == saliency_map.viewport
            places = [(photo.pixel_at(x, y), saliency_map.pixel_at(x, y)) for x in range(0, 30, 7) for y in (0, 9, 20)]
            assert all(one == other for one, other in places)
        assert photo.viewport.zoom > 1
        await pilot.press("o")
        await shows(pilot, "60% over the photo")


@pytest.mark.slow
async def test_playing_goes_through_all_steps_and_stands_still_at_the_last(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "4 of 4")
        await pilot.press(*["less_than_sign"] * 3, "space")
        await shows(pilot, "▶ 0.5 a second")
        await pilot.press(*["greater_than_sign"] * 5)
        await until(pilot, lambda: not pane(pilot).player.speed, "the end of playing")
        await shows(pilot, "4 of 4")
        assert pane(pilot).looking.step is None


@pytest.mark.slow
async def test_a_figure_that_comes_is_followed_until_somebody_looks_elsewhere(runs: Path) -> None:
    run = run_with_figures(runs)
    app = staged(run, RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "4 of 4", "follows")
        Results(run).save("layer_activations", activations(40), "interval")
        await shows(pilot, "step 40 · 5 of 5")
        await pilot.press("left_square_bracket")
        await shows(pilot, "step 30 · 4 of 5")
        Results(run).save("layer_activations", activations(50), "interval")
        await shows(pilot, "step 30 · 4 of 6")


@pytest.mark.slow
async def test_what_is_damaged_missing_or_failed_is_said_in_its_place(runs: Path) -> None:
    run = run_with_figures(runs)
    file = run.figure_file("layer_activations", 20)
    file.write_bytes(file.read_bytes()[:500])
    run.problems_file.write_text('{"part": "grad_cam", "text": "no convolution was found"}\n')
    app = staged(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "4 of 4", "✘ grad_cam", "1 problem")
        await pilot.press("left_square_bracket")
        await shows(pilot, "step 20", "00000020.h5")
        await pilot.press("left_square_bracket")
        await shows(pilot, "6 maps")
        await pilot.press("J", "J")
        await shows(pilot, "no convolution was found")


@pytest.mark.slow
async def test_a_part_that_is_empty_at_this_step_stays_so_while_earlier_steps_are_read(runs: Path) -> None:
    run = RunDir.create(runs, "train", NOW)
    for step, rows in ((0, ((1,),)), (10, ())):
        Results(run).save("sizes", Figure("sizes", (Table(("a",), rows, "maps"),), moment=Moment(step)))
    app = staged(run)
    async with app.run_test(size=(110, 34)) as pilot:
        await shows(pilot, "maps is empty at this step")
        await until(pilot, lambda: 0 in pane(pilot)._earlier, "the earlier step")
        assert not any(view.display for view in pane(pilot).query(".pictures-other"))


@pytest.mark.slow
async def test_a_run_without_figures_says_how_to_get_some_and_shows_the_first_as_it_comes(runs: Path) -> None:
    run = RunDir.create(runs, "train", NOW)
    app = staged(run, RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "No picture yet", "Callbacks().pictures(")
        Results(run).save("layer_activations", activations(0), "first")
        await shows(pilot, "6 maps")


@pytest.mark.slow
async def test_a_wish_is_granted_by_the_script_and_its_answer_said(runs: Path) -> None:
    run = run_with_figures(runs)
    listener = wishes.Listener(run)
    app = staged(run, RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "4 of 4")
        await pilot.press("p")
        await until(pilot, lambda: "no script is training" in " ".join(app.words()), "that nobody listens")
        listener.start()
        await pilot.press("P")
        await shows(pilot, "pictures asked for")
        (wish,) = listener.take()
        assert wish.options == {"name": "layer_activations"}
        await shows(pilot, "making pictures")
        listener.answer(wish, "refused", "the network has no weights yet")
        await until(pilot, lambda: "no pictures: the network has no weights yet" in app.words(), "the answer")


@pytest.mark.slow
async def test_help_says_what_the_technique_shows_and_what_must_not_be_concluded(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(110, 34)) as pilot:
        await shows(pilot, "6 maps")
        await pilot.press("question_mark")
        await shows(pilot, "The output of each layer", "arxiv.org/abs/1506.06579", "is not dead")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (40, 12), (80, 24), (200, 60)])
async def test_every_key_works_in_every_size(runs: Path, size: tuple[int, int]) -> None:
    from trainvis.tui.keys import TABLE

    app = staged(run_with_figures(runs))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: pane(pilot).sheet is not None, "a sheet")
        for _ in range(2):
            for key in TABLE["pictures"]:
                if key.action.partition("(")[0] not in ELSEWHERE:
                    await pilot.press(key.keys.split(",")[0])
            await pilot.resize_terminal(size[1] * 2, size[0] // 2 + 4)
        assert pane(pilot).is_attached


@pytest.mark.slow
async def test_wheel_drag_and_click_do_what_keys_do(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(110, 34)) as pilot:
        await shows(pilot, "6 maps")
        grid = pane(pilot).main
        places = {(x, y): pane(pilot).seen.item_at(*at) for y in range(grid.size.height) for x in range(grid.size.width)
                  if (at := grid.pixel_at(x, y)) is not None}  # fmt: skip
        x, y = next(place for place, found in places.items() if found is not None and found[0] == 4)
        await pilot.hover(grid, offset=(x, y))
        await shows(pilot, "map 4")
        await pilot.click(grid, offset=(x, y), times=2)
        await shows(pilot, "map 5 of 6")
        await pilot._post_mouse_events([MouseScrollUp], widget=grid, offset=(20, 10), button=0)
        await shows(pilot, "×1.5")
        before = pane(pilot).looking.view
        await pilot.mouse_down(grid, offset=(20, 10))
        await pilot.hover(grid, offset=(26, 13))
        await pilot.mouse_up(grid, offset=(26, 13))
        await until(pilot, lambda: pane(pilot).looking.view.x < before.x, "what is seen to move with the mouse")
        line = app.screen.query_one(TimeLine)
        await pilot.click(line, offset=(1, 0))
        await shows(pilot, "step 0 · 1 of 4")
        await pilot.click(FigureList, offset=(4, 2))
        await shows(pilot, "conv_2  map 1 of 4")


@pytest.mark.slow
async def test_a_pane_that_nobody_looks_at_reads_nothing_and_shows_the_latest_when_turned_to(runs: Path) -> None:
    run = run_with_figures(runs)
    app = staged(run, RUNNING)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "4 of 4")
        hidden = pane(pilot)
        await pilot.press("1")
        await until(pilot, lambda: not hidden.display, "another pane")
        Results(run).save("layer_activations", activations(40), "interval")
        await until(pilot, lambda: len(hidden.entries) == 5, "the new figure in the list")
        assert hidden.sheet is not None
        assert hidden.sheet.moment.step == 30
        await pilot.press("4")
        await shows(pilot, "step 40 · 5 of 5")


@pytest.mark.slow
async def test_colours_are_chosen_by_keys_and_told_in_the_legend(runs: Path) -> None:
    app = staged(run_with_figures(runs))
    async with app.run_test(size=(150, 34)) as pilot:
        await shows(pilot, "6 maps", "30 ", " 54  viridis · per map")
        await pilot.press("z", "x", "y", "m")
        await shows(pilot, "grey · per layer · clip 0.5 % · gamma 0.6")
        await pilot.press("i")
        await until(pilot, lambda: "Prediction" not in screen_text(app.screen), "the facts to be gone")
