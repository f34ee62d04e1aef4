from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from run_rows import ROOT, metric, row, snapshot_of
from stage import NOW, StageApp, World, over

from trainvis.engine.rundir import RunDir
from trainvis.engine.runs import Row
from trainvis.engine.status import CouldNotStart, Failed, Lost, Running, Stage
from trainvis.tui import compat, keys
from trainvis.tui.deeds import Deed
from trainvis.tui.screens.columns import ColumnsScreen
from trainvis.tui.screens.runs import RunsScreen
from trainvis.tui.settings import Remembered
from trainvis.tui.widgets.filter_line import FilterLine
from trainvis.tui.widgets.run_preview import RunPreview
from trainvis.tui.widgets.table import Table


class RunsApp(StageApp):
    """The runs screen before a fake world; what it asks for is written down instead of done."""

    def __init__(self, *rows: Row, line: str = "", problem: str | None = None) -> None:
        self.world = World(snapshot_of(*rows, problem=problem))
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        super().__init__(self.world, lambda: RunsScreen(line))

    def on_deed(self, deed: Deed) -> None:  # type: ignore[override]
        deed.prevent_default()  # the application itself would do it
        self.asked.append((deed.verb, tuple(path.name for path in deed.paths)))

    def open_run(self, path: Path, pane: str = "overview") -> None:
        self.asked.append(("open", (path.name,)))

    def open_side_by_side(self, paths: Sequence[Path], *_: object) -> None:
        self.asked.append(("beside", tuple(path.name for path in paths)))

    def open_look(self, run: Path | None = None) -> None:
        self.asked.append(("look", (run.name,) if run else ()))

    def open_curves(self, paths: Sequence[Path]) -> None:
        self.asked.append(("curves", tuple(path.name for path in paths)))

    def open_launch(self, like: Path | None = None) -> None:
        self.asked.append(("launch", ()))

    def undo(self) -> None:  # type: ignore[override]
        self.asked.append(("undo", ()))

    def exit(self, *args: object, **options: object) -> None:
        self.asked.append(("quit", ()))
        super().exit()

    @property
    def runs(self) -> RunsScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, RunsScreen)
        return screen

    @property
    def table(self) -> Table[Row]:
        return self.runs.table

    @property
    def text(self) -> str:
        return compat.screen_text(self.screen)

    def take(self, *rows: Row) -> None:
        self.world.now = snapshot_of(*rows)
        self.look_now()


def shown(app: RunsApp) -> list[str]:
    return [app.table.order.at(position).id for position in range(len(app.table.order))]


A, B, C = row("a", created=NOW - 10, started=NOW - 10), row("b", tags=("faces",)), row("c", name="third")
DEEDS = {
    "runs.open": ("open", ("b",)),
    "runs.new": ("launch", ()),
    "runs.stop": ("stop", ("b",)),
    "runs.kill": ("kill", ("b",)),
    "runs.again": ("again", ("b",)),
    "runs.resume": ("resume", ("b",)),
    "runs.tags": ("tags", ("b",)),
    "runs.name": ("name", ("b",)),
    "runs.note": ("note", ("b",)),
    "runs.curves": ("curves", ("b",)),
    "runs.beside": ("beside", ("b",)),
    "runs.look": ("look", ("b",)),
    "runs.delete": ("delete", ("b",)),
    "runs.undo": ("undo", ()),
    "runs.quit": ("quit", ()),
}
OTHERS = {
    *("runs.mark", "runs.mark_none", "runs.filter", "runs.sort", "runs.sort_turn", "runs.columns", "runs.demo"),
    "runs.blobs",
}


def test_every_key_of_the_screen_has_a_test_below() -> None:
    assert {key.id for key in keys.TABLE["runs"]} == {*DEEDS, *OTHERS}


async def test_keys_ask_for_the_deed_of_the_key_table_on_the_run_under_the_cursor() -> None:
    app = RunsApp(A, B, C)
    async with app.run_test() as pilot:
        for entry in keys.TABLE["runs"]:
            if entry.id not in DEEDS:
                continue
            for key in entry.keys.split(","):
                app.table.go_to("b")
                app.asked.clear()
                await pilot.press(key)
                assert app.asked == [DEEDS[entry.id]], key


