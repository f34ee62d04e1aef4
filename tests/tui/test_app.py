from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from seen import until
from stage import NOW, RUNNING, Rows, StageApp, World, over, snapshot
from textual import events
from textual.screen import Screen

from trainvis.engine.rundir import Notes, RunDir
from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import Done, Failed, Waiting
from trainvis.tui import compat, themes
from trainvis.tui.app import ended
from trainvis.tui.deeds import Deed
from trainvis.tui.palette import Palette
from trainvis.tui.screens.dialogs import Ask, Choose, Confirm, Write
from trainvis.tui.screens.help import HelpScreen
from trainvis.tui.settings import Settings


@pytest.fixture
def world(runs: Path) -> World:
    return World(snapshot(runs, ("a", RUNNING), ("b", over(Done()))))


async def test_each_new_snapshot_reaches_the_screen(world: World) -> None:
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "a\nb" in compat.screen_text(app.screen)
        world.now = snapshot(world.now.root, ("c", RUNNING))
        app.look_now()
        await pilot.pause()
        assert "c" in compat.screen_text(app.screen).splitlines()


async def test_a_screen_that_is_shown_later_has_the_snapshot_when_it_starts(world: World) -> None:
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.show(Rows())
        await pilot.pause()
        assert "a\nb" in compat.screen_text(app.screen)


async def test_the_kept_index_is_shown_before_anybody_looked(runs: Path) -> None:
    kept = snapshot(runs, ("kept", RUNNING))
    world = World(snapshot(runs, ("fresh", RUNNING)))
    app = StageApp(world, kept=kept)
    seen: list[Snapshot | None] = []

    class Seeing(Rows):
        def on_mount(self) -> None:
            seen.append(self.snapshot)

    app._first = Seeing
    async with app.run_test() as pilot:
        await pilot.pause()
        assert seen == [kept]
        assert "fresh" in compat.screen_text(app.screen)


async def test_a_snapshot_waits_while_the_terminal_swallows_and_only_the_newest_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    swallowing = [True]
    monkeypatch.setattr(compat, "busy", lambda app: swallowing[0])
    app = StageApp(world)
    shown: list[Snapshot | None] = []
    async with app.run_test() as pilot:
        app.watch(app, "snapshot", lambda found: shown.append(found), init=False)  # noqa: PLW0108 (Textual counts its parameters)
        for name in ("first", "second", "third"):
            world.now = snapshot(world.now.root, (name, RUNNING))
            app.look_now()
            await pilot.pause()
        assert shown == []
        swallowing[0] = False
        for _ in range(200):
            if not shown:
                await pilot.pause(0.01)
        assert shown == [world.now]


async def test_the_header_names_folder_and_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "gpu-box")
    monkeypatch.setenv("HOME", str(world.now.root.parent))
    rows = (("a", RUNNING), ("b", RUNNING), ("c", Waiting("queue", NOW)), ("d", over(Done())))
    world.now = snapshot(world.now.root, *rows)
    app = StageApp(world)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        first = compat.screen_text(app.screen).splitlines()[0]
    assert first.split("  ")[0].strip() == "RUNS"
    assert "~/runs · gpu-box" in first
    assert first.endswith("2 running · 1 waiting")


async def test_a_run_that_ends_is_announced_with_a_bell_and_f4_opens_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = StageApp(world)
    opened: list[Path] = []
    rung: list[bool] = []
    monkeypatch.setattr(app, "open_run", opened.append)
    monkeypatch.setattr(app, "bell", lambda: rung.append(True))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.words() == []
        world.now = snapshot(world.now.root, ("a", over(Failed(3))), ("b", over(Done())))
        app.look_now()
        await pilot.pause()
        assert [word for word in app.words() if "a: failed (3)" in word]
        await pilot.press("f4")
    assert opened == [world.now.root / "a"]
    assert rung == [True]


async def test_the_parts_of_a_running_study_are_announced_only_where_something_went_wrong(world: World) -> None:
    parts = [
        dataclasses.replace(row, parent="study")
        for row in snapshot(world.now.root, ("one", RUNNING), ("two", RUNNING)).rows
    ]
    study = snapshot(world.now.root, ("study", RUNNING)).rows
    world.now = dataclasses.replace(world.now, rows=(*study, *parts))
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        good, bad = (
            dataclasses.replace(parts[0], status=over(Done())),
            dataclasses.replace(parts[1], status=over(Failed(3))),
        )
        world.now = dataclasses.replace(world.now, rows=(*study, good, bad))
        app.look_now()
        await pilot.pause()
        assert [word for word in app.words() if "two: failed (3)" in word]
        assert not [word for word in app.words() if "one:" in word]
        world.now = dataclasses.replace(world.now, rows=(dataclasses.replace(study[0], status=over(Done())), good, bad))
        app.look_now()
        await pilot.pause()
        assert [word for word in app.words() if "study: done" in word]


