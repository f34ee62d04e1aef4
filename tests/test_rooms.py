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


DOORS = ("", ".engine", ".vis", ".datasets", ".face_exp", ".tui", ".tui.screens", ".tui.commands")
ENGINE = ("launch", "runs", "rundir", "metrics", "query")
HELP = """
import sys
sys.argv = ["trainvis", "--help"]
from trainvis.tui.commands.main import main
try:
    main()
except SystemExit:
    pass
"""
# In one interpreter: what comes later has more than what came before.
STEPS = {
    "doors": "\n".join(f"import trainvis{room}" for room in DOORS),
    "engine": "\n".join(f"import trainvis.engine.{room}" for room in ENGINE),
    "help": HELP,
}


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """The top names of all modules that a fresh interpreter has after each step."""
    tell = "\nimport sys, json; sys.__stdout__.write('\\nloaded ' + json.dumps(sorted(sys.modules)) + '\\n')\n"
    code = tell.join([*STEPS.values(), ""])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = [line for line in done.stdout.splitlines() if line.startswith("loaded ")]
    names = [{name.partition(".")[0] for name in json.loads(line.removeprefix("loaded "))} for line in said]
    return dict(zip(STEPS, names, strict=True))


def test_the_door_of_a_room_loads_nothing(loaded: dict[str, set[str]]) -> None:
    assert not loaded["doors"] & (HEAVY | {"textual", "rich", "click"})


def test_what_a_command_needs_of_the_engine_is_standard_library(loaded: dict[str, set[str]]) -> None:
    assert not loaded["engine"] & (HEAVY | {"textual", "rich", "click"})


def test_the_help_of_the_command_line_costs_what_click_costs(loaded: dict[str, set[str]]) -> None:
    assert "click" in loaded["help"]
    assert not loaded["help"] & (HEAVY | {"textual", "rich", "asyncio"})


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