@pytest.mark.slow
async def test_deeds_go_to_the_marked_runs_that_are_seen() -> None:
    app = RunsApp(A, B, C)
    async with app.run_test() as pilot:
        await pilot.press("end", "space", "home", "space", "down", "c")
        assert app.asked == [("curves", ("c", "a"))]  # in the order of marking
        assert "2 marked · 3 runs" in app.text
        await pilot.press("slash", *"faces", "enter", "d")
        assert app.asked[-1] == ("delete", ("b",))  # the marked ones are hidden: nobody deletes what is not seen
        assert "2 marked (2 hidden) · 1 of 3" in app.text
        await pilot.press("M")
        assert "marked" not in app.text


@pytest.mark.slow
async def test_an_empty_folder_says_what_to_press_and_offers_the_demo() -> None:
    app = RunsApp()
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert "no runs in /runs yet" in app.text
        assert "n  starts a script" in app.text
        assert "D  starts the demo" in app.text
        await pilot.press("s", "d", "enter", "space", "t", "o", "c")
        assert app.asked == []
        await pilot.press("n")
        assert app.asked == [("launch", ())]


async def test_a_folder_that_cannot_be_read_says_why() -> None:
    app = RunsApp(problem="the runs folder /runs cannot be read: Permission denied")
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert "Permission denied" in app.text


async def test_the_demo_starts_a_run_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from trainvis.engine.errors import LaunchError
    from trainvis.tui.commands import demo

    def lacking(root: Path, python: str = "") -> RunDir:
        raise LaunchError("the demo cannot run: keras is missing")

    monkeypatch.setattr(demo, "start_demo", lacking)
    app = RunsApp()
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("D")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert any("keras is missing" in words for words in app.words())
        monkeypatch.setattr(demo, "start_demo", lambda root, python="": RunDir(ROOT / "b"))
        await pilot.press("D")
        await app.workers.wait_for_complete()
        app.take(A, B)
        await pilot.pause()
        assert app.table.current == B


@pytest.mark.slow
async def test_sorting_goes_through_the_columns_turns_round_and_is_remembered() -> None:
    low, high = row("low", metrics={"loss": metric(0.1)}), row("high", metrics={"loss": metric(0.9)})
    broken = row("broken", metrics={"loss": metric(0.1, math.nan)})
    app = RunsApp(broken, high, low)
    async with app.run_test(size=(160, 24)) as pilot:
        while app.table.sorted_by is None or app.table.sorted_by[0] != "curve:loss":
            await pilot.press("o")
        assert shown(app) == ["low", "high", "broken"]
        await pilot.press("ctrl+o")
        assert shown(app) == ["high", "low", "broken"]
        assert "loss▼" in app.text
    again = RunsApp(broken, low, high)
    async with again.run_test(size=(160, 24)) as pilot:
        await pilot.pause()
        assert again.table.sorted_by == ("curve:loss", True)
        assert shown(again) == ["high", "low", "broken"]


@pytest.mark.slow
async def test_a_sort_before_the_columns_are_there_waits_for_the_next_key() -> None:
    app = RunsApp(A, B)
    async with app.run_test(size=(100, 30)) as pilot:
        app.table.set_columns(())  # as it begins
        await pilot.press("o")
        assert app.table.sorted_by is None


@pytest.mark.slow
async def test_a_click_on_a_title_sorts_and_a_second_one_turns_round() -> None:
    app = RunsApp(B, A)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.click(Table, offset=(6, 0))
        assert shown(app) == ["a", "b"]
        await pilot.click(Table, offset=(6, 0))
        assert shown(app) == ["b", "a"]


@pytest.mark.slow
async def test_the_selected_run_stays_selected_over_snapshots_sorting_and_filtering() -> None:
    app = RunsApp(A, B, C)
    async with app.run_test() as pilot:
        await pilot.press("down")
        app.take(row("new"), A, replace(B, epoch=4.0), C)
        await pilot.pause()
        assert app.table.current is not None
        assert app.table.current.id == "b"
        await pilot.press("o", "o", "slash", *"faces", "enter")
        assert app.table.current.id == "b"
        await pilot.press("slash", "escape")
        assert app.table.current.id == "b"
        assert "4 runs" in app.text


