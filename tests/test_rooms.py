"""The walls between the rooms, and what must not be loaded where speed is felt."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from window import Window

from trainvis.engine.rundir import RunDir, Spec, State
from trainvis.engine.runs import save_index, snapshot

HERE = Path(__file__).parent.parent
HEAVY = {"numpy", "h5py", "PIL", "watchdog", "lmdb", "keras", "tensorflow", "torch", "jax"}

# The application, which writes the names of its modules into a file when its first frame is drawn, and leaves.
FIRST_FRAME = """
import json, sys
from trainvis.tui import app, start

def drawn(self):
    if "first-frame-run" in app.compat.screen_text(self.screen):
        open(sys.argv[1], "w").write(json.dumps(sorted(sys.modules)))
        self.exit()

app.TrainvisApp.post_display_hook = drawn
app.TrainvisApp.on_ready = lambda self: None  # what follows the first frame may load what it likes
sys.exit(start.run_app())
"""


@pytest.mark.slow
def test_the_walls_between_the_rooms_stand() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def modules_after(code: str) -> set[str]:
    """The top names of all modules that `code` loads in a fresh interpreter."""
    code = f"{code}\nimport sys, json; sys.__stdout__.write('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_the_help_of_the_command_line_costs_what_click_costs() -> None:
    code = """
import sys
sys.argv = ["trainvis", "--help"]
from trainvis.tui.commands.main import main
try:
    main()
except SystemExit:
    pass
"""
    assert not modules_after(code) & (HEAVY | {"textual", "rich", "asyncio"})


def test_what_a_command_needs_of_the_engine_is_standard_library() -> None:
    rooms = ("launch", "runs", "rundir", "metrics", "query")
    code = "\n".join(f"import trainvis.engine.{room}" for room in rooms)
    assert not modules_after(code) & (HEAVY | {"textual", "rich", "click"})


def test_the_door_of_a_room_loads_nothing() -> None:
    rooms = ("", ".engine", ".vis", ".datasets", ".face_exp", ".tui", ".tui.screens", ".tui.commands")
    code = "\n".join(f"import trainvis{room}" for room in rooms)
    assert not modules_after(code) & (HEAVY | {"textual", "rich", "click"})


@pytest.mark.kills
def test_the_first_frame_loads_nothing_heavy(runs: Path, tmp_path: Path) -> None:
    run = RunDir.create(runs, "first-frame-run")
    run.write_spec(Spec(script="/first.py", created=1.0))
    run.write_state(State(status="finished", why="done", started=1.0, ended=2.0))
    save_index(snapshot(runs))
    names = tmp_path / "modules.json"
    with Window([sys.executable, "-c", FIRST_FRAME, str(names)]) as window:
        assert window.wait() == 0, window.text()
    loaded = {name.partition(".")[0] for name in json.loads(names.read_text())}
    assert "textual" in loaded
    assert not loaded & HEAVY