def test_only_what_lived_before_can_end(runs: Path) -> None:
    before = snapshot(runs, ("a", RUNNING), ("b", Waiting("", NOW)), ("c", over(Done())))
    now = snapshot(runs, ("a", over(Done())), ("b", RUNNING), ("c", over(Done())), ("d", over(Done())))
    assert [row.id for row in ended(before, now)] == ["a"]
    assert ended(None, now) == []


async def test_no_escape_sequence_of_a_name_is_in_what_is_drawn(runs: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
    world = World(Snapshot(runs, NOW, (Row(runs / "a", "a", name=evil, status=RUNNING),)))
    app = StageApp(world)
    async with app.run_test() as pilot:
        app.say(evil)
        await pilot.pause()
        text = compat.screen_text(app.screen)
    assert "owned" in text
    assert all(character.isprintable() or character == "\n" for character in text)


async def test_a_kill_is_asked_about_first(world: World) -> None:
    run = RunDir(world.now.root / "a")
    run.path.mkdir()
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("S")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        assert "Kill a at once?" in compat.screen_text(app.screen)
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, Rows)
        assert app.words() == []


@pytest.mark.slow
async def test_tags_are_edited_in_a_dialog_and_a_word_follows(world: World) -> None:
    run = RunDir(world.now.root / "a")
    run.path.mkdir()
    run.write_notes(Notes("", ("mnist",)))
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("t")
        await pilot.pause()
        assert isinstance(app.screen, Ask)
        await pilot.press("end", *" Demo", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert run.notes()[0].tags == ("mnist", "demo")
        assert app.words() == ["a is tagged mnist demo"]


async def test_tags_that_are_none_are_refused_in_a_sentence(world: World) -> None:
    run = RunDir(world.now.root / "a")
    run.path.mkdir()
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.screen.post_message(Deed("tags", [run.path], "../up"))
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert ["cannot be a tag" in word for word in app.words()] == [True]
        assert run.notes()[0].tags == ()


@pytest.mark.slow
async def test_tags_of_several_runs_keep_what_only_some_of_them_have(world: World) -> None:
    first, second = (RunDir(world.now.root / name) for name in "ab")
    for run, tags in ((first, ("common", "mine")), (second, ("common", "yours"))):
        run.path.mkdir()
        run.write_notes(Notes("", tags))
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.screen.post_message(Deed("tags", [first.path, second.path]))
        await pilot.pause()
        await pilot.press("end", *["backspace"] * len("common"), *"new", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert first.notes()[0].tags == ("mine", "new")
    assert second.notes()[0].tags == ("yours", "new")


@pytest.mark.slow
async def test_a_note_has_several_lines_and_escape_leaves_it(world: World) -> None:
    run = RunDir(world.now.root / "a")
    run.path.mkdir()
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(app.screen, Write)
        await pilot.press(*"one", "enter", *"two", "ctrl+s")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert run.notes()[0].note == "one\ntwo"
        await pilot.press("e")
        await pilot.pause()
        await pilot.press(*"gone", "escape")
        await app.workers.wait_for_complete()
    assert run.notes()[0].note == "one\ntwo"


async def test_a_deed_without_a_run_says_so(runs: Path) -> None:
    app = StageApp(World(snapshot(runs)))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("S")
        await pilot.pause()
        assert app.words() == ["no run is under the cursor"]


@pytest.mark.slow
async def test_help_shows_the_keys_of_the_screen_as_they_are_remapped(world: World) -> None:
    app = StageApp(world, settings=Settings(keys={"runs.kill": "x"}))
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = compat.screen_text(app.screen)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape", "x")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
    line = next(line for line in text.splitlines() if "runs.kill" in line)
    assert line.split()[0] == "x"
    assert "EVERYWHERE" in text
    assert "LAUNCH" not in text


async def test_the_theme_goes_round_and_is_remembered(world: World) -> None:
    app = StageApp(world)
    async with app.run_test() as pilot:
        assert app.theme == themes.DARK.name
        await pilot.press("f9")
        await pilot.pause()
        assert app.theme == themes.ROUND[1]
    assert StageApp(world).theme == themes.ROUND[1]


@pytest.mark.slow
async def test_the_palette_finds_actions_themes_and_runs(world: World) -> None:
    app = StageApp(world)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+p", *"Theme nord")
        await pilot.pause()
        await app.screen.workers.wait_for_complete()
        await pilot.press("enter", "enter")
        await pilot.pause()
        await pilot.pause()
        assert app.theme == "nord"


@pytest.mark.slow
@pytest.mark.parametrize(
    "size", [(16, 2), *(pytest.param(size, marks=pytest.mark.slow) for size in ((80, 24), (20, 4), (1, 1)))]
)
async def test_page_keys_in_a_palette_without_room_do_nothing(world: World, size: tuple[int, int]) -> None:
    app = StageApp(world)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"Theme")
        await pilot.pause()
        await app.screen.workers.wait_for_complete()
        await pilot.resize_terminal(*size)
        await pilot.press("pagedown", "pageup", "down", "up", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the screen below")


@pytest.mark.slow
async def test_the_palette_stands_at_every_width(world: World) -> None:
    app = StageApp(world)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"Theme")
        await pilot.pause()
        await app.screen.workers.wait_for_complete()
        for width in range(1, 14):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
        assert len(app.screen_stack) == 2


@pytest.mark.parametrize(
    "dialog", [lambda: Ask("Name?"), pytest.param(lambda: Choose("Which?", [("a", "a")], "a"), marks=pytest.mark.slow)]
)
async def test_a_second_enter_in_the_same_packet_closes_nothing_more(world: World, dialog) -> None:
    app = StageApp(world)
    async with app.run_test() as pilot:
        app.push_screen(HelpScreen([], {}))
        app.push_screen(dialog())
        await until(pilot, lambda: app.focused is not None, "the dialog")
        for _ in range(3):
            app.post_message(events.Key("enter", None))
        await until(pilot, lambda: len(app.screen_stack) == 2, "the dialog closed")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)