@pytest.mark.slow
async def test_columns_are_chosen_moved_sorted_by_and_remembered() -> None:
    app = RunsApp(A, B, C)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("C")
        assert isinstance(app.screen, ColumnsScreen)
        await pilot.press("slash", *"parameter", "enter", "space", "o")  # show param:lr, sort by it
        await pilot.press("slash", *["backspace"] * 9, *"tags", "enter", "space", "enter")  # hide the tags
        columns = [column.key for column in app.table.columns]
        assert columns[0] == "name"
        assert "param:lr" in columns
        assert "tags" not in columns
        assert app.table.sorted_by == ("param:lr", False)
        await pilot.press("C", "down", "J", "enter")
        assert [column.key for column in app.table.columns][1:3] == ["epoch", "status"]
    again = RunsApp(A, B, C)
    async with again.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        assert [column.key for column in again.table.columns][1:3] == ["epoch", "status"]
        await pilot.press("C", "0")
        assert [column.key for column in again.table.columns][1:3] == ["tags", "status"]


@pytest.mark.slow
async def test_leaving_the_chooser_changes_nothing() -> None:
    app = RunsApp(A)
    async with app.run_test() as pilot:
        await pilot.pause()
        before = [column.key for column in app.table.columns]
        await pilot.press("C", "down", "space", "K", "o", "escape")
        assert [column.key for column in app.table.columns] == before
        assert app.table.sorted_by is None
        await pilot.press("C", "q")
        assert app.screen is app.runs


@pytest.mark.slow
async def test_what_was_remembered_by_somebody_else_is_taken_for_what_it_is() -> None:
    for columns, sort in (("nonsense", 5), ([1, "tags", "no such:thing", "curve:", "param:gone"], ["gone", True])):
        Remembered().put("runs.columns", columns)
        Remembered().put("runs.sort", sort)
        app = RunsApp(A, B)
        async with app.run_test() as pilot:
            await pilot.pause()
            assert shown(app) == ["a", "b"]


async def test_a_filter_of_the_command_line_is_in_force_in_the_first_frame() -> None:
    app = RunsApp(A, B, C, line="tag:faces")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shown(app) == ["b"]
        assert "1 of 3" in app.text


async def test_runs_that_change_pass_or_fail_the_filter_by_themselves() -> None:
    app = RunsApp(A, B, line="loss<0.6")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shown(app) == ["a", "b"]
        app.take(replace(A, metrics={"loss": metric(0.9)}), B)
        await pilot.pause()
        assert shown(app) == ["b"]


@pytest.mark.slow
async def test_hostile_text_is_shown_in_its_cells_and_steers_nothing() -> None:
    evil = "\x1b]0;x\x07\x1b[2J[bold]x[/]\u202e\u2066" + "y" * 10_000 + "\n\r\t"
    wide = row("wide", name="日本語の実験 👨‍👩‍👧 e" + "\u0301" * 50, tags=("日本",))
    bad = row(
        "evil", name=evil, tags=(evil,), note=evil, owner=evil, script=evil, argv=(evil,), problems=(evil,),
        metrics={evil: metric(1.0)}, parameters={evil: evil}, status=over(Failed(1, evil)),
    )  # fmt: skip
    app = RunsApp(bad, wide, A)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("down", "up", "C", "escape")
        lines = app.text.splitlines()
        assert all(line.isprintable() for line in lines)
        ends = {line.rindex("2h") for line in lines if "2h" in line and "日" not in line}
        assert len(ends) == 1
        strips = app.screen._compositor.render_strips()
        assert {strip.cell_length for strip in strips} == {160}


