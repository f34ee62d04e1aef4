"""Whether the terminal has swallowed what was drawn: it is asked after a frame, and its answer comes back in order.

A queue that is empty here says little: sshd, the network and the terminal together hold megabytes. So after a frame
goes the question for the cursor's position (DSR 6, answered by every terminal since the VT100). Until the answer is
back, live repaints wait; what a key changes is drawn at once.
"""

from __future__ import annotations

from collections.abc import Callable

from .line import Line

QUESTION = "\x1b[6n"
PATIENCE = 5.0  # seconds after which an answer counts as lost
DEAF = 1.0  # seconds for the first answer of all; a terminal that gives none is never asked again


class Flow:
    """Asks with `write`, tells time with `clock` (seconds, monotonic); one question on its way at a time."""

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float]) -> None:
        self._write = write
        self._clock = clock
        self.line = Line()
        self._sent = self._carried = 0
        self._asked: float | None = None
        self._drawn_since = False
        self._heard = False
        self._deaf = False

    def sent(self, size: int) -> None:
        """So many bytes were written; the next question is asked behind them."""
        self._sent += size

    def drawn(self) -> None:
        """A frame was sent."""
        if self._deaf:
            return
        if self.waiting():
            self._drawn_since = True
        elif not self._deaf:
            self._ask()

    def answered(self) -> None:
        """The terminal has swallowed everything up to the question."""
        if self._asked is not None:
            self.line.carried(self._carried, self._clock() - self._asked)
        self._asked, self._heard = None, True
        if self._drawn_since:
            self._ask()

    def waiting(self) -> bool:
        """Whether something that was drawn is still on its way."""
        if self._asked is None:
            return False
        if self._clock() - self._asked < (PATIENCE if self._heard else DEAF):
            return True
        self._asked, self._deaf = None, not self._heard
        return False

    def _ask(self) -> None:
        self._asked, self._drawn_since = self._clock(), False
        self._carried, self._sent = self._sent, 0
        self._write(QUESTION)
