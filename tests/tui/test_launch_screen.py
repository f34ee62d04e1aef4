from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from seen import shows, until
from stage import NOW, StageApp, World
from textual.pilot import Pilot
from textual.widgets import Input

from trainvis.engine.launch import Request, launch, wait
from trainvis.engine.rundir import Notes, RunDir, Spec
from trainvis.engine.runs import Snapshot
from trainvis.engine.status import Done, Finished
from trainvis.tui import launch_form
from trainvis.tui.compat import screen_text
from trainvis.tui.launch_form import FieldError, Form, problems, request_of
from trainvis.tui.screens.dialogs import Choose
from trainvis.tui.screens.launch import FIELDS, LaunchScreen
from trainvis.tui.screens.run import RunScreen
from trainvis.tui.settings import Remembered

Scripts = Callable[..., Path]


def staged(runs: Path) -> StageApp:
    return StageApp(World(Snapshot(runs, NOW)))


async def opened(pilot: Pilot[Any], like: Path | None = None) -> LaunchScreen:
    pilot.app.open_launch(like)
    await until(pilot, lambda: isinstance(pilot.app.screen, LaunchScreen), "the form")
    screen = pilot.app.screen
    await until(pilot, lambda: screen.query("#python") and screen.query_one("#python", Input).value, "an interpreter")
    return screen


def fill(screen: LaunchScreen, **values: str) -> None:
    for name, value in values.items():
        screen.query_one(f"#{name}", Input).value = value


@pytest.mark.slow
@pytest.mark.kills
async def test_a_script_is_started_and_its_output_opened(runs: Path, script: Scripts) -> None:
    path = script("import os, sys\nprint('hello', sys.argv[1:], os.environ['LR'])\n")
    app = staged(runs)
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot)
        fill(screen, script=str(path), arguments="--a 'b c'", tags="Mnist two", name="first", environment="LR=0.1")
        await pilot.press("ctrl+s", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, RunScreen), "the run")
        await shows(pilot, "hello ['--a', 'b c'] 0.1")
    (folder,) = [path for path in runs.iterdir() if RunDir.looks_like_id(path.name)]
    run = RunDir(folder)
    end = wait(run)
    assert isinstance(end, Finished)
    assert end.why == Done()
    assert run.notes()[0] == Notes("first", ("train", "mnist", "two"))
    # The next time its values are there again, but for the name.
    async with staged(runs).run_test(size=(100, 24)) as pilot:
        screen = await opened(pilot)
        assert screen.form() == Form(
            str(path), "--a 'b c'", "Mnist two", "", "", launch_form.found_interpreters(str(path))[0], "", "LR=0.1"
        )


@pytest.mark.slow
async def test_what_is_wrong_is_said_at_its_field(runs: Path, tmp_path: Path) -> None:
    app = staged(runs)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        fill(
            screen,
            script=str(tmp_path),
            arguments="'open",
            tags="Bäd",
            images="no/*.png",
            python="/no/python",
            cwd="/no/folder",
            environment="novalue",
        )
        await pilot.press("ctrl+s")
        await shows(pilot, "is a folder", "not closed", "cannot be a tag", "matches none", "no interpreter")
        await shows(pilot, "/no/folder is no folder", "write NAME=value")
        assert app.screen.query_one("#script", Input).has_focus
        # Typing takes the sentence away.
        await pilot.press("x")
        await until(pilot, lambda: "is a folder" not in screen_text(screen), "the sentence to go")
    assert list(runs.iterdir()) == []


@pytest.mark.slow
async def test_an_empty_form_asks_for_a_script_only_when_it_is_to_start(runs: Path) -> None:
    async with staged(runs).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("tab", "tab")
        assert "which script" not in screen_text(pilot.app.screen)
        await pilot.press("ctrl+s")
        await shows(pilot, "which script is to be run?")


@pytest.mark.slow
async def test_a_syntax_error_is_said_at_the_script(runs: Path, script: Scripts) -> None:
    path = script("def f(:\n")
    async with staged(runs).run_test(size=(120, 24)) as pilot:
        fill(await opened(pilot), script=str(path))
        await pilot.press("ctrl+s")
        await shows(pilot, "SyntaxError", "line 1")


