"""Every use of Textual's private parts, each with a test in tests/tui/test_compat.py.

Textual is pinned below 9 for the sake of this file.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen


def busy(app: App[Any]) -> bool:
    """Whether the terminal is still swallowing earlier output.

    Textual writes through a thread with a queue of 30 frames and blocks the whole application when it is full. On a
    slow line live repaints therefore wait for an empty queue, so that the answer to a key is never behind them.
    """
    driver = app._driver
    writer = getattr(driver, "_writer_thread", None)
    return writer is not None and not writer._queue.empty()


def write(app: App[Any], sequence: str) -> None:
    """Send a control sequence of our own to the terminal, in order with the frames."""
    if app._driver is not None and not app.is_headless:
        app._driver.write(sequence)


def screen_text(screen: Screen[Any]) -> str:
    """What a screen shows, as plain lines, as the compositor has it now."""
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def crash_text(error: BaseException) -> str:
    """The traceback of an error as plain text, without the values of variables (they may be secrets)."""
    return "".join(traceback.format_exception(error))
