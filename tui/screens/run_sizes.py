"""How much disk each run takes: a walk through its folder, so only where somebody wants to see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...engine.rows import Row
from ...engine.rundir import RunDir
from ...engine.status import alive

AGAIN = 30.0  # seconds after which the size of a run that is alive is looked at again


class RunSizes:
    """Sizes found so far. `walk` is for a thread, everything else for the screen."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {}
        self._rows: dict[str, tuple[Row, Row]] = {}
        self._looked = 0.0

    def put_into(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows with their sizes as far as they are known; a row whose size is what it was is the same object."""
        return [self._sized(row) for row in rows] if self._found else rows

    def _sized(self, row: Row) -> Row:
        size = self._found.get(row.id)
        if size is None or row.size is not None:
            return row
        before = self._rows.get(row.id)
        if before is None or before[0] is not row or before[1].size != size:
            before = self._rows[row.id] = (row, replace(row, size=size))
        return before[1]

    def missing(self, rows: Sequence[Row], now: float) -> list[Row]:
        """The rows to look at: those never seen, and now and then those that still grow."""
        again = now - self._looked > AGAIN
        return [row for row in rows if row.id not in self._found or (again and alive(row.status))]

    def walk(self, rows: Sequence[Row], now: float, go_on: Callable[[], bool]) -> None:
        """Look at each run until `go_on` says no."""
        from ...engine.runs import size

        self._looked = now
        for row in rows:
            if not go_on():
                return
            self._found[row.id] = size(RunDir(row.path))
