"""From the command line to the application: the terminal is probed while Textual is imported."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path

from ..engine.errors import SettingsError, TrainvisError
from ..engine.text import printable
from . import terminal


def run_app(
    root: Path | None = None,
    open_run: str = "",
    filter: str = "",  # noqa: A002 (the word of the command line)
    color: str = "auto",
    images: str = "",
    open_file: str = "",
) -> int:
    """Probe the terminal, then run the application on the runs folder `root`; the exit code.

    `open_run` is the path of a run to show first, `filter` a filter line, `color` auto, truecolor, 256, 16 or none,
    `images` how pictures are shown ("": as environment or settings say), `open_file` a file to look into first.
    """
    try:
        return _run(root, open_run, filter, color, images, open_file)
    except TrainvisError as error:
        print(error, file=sys.stderr)  # noqa: T201 (before the screen is taken, and after it is given back)
        return 1


def images_wanted(asked: str, settings: str) -> str:
    """How pictures are to be shown: the command line comes first, then $TRAINVIS_IMAGES, then the settings file."""
    from .pixels.modes import WORDS

    wanted = asked or os.environ.get("TRAINVIS_IMAGES", "") or settings
    if wanted not in WORDS:
        raise SettingsError(f"TRAINVIS_IMAGES should be one of {', '.join(WORDS)}, and is {printable(wanted, 40)}")
    return wanted


def _run(root: Path | None, open_run: str, filter: str, color: str, images: str, open_file: str) -> int:  # noqa: A002
    # Nothing made until the first frame is garbage; looking for some would cost a tenth of the time.
    # `TrainvisApp.on_ready` switches it on again.
    gc.disable()
    from ..engine.places import runs_folder
    from .settings import read_settings

    folder = runs_folder(root)
    settings = read_settings()
    wanted = images_wanted(images, settings.images)
    # Textual waits 100 ms after escape for the rest of a sequence; over a slow line sequences arrive in one packet too.
    os.environ.setdefault("ESCDELAY", "40")
    probe = terminal.ask(settings.color if color == "auto" else color)
    try:
        # While the question travels: this is where nearly all of the start's time goes.
        from ..engine.runs import load_index
        from . import compat
        from .app import TrainvisApp

        kept = load_index(folder)
    finally:
        found = probe.answer()
    if found.problem:
        print(found.problem, file=sys.stderr)  # noqa: T201
        return 1
    compat.set_colors(found.colors)
    # Python takes these for the size of the terminal, for ever: the application would never follow a resize.
    for fixed in ("COLUMNS", "LINES"):
        os.environ.pop(fixed, None)
    # A closed line ends the application at once, whatever its parent thought of hang-ups; runs are not its children.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    app = TrainvisApp(
        folder, settings, found, kept=kept, filter=filter, open_run=open_run, images=wanted, open_file=open_file
    )
    try:
        app.run()
    finally:
        app.pictures.end()  # only now: tmux has to hand on that the pictures are to be forgotten
    return app.return_code or 0
