from __future__ import annotations

import dataclasses
from pathlib import Path

from recorded import closed, until, write
from stage import NOW, StageApp, World

from trainvis.engine.runs import Snapshot
from trainvis.tui import compat
from trainvis.tui.screens.curves import CurvesScreen
from trainvis.tui.widgets.curves import Curves


async def test_marked_runs_share_charts_and_follow_the_snapshots(runs: Path) -> None:
    rows = tuple(closed(write(runs, name)) for name in ("base", "wide"))
    world = World(Snapshot(runs, NOW, rows))
    app = StageApp(world)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        app.open_curves([row.path for row in rows])
        await until(pilot, lambda: "a base  b wide" in compat.screen_text(app.screen), "both runs")
        curves = app.screen.query_one(Curves)
        assert curves.has_focus
        world.now = dataclasses.replace(world.now, rows=(dataclasses.replace(rows[0], name="renamed"),))
        app.look_now()
        await until(pilot, lambda: [run.title for run in curves.shown] == ["renamed"], "the other run to leave")
        await pilot.press("enter", "escape")
        assert isinstance(app.screen, CurvesScreen), "escape left the full screen only"
        await pilot.press("escape")
        assert not isinstance(app.screen, CurvesScreen)
