"""The thread that reads metrics for the curves: a coarse picture first, then all of it, then what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from textual.message import Message

from ...engine.rundir import RunDir
from ...engine.text import printable
from ..drawing.charts import Recorded, RunCurves

if TYPE_CHECKING:
    from ...engine.columns import Curves, Reader

LOOK_EVERY = 0.25  # seconds between looks at the file of a run that is alive
_LARGE = 4 << 20  # bytes from which a coarse picture comes first


class Read(Message):
    """What was read of one run. `fresh` replaces all that was known of it, else `curves` continues it."""

    def __init__(
        self, path: Path, curves: Curves | None = None, fresh: RunCurves | None = None, problem: str = ""
    ) -> None:
        super().__init__()
        self.path, self.curves, self.fresh, self.problem = path, curves, fresh, problem


def recorded(path: Path, curves: Curves, weight: float = 0.0, *, partial: bool = False) -> RunCurves:
    """The curves of a run ready to be drawn: extremes and, at `weight`, smoothing are computed here."""
    run = RunCurves(path.name, path.name, partial=partial)
    continue_(run, curves)
    smooth(run, weight)
    return run


def smooth(run: RunCurves, weight: float) -> None:
    """Have the averages ready where some are shown."""
    if weight:
        for metric in run.metrics.values():
            metric.ready(weight)


def continue_(run: RunCurves, curves: Curves) -> None:
    """Add what is new in `curves`, whose arrays begin with what `run` knows already."""
    run.running = frozenset(printable(name) for name in curves.running)
    starts = [float(series.times[0]) for series in curves.series.values() if len(series.times)]
    origin = float(np.min(starts)) if starts else 0.0
    for name, series in curves.series.items():
        metric = run.metrics.setdefault(printable(name), Recorded(origin))
        metric.extend(series.steps, series.epochs, series.times, series.values)


def apply(runs: dict[Path, RunCurves], read: Read) -> None:
    """Put what was read where it belongs. Called where the curves are drawn, so that none grows under the pen."""
    if read.fresh is not None:
        runs[read.path] = read.fresh
    elif read.curves is not None and read.path in runs:
        continue_(runs[read.path], read.curves)


class CurveReader:
    """Follows the metrics of some runs and posts what it finds. `weight` is the smoothing to have ready."""

    def __init__(self, post: Callable[[Read], None]) -> None:
        self.weight = 0.0
        self._post = post
        self._wanted: dict[Path, bool] = {}
        self._readers: dict[Path, Reader] = {}
        self._done: set[Path] = set()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="trainvis-curves", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; it is not waited for, a read may take a moment."""
        self._stopped = True
        self._wake.set()

    def follow(self, wanted: Mapping[Path, bool], weight: float) -> None:
        """Read these runs; those that map to True are alive and looked at again and again."""
        self.weight = weight
        revived = {path for path in wanted if self._wanted.get(path) != wanted[path]}
        self._wanted = dict(wanted)
        self._done -= revived
        self._wake.set()

    def _work(self) -> None:
        while not self._stopped:
            self._wake.clear()
            wanted = dict(self._wanted)
            for path in [path for path in self._readers if path not in wanted]:
                self._close(path)
            for path, living in wanted.items():
                if path not in self._done and not self._stopped:
                    self._look(path, living)
            pending = any(living for living in wanted.values())
            self._wake.wait(LOOK_EVERY if pending else None)
        for path in list(self._readers):
            self._close(path)

    def _look(self, path: Path, living: bool) -> None:
        try:
            self._advance(path)
        except Exception as error:  # noqa: BLE001 (the end of a thread: it becomes a sentence in the chart)
            self._post(Read(path, problem=f"the metrics of {printable(path.name)} cannot be read: {printable(error)}"))
            self._close(path)
        if not living:
            # Nothing more will come; should the run be continued, `follow` says that it lives.
            self._done.add(path)

    def _advance(self, path: Path) -> None:
        from ...engine.columns import Reader

        file = RunDir(path).metrics_file
        reader = self._readers.get(path)
        if reader is not None:
            while (curves := reader.more()) is not None and not self._stopped:
                fresh = recorded(path, curves, self.weight) if curves.restarted else None
                self._post(Read(path, curves, fresh))
            return
        self._coarse(path, file)
        reader = self._readers[path] = Reader(file)
        # All of it is computed here, while others parse; only what comes later is added where it is drawn.
        fresh = RunCurves(path.name, path.name)
        while (curves := reader.more()) is not None and not self._stopped:
            if curves.restarted:
                fresh = RunCurves(path.name, path.name)
            continue_(fresh, curves)
            smooth(fresh, self.weight)
        self._post(Read(path, fresh=fresh, problem=self._problem(reader, path)))

    @staticmethod
    def _problem(reader: Reader, path: Path) -> str:
        # A run that has not recorded anything yet has no file, which is no problem.
        return printable(reader.problem) if reader.problem and RunDir(path).metrics_file.exists() else ""

    def _coarse(self, path: Path, file: Path) -> None:
        from ...engine.columns import coarse

        try:
            large = file.stat().st_size >= _LARGE
        except OSError:
            return
        if large:
            self._post(Read(path, fresh=recorded(path, coarse(file), self.weight, partial=True)))

    def _close(self, path: Path) -> None:
        reader = self._readers.pop(path, None)
        if reader is not None:
            reader.close()
