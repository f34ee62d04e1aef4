"""ctrl+w: what was on the screen is in a file; nothing is written over unasked; where one types it deletes a word."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from tests.seen import until
from tests.stage import RUNNING, StageApp, World, snapshot
from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row
from trainvis.tui.pixels.tone import coloured
from trainvis.tui.screens.dialogs import Ask, Confirm
from trainvis.tui.widgets.picture import PictureView
from trainvis.tui.widgets.pictures import Pictures
from trainvis.vis.figures import Figure, Item, Items, Maps
from trainvis.vis.results import Results


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StageApp:
    monkeypatch.chdir(tmp_path)
    return StageApp(World(snapshot(tmp_path, ("digits-1", RUNNING))))


async def named(app: StageApp, pilot: Pilot[None], name: Path) -> None:
    """Press ctrl+w and type a name."""
    await pilot.press("ctrl+w")
    await pilot.pause()
    assert isinstance(app.screen, Ask)
    app.screen.query_one(Input).value = str(name)
    await pilot.press("enter")
    await pilot.pause()


def saved(app: StageApp) -> bool:
    return any("saved as" in word for word in app.words())


@pytest.mark.slow
async def test_the_screen_is_saved_as_it_was_before_the_dialog(app: StageApp, tmp_path: Path) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        await named(app, pilot, tmp_path / "shot.txt")
        await until(pilot, lambda: saved(app), "the file")
        text = (tmp_path / "shot.txt").read_text()
        assert "digits-1" in text
        assert "Save the screen" not in text


@pytest.mark.slow
async def test_a_name_without_a_suffix_is_a_png(app: StageApp, tmp_path: Path) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        await named(app, pilot, tmp_path / "shot")
        await until(pilot, lambda: saved(app), "the file")
        assert (tmp_path / "shot.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "after"), [("n", "mine"), ("y", "digits-1")])
async def test_what_stands_there_is_written_over_only_on_a_yes(
    app: StageApp, tmp_path: Path, answer: str, after: str
) -> None:
    (tmp_path / "shot.txt").write_text("mine")
    async with app.run_test(size=(60, 12)) as pilot:
        await named(app, pilot, tmp_path / "shot.txt")
        assert isinstance(app.screen, Confirm)
        await pilot.press(answer)
        await until(pilot, lambda: after in (tmp_path / "shot.txt").read_text(), "the file")


@pytest.mark.slow
async def test_what_cannot_be_written_is_said(app: StageApp, tmp_path: Path) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        await named(app, pilot, tmp_path / "shot.bmp")
        await until(pilot, lambda: any("must end in" in word for word in app.words()), "the file")


@pytest.mark.slow
async def test_a_dialog_can_be_saved_too(app: StageApp, tmp_path: Path) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.push_screen(Confirm("Really delete it?"))
        await pilot.pause()
        await named(app, pilot, tmp_path / "shot.txt")
        await until(pilot, lambda: saved(app), "the file")
        assert "Really delete it?" in (tmp_path / "shot.txt").read_text()


@pytest.mark.slow
async def test_where_one_types_it_takes_the_last_word_away(app: StageApp) -> None:
    async with app.run_test(size=(60, 12)) as pilot:
        app.push_screen(Ask("Name", value="two words"))
        await pilot.pause()
        before: Screen[object] = app.screen
        await pilot.press("ctrl+w")
        assert app.screen is before
        assert app.screen.query_one(Input).value == "two "


class Pane(Screen[None]):
    """The pictures of one run."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self._row = row

    def compose(self) -> ComposeResult:
        yield Pictures(self._row)


@pytest.mark.slow
async def test_w_saves_the_picture_that_is_looked_at(app: StageApp, tmp_path: Path) -> None:
    run = RunDir(tmp_path / "digits-1")
    values = np.arange(24, dtype=np.float32).reshape(1, 4, 6)
    maps = Maps(values, Items(1, Item(image=0, layer="conv"), unit=[3]), "conv", "layer")
    Results(run).save("layer_activations", Figure("layer_activations", (maps,)))
    async with app.run_test(size=(100, 30)) as pilot:
        pane = Pane(Row(run.path, run.id, status=RUNNING))
        app.push_screen(pane)
        await until(
            pilot,
            lambda: any(view.raster for view in pane.query(PictureView).results(PictureView)),
            "the picture",
        )
        pane.query_one(Pictures).focus()
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, Ask), "the question")
        box = app.screen.query_one(Input)
        assert box.value == str(tmp_path / "layer_activations-step000000-conv-map3@64x.png")
        box.value = str(tmp_path / "map@2x.png")
        await pilot.press("enter")
        await until(pilot, lambda: saved(app), "the file")
    with Image.open(tmp_path / "map@2x.png") as image:
        np.testing.assert_array_equal(np.asarray(image)[:8:2, :12:2], coloured(values[0], (0, 23)))