@pytest.mark.slow
async def test_a_list_stands_at_every_width(world: World) -> None:
    app = StageApp(world)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Choose("Which?", [("a", "one that is long"), ("b", "b")], "b"))
        for width in range(1, 14):
            await pilot.resize_terminal(width, 12)
            await pilot.pause()
        assert len(app.screen_stack) == 2


@pytest.mark.slow
async def test_page_keys_in_a_list_without_room_do_nothing(world: World) -> None:
    app = StageApp(world)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Choose("Which?", [("a", "a"), ("b", "b")], "b"))
        await pilot.resize_terminal(2, 1)
        await pilot.press("pagedown", "pageup", "j", "k", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1, "the screen below")


@pytest.mark.slow
async def test_every_size_down_to_one_cell_is_survived(world: World) -> None:
    app = StageApp(world)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        for size in ((20, 6), (1, 1), (200, 60), (2, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.press("escape")
        for size in ((20, 6), (1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert "RUNS" in compat.screen_text(app.screen)


async def test_problems_of_the_settings_are_said(world: World) -> None:
    app = StageApp(world, settings=dataclasses.replace(Settings(), problems=("theme should be a text",)))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.words() == ["theme should be a text"]


async def test_an_error_of_our_own_ends_in_a_sentence_and_a_file(world: World, tmp_path: Path) -> None:
    class Broken(Screen[None]):
        def on_mount(self) -> None:
            secret = "hunter2"  # noqa: F841 (no value of a variable may be shown)
            raise ZeroDivisionError("broken on purpose")

    app = StageApp(world, screen=Broken)
    with pytest.raises(ZeroDivisionError):
        async with app.run_test() as pilot:
            await pilot.pause()
    words = app.last_words(app._exception)
    file = Path(words.rsplit(" ", 1)[1])
    assert "runs go on" in words
    assert "broken on purpose" in file.read_text()
    assert "Traceback" not in words


async def test_several_runs_go_to_the_trash_only_after_a_question_and_one_at_once(world: World) -> None:
    paths = [world.now.root / name for name in ("a", "b")]
    for path in paths:
        path.mkdir()
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.screen.post_message(Deed("delete", paths))
        await pilot.pause()
        assert "Move 2 runs to the trash?" in compat.screen_text(app.screen)
        await pilot.press("n")
        await pilot.pause()
        assert all(path.is_dir() for path in paths)
        app.screen.post_message(Deed("delete", paths[:1]))
        await until(pilot, lambda: not paths[0].exists(), "the first run to go")
        assert paths[1].is_dir()


@pytest.mark.slow
async def test_a_palette_opened_again_while_the_last_one_closes_is_one_palette(world: World) -> None:
    app = StageApp(world)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.action_command_palette()
        await until(pilot, lambda: app.screen.query("CommandList"), "the palette")
        await pilot.pause()
        app.pop_screen()
        app.action_command_palette()  # before the first one was taken down
        await until(pilot, lambda: app.screen.query("CommandList"), "the second palette")
        assert isinstance(app.screen, Palette)
