"""The report of a study, on the screen of its run."""

from __future__ import annotations

from pathlib import Path

import pytest
from seen import shows, until
from stage import NOW, StageApp, World, over

from trainvis.engine.rundir import RunDir, Spec
from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import Done
from trainvis.tui.screens.run import RunScreen
from trainvis.tui.widgets.report import read

TEXT = "# Faces: \x1b[2J few\n\nSome **words**.\n\n" + "".join(
    f"## Part {part}\n\n" + f"A line of {part}.\n\n" * 20 for part in range(4)
)


def staged(runs: Path, report: str | None) -> StageApp:
    run = RunDir.create(runs, "study", NOW)
    run.write_spec(Spec(module="trainvis.face_exp.study"))
    if report is not None:
        run.results.mkdir(exist_ok=True)
        run.report_file.write_text(report)
    row = Row(run.path, run.id, status=over(Done()), started=NOW - 60)
    return StageApp(World(Snapshot(run.path.parent, NOW, (row,))), lambda: RunScreen(run.path))


def test_it_is_harmless_and_broken_to_its_width(tmp_path: Path):
    path = tmp_path / "report.md"
    path.write_text(TEXT + "word " * 100)
    lines = read(path, 40)
    assert max(len(line.text) for line in lines) <= 40
    assert not any("\x1b" in line.text for line in lines)
    assert lines[0].text.startswith("Faces: ␛[2J few")
    assert "cannot be read" in read(tmp_path / "none.md", 40)[0].text


async def test_it_is_a_pane_of_runs_that_have_one_and_keys_go_through_its_parts(runs: Path):
    app = staged(runs, TEXT)
    async with app.run_test(size=(80, 24)) as pilot:
        await shows(pilot, "6 report")
        await pilot.press("6")
        await shows(pilot, "Faces: ␛[2J few", "Some words.", "Part 0")
        for key, seen in (
            ("right_square_bracket", "Part 0"),
            ("right_square_bracket", "Part 1"),
            ("G", "A line of 3."),
        ):
            await pilot.press(key)
            await shows(pilot, seen)
        await pilot.press("tab")  # after the last pane comes the first
        await shows(pilot, "Facts")


@pytest.mark.slow
async def test_other_runs_have_no_such_pane_and_the_key_says_so(runs: Path):
    app = staged(runs, None)
    async with app.run_test(size=(100, 24)) as pilot:
        await shows(pilot, "5 network")
        await pilot.press("6")
        await until(pilot, app.words, "a word")
        assert app.words() == ["this run has no report: a study of faces gets one"]
        await pilot.press("shift+tab")
        assert app.screen.pane == "network"  # type: ignore[attr-defined]
