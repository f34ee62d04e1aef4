"""The file dialog: what there is with sizes and ages, narrowed by typing, several marked, and a preview."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input

from tests.seen import shows, until
from tests.stage import StageApp, World, snapshot
from trainvis.tui.compat import screen_text
from trainvis.tui.pixels.raster import Photo
from trainvis.tui.screens.choose_file import MOST, UP, ChooseFile, listing
from trainvis.tui.widgets.file_preview import FilePreview, read


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a folder, three pictures and two other files."""
    found = tmp_path / "photos"
    (found / "more").mkdir(parents=True)
    for at, name in enumerate(("one cat.png", "two cats.png", "dog.png")):
        Image.new("RGB", (40 + at, 30), (200, 10 * at, 0)).save(found / name)
    (found / "notes.txt").write_text("first line\nsecond\tline\x1b[31m\n")
    (found / "train.py").write_text("import keras\n")
    return found


async def opened(app: StageApp, pilot: Pilot[Any], dialog: ChooseFile) -> list[Sequence[Path] | None]:
    """Show the dialog; the list holds its answer in the end."""
    answers: list[Sequence[Path] | None] = []
    app.push_screen(dialog, answers.append)
    await shows(pilot, "more/")
    return answers


@pytest.fixture
def app(tmp_path: Path) -> StageApp:
    return StageApp(World(snapshot(tmp_path)))


def test_a_listing_has_folders_first_and_only_what_is_asked_for(folder: Path) -> None:
    found, problem = listing(folder, (".png",))
    assert [each.name for each in found] == [UP, "more/", "dog.png", "one cat.png", "two cats.png"]
    assert found[2].size == (folder / "dog.png").stat().st_size
    assert not problem


@pytest.mark.slow
def test_what_cannot_be_listed_or_is_too_much_is_said(tmp_path: Path) -> None:
    found, problem = listing(tmp_path / "none", ())
    assert ([each.name for each in found], problem) == ([UP], "it cannot be read: No such file or directory")
    for at in range(MOST + 1):
        (tmp_path / f"{at}.txt").touch()
    found, problem = listing(tmp_path, ())
    assert len(found) == MOST + 1
    assert problem == "the first 2,000 of 2,001 entries"


@pytest.mark.slow
async def test_typing_narrows_and_enter_takes_the_first(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        answers = await opened(app, pilot, ChooseFile("Which?", folder, (".png",)))
        assert "train.py" not in screen_text(app.screen)
        await pilot.press(*"cat")
        await until(pilot, lambda: "dog.png" not in screen_text(app.screen), "fewer files")
        await pilot.press("enter")
        assert answers == [(folder / "one cat.png",)]


@pytest.mark.slow
async def test_a_path_that_is_typed_or_pasted_is_followed(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        dialog = ChooseFile("Which?", folder)
        answers = await opened(app, pilot, dialog)
        line = dialog.query_one(Input)
        line.value = "nowhere/"
        await until(pilot, lambda: not dialog.shown, "nothing that is called so")
        line.value = "../"
        await until(pilot, lambda: dialog.folder == folder.parent and not line.value, "the folder above")
        line.value = f"{folder}/dog.p"
        await until(pilot, lambda: [each.name for each in dialog.shown] == ["dog.png"], "the dog alone")
        await pilot.press("enter")
        await until(pilot, lambda: answers, "an answer")
        assert list(answers[0] or ()) == [folder / "dog.png"]


@pytest.mark.slow
async def test_several_are_marked_with_the_space_bar(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        answers = await opened(app, pilot, ChooseFile("Which?", folder, (".png",), many=True))
        await pilot.press("down", "space", "space")
        await shows(pilot, "● dog.png", "● one cat.png", "enter take the 2 marked")
        await pilot.press("up", "space", "enter")
        assert answers == [(folder / "dog.png",)]


@pytest.mark.slow
async def test_all_that_are_shown_are_marked_at_once(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        dialog = ChooseFile("Which?", folder, (".png",), many=True)
        answers = await opened(app, pilot, dialog)
        await pilot.press(*"cat", "ctrl+a")
        assert len(dialog.marked) == 2
        await pilot.press("ctrl+a")
        assert not dialog.marked
        await pilot.press("ctrl+a", "ctrl+s")
        assert answers == [(folder / "one cat.png", folder / "two cats.png")]


@pytest.mark.slow
async def test_arrows_go_into_folders_and_out_again(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        dialog = ChooseFile("Which?", folder)
        answers = await opened(app, pilot, dialog)
        await pilot.press("right")
        await until(pilot, lambda: dialog.folder == folder / "more" and len(dialog.shown) == 1, "the folder")
        await pilot.press("backspace")
        await until(pilot, lambda: dialog.under is not None and dialog.under.name == "more/", "where one was")
        await pilot.press("z")
        await until(pilot, lambda: not dialog.shown, "nothing that is called so")
        await pilot.press("left", "backspace")
        assert dialog.query_one(Input).value in ("z", "")
        assert dialog.folder == folder
        await pilot.press("escape", "escape")
        await until(pilot, lambda: answers == [None], "the end")


@pytest.mark.slow
async def test_the_picture_under_the_cursor_is_shown_with_its_size(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot, ChooseFile("Which?", folder))
        await pilot.press("down")
        await shows(pilot, "42×30 · PNG")
        assert app.screen.query_one(FilePreview).preview.raster is not None


@pytest.mark.slow
async def test_in_a_narrow_terminal_there_is_the_list_alone(app: StageApp, folder: Path) -> None:
    async with app.run_test(size=(50, 16)) as pilot:
        await opened(app, pilot, ChooseFile("Which?", folder))
        assert not app.screen.query_one(FilePreview).display
        await pilot.resize_terminal(20, 6)
        await pilot.press("down", "pagedown", "pageup")


def test_a_preview_shows_the_pixels(folder: Path) -> None:
    found = read(folder / "dog.png").raster
    assert isinstance(found, Photo)
    assert found.size == (42, 30)
    assert (found.values == (200, 20, 0)).all()


def test_a_large_photo_that_lies_on_its_side_is_small_and_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (1600, 800), (0, 0, 255))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    found = read(tmp_path / "a.jpg")
    assert found.words.startswith("800×1600 · JPEG")
    assert isinstance(found.raster, Photo)
    assert found.raster.size == (800, 1600)
    assert max(found.raster.values.shape) <= 512


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"no picture", "no picture that can be read"),
        ("a.npy", b"no array", "no array that can be read"),
        ("a.keras", b"PK", "2B"),
        ("none.png", None, "it cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_picture_is_said(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    found = read(tmp_path / name)
    assert said in found.words
    assert found.raster is None


def test_a_device_is_not_opened_nor_a_pipe_that_would_be_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("/dev/null")
    assert read(tmp_path / "a.png").words == "no ordinary file"


def test_an_array_and_a_text_are_shown_harmless(folder: Path) -> None:
    np.save(folder / "a.npy", np.zeros((3, 20, 30), np.float32))
    found = read(folder / "a.npy")
    assert found.words.startswith("3×20×30 · float32")
    assert found.raster is not None
    assert found.raster.size == (30, 20)
    assert read(folder / "notes.txt").text == "first line\nsecond  line␛[31m"