async def test_a_damaged_run_says_what_is_wrong_in_a_cell_and_in_the_detail_line() -> None:
    app = RunsApp(row("hurt", status=Lost(None), problems=("spec.json is damaged: it is not JSON",)), A)
    async with app.run_test() as pilot:
        await pilot.pause()
        line = next(line for line in app.text.splitlines() if "› ?" in line)
        assert "damaged" in line
        assert "spec.json is damaged: it is not JSON" in app.text


@pytest.mark.slow
async def test_a_stop_shows_its_stage_and_counts_down() -> None:
    app = RunsApp(row("slow", status=Running(NOW - 60, stage=Stage.TERMINATING, stage_since=NOW, stage_until=NOW + 8)))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "terminating 8s" in app.text
        app.clock = lambda: NOW + 3
        app.runs._tick()
        await pilot.pause()
        assert "terminating 5s" in app.text


@pytest.mark.slow
async def test_a_loss_that_broke_is_seen() -> None:
    app = RunsApp(row("broken", metrics={"loss": metric(2.0, 1.0, math.nan)}))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "nan ▇▁×" in app.text


@pytest.mark.slow
async def test_sizes_are_measured_when_their_column_is_shown(tmp_path: Path) -> None:
    run = RunDir.create(tmp_path, "train")
    run.output_log.write_bytes(b"x" * 5000)
    app = RunsApp(Row(run.path, run.id), row("gone"))
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        assert not app.runs.workers
        await pilot.press("C", "slash", *"size", "enter", "space", "o", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "4.9K" in app.text
        assert shown(app)[0] == run.id


@pytest.mark.slow
@pytest.mark.parametrize(
    "size",
    [(20, 6), (1, 1), *(pytest.param(size, marks=pytest.mark.slow) for size in ((80, 24), (120, 40), (200, 60)))],
)
async def test_the_screen_stands_at_every_size(size: tuple[int, int]) -> None:
    app = RunsApp(*[row(f"r{index}") for index in range(80)])
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "pagedown", "slash", "r", "escape", "o")
        strips = app.screen._compositor.render_strips()
        assert len(strips) == size[1]
        if size != (1, 1):
            assert "› ✔ r" in app.text
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert "› ✔ r" in app.text


@pytest.mark.slow
async def test_at_large_sizes_the_run_under_the_cursor_shows_all_its_metrics_and_its_note() -> None:
    rows = [row("a", note="wider kernels", metrics={f"m{index}": metric(1.0, 2.0) for index in range(3)})]
    for size in ((120, 40), (200, 60)):
        app = RunsApp(*rows)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            assert "note wider kernels" in app.text
            assert all(f"m{index} " in app.text for index in range(3))


async def test_a_run_that_could_not_start_says_why_below_the_table() -> None:
    app = RunsApp(row("none", status=over(CouldNotStart("no such interpreter: /opt/python3.9"))))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "no such interpreter: /opt/python3.9" in app.text


@pytest.mark.slow
async def test_nothing_is_repainted_by_the_clock_behind_a_slow_line(monkeypatch: pytest.MonkeyPatch) -> None:
    app = RunsApp(A)
    async with app.run_test() as pilot:
        await pilot.pause()
        monkeypatch.setattr(compat, "busy", lambda _: True)
        before = app.text
        app.clock = lambda: NOW + 500
        app.runs._tick()
        await pilot.pause()
        assert app.text == before


@pytest.mark.slow
async def test_the_filter_line_has_the_keys_only_while_it_is_typed_in() -> None:
    app = RunsApp(A, B, C)
    async with app.run_test() as pilot:
        await pilot.press("slash", "s", "q")
        assert app.asked == []
        assert app.runs.query_one(FilterLine).text == "sq"
        await pilot.press("escape", "s")
        assert app.asked == [("stop", ("a",))]


@pytest.mark.slow
async def test_what_is_said_of_a_run_is_in_the_frame_of_its_row() -> None:
    app = RunsApp(row("a", note="the same"), row("b", note="the same"))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        preview = app.runs.query_one(RunPreview)
        app.table.action_cursor_down()
        assert preview.row is app.table.current, "at once, not a message later"
        await pilot.pause()
        said = app.text.splitlines()[preview.region.y :]
        assert "b" in said[0]
        assert any("the same" in line for line in said)
