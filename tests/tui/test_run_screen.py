from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from seen import shows, until
from stage import NOW, RUNNING, StageApp, World, over
from textual import events

from trainvis.engine.rundir import RunDir, Spec, State
from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import CouldNotStart, Done, Failed, Killed, Lost, Running, Stage, Status, Stopped, Waiting
from trainvis.tui.compat import screen_text
from trainvis.tui.deeds import Deed
from trainvis.tui.drawing.run_facts import status_sentence
from trainvis.tui.screens.run import RunScreen
from trainvis.tui.widgets.overview import Overview, first_traceback, gather

TRACE = 'Traceback (most recent call last):\n  File "train.py", line 3\nValueError: the loss is nan\n'


def made(runs: Path, output: str = "step 1\nstep 2\n", code: str = "import numpy\nprint(numpy)\n") -> RunDir:
    run = RunDir.create(runs, "train", NOW)
    run.write_spec(Spec("/home/me/train.py", argv=("--lr", "0.1"), cwd="/home/me", python="/usr/bin/python3"))
    run.write_state(State("finished", "failed", exit_code=1, host="box", user="me", started=NOW - 60, ended=NOW))
    run.output_log.write_text(output)
    run.source_files.mkdir(parents=True)
    (run.source_files / "train.py").write_text(code)
    return run


def staged(run: RunDir, status: Status = over(Done()), **facts: Any) -> tuple[StageApp, World]:  # noqa: B008
    row = Row(run.path, run.id, status=status, started=NOW - 60, **facts)
    world = World(Snapshot(run.path.parent, NOW, (row,)))
    return StageApp(world, lambda: RunScreen(run.path)), world


@pytest.mark.slow
async def test_the_overview_shows_facts_and_the_script(runs: Path) -> None:
    app, _ = staged(made(runs), tags=("mnist",), note="a note", parent="train-0")
    async with app.run_test(size=(100, 50)) as pilot:
        await shows(pilot, "RUN", "done", "train.py --lr 0.1", "/usr/bin/python3", "import numpy", "mnist", "a note")
        await shows(pilot, "train-0 (p opens it)", "step 2")


async def test_a_failed_run_shows_its_traceback_and_last_words_at_once(runs: Path) -> None:
    app, _ = staged(made(runs, "step 1\nstep 2\n" + TRACE), over(Failed(1)))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "failed (1)", "It failed with exit code 1", "First traceback", "ValueError: the loss is nan")
        await shows(pilot, "Last lines", "step 2")
        assert screen_text(app.screen).count("ValueError") == 1


@pytest.mark.slow
async def test_the_panes_are_made_when_they_are_first_looked_at(runs: Path) -> None:
    app, _ = staged(made(runs))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "Facts")
        assert not app.screen.query("Output")
        await pilot.press("2")
        await shows(pilot, "2 lines", "following")
        await pilot.press("1")
        await shows(pilot, "Facts")
        await pilot.press("tab")
        await shows(pilot, "following")
        await pilot.press("shift+tab")
        await shows(pilot, "Facts")
        assert not app.screen.query("Curves")
        await pilot.press("3")
        await until(pilot, lambda: app.screen.query_one("Curves").has_focus, "the curves")


@pytest.mark.slow
@pytest.mark.parametrize("pane", ["2", "3"])
async def test_a_page_that_is_left_before_its_pane_is_there_takes_nothing_with_it(runs: Path, pane: str) -> None:
    run = made(runs)
    app, _ = staged(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "Facts")
        for _ in range(5):
            app.open_run(run.path)
            await until(pilot, lambda: len(app.screen_stack) == 2 and app.screen.is_mounted, "a second page")
            for key in (pane, "q"):
                app.post_message(events.Key(key, key))  # no waiting between them
            await until(pilot, lambda: len(app.screen_stack) == 1, "the first page")


