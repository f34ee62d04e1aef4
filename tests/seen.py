"""Waiting until a screen shows something."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from textual.css.query import NoMatches
from textual.pilot import Pilot

from trainvis.tui.compat import screen_text


async def until(pilot: Pilot[Any], condition: Callable[[], object], what: str) -> None:
    """Let the application run until `condition` holds; AssertionError with what it shows after 30 s without.

    It may ask for widgets that have not been put on the screen yet.
    """

    def holds() -> object:
        try:
            return condition()
        except NoMatches:
            return False

    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, f"waited for {what}; the screen shows:\n{screen_text(pilot.app.screen)}"
        await pilot.pause(0.01)


async def shows(pilot: Pilot[Any], *texts: str) -> None:
    """Let the application run until the screen shows all of `texts`."""

    def seen() -> bool:
        shown = screen_text(pilot.app.screen)
        return all(text in shown for text in texts)

    await until(pilot, seen, f"{texts}")
