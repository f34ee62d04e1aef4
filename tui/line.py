"""How much the line to the terminal carries, learned from frames whose end the terminal has confirmed."""

from __future__ import annotations

LEAST = 4096  # bytes: with fewer the way there and back is all that is measured
SLOW = 250_000  # bytes a second below which a line is slow …
FELT = 0.2  # … where a frame also takes so many seconds
FAST = 500_000  # bytes a second from which it no longer is
TWICE, THRICE = 2, 3  # so many frames in a row, to call it slow and to call it fast again


class Line:
    """Told of each answer; `slow` changes only after several that agree."""

    def __init__(self) -> None:
        self.slow = False
        self.rate = 0.0  # bytes a second of the last frame that told something, 0 for none
        self._trip: float | None = None
        self._against = 0

    def carried(self, size: int, seconds: float) -> None:
        """The terminal answered `seconds` after it was sent `size` bytes."""
        if size < LEAST:
            self._trip = seconds if self._trip is None else min(seconds, self._trip * 1.1)
            return
        took = max(seconds - (self._trip or 0.0), 1e-4)
        self.rate = size / took
        against = self.rate >= FAST if self.slow else self.rate < SLOW and took > FELT
        self._against = self._against + 1 if against else 0
        if self._against >= (THRICE if self.slow else TWICE):
            self.slow, self._against = not self.slow, 0
