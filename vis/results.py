"""The figures of a run: `results/<name>/<step>.h5`, and a line for each in `results/figures.jsonl`.

The name is that of the technique or the user's own; a second one of the same name gets "-2". What lies in the folder
is what there is: a line without its file counts for nothing, a file without its line is found all the same. Nothing
here opens a figure file, and listing loads neither NumPy nor HDF5.
"""

from __future__ import annotations

import heapq
import itertools
import json
import math
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..engine.files import append_line
from ..engine.metrics import Tail, number, objects, spelled
from ..engine.rundir import RunDir
from ..engine.text import printable

if TYPE_CHECKING:
    from .figures import Figure

Why: TypeAlias = Literal["", "first", "interval", "last", "wish"]

_FILE = re.compile(r"(\d{1,18})\.h5")
_REASONS = ("", "first", "interval", "last", "wish")


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure file, without a look into it. `name` is its folder, `size` its bytes, `seconds` what it cost to make.

    `why` says what it was made for: the first or the last of a training, its interval, or a person's wish. Of a file
    that no line tells of only name, step, size and time are known; the rest is empty, 0 or NaN.
    """

    name: str
    step: int
    technique: str = ""
    epoch: float = math.nan
    fit: int = 0
    time: float = math.nan
    size: int = 0
    seconds: float = 0.0
    compile_seconds: float = 0.0
    why: Why = ""

    def to_line(self, **more: Any) -> str:
        """A line of figures.jsonl."""
        said = {key: spelled(value) if isinstance(value, float) else value for key, value in asdict(self).items()}
        return json.dumps(said | more)


def folder_name(wanted: str) -> str:
    """`wanted` as a folder can be called: "smoothgrad(saliency_maps)" becomes "smoothgrad-saliency_maps"."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-.")[:80] or "figure"