@pytest.mark.slow
async def test_a_folder_that_takes_no_run_is_said(tmp_path: Path, script: Scripts) -> None:
    (tmp_path / "file").write_text("")
    app = staged(tmp_path / "file" / "runs")
    async with app.run_test(size=(120, 24)) as pilot:
        fill(await opened(pilot), script=str(script("x = 1\n")))
        await pilot.press("ctrl+s")
        await shows(pilot, "no run directory can be made")


@pytest.mark.slow
async def test_paths_are_completed(runs: Path, script: Scripts) -> None:
    path = script("x = 1\n", "training_of_digits.py")
    async with staged(runs).run_test(size=(120, 24)) as pilot:
        screen = await opened(pilot)
        typed = str(path.parent / "train")
        fill(screen, script=typed)
        screen.query_one("#script", Input).cursor_position = len(typed)
        await pilot.press("i")
        await shows(pilot, "training_of_digits.py")
        await pilot.press("right")
        assert screen.form().script == str(path)


@pytest.mark.slow
async def test_scripts_images_and_interpreters_are_chosen_from_what_there_is(runs: Path, script: Scripts) -> None:
    path = script("x = 1\n")
    (path.parent / "face one.png").write_bytes(b"")
    (path.parent / "notes.txt").write_text("")
    app = staged(runs)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        fill(screen, script=str(path.parent))
        await pilot.press("ctrl+o")
        await shows(pilot, "Which script?", "../", "train.py")
        assert "notes.txt" not in screen_text(app.screen)
        await pilot.press("enter")
        await until(pilot, lambda: screen.form().script == str(path), "the script")
        screen.query_one("#images", Input).focus()
        await pilot.press("ctrl+o")
        await shows(pilot, "Which pictures?", "face one.png")
        await pilot.press("enter")
        await until(pilot, lambda: screen.form().images == f"'{path.parent}/face one.png'", "the picture")
        screen.query_one("#python", Input).focus()
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(app.screen, Choose), "the interpreters")
        await shows(pilot, sys.executable)
        await pilot.press("escape")
        screen.query_one("#name", Input).focus()
        await pilot.press("ctrl+o")
        await until(pilot, lambda: any("nothing to choose" in word for word in app.words()), "a word")


@pytest.mark.slow
async def test_the_interpreter_is_checked(runs: Path, tmp_path: Path) -> None:
    async with staged(runs).run_test(size=(120, 24)) as pilot:
        screen = await opened(pilot)
        fake = tmp_path / "python"
        fake.write_text("#!/bin/sh\necho no python here >&2\nexit 1\n")
        fake.chmod(0o755)
        fill(screen, python=str(fake))
        await pilot.press("ctrl+t")
        await shows(pilot, "is no working Python")
        fill(screen, python="/no/python")
        await pilot.press("ctrl+t")
        await shows(pilot, "there is no interpreter /no/python")


@pytest.mark.slow
async def test_leaving_a_field_says_what_the_interpreter_is(runs: Path) -> None:
    async with staged(runs).run_test(size=(120, 24)) as pilot:
        screen = await opened(pilot)
        fill(screen, python=sys.executable)
        await pilot.press("tab")
        await shows(pilot, f"Python {sys.version_info.major}.{sys.version_info.minor}", "callbacks are there")


@pytest.mark.slow
async def test_values_of_a_run_are_taken_over(runs: Path, script: Scripts) -> None:
    run = RunDir.create(runs, "train", NOW)
    (run.images / "a.png").write_bytes(b"")
    path = script("x = 1\n")
    run.write_spec(
        Spec(str(path), argv=("--lr", "1"), cwd="/tmp", python=sys.executable, env={"A": "b c", "KEY": "***"},
             images=("a.png",))
    )  # fmt: skip
    run.write_notes(Notes("name", ("t",)))
    async with staged(runs).run_test(size=(120, 24)) as pilot:
        screen = await opened(pilot, run.path)
        assert screen.form() == Form(
            str(path), "--lr 1", "t", str(run.images / "a.png"), "name", sys.executable, "/tmp", "'A=b c'"
        )