@pytest.mark.slow
async def test_keys_of_the_overview_go_through_its_sections(runs: Path) -> None:
    app, _ = staged(made(runs, code="x = 1\n" * 100))
    async with app.run_test(size=(80, 12)) as pilot:
        await shows(pilot, "Status")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await shows(pilot, "Facts")
        await pilot.press("right_square_bracket")
        await shows(pilot, "Script train.py")
        await pilot.press("left_square_bracket")
        await shows(pilot, "Facts")
        for key, seen in (("G", "100  x"), ("g", "Status"), ("end", "100  x"), ("home", "Status")):
            await pilot.press(key)
            await shows(pilot, seen)


class Asked(StageApp):
    """Notes the deeds it is asked for."""

    def on_deed(self, deed: Deed) -> None:  # type: ignore[override]
        deed.prevent_default()
        deeds.append((deed.verb, deed.paths))


deeds: list[tuple[str, tuple[Path, ...]]] = []


@pytest.mark.slow
async def test_each_deed_is_asked_of_the_application(runs: Path) -> None:
    run = made(runs)
    deeds.clear()
    world = World(Snapshot(runs, NOW, (Row(run.path, run.id),)))
    async with Asked(world, lambda: RunScreen(run.path)).run_test(size=(80, 24)) as pilot:
        await shows(pilot, "Facts")
        await pilot.press("s", "S", "r", "R", "t", "N", "e")
        await until(pilot, lambda: len(deeds) == 7, "seven deeds")
    assert [verb for verb, _ in deeds] == ["stop", "kill", "again", "resume", "tags", "name", "note"]
    assert {paths for _, paths in deeds} == {(run.path,)}


async def test_the_header_counts_a_stop_down(runs: Path) -> None:
    stopping = Running(NOW - 60, stage=Stage.ASKED, stage_since=NOW - 5, stage_until=NOW + 55)
    app, world = staged(made(runs), stopping, epoch=2.5, epochs=10, eta=72.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "asked 55s", "epoch 2/10", "eta 1m12s", "SIGTERM follows in")
        row = dataclasses.replace(world.now.rows[0], status=over(Stopped("me")))
        world.now = dataclasses.replace(world.now, rows=(row,))
        app.look_now()
        await shows(pilot, "■ stopped", "It was stopped by me.")


@pytest.mark.slow
async def test_back_leaves_and_parents_are_opened(runs: Path) -> None:
    parent, child = made(runs), made(runs)
    rows = (Row(parent.path, parent.id, name="the parent"), Row(child.path, child.id, parent=parent.id))
    app = StageApp(World(Snapshot(runs, NOW, rows)))
    async with app.run_test(size=(80, 24)) as pilot:
        app.open_run(child.path)
        await shows(pilot, "Facts")
        await pilot.press("p")
        await shows(pilot, "the parent", child.id)
        await pilot.press("p")
        await until(pilot, lambda: "this run repeats and resumes no other" in app.words(), "a word")
        await pilot.press("q", "escape")
        assert len(app.screen_stack) == 1


@pytest.mark.slow
async def test_a_run_that_is_in_no_snapshot_yet_is_read_from_its_directory(runs: Path) -> None:
    run = made(runs)
    app = StageApp(World(Snapshot(runs, NOW)))
    async with app.run_test(size=(80, 24)) as pilot:
        app.open_run(run.path, "output")
        await shows(pilot, "failed (1)", "step 2")
        assert app.words() == []


async def test_a_run_that_vanishes_is_said_once_and_kept_in_view(runs: Path) -> None:
    run = made(runs)
    app, world = staged(run)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "Facts")
        for _ in range(2):
            world.now = Snapshot(runs, NOW)
            app.look_now()
            await pilot.pause()
        await until(pilot, app.words, "a word")
        await shows(pilot, "Facts", "done")
        assert app.words() == [f"{run.id} is no longer in the runs folder"]


