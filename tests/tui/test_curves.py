from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from recorded import OVER, add, closed, row, until, write
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row
from trainvis.engine.status import Running
from trainvis.tui import compat
from trainvis.tui.drawing.model import Axis, Fit
from trainvis.tui.keys import TABLE
from trainvis.tui.screens.dialogs import Ask
from trainvis.tui.widgets.curves import Curves
from trainvis.tui.widgets.plot import PlotView


class Stage(App[None]):
    def __init__(self, *rows: Row) -> None:
        super().__init__()
        self.curves = Curves(rows)

    def compose(self) -> ComposeResult:
        yield self.curves


@asynccontextmanager
async def staged(*rows: Row, size: tuple[int, int] = (100, 30)) -> AsyncIterator[tuple[Pilot[None], Curves]]:
    app = Stage(*rows)
    async with app.run_test(size=size) as pilot:
        app.curves.focus()
        await until(pilot, lambda: len(app.curves.shown) == len(rows), "the runs to be read")
        await until(pilot, lambda: not any(run.partial for run in app.curves.shown), "all to be read")
        await until(pilot, lambda: app.curves.settled, "all to be shown")
        await pilot.pause()
        yield pilot, app.curves


def text(curves: Curves) -> str:
    return compat.screen_text(curves.screen)


async def test_all_metrics_stand_in_a_grid_with_training_and_validation_together(runs: Path) -> None:
    async with staged(closed(write(runs))) as (_, curves):
        shown = text(curves)
        assert "loss  ━━ train 0.268  ╌╌ val 0.2948" in shown
        assert "accuracy  ━━" in shown
        assert len(curves.views) == 2


@pytest.mark.slow
async def test_new_lines_of_a_living_run_appear_by_themselves(runs: Path) -> None:
    writer = write(runs, steps=20)
    writer.flush()
    async with staged(row(writer, Running(since=0.0))) as (pilot, curves):
        await until(pilot, lambda: "━━ 0.2638" not in text(curves))
        add(writer, 21, 60)
        writer.flush()
        await until(pilot, lambda: len(curves.shown[0].metrics["loss"]) == 60, "the new lines")
        await until(pilot, lambda: f"{2 * 0.99**60:.4g}" in text(curves), "the new value on the screen")
        assert "val_loss" in curves.shown[0].metrics
    writer.close()


@pytest.mark.slow
async def test_a_metrics_file_that_is_replaced_is_begun_anew(runs: Path) -> None:
    writer = write(runs, steps=100)
    writer.close()
    async with staged(row(writer, Running(since=0.0))) as (pilot, curves):
        file = writer.run.metrics_file
        aside = file.with_suffix(".new")
        aside.write_text('{"fit": 1, "step": 1, "epoch": 0.1, "time": 1.7e9, "loss": 7.5}\n')
        aside.replace(file)
        await until(pilot, lambda: len(curves.shown[0].metrics["loss"]) == 1)
        assert list(curves.shown[0].metrics) == ["loss"]


@pytest.mark.slow
async def test_keys_before_there_is_a_chart_do_nothing(runs: Path) -> None:
    async with staged(closed(write(runs))) as (pilot, curves):
        for key in (">", "<", "K", "J", "i", "right", "left", "home", "end", "o", "+"):
            await curves.query(PlotView).remove()
            assert curves.views == []
            await pilot.press(key)
        assert pilot.app.is_running


@pytest.mark.slow
async def test_a_run_without_metrics_says_what_it_is_waiting_for(runs: Path) -> None:
    run = RunDir.create(runs, "empty", 1.7e9)
    async with staged(Row(run.path, run.id, status=Running(since=0.0))) as (_, curves):
        assert "no metrics yet" in text(curves)
    async with staged(Row(run.path, run.id, status=OVER)) as (_, curves):
        assert "no metrics were recorded" in text(curves)


@pytest.mark.slow
async def test_a_damaged_file_and_a_missing_folder_leave_the_charts_standing(runs: Path) -> None:
    run = RunDir.create(runs, "damaged", 1.7e9)
    run.metrics_file.write_bytes(b'\x00\xff{"step":\n[]\n{"step": 3, "loss": "much"}\n' * 20)
    gone = Row(runs / "gone-20240101-000000-0000", "gone-20240101-000000-0000", status=OVER)
    async with staged(Row(run.path, run.id, status=OVER), gone) as (_, curves):
        assert "no metrics were recorded" in text(curves)


@pytest.mark.slow
async def test_several_runs_share_their_charts_each_with_its_letter(runs: Path) -> None:
    rows = [closed(write(runs, name)) for name in ("base", "wide", "deep")]
    async with staged(*rows, size=(120, 40)) as (pilot, curves):
        assert "a base  b wide  c deep" in text(curves)
        await pilot.press("enter")
        assert all(
            f"{key} ━━ {name}" in text(curves) for key, name in zip("abc", ("base", "wide", "deep"), strict=True)
        )