@pytest.mark.slow
async def test_a_script_brings_its_last_values_but_not_over_what_was_typed(runs: Path, script: Scripts) -> None:
    path = script("x = 1\n")
    launch_form.remember(Remembered(), Form(str(path), "--lr 1", "old", python=sys.executable))
    other = script("x = 1\n", "other.py")
    launch_form.remember(Remembered(), Form(str(other), "--other", python=sys.executable))
    async with staged(runs).run_test(size=(120, 24)) as pilot:
        screen = await opened(pilot)
        assert screen.form().arguments == "--other"
        fill(screen, script=str(path), tags="typed")
        await pilot.press("tab")
        await until(pilot, lambda: screen.form().arguments == "--lr 1", "the last arguments")
        assert screen.form().tags == "typed"


@pytest.mark.slow
async def test_escape_leaves_without_starting(runs: Path) -> None:
    app = staged(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), (200, 60)])
async def test_any_size_of_terminal_will_do(runs: Path, size: tuple[int, int]) -> None:
    async with staged(runs).run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press(*["tab"] * len(FIELDS), "ctrl+s")
        await pilot.resize_terminal(5, 3)
        await pilot.resize_terminal(*size)
        await shows(pilot, "LAUNCH", "Script")


@pytest.mark.parametrize("text", ["", " ", "~nobody/x.py", "a\0b", "x" * 10_000, "../" * 3000, "\x1b[2J", "[bold]"])
def test_any_text_as_a_script_is_a_sentence(text: str) -> None:
    assert "script" in problems(Form(script=text))
    with pytest.raises(FieldError):
        request_of(Form(script=text))


@pytest.mark.parametrize("name", list(FIELDS))
def test_any_text_in_any_field_is_taken_or_refused_in_words(name: str, script: Scripts) -> None:
    written = str(script("x = 1\n"))
    for text in ("\0", "'", "\x1b]0;x\x07", "é\u202e", "~nobody", "=" * 5000, "*" * 300):
        for sentence in problems(Form(**{"script": written, name: text})).values():
            assert sentence
            assert "\x1b" not in sentence


def test_patterns_of_images_are_expanded(tmp_path: Path, script: Scripts) -> None:
    for name in ("b.png", "a.png", "c.txt"):
        (tmp_path / name).write_bytes(b"")
    form = Form(script=str(script("x = 1\n")), images=f"{tmp_path}/*.png {tmp_path}/c.txt")
    assert [Path(image).name for image in request_of(form).images] == ["a.png", "b.png", "c.txt"]


def test_secrets_of_the_environment_are_not_remembered(script: Scripts) -> None:
    path = str(script("x = 1\n"))
    launch_form.remember(Remembered(), Form(path, environment="API_KEY=secret LR=1"))
    kept = launch_form.remembered(Remembered(), path)
    assert kept is not None
    assert kept.environment == "LR=1"


def test_a_damaged_memory_is_no_memory(script: Scripts) -> None:
    memory = Remembered()
    for value in ("text", {"x": 3}, {"x": {"script": 4}}, None):
        memory.put("launch", value)
        assert launch_form.remembered(memory, "x") in (None, Form())


def test_environments_beside_the_script_come_first(script: Scripts) -> None:
    path = script("x = 1\n")
    python = path.parent.parent / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    found = launch_form.found_interpreters(str(path))
    assert found[0] == str(python)
    assert sys.executable in found


def test_completion_offers_only_what_fits(tmp_path: Path) -> None:
    for name in ("train.py", "train.txt", ".hidden.py"):
        (tmp_path / name).write_text("")
    (tmp_path / "trainings").mkdir()
    assert launch_form.completion(f"{tmp_path}/tr", (".py",)) == f"{tmp_path}/train.py"
    assert launch_form.completion(f"{tmp_path}/traini", (".py",)) == f"{tmp_path}/trainings/"
    assert launch_form.completion(f"{tmp_path}/.h", (".py",)) == f"{tmp_path}/.hidden.py"
    assert launch_form.completion(f"{tmp_path}/none") is None
    assert launch_form.completion("/no/such/folder/x") is None
    assert launch_form.completion("") is None


@pytest.mark.slow
@pytest.mark.kills
def test_a_form_makes_the_request_that_repeats_a_run(runs: Path, script: Scripts) -> None:
    run = launch(runs, Request(script("print(1)\n"), argv=("a b",), python=sys.executable))
    wait(run)
    assert request_of(launch_form.form_of(run)).argv == ("a b",)
