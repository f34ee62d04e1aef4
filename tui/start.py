"""From the command line to the application: what has to happen before Textual is imported."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from ..engine.errors import TrainvisError
from . import terminal

# How Textual (and rich below it) spell the number of colours.
_TEXTUAL = {"truecolor": "truecolor", "256": "256", "16": "standard", "none": "standard"}


def run_app(root: Path | None = None, open_run: str = "", filter: str = "", color: str = "auto") -> int:  # noqa: A002
    """Probe the terminal, then run the application on the runs folder `root`; the exit code.

    `open_run` is the path of a run to show first, `filter` a filter line, `color` auto, truecolor, 256, 16 or none.
    """
    try:
        return _run(root, open_run, filter, color)
    except TrainvisError as error:
        print(error, file=sys.stderr)  # noqa: T201 (before the screen is taken, and after it is given back)
        return 1


def _run(root: Path | None, open_run: str, filter: str, color: str) -> int:  # noqa: A002
    from ..engine.places import runs_folder
    from .settings import read_settings

    folder = runs_folder(root)
    settings = read_settings()
    found = terminal.look(settings.color if color == "auto" else color)
    if found.problem:
        print(found.problem, file=sys.stderr)  # noqa: T201
        return 1
    prepare(found)

    # Only now, after the probe: Textual reads these variables when it is imported.
    from ..engine.runs import load_index
    from .app import TrainvisApp

    # A closed line ends the application at once, whatever its parent thought of hang-ups; runs are not its children.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    app = TrainvisApp(folder, settings, found, kept=load_index(folder), filter=filter, open_run=open_run)
    app.run()
    return app.return_code or 0


def prepare(found: terminal.Terminal) -> None:
    """Tell Textual, through the environment, what it would otherwise guess or wait for."""
    os.environ["TEXTUAL_COLOR_SYSTEM"] = _TEXTUAL[found.colors]
    # Textual waits 100 ms after escape for the rest of a sequence. Over a slow line sequences arrive in one packet too.
    os.environ.setdefault("ESCDELAY", "40")
    if found.colors == "none":
        os.environ.setdefault("NO_COLOR", "1")
