"""Saving something into a file from anywhere: a dialog for the name, a question before anything is written over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.errors import TrainvisError
from ..engine.text import printable
from . import compat

if TYPE_CHECKING:
    from .app import TrainvisApp
    from .drawing.screenshot import Shot
    from .figures.sheet import Sheet
    from .pixels.raster import Raster
    from .pixels.tone import Tone


def save(app: TrainvisApp, title: str, hint: str, proposed: Path, write: Callable[[Path], object]) -> None:
    """Ask for a name, `proposed` to begin with, and call `write` with it in a thread; the end is said in a word."""
    app.run_worker(_saved(app, title, hint, proposed, write), group="saving", exit_on_error=False)


async def _saved(app: TrainvisApp, title: str, hint: str, proposed: Path, write: Callable[[Path], object]) -> None:
    from .screens.dialogs import Ask, Confirm

    answer = await app.push_screen_wait(Ask(title, hint, str(proposed), keys="enter save · esc leave"))
    if not answer or not answer.strip():
        return
    path = Path(answer.strip())
    try:
        path = path.expanduser()
        path = path if path.suffix else path.with_suffix(proposed.suffix)
        there = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        app.say(f"this is no name for a file: {error}", "error")
        return
    if there and not await app.push_screen_wait(Confirm(f"{path.name} is there already. Write over it?", str(path))):
        return
    try:
        await asyncio.to_thread(write, path)
    except TrainvisError as error:
        app.say(str(error), "error")
    else:
        app.say(f"saved as {printable(path)}")


def save_screen(app: TrainvisApp) -> None:
    """Save what is on the screen now: it is taken before the dialog for the name lies over it."""
    from .drawing import screenshot

    shot = taken(app)
    proposed = Path.cwd() / time.strftime("trainvis-%Y%m%d-%H%M%S.png", time.localtime(app.clock()))
    save(
        app,
        "Save the screen",
        "A name that ends in .png, .svg or .txt",
        proposed,
        lambda path: screenshot.save(shot, path),
    )


def save_picture(
    app: TrainvisApp, sheet: Sheet, chosen: tuple[int, ...], tone: Tone, over: Raster | None = None
) -> None:
    """Save what a screen shows of a figure: the items `chosen` of a sheet (none: all), whole and in all its pixels.

    `over` is a map over its photo, which is saved as it is seen.
    """
    from .pictures_out import named

    if sheet.entry is None:
        app.say("there is no picture to save yet", "warning")
        return
    dark = app.current_theme.dark
    save(
        app,
        "Save the picture",
        named.HINT,
        named.proposed(sheet, chosen, Path.cwd()),
        lambda path: named.save_as(path, sheet, chosen, tone, dark=dark, over=over),
    )


def taken(app: TrainvisApp) -> Shot:
    """What is on the screen now; pictures that the terminal has as pixels are drawn as blocks for it."""
    from .drawing.screenshot import Shot

    pictures = app.pictures
    wanted, pixels = pictures.wanted, pictures.mode.pixels
    if pixels:
        pictures.choose("quadrant")
    try:
        return Shot(compat.screen_segments(app.screen), app.export_screenshot(title="trainvis"), app.ansi_theme)
    finally:
        if pixels:
            pictures.choose(wanted)
            app.redraw_pictures()
