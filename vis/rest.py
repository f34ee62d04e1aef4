"""A rest for what keeps failing: longer after each failure."""

from __future__ import annotations

LONGEST = 60.0  # seconds
_SHORTEST = 0.1


class Rest:
    """Whether something that failed is left alone for now. Time is an argument, in seconds of any one clock."""

    __slots__ = ("failures", "until")

    def __init__(self) -> None:
        self.failures = 0
        self.until = float("-inf")

    def over(self, now: float) -> bool:
        """Whether it may be tried (again)."""
        return now >= self.until

    def failed(self, now: float) -> None:
        """It failed: twice as long a rest as after the failure before."""
        self.failures += 1
        # Not 2.0**failures: after a thousand failures that is no float any more.
        self.until = now + min(_SHORTEST * 2.0 ** min(self.failures - 1, 30), LONGEST)

    def worked(self) -> None:
        """It did what it is for: the next failure is a first one."""
        self.failures = 0
        self.until = float("-inf")
