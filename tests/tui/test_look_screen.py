"""Looking inside a saved network from the screen: what is wrong is said at its field, what is right is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.seen import shows, until
from tests.stage import StageApp, World, snapshot
from trainvis.engine.rundir import RunDir, Spec
from trainvis.tui import look_form
from trainvis.tui.compat import screen_text
from trainvis.tui.look_form import LookForm, problems, request_of
from trainvis.tui.screens.choose_file import ChooseFile
from trainvis.tui.screens.choose_techniques import ChooseTechniques, searched
from trainvis.tui.screens.look import FIELDS, LookScreen
from trainvis.tui.settings import read_settings
from trainvis.vis.catalogue import TECHNIQUES


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    """A run that has saved three networks, which nobody opens."""
    found = RunDir.create(tmp_path, "digits")
    found.write_spec(Spec(script="/scripts/digits.py", cwd="/scripts", python="/usr/bin/python3"))
    found.networks.mkdir(exist_ok=True)
    for name in ("best", "epoch-0001", "epoch-0002"):
        (found.networks / f"{name}.keras").write_bytes(b"")
    return found


@pytest.fixture
def form(run: RunDir) -> LookForm:
    """A form without a fault."""
    (run.path / "seven.png").write_bytes(b"")
    return LookForm(
        network=str(run.networks / "best.keras"),
        techniques="saliency_maps",
        images=f"'{run.path / 'seven.png'}'",
    )


def test_a_form_without_a_fault_makes_a_request_in_the_words_of_the_command(run: RunDir, form: LookForm) -> None:
    full = replace(form, techniques="saliency_maps grad_cam", options="relu=no", layer="conv_2", target="6")
    assert problems(form) == {}
    request = request_of(full)
    assert request.module == "trainvis.vis.look"
    assert request.name == f"look {run.id} best"
    assert request.argv[0] == str(run.networks / "best.keras")
    assert request.argv[1:] == (
        "--technique=saliency_maps", "--technique=grad_cam", f"--image={run.path / 'seven.png'}", "--option=relu=no",
        "--layer=conv_2", "--target=6", "--batch=32",
    )  # fmt: skip
    assert request.images == (str(run.path / "seven.png"),)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"network": ""}, "network", "ctrl+o chooses one"),
        ({"network": "/no/such.keras"}, "network", "there is no file or folder"),
        ({"network": "~no-such-user/a.keras"}, "network", "there is no home folder ~no-such-user"),
        ({"images": "~no-such-user/a.png"}, "images", "there is no home folder ~no-such-user"),
        ({"python": "~no-such-user/python"}, "python", "there is no"),
        ({"network": "notes.txt"}, "network", "no .keras or .h5 file"),
        ({"techniques": ""}, "techniques", "ctrl+o shows all"),
        ({"techniques": "salency_maps"}, "techniques", "did you mean 'saliency_maps'?"),
        ({"images": ""}, "images", "none is given; ctrl+o chooses"),
        ({"images": "/no/such.png"}, "images", "there is no file or folder"),
        ({"images": "'open"}, "images", "a quotation mark is not closed"),
        ({"options": "samples"}, "options", "is no NAME=VALUE"),
        ({"options": "colour=red"}, "options", "have no option 'colour'"),
        ({"layer": "conv_2"}, "layer", "nothing of it is of one layer alone"),
        ({"techniques": "maximal_images"}, "records", "looks at a data set and none is given"),
        ({"labels": "/no/labels.txt"}, "labels", "there is no file or folder"),
        ({"python": "/no/python"}, "python", "there is no interpreter"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(form: LookForm, changes: dict[str, str], field: str, sentence: str) -> None:
    found = problems(replace(form, **changes))
    assert sentence in found[field]
    assert "--" not in found[field]


def test_the_networks_of_a_run_are_offered_the_best_first(run: RunDir) -> None:
    assert [words for _, words in look_form.choices(run.path)] == [
        "best", "epoch-0002", "epoch-0001", "all 2, one after the other",
    ]  # fmt: skip
    assert look_form.choices(None) == []
    assert look_form.choices(run.path / "none") == []


def test_the_last_form_comes_again_without_what_belongs_to_another_network(run: RunDir, form: LookForm) -> None:
    memory = read_settings().remembered
    look_form.remember(memory, replace(form, layer="conv_2", options="relu=no"))
    assert look_form.first(memory, "", "").layer == "conv_2"
    again = look_form.first(memory, "/other.keras", "/usr/bin/python3")
    assert (again.network, again.layer, again.options) == ("/other.keras", "", "relu=no")


@pytest.fixture
def app(tmp_path: Path) -> StageApp:
    return StageApp(World(snapshot(tmp_path)))


async def opened(app: StageApp, pilot: Pilot[None], run: RunDir) -> LookScreen:
    """The screen with what it fills in by itself."""
    app.open_look(run.path)
    await shows(pilot, "Techniques", "saliency_maps", "python3")
    screen = app.screen
    assert isinstance(screen, LookScreen)
    return screen


@pytest.mark.slow
async def test_it_opens_with_the_best_network_and_says_what_lacks(app: StageApp, run: RunDir) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(app, pilot, run)
        assert app.screen.query_one("#network", Input).value.endswith("best.keras")
        assert app.screen.query_one("#python", Input).value == "/usr/bin/python3"
        await pilot.press("ctrl+s")
        await shows(pilot, "saliency_maps looks at an image and none is given; ctrl+o chooses")
        assert app.focused is app.screen.query_one("#images", Input)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ChooseFile), "the files")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: not isinstance(app.screen, LookScreen | ChooseFile), "the end")


@pytest.mark.slow
async def test_a_run_without_networks_says_how_it_would_have_some(app: StageApp, tmp_path: Path) -> None:
    found = RunDir.create(tmp_path, "empty")
    found.write_spec(Spec(script="/scripts/x.py", cwd="/scripts", python="/usr/bin/python3"))
    async with app.run_test(size=(100, 30)) as pilot:
        app.open_look(found.path)
        await shows(pilot, "network_saver()")


@pytest.mark.slow
async def test_networks_and_techniques_are_chosen_from_what_there_is(app: StageApp, run: RunDir) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await opened(app, pilot, run)
        await pilot.press("ctrl+o")
        await shows(pilot, "Which network?", "epoch-0002", "another file …")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "epoch-0002" in screen.query_one("#network", Input).value, "the network")
        await pilot.press("tab", "ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ChooseTechniques), "the techniques")
        await pilot.press(*"grad_cam_plus", "enter")
        await until(pilot, lambda: screen.query_one("#techniques", Input).value == "grad_cam_plus_plus", "the choice")


@pytest.mark.slow
async def test_the_chooser_of_techniques_tells_all_the_catalogue_does(app: StageApp) -> None:
    chosen: list[object] = []
    async with app.run_test(size=(120, 40)) as pilot:
        app.push_screen(ChooseTechniques(("saliency_maps", "occlusion")), chosen.append)
        await shows(pilot, "● saliency_maps", "It needs an image.", "enter take the 2 marked")
        await pilot.press("space", *"zeiler")
        await shows(pilot, "Visualizing and Understanding Convolutional")
        assert "saliency_maps" not in screen_text(app.screen)
        await pilot.press("escape", "enter")
        assert chosen == [("occlusion",)]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (80, 24)])
async def test_every_size_is_survived(app: StageApp, run: RunDir, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        app.open_look(run.path)
        await until(pilot, lambda: bool(app.screen.query("#techniques")), "the screen")
        app.screen.query_one("#techniques", Input).focus()
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, ChooseTechniques), "the techniques")
        await pilot.press("down", "pagedown", "space")


def test_every_field_has_a_word_and_every_technique_is_found_by_its_sentence() -> None:
    assert list(FIELDS) == list(LookForm.__dataclass_fields__)
    finds: Callable[[str], list[str]] = lambda text: [n for n, each in TECHNIQUES.items() if text in searched(each)]  # noqa: E731
    assert "occlusion" in finds("patch")