@pytest.mark.slow
async def test_a_run_that_leaves_takes_only_its_own_curves_and_colours_stay(runs: Path) -> None:
    rows = [closed(write(runs, name)) for name in ("base", "wide", "deep")]
    async with staged(*rows) as (pilot, curves):
        colours = {run.title: run.colour for run in curves.shown}
        curves.rows = tuple(rows[1:])
        await pilot.pause()
        assert {run.title: run.colour for run in curves.shown} == {name: colours[name] for name in ("wide", "deep")}


@pytest.mark.slow
async def test_a_large_file_is_shown_coarsely_first_and_then_whole(runs: Path) -> None:
    run = RunDir.create(runs, "large", 1.7e9)
    lines = (
        f'{{"fit":1,"step":{n},"epoch":{n / 1e3},"time":{1.7e9 + n},"loss":{n % 97}.5}}\n' for n in range(1, 80_001)
    )
    run.metrics_file.write_text("".join(lines))
    app = Stage(Row(run.path, run.id, status=OVER))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.curves.shown)
        first = app.curves.shown[0]
        assert first.partial
        assert len(first.metrics["loss"]) < 20_000
        assert first.metrics["loss"].trace(Axis.STEP).extent() == (1.0, 80_000.0)
        await until(pilot, lambda: not app.curves.shown[0].partial, "the whole file")
        assert len(app.curves.shown[0].metrics["loss"]) == 80_000


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (20, 6), (5, 2), (1, 1), (200, 60)])
async def test_any_size_of_terminal_will_do_and_any_change_of_it(runs: Path, size: tuple[int, int]) -> None:
    async with staged(closed(write(runs)), size=size) as (pilot, curves):
        await pilot.press("i", "enter", "plus", "enter")
        for other in ((40, 10), (7, 3), size):
            await pilot.resize_terminal(*other)
            await pilot.pause()
        assert len(curves.views) == 2


@pytest.mark.slow
async def test_a_hundred_metrics_scroll_and_only_charts_in_sight_are_drawn(runs: Path) -> None:
    writer = write(runs, steps=20, **{f"metric_{n}": float(n) for n in range(98)})
    async with staged(closed(writer)) as (pilot, curves):
        assert len(curves.views) == 100
        drawn = [view for view in curves.views if view.area is not None]
        assert len(drawn) < 30
        await pilot.press("k")
        await until(pilot, lambda: curves.views[99].area is not None, "the last chart to be drawn")
        assert curves.views[99].area is not None
        assert "metric_97" in text(curves)


async def test_a_metric_name_with_escape_sequences_is_harmless(runs: Path) -> None:
    writer = write(runs, steps=20, **{"\x1b]52;c;AAAA\x07[bold]x": 1.0})
    async with staged(closed(writer)) as (_, curves):
        assert "[bold]x" in text(curves)
        assert "\x1b" not in text(curves)


# Every key of the table

Check = Callable[[Pilot[None], Curves], Any]


