"""What all pictures of the application share: how they are shown, how large a character is, and their numbers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from . import compat
from . import terminal as terminals
from .pixels.modes import Mode, choose

if TYPE_CHECKING:
    from textual.app import App

    from .line import Line
    from .terminal import Terminal

_CELL = (8, 16)  # pixels of a character where nobody tells: its shape is right nearly everywhere
RETRY = 0.05  # seconds until what waits for a slow terminal is looked at again, unless its answer comes first
LIGHT_BYTES = 40_000  # most of a frame on a slow line, all pictures together


class Showing:
    """`mode` is what pictures are drawn in now. `line` tells when it is slow: pictures that nobody forced get light.

    Where the terminal is on this machine there is no line: what is slow is then the terminal, or the machine.
    """

    def __init__(
        self, terminal: Terminal, wanted: str = "auto", line: Line | None = None, *, unicode: bool = True
    ) -> None:
        self._terminal = terminal
        self._line = None if terminal.here else line
        self._unicode = unicode
        self._free = list(range(16, 256))  # numbers of pictures that fit a colour of 256, less the 16 lowest
        self._handed_on = False
        self._light = False
        self._waiting: list[Callable[[], object]] = []
        self.over = False  # the application is being left: nothing more is sent
        self.choose(wanted)

    def choose(self, wanted: str) -> None:
        """Have pictures shown so from now on; "auto" leaves it to what the terminal can."""
        self.wanted = wanted
        self._chosen = choose(self._terminal, wanted, unicode=self._unicode)

    @property
    def light(self) -> bool:
        """Whether the line is too slow for all that the terminal could show."""
        return self._light and not self._chosen.forced and self._chosen.name not in ("ascii", "off")

    @property
    def mode(self) -> Mode:
        """How pictures are shown now."""
        if self.light:
            return replace(self._chosen, name="half", colors="256", why="the line is slow")
        return self._chosen

    def heed(self) -> str:
        """Look at the line again; what is to be said where that changes something, else ""."""
        if self._line is None or self._line.slow == self._light:
            return ""
        before = self.light
        self._light = self._line.slow
        if self.light == before:
            return ""
        if self.light:
            rate = max(round(self._line.rate / 1000), 1)
            return f"the line carries some {rate} KB/s: pictures are drawn light, in 256 colours (--images forces more)"
        return f"the line has become faster: pictures are drawn in full again ({self._chosen.name})"

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a character in pixels, now: a person may have made the letters larger."""
        columns, rows, width, height = terminals.size()
        if self._terminal.inside != "tmux" and columns and rows and width >= columns and height >= rows:
            return width // columns, height // rows
        return self._terminal.cell or _CELL

    @property
    def most_colours(self) -> int:
        """How many a sixel picture may have."""
        return min(self._terminal.registers or 256, 64)

    @property
    def has_number(self) -> bool:
        """Whether one is left to take."""
        return bool(self._free)

    def when_free(self, app: App[Any], what: Callable[[], object]) -> None:
        """Do it as soon as the terminal has swallowed what it was sent; what waits together is done together.

        So one frame is on its way at a time, and many pictures are one frame.
        """
        if not compat.busy(app):
            what()
            return
        if not self._waiting:
            app.set_timer(RETRY, partial(self._later, app))
        self._waiting.append(what)

    def free(self, app: App[Any]) -> None:
        """The terminal may be free now: what waits is done if it is."""
        if self._waiting and not compat.busy(app):
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                each()

    def _later(self, app: App[Any]) -> None:
        self.free(app)
        if self._waiting:
            app.set_timer(RETRY, partial(self._later, app))

    def take_number(self) -> int | None:
        """A number for a picture kept by the terminal; None where all are taken."""
        return self._free.pop(0) if self._free else None

    def give_back(self, number: int) -> None:
        """The number is free again; it is taken last, so that what was late for the old picture hits no new one."""
        self._free.append(number)

    def hand_on(self) -> None:
        """Have tmux hand on what it does not understand, in this pane, as long as the application runs."""
        if self._chosen.tmux and not self._terminal.passthrough and not self._handed_on:
            self._handed_on = _tmux("set", "-p", "allow-passthrough", "on")

    def end(self) -> None:
        """Leave tmux as it was."""
        if self._handed_on:
            self._handed_on = False
            _tmux("set", "-pu", "allow-passthrough")


def _tmux(*words: str) -> bool:
    try:
        return subprocess.run(["tmux", *words], capture_output=True, timeout=2, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