class Results:
    """The figures of a run. Every question looks at the disk; of figures.jsonl only what is new is read.

    One process writes the figures of a run; any number may read them meanwhile.
    """

    def __init__(self, run: RunDir) -> None:
        self.run = run
        self._tail = Tail(run.figures_file)
        self._told: dict[str, dict[int, Entry]] = {}

    def names(self) -> tuple[str, ...]:
        """The names under which there are figures, those first that were made first."""
        self._read_on()
        found = [folder.name for folder in _scan(self.run.results) if any(True for _ in _figures(folder.path))]
        order = {name: place for place, name in enumerate(self._told)}
        return tuple(sorted(found, key=lambda name: (order.get(name, len(order)), name)))

    def free_name(self, wanted: str, taken: Collection[str] = ()) -> str:
        """A folder name for `wanted` that has no figures yet and is not `taken` by what has none yet: "wanted-2"."""
        self._read_on()
        name, gone = folder_name(wanted), {*taken, *self._told}
        candidates = itertools.chain([name], (f"{name}-{count}" for count in itertools.count(2)))
        return next(each for each in candidates if each not in gone and not self.run.figures(each).exists())

    def steps(self, name: str) -> tuple[Entry, ...]:
        """The figures of one name, in the order of their steps."""
        self._read_on()
        told = self._told.get(name, {})
        if name != folder_name(name):
            return ()
        found = (told.get(step) or _untold(name, step, file) for step, file in _figures(self.run.figures(name)))
        return tuple(sorted(found, key=lambda entry: entry.step))

    def save(self, name: str, figure: Figure, why: Why = "") -> Path:
        """Write a figure at its step, where one of before is replaced. Raises FigureError, and nothing is half done."""
        from .artifacts import FigureError, write

        name = folder_name(name)
        path = self.run.figure_file(name, figure.moment.step)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FigureError(
                f"no folder can be made for figures: {printable(path.parent)}: {error.strerror}"
            ) from None
        size = write(figure, path)
        moment, cost = figure.moment, figure.cost
        entry = Entry(
            name=name,
            step=moment.step,
            technique=figure.technique,
            epoch=moment.epoch,
            fit=moment.fit,
            time=moment.time,
            size=size,
            seconds=cost.seconds,
            compile_seconds=cost.compile_seconds,
            why=why,
        )
        with suppress(OSError):  # the file is there, and found without its line
            append_line(self.run.figures_file, entry.to_line())
        return path

    def thin(self, name: str, budget: int) -> tuple[Entry, ...]:
        """Where the figures of a name have more than `budget` bytes, remove some; which ones.

        One at a time goes the step whose two neighbours are closest together, of several the oldest: what stays lies
        evenly over the training. The first, the last and those that a person wished for stay, whatever they take. An
        eighth of the budget is left free, so that not every figure ends with a look at all.
        """
        entries = self.steps(name)
        excess = sum(entry.size for entry in entries) - budget
        removed = tuple(_dispensable(entries, excess + budget // 8)) if excess > 0 else ()
        for entry in removed:
            with suppress(OSError):
                self.run.figure_file(name, entry.step).unlink(missing_ok=True)
                append_line(self.run.figures_file, entry.to_line(removed=True))
        return removed

    def _read_on(self) -> None:
        while lines := self._tail.more():
            if self._tail.restarted:
                self._told.clear()
            for line in objects(lines):
                entry = _entry(line)
                if entry is not None:
                    self._told.setdefault(entry.name, {})[entry.step] = entry
                    if line.get("removed") is True:
                        del self._told[entry.name][entry.step]


def _dispensable(entries: Sequence[Entry], excess: int) -> Iterator[Entry]:
    """What to remove, in order, until `excess` bytes are gone."""
    before = {at: at - 1 for at in range(len(entries))}
    after = {at: at + 1 for at in range(len(entries))}

    def gap(at: int) -> int:
        return entries[after[at]].step - entries[before[at]].step

    removable = {at for at in range(1, len(entries) - 1) if entries[at].why != "wish"}
    heap = [(gap(at), at) for at in removable]
    heapq.heapify(heap)
    while heap and excess > 0:
        width, at = heapq.heappop(heap)
        if at not in removable or width != gap(at):
            continue  # a neighbour has gone since
        removable.discard(at)
        before[after[at]], after[before[at]] = before[at], after[at]
        for neighbour in (before[at], after[at]):
            if neighbour in removable:
                heapq.heappush(heap, (gap(neighbour), neighbour))
        excess -= entries[at].size
        yield entries[at]


def _entry(line: dict[str, Any]) -> Entry | None:
    name, step = line.get("name"), _whole(line.get("step"))
    if not isinstance(name, str) or step is None:
        return None
    technique, why = line.get("technique"), line.get("why")
    return Entry(
        name=name,
        step=step,
        technique=technique if isinstance(technique, str) else "",
        epoch=_real(line.get("epoch"), math.nan),
        fit=_whole(line.get("fit")) or 0,
        time=_real(line.get("time"), math.nan),
        size=_whole(line.get("size")) or 0,
        seconds=_real(line.get("seconds"), 0.0),
        compile_seconds=_real(line.get("compile_seconds"), 0.0),
        why=why if why in _REASONS else "",
    )


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63 else None


def _real(value: object, default: float) -> float:
    found = number(value)
    return default if found is None else found


def _untold(name: str, step: int, file: os.DirEntry[str]) -> Entry:
    """What the folder tells of a file that no line tells of."""
    technique = re.sub(r"-\d+$", "", name)
    try:
        facts = file.stat()
    except OSError:
        return Entry(name, step, technique)
    return Entry(name, step, technique, time=facts.st_mtime, size=facts.st_size)


def _figures(folder: str | Path) -> Iterator[tuple[int, os.DirEntry[str]]]:
    for file in _scan(folder):
        if found := _FILE.fullmatch(file.name):
            yield int(found[1]), file


def _scan(folder: str | Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as files:
            yield from files
    except OSError:
        return