async def _full(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("enter")
    assert [view.display for view in curves.views] == [True, False]
    assert "chart 1 of 2" in text(curves)
    await pilot.press("f")
    assert [view.display for view in curves.views] == [True, True]


async def _next(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("j")
    assert curves.selected == 1
    assert curves.views[1].plot.selected
    await pilot.press("down")
    assert curves.selected == 0


async def _previous(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("k")
    assert curves.selected == 1
    await pilot.press("up")
    assert curves.selected == 0


async def _zoom_in(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("plus", "equals_sign")
    assert curves.choices.x == pytest.approx((100.5 - 99.5 * 0.64, 100.5 + 99.5 * 0.64))
    assert all(view.plot.x == curves.choices.x for view in curves.views), "x is one for all charts"
    await pilot.press("i", "left", "left")
    cursor = curves.choices.cursor
    assert cursor is not None
    low, high = curves.choices.x or (0, 0)
    share = (cursor - low) / (high - low)
    await pilot.press("plus")
    low, high = curves.choices.x or (0, 0)
    assert (cursor - low) / (high - low) == pytest.approx(share)


async def _zoom_out(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("plus", "minus", "minus")
    assert curves.choices.x is None


async def _pan_left(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("plus", "plus", "plus")
    before = curves.choices.x or (0, 0)
    await pilot.press("left", "h")
    after = curves.choices.x or (0, 0)
    assert after[0] == pytest.approx(before[0] - 0.2 * (before[1] - before[0]))
    await pilot.press("i")
    cursor = curves.choices.cursor or 0
    await pilot.press("left")
    assert (curves.choices.cursor or 0) < cursor


async def _pan_right(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("plus", "plus", "plus")
    before = curves.choices.x or (0, 0)
    await pilot.press("right", "l")
    assert (curves.choices.x or (0, 0))[0] > before[0]


async def _reset(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("plus", "greater_than_sign", "o", "0")
    assert curves.choices.x is None
    assert curves.choices.alone is None
    assert curves.views[0].plot.y is None


async def _cursor(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("i")
    assert curves.choices.cursor == 200
    assert "loss step 200  ━━ train 0.268" in text(curves)
    await pilot.press("left")
    value = int(curves.choices.cursor)
    assert 190 < value < 200
    assert f"step {value}  ━━ train {2 * 0.99**value:.4g}" in text(curves)
    await pilot.press("i")
    assert curves.choices.cursor is None


async def _log(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("y")
    assert all(view.area is not None and view.area.log for view in curves.views)
    assert "y logarithmic" in text(curves)
    await pilot.press("y")
    assert "y linear" in text(curves)


async def _smooth(pilot: Pilot[None], curves: Curves) -> None:
    seen = []
    for _ in range(4):
        await pilot.press("m")
        smooth = curves.views[0].plot.lines[0].smooth
        assert (smooth is None) == (curves.choices.weight == 0)
        seen.append(curves.choices.weight)
    assert sorted(seen) == [0.0, 0.6, 0.9, 0.99]


async def _axis(pilot: Pilot[None], curves: Curves) -> None:
    ends = []
    for _ in range(3):
        await pilot.press("x")
        area = curves.views[0].area
        assert area is not None
        ends.append((curves.choices.axis, area.x))
    assert ends == [(Axis.EPOCH, (0.1, 20.0)), (Axis.TIME, (0.0, 199.0)), (Axis.STEP, (1.0, 200.0))]


async def _range(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("v")
    assert curves.views[0].plot.fit is Fit.ALL
    assert "all values" in text(curves)
    await pilot.press("v")
    assert "without outliers" in text(curves)


def _height(curves: Curves) -> tuple[float, float]:
    area = curves.views[0].area
    assert area is not None
    return area.y


async def _taller(pilot: Pilot[None], curves: Curves) -> None:
    low, high = _height(curves)
    await pilot.press("greater_than_sign")
    new = _height(curves)
    assert new[1] - new[0] == pytest.approx(0.8 * (high - low))
    assert curves.views[1].plot.y is None, "the y axis is each chart's own"


async def _flatter(pilot: Pilot[None], curves: Curves) -> None:
    low, high = _height(curves)
    await pilot.press("less_than_sign")
    new = _height(curves)
    assert new[1] - new[0] == pytest.approx(1.25 * (high - low))


async def _up(pilot: Pilot[None], curves: Curves) -> None:
    before = _height(curves)
    await pilot.press("shift+up")
    assert _height(curves)[0] > before[0]
    await pilot.press("J")
    assert _height(curves) == pytest.approx(before)


async def _down(pilot: Pilot[None], curves: Curves) -> None:
    before = _height(curves)
    await pilot.press("shift+down")
    assert _height(curves)[0] < before[0]
    await pilot.press("K")
    assert _height(curves) == pytest.approx(before)


async def _alone(pilot: Pilot[None], curves: Curves) -> None:
    labels = []
    for _ in range(3):
        await pilot.press("o")
        labels.append([line.label for line in curves.views[0].plot.lines])
    assert labels == [["train"], ["val"], ["train", "val"]]


async def _first(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("i", "home")
    assert curves.choices.cursor == 1
    await pilot.press("i", "plus", "plus", "home")
    assert (curves.choices.x or (0, 0))[0] == pytest.approx(1)


async def _last(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("plus", "plus", "end")
    assert (curves.choices.x or (0, 0))[1] == pytest.approx(200)
    assert "zoomed, following" in text(curves)


async def _leave(pilot: Pilot[None], curves: Curves) -> None:
    await pilot.press("enter", "i", "escape")
    assert curves.choices.cursor is None
    assert curves.full
    await pilot.press("escape")
    assert not curves.full


async def _save(pilot: Pilot[None], curves: Curves) -> None:
    file = curves.rows[0].path.parent / "chart.png"
    await pilot.press("w")
    await until(pilot, lambda: isinstance(pilot.app.screen, Ask))
    pilot.app.screen.query_one(Input).value = str(file)
    await pilot.press("enter")
    await until(pilot, file.exists, "the picture")
    with Image.open(file) as picture:
        assert picture.size == (1600, 900)


KEYS: dict[str, Check] = {
    "curves.full": _full, "curves.next": _next, "curves.previous": _previous, "curves.zoom_in": _zoom_in,
    "curves.zoom_out": _zoom_out, "curves.pan_left": _pan_left, "curves.pan_right": _pan_right,
    "curves.reset": _reset, "curves.cursor": _cursor, "curves.log": _log, "curves.smooth": _smooth,
    "curves.axis": _axis, "curves.range": _range, "curves.taller": _taller, "curves.flatter": _flatter,
    "curves.up": _up, "curves.down": _down, "curves.alone": _alone, "curves.first": _first, "curves.last": _last,
    "curves.leave": _leave, "curves.save": _save,
}  # fmt: skip


AT_ONCE = {"curves.full", "curves.zoom_in", "curves.cursor"}


@pytest.mark.parametrize(
    "key", [pytest.param(key.id, marks=() if key.id in AT_ONCE else pytest.mark.slow) for key in TABLE["curves"]]
)
@pytest.mark.slow
async def test_each_key_does_what_its_sentence_says(runs: Path, key: str) -> None:
    async with staged(closed(write(runs))) as (pilot, curves):
        await KEYS[key](pilot, curves)


# The mouse


@pytest.mark.slow
async def test_the_wheel_zooms_about_the_mouse(runs: Path) -> None:
    async with staged(closed(write(runs))) as (pilot, curves):
        view = curves.views[0]
        area = view.area
        assert area is not None
        at = area.x_at(area.left + 20)
        await pilot._post_mouse_events(  # Textual's pilot has no word for the wheel
            [events.MouseScrollUp], view, offset=(area.left + 20, 4)
        )
        await pilot.pause()
        low, high = curves.choices.x or (0, 0)
        assert high - low == pytest.approx(0.8 * 199)
        assert (at - low) / (high - low) == pytest.approx((at - 1) / 199)


@pytest.mark.slow
async def test_the_mouse_shows_values_where_it_rests_and_dragging_moves_the_window(runs: Path) -> None:
    async with staged(closed(write(runs))) as (pilot, curves):
        view = curves.views[0]
        await pilot.hover(view, offset=(40, 5))
        await pilot.pause()
        assert "loss step" in text(curves)
        await pilot.press("plus", "plus", "plus", "plus")
        before = curves.choices.x or (0, 0)
        await pilot.mouse_down(view, offset=(40, 5))
        await pilot.hover(view, offset=(30, 5))
        await pilot.mouse_up(view, offset=(30, 5))
        await pilot.pause()
        after = curves.choices.x or (0, 0)
        assert view.area is not None
        assert after[0] - before[0] == pytest.approx(10 / view.area.width * (before[1] - before[0]))


@pytest.mark.slow
async def test_a_click_selects_a_chart_and_two_show_it_alone(runs: Path) -> None:
    async with staged(closed(write(runs))) as (pilot, curves):
        await pilot.click(curves.views[1], offset=(20, 3))
        assert curves.selected == 1
        await pilot.click(curves.views[1], offset=(20, 3), times=2)
        assert curves.full


@pytest.mark.slow
async def test_a_window_at_the_end_follows_a_living_run(runs: Path) -> None:
    writer = write(runs, steps=100)
    writer.flush()
    async with staged(row(writer, Running(since=0.0))) as (pilot, curves):
        await pilot.press("plus", "plus", "end")
        before = curves.choices.x or (0, 0)
        add(writer, 101, 150)
        writer.flush()
        await until(pilot, lambda: (curves.choices.x or (0, 0))[1] == pytest.approx(150))
        after = curves.choices.x or (0, 0)
        assert after[1] - after[0] == pytest.approx(before[1] - before[0])
    writer.close()


@pytest.mark.slow
async def test_a_theme_change_changes_the_colours_of_the_curves(runs: Path) -> None:
    async with staged(closed(write(runs))) as (pilot, curves):
        view = curves.views[0]
        dark = view.render_line(3)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert view.render_line(3) != dark
        assert view.render_line(3).text == dark.text
        pilot.app.theme = "ansi-dark"
        await pilot.pause()
        colours = [segment.style.color for segment in view.render_line(3) if segment.style and segment.style.color]
        assert all(colour.triplet is None for colour in colours), "an ANSI theme uses the terminal's own colours only"


@pytest.mark.slow
async def test_a_font_without_braille_can_be_told_of(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINVIS_GLYPHS", "quadrant")
    async with staged(closed(write(runs))) as (_, curves):
        assert not any(0x2800 <= ord(char) < 0x2900 for char in text(curves))
        assert any(char in text(curves) for char in "▀▄▌▐▘▝▖▗")


async def test_only_changed_rows_are_drawn_again(runs: Path) -> None:
    async with staged(closed(write(runs))) as (_, curves):
        view = curves.views[0]
        assert view.show(view.plot) == []
        assert view.show(view.dressed(title="other")) == [0]
