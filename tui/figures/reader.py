"""The thread that reads figures for a screen: which there are, and the sheets that are wanted."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from textual.message import Message

from ...engine.errors import TrainvisError
from ...engine.metrics import Tail, objects
from ...engine.rundir import RunDir
from ...engine.text import printable
from ...vis import names
from ...vis.results import Entry, Results
from .sheet import Ask, Sheet, entry_of, read_sheet, with_whole

LOOK_EVERY = 0.5  # seconds between looks at the folder of a run that is alive
_KEPT = 12 << 20  # bytes of sheets that are kept: a step back shows at once


@dataclass(frozen=True, slots=True)
class Shelf:
    """The figures of a run: under each name its entries by step. `problems` are (what had it, its sentence)."""

    run: Path
    figures: Mapping[str, tuple[Entry, ...]]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """The techniques that had a problem and made no figure."""
        found = dict.fromkeys(name for name, _ in self.problems if name not in self.figures and _is_technique(name))
        return tuple(found)

    def said_of(self, name: str) -> tuple[str, ...]:
        """The problems of a figure, oldest first."""
        return tuple(text for part, text in self.problems if part == name)


class ShelfSeen(Message):
    """A run has these figures now."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf


class SheetRead(Message):
    """What `want(key, …)` asked for."""

    def __init__(self, key: str, sheet: Sheet) -> None:
        super().__init__()
        self.key, self.sheet = key, sheet


class FigureReader:
    """Follows the figures of some runs and reads sheets; posts ShelfSeen and SheetRead."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._followed: dict[Path, bool] = {}
        self._wanted: OrderedDict[str, Ask] = OrderedDict()
        self._results: dict[Path, Results] = {}
        self._problems: dict[Path, tuple[Tail, list[tuple[str, str]]]] = {}
        self._shelves: dict[Path, Shelf] = {}
        self._kept: OrderedDict[tuple[Ask, Entry | None], Sheet] = OrderedDict()
        self._bytes = 0
        self._stamps: dict[Path, object] = {}
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="trainvis-figures", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; it is not waited for."""
        self._stopped = True
        self._wake.set()

    def follow(self, runs: Mapping[Path, bool]) -> None:
        """Tell the figures of these runs, at once and whenever there are others; True: the run is alive."""
        with self._lock:
            self._followed = dict(runs)
            for gone in [path for path in self._shelves if path not in runs]:
                del self._shelves[gone]
        self._wake.set()

    def want(self, key: str, ask: Ask) -> None:
        """Read this sheet. A key that wants another one before the last is read gets only the newest."""
        with self._lock:
            self._wanted.pop(key, None)
            self._wanted[key] = ask
        self._wake.set()

    def forget(self) -> None:
        """Nothing that was asked for is wanted any more."""
        with self._lock:
            self._wanted.clear()

    def _work(self) -> None:
        while not self._stopped:
            self._wake.clear()
            self._read_wanted()
            with self._lock:
                followed = dict(self._followed)
            for path in followed:
                self._look(path)
                self._read_wanted()
            living = any(followed.values())
            self._wake.wait(LOOK_EVERY if living else None)

    def _read_wanted(self) -> None:
        while not self._stopped:
            with self._lock:
                if not self._wanted:
                    return
                key, ask = self._wanted.popitem(last=False)
            try:
                sheet = self._sheet(ask)
            except Exception as error:  # noqa: BLE001 (the end of a thread: it becomes a sentence on the screen)
                sheet = Sheet(ask, problem=f"{printable(ask.name, 80)} cannot be read: {printable(error, 200)}")
            self._post(SheetRead(key, sheet))

    def _sheet(self, ask: Ask) -> Sheet:
        shelf = self._shelves.get(ask.run)
        steps = shelf.figures.get(ask.name) if shelf is not None else None
        entry = entry_of(ask, steps) if steps else None
        if entry is None:  # not seen yet, or nobody follows that run
            steps = self._of(ask.run).steps(ask.name)
            entry = entry_of(ask, steps)
        kept = self._kept.get((ask, entry))
        if kept is not None:
            self._kept.move_to_end((ask, entry))
            return kept
        thumbnails = (replace(ask, full=()), entry)
        if thumbnails in self._kept:
            self._kept.move_to_end(thumbnails)
            sheet = with_whole(self._kept[thumbnails], ask)
        else:
            sheet = read_sheet(ask, steps)
        if entry is not None and not sheet.problem:
            self._kept[ask, entry] = sheet
            self._bytes += sheet.bytes
            while self._bytes > _KEPT and len(self._kept) > 1:
                self._bytes -= self._kept.popitem(last=False)[1].bytes
        return sheet

    def _of(self, run: Path) -> Results:
        if run not in self._results:
            self._results[run] = Results(RunDir(run))
        return self._results[run]

    def _look(self, path: Path) -> None:
        stamp = _stamp(path)
        if path in self._shelves and stamp == self._stamps.get(path):
            return
        self._stamps[path] = stamp
        try:
            results = self._of(path)
            shelf = Shelf(path, {name: results.steps(name) for name in results.names()}, self._said(path))
        except Exception as error:  # noqa: BLE001 (as above)
            shelf = Shelf(path, {}, (("", f"the figures cannot be listed: {printable(error, 200)}"),))
        with self._lock:
            if path not in self._followed or self._shelves.get(path) == shelf:
                return
            self._shelves[path] = shelf
        self._post(ShelfSeen(shelf))

    def _said(self, path: Path) -> tuple[tuple[str, str], ...]:
        """The lines of problems.jsonl; the last hundred."""
        tail, said = self._problems.setdefault(path, (Tail(RunDir(path).problems_file), []))
        while lines := tail.more():
            for line in objects(lines):
                part, text = line.get("part"), line.get("text")
                if isinstance(text, str):
                    said.append((printable(part, 80) if part else "", printable(text, 400)))
        del said[:-100]
        return tuple(said)


def _is_technique(name: str) -> bool:
    try:
        names.parse(name)
    except TrainvisError:
        return False
    return True


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a figure comes or goes: ten thousand files need not be listed twice a second."""
    run = RunDir(path)
    found: list[tuple[str, int, int]] = []
    with suppress(OSError), os.scandir(run.results) as folders:
        found += [(each.name, (facts := each.stat()).st_mtime_ns, facts.st_size) for each in folders]
    with suppress(OSError):
        facts = run.problems_file.stat()
        found.append(("", facts.st_mtime_ns, facts.st_size))
    return tuple(sorted(found))
