from __future__ import annotations

import pytest
from run_rows import row, snapshot_of
from stage import NOW, StageApp, World
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from trainvis.engine.errors import QueryError
from trainvis.engine.query import parse
from trainvis.tui import compat
from trainvis.tui.screens.runs import RunsScreen
from trainvis.tui.screens.runs_filter import filter_of, row_text
from trainvis.tui.widgets.filter_line import FilterLine, word_start
from trainvis.tui.widgets.table_order import Filter

ROWS = (
    row("digits-1", tags=("mnist", "sweep/lr")),
    row("digits-2", tags=("mnist", "sweep/wd")),
    row("faces", tags=(), script="faces.py"),
)


def stage() -> StageApp:
    return StageApp(World(snapshot_of(*ROWS)), RunsScreen)


def hint(app: StageApp) -> str:
    lines = compat.screen_text(app.screen).splitlines()
    return lines[2] if app.screen.query_one(FilterLine).has_class("-hint") else ""


def count(app: StageApp) -> str:
    return compat.screen_text(app.screen).splitlines()[1].split("  ")[-1].strip()


async def put(pilot: Pilot[None], text: str) -> None:
    """Begin a filter with this text, all of it at once."""
    await pilot.press("slash")
    pilot.app.screen.query_one(Input).post_message(events.Paste(text))
    await pilot.pause()


@pytest.mark.slow
async def test_each_letter_filters_and_the_counts_follow() -> None:
    app = stage()
    async with app.run_test() as pilot:
        await pilot.press("slash")
        assert count(app) == "3 runs"
        await pilot.press("g")
        assert count(app) == "2 of 3"
        await pilot.press(*["backspace"], *"digits-2")
        assert count(app) == "1 of 3"
        await pilot.press("enter")
        assert app.focused is not None
        assert app.focused.id == "runs-table"
        assert count(app) == "1 of 3"
        await pilot.press("slash", "escape")
        assert count(app) == "3 runs"


@pytest.mark.slow
async def test_an_error_stands_below_the_letter_where_it_is_and_the_last_filter_stays() -> None:
    app = stage()
    async with app.run_test() as pilot:
        await put(pilot, "digits-1 loss<")
        await pilot.press("x")
        place = " / digits-1 loss<".__len__()
        assert hint(app).index("▲") == place
        assert "'x' is no number" in hint(app)
        await pilot.press("backspace", "9")
        assert hint(app) == ""
        assert count(app) == "1 of 3"


@pytest.mark.slow
async def test_an_error_at_the_right_end_stays_on_the_screen() -> None:
    app = stage()
    async with app.run_test(size=(40, 24)) as pilot:
        await put(pilot, "digits faces mnist nothing loss<")
        await pilot.press("x")
        assert "▲" in hint(app)
        assert len(hint(app)) <= 40


@pytest.mark.slow
async def test_tab_completes_as_far_as_it_is_certain() -> None:
    app = stage()
    async with app.run_test() as pilot:
        await pilot.press("slash", *"ta", "tab")
        line = app.screen.query_one(FilterLine)
        assert line.text == "tag:"
        assert "tag:mnist" in hint(app)  # unfinished, but no mistake yet
        await pilot.press("s")
        assert "tag:sweep/lr" in hint(app)
        assert "tag:sweep/wd" in hint(app)
        await pilot.press("tab")
        assert line.text == "tag:sweep/"
        await pilot.press("w", "tab")
        assert line.text == "tag:sweep/wd"
        assert count(app) == "1 of 3"
        await pilot.press("home", "tab")  # nothing stands at the beginning: nothing happens
        assert line.text == "tag:sweep/wd"


async def test_a_pasted_text_is_one_harmless_line() -> None:
    app = stage()
    async with app.run_test() as pilot:
        await pilot.press("slash")
        app.screen.query_one(Input).post_message(events.Paste("dig\x1b[2Jits\nrm -rf"))
        await pilot.pause()
        assert app.screen.query_one(FilterLine).text == "dig␛[2Jits"


@pytest.mark.parametrize(
    "line",
    [
        "", "digits", "DIGITS mnist", "not digits", "-digits", "digits or faces", "tag:mnist", '"digits-1"', "a,b",
        "lr", "since:1d", "loss<1", "param.lr=0.001", "(digits)", "digits|faces", "and1", "best(val_accuracy)>0.5",
        "sweep/lr",
    ],
)  # fmt: skip
def test_the_short_way_for_plain_words_finds_what_the_language_finds(line: str) -> None:
    chosen = filter_of(line, NOW)
    query = parse(line)
    assert [passes(chosen, row) for row in ROWS] == [query.matches(row, NOW) for row in ROWS]


def passes(chosen: Filter, item: object) -> bool:
    in_text = all(word in row_text(item) for word in chosen.words)  # type: ignore[arg-type]
    return in_text and (chosen.test is None or chosen.test(item))


@pytest.mark.parametrize("line", ["loss<", "(", "nofield:x", '"open', "a or"])
def test_what_cannot_be_understood_says_where(line: str) -> None:
    with pytest.raises(QueryError) as caught:
        filter_of(line, NOW)
    assert 0 <= caught.value.position <= len(line)


def test_a_word_begins_after_blanks_brackets_and_quotes() -> None:
    assert word_start("tag:a los", 9) == 6
    assert word_start("(tag:a", 6) == 1
    assert word_start('note:"two wor', 13) == 5
    assert word_start("", 0) == 0


@pytest.mark.slow
async def test_the_line_stays_whole_when_the_terminal_is_made_small_and_large_again() -> None:
    app = stage()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"tag:", "escape")
        for width, height in ((20, 6), (80, 24), (5, 3), (120, 40)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert compat.screen_text(app.screen).splitlines()[1].startswith(" / filters: text")


@pytest.mark.slow
async def test_a_long_filter_is_seen_at_its_end() -> None:
    app = stage()
    async with app.run_test(size=(40, 24)) as pilot:
        await put(pilot, "word " * 12 + "en")
        await pilot.press("d")
        assert "word end" in compat.screen_text(app.screen).splitlines()[1]