@pytest.mark.parametrize(
    "content",
    ["", *(pytest.param(text, marks=pytest.mark.slow) for text in ("{", "[]", '{"schema": 99}', '{"argv": 3}'))],
)
async def test_a_damaged_directory_is_shown_for_what_it_is(runs: Path, content: str) -> None:
    run = made(runs)
    for file in (run.spec_file, run.state_file, run.facts_file, run.manifest_file, run.notes_file):
        file.write_text(content)
    run.output_log.unlink()
    (run.source_files / "train.py").unlink()
    app, _ = staged(run, Lost(None))
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "Nobody knows how it ended", "Facts")


async def test_nothing_from_data_steers_the_terminal(runs: Path) -> None:
    evil = "\x1b]0;t\x07\x1b[2J\u202e[bold]x"
    run = made(runs, evil, f"# {evil}\nx = 1\n")
    run.write_spec(Spec(evil, argv=(evil,), env={evil: evil}))
    run.diff_file.write_text(f"+{evil}\n-{evil}\n")
    app, _ = staged(run, over(CouldNotStart(evil)), name=evil, tags=(evil,), note=evil, parent=evil, problems=(evil,))
    async with app.run_test(size=(100, 60)) as pilot:
        await shows(pilot, "Facts", "[bold]x")
        text = screen_text(app.screen)
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char == "\u202e" for char in text if char != "\n")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 6), pytest.param((200, 60), marks=pytest.mark.slow)])
async def test_any_size_of_terminal_will_do(runs: Path, size: tuple[int, int]) -> None:
    app, _ = staged(made(runs), RUNNING, name="long name " * 20, tags=("t" * 60,) * 5)
    async with app.run_test(size=size) as pilot:
        for key in ("2", "3", "1"):
            await pilot.press(key)
            await pilot.resize_terminal(1, 1)
            await pilot.resize_terminal(*size)
        await until(pilot, lambda: app.screen.query_one(Overview).lines, "lines")


def test_the_first_traceback_ends_with_the_line_that_names_the_error(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    log.write_text("a\n" * 50_000 + TRACE + "after\n" + TRACE)
    assert [line.text for line in first_traceback(log)] == TRACE.splitlines()
    log.write_text('  File "x.py", line 1\n    def f(:\nSyntaxError: invalid syntax\n')
    assert [line.text for line in first_traceback(log)] == ["SyntaxError: invalid syntax"]
    log.write_text("fine\n")
    assert first_traceback(log) == []


def test_what_surrounded_a_run_is_told(runs: Path) -> None:
    run = made(runs)
    run.facts_file.write_text(
        '{"repository": {"root": "/r", "commit": "0123456789abcdef", "branch": "main", "dirty": true,'
        ' "untracked": ["a.txt"]}, "python_version": "3.12.1", "versions": {"keras": "3.15", "other": "1"}}'
    )
    run.diff_file.write_text("diff --git a b\n+new\n-old\n")
    sections = gather(Row(run.path, run.id, status=over(Done())), ("child-1",), 100, NOW)
    text = "\n".join(line.text for section in sections for line in section.lines)
    for part in ("0123456789ab on main", "keras 3.15 · 1 more", "Python 3.12.1", "child-1", "a.txt", "+new"):
        assert part in text
    assert [section.title for section in sections][-1] == "Difference to the commit"


@pytest.mark.parametrize(
    ("status", "part"),
    [
        (Waiting("no GPU is free", NOW), "no GPU is free"),
        (Running(NOW - 90), "1m30s"),
        (Running(NOW, supervised=False), "supervisor is gone"),
        (Running(NOW, host="other", last_sign=NOW), "on other"),
        (Running(NOW, stage=Stage.TERMINATING, stage_until=NOW + 3), "SIGKILL follows in 3 s"),
        (over(Killed(11)), "SIGSEGV (11)"),
        (over(Killed(99)), "signal 99"),
        (over(Stopped("", forced=True)), "had to be forced"),
        (Lost(1e300), "impossible time"),
    ],
)
def test_every_status_is_a_sentence(status: Status, part: str) -> None:
    assert part in status_sentence(status, NOW)
