"""`trainvis export --pictures`: PNG, npz, WebP and GIF of figures, each written whole, none over another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from . import exits, words
from .figure_options import run_of
from .waiting import ProgressLine

if TYPE_CHECKING:
    from ...vis.results import Entry, Results
    from ..figures.sheet import PartFacts
    from ..pictures_out.choice import Choice, Found
    from ..pixels.tone import Range, Tone

Tick: TypeAlias = Callable[[], None]  # called for each step of a job with several

_AS_PIXELS = ("maps", "pictures", "vectors", "matrix")
_AS_CHARTS = ("histograms", "series", "points")
_AS_TEXT = ("table", "graph")
_FEW = 20  # files that are told one by one to a person


@dataclass(frozen=True, slots=True)
class Wish:
    """The options as they were typed."""

    techniques: tuple[str, ...]
    parts: tuple[str, ...]
    number: int | None
    colors: str
    per: Literal["map", "layer", "training"]
    clip: float
    step: str
    scale: int
    bar: bool
    dark: bool
    npz: bool
    animation: str | None
    pause: int
    replace: bool

    @property
    def tone(self) -> Tone:
        from ..pixels.tone import Tone

        return Tone(
            "" if self.colors == "auto" else self.colors, self.clip, per="map" if self.per == "map" else "layer"
        )

    @property
    def choice(self) -> Choice:
        from ..pictures_out.choice import ALL, Choice

        return Choice(self.techniques, self.parts, ALL if self.animation else self.step)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be written; `work` is how much there is to do for it."""

    path: Path
    make: Callable[[Tick], object]
    work: int = 1


class Progress:
    """A line on a terminal: how much of `total` is done, and when the rest will be."""

    def __init__(self, total: int) -> None:
        self.name = ""
        self._total, self._before, self._done = total, 0, 0
        self._began = time.monotonic()
        self._line = ProgressLine()

    def show(self) -> None:
        self._line.show(lambda: progress(self._done, self._total, time.monotonic() - self._began, self.name))

    def tick(self) -> None:
        """One more piece of the job is done."""
        self._done += 1
        self.show()

    def finish(self, work: int) -> None:
        """The job that has so much work is done."""
        self._before += work
        self._done = self._before

    def clear(self) -> None:
        self._line.clear()


def write(name: str, folder: Path, wish: Wish, *, as_json: bool) -> None:
    """Write what is wished for, with a line of progress. Refuses before anything is written what would be lost."""
    from ...engine.errors import TrainvisError
    from ...engine.places import expanded
    from ...engine.text import printable
    from ...vis.results import Results

    run = run_of(name)
    results = Results(run)
    jobs, problems = planned(results, expanded(folder), wish)
    there = [job.path for job in jobs if job.path.exists()]
    if there and not wish.replace:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise exits.Failure(
            f"{printable(there[0])}{more} would be written over; --replace does, or take another folder"
        )
    line = Progress(sum(job.work for job in jobs))
    written = []
    try:
        for job in jobs:
            line.name = job.path.name
            line.show()
            try:
                job.make(line.tick)
            except TrainvisError as error:
                problems.append(str(error))
            else:
                written.append(job.path)
            line.finish(job.work)
    finally:
        line.clear()
    _tell(written, folder, as_json=as_json)
    for problem in dict.fromkeys(problems):
        words.hint(problem)
    if not written:
        raise exits.Failure("no picture was written")


def _tell(written: list[Path], folder: Path, *, as_json: bool) -> None:
    import sys

    if as_json:
        words.print_json([str(path) for path in written])
    elif len(written) <= _FEW or not sys.stdout.isatty():
        for path in written:
            words.say(str(path))
    else:
        words.say(f"{len(written)} files in {folder}")


def progress(done: int, total: int, seconds: float, name: str) -> str:
    """`12 of 300  1m12s to go  saliency_maps-step360-absolute.png`."""
    from ..drawing.cells import duration

    left = f"  {duration(seconds / done * (total - done))} to go" if done and seconds > 0.5 else ""
    return f"{done} of {total}{left}  {name}"


def planned(results: Results, folder: Path, wish: Wish) -> tuple[list[Job], list[str]]:
    """The files to be written; and what cannot be, in words. Raises PictureError for what is not there."""
    from ..pictures_out import choice as chosen

    found = [chosen.opened(results.run, entry) for entry in chosen.entries(results, wish.choice)]
    problems = [each.problem for each in found if each.problem]
    parts = chosen.parts_of(found, wish.choice)
    kinds = _AS_PIXELS if wish.animation else (*_AS_PIXELS, *_AS_CHARTS, *_AS_TEXT)
    drawn = [each for each in parts if each[2].kind in kinds]
    left_out = dict.fromkeys(f"{entry.name} {facts.kind}" for entry, _, facts in parts if facts.kind not in kinds)
    if left_out and not wish.npz:
        problems.append(f"without a picture: {', '.join(left_out)}; --npz writes their numbers")
    if wish.animation:
        jobs = list(_moving(results, folder, wish, drawn, problems))
    else:
        jobs = list(_still(results, folder, wish, drawn))
    if wish.npz:
        jobs += _arrays(results, folder, wish, found)
    return _apart(jobs), problems


def _apart(jobs: list[Job]) -> list[Job]:
    """No two of one name: parts whose names differ only in what no file can be called."""
    taken: set[Path] = set()
    made = []
    for job in jobs:
        path, count = job.path, 2
        while path in taken:
            path, count = job.path.with_stem(f"{job.path.stem}-{count}"), count + 1
        taken.add(path)
        made.append(job if path == job.path else replace(job, path=path))
    return made


def _file(entry: Entry, ref: str, facts: PartFacts, wish: Wish, *, step: bool = True) -> str:
    from ...vis.results import folder_name

    which = f"-map{wish.number}" if wish.number is not None else ""
    at = f"-step{entry.step:06d}" if step else ""
    return f"{entry.name}{at}-{folder_name(facts.name or ref)}{which}"


def _still(results: Results, folder: Path, wish: Wish, parts: list[tuple[Entry, str, PartFacts]]) -> Iterator[Job]:
    for entry, ref, facts in parts:
        path = folder / f"{_file(entry, ref, facts, wish)}.png"

        def make(tick: Tick, path: Path = path, entry: Entry = entry, ref: str = ref) -> None:  # noqa: ARG001
            from ..pictures_out import choice as chosen
            from ..pictures_out.frame import save_png

            reach = _reach(results, entry.name, ref, wish)
            sheet, items = chosen.read_whole(results, entry, ref, wish.number)
            look = {"reach": reach, "bar": wish.bar, "dark": wish.dark}
            save_png(sheet, items, path, wish.tone, wish.scale, replace=wish.replace, **look)

        yield Job(path, make)


def _moving(
    results: Results, folder: Path, wish: Wish, parts: list[tuple[Entry, str, PartFacts]], problems: list[str]
) -> Iterator[Job]:
    from ..pictures_out.animation import over_time

    steps: dict[tuple[str, str], list[tuple[Entry, str, PartFacts]]] = {}
    for each in parts:
        steps.setdefault((each[0].name, each[1]), []).append(each)
    for (name, ref), group in steps.items():
        path = folder / f"{_file(*group[0], wish, step=False)}.{wish.animation}"
        entries = over_time([entry for entry, _, _ in group])
        if len(entries) < len(group):
            problems.append(f"{path.name} shows {len(entries)} of {len(group):,} steps, evenly")

        def make(
            tick: Tick, path: Path = path, entries: list[Entry] = entries, name: str = name, ref: str = ref
        ) -> None:
            from ..pictures_out.animation import frames, save_animation

            reach = _reach(results, name, ref, wish)
            look = {"reach": reach, "bar": wish.bar, "dark": wish.dark, "tick": tick}
            made = frames(results, entries, ref, wish.number, wish.tone, wish.scale, **look)
            save_animation(made, path, wish.pause, replace=wish.replace)

        yield Job(path, make, len(entries) + 1)


def _reach(results: Results, name: str, ref: str, wish: Wish) -> Range | None:
    """With `--range training` the range of a part over every stored step, else None."""
    if wish.per != "training":
        return None
    from ..pictures_out.choice import training_reach

    return training_reach(results, name, ref, wish.number, wish.tone)


def _arrays(results: Results, folder: Path, wish: Wish, found: list[Found]) -> Iterator[Job]:
    for each in found:
        if each.problem:
            continue
        path = folder / f"{each.entry.name}-step{each.entry.step:06d}.npz"

        def make(tick: Tick, path: Path = path, entry: Entry = each.entry) -> None:  # noqa: ARG001
            from ...vis.artifacts import open_figure
            from ..pictures_out.arrays import save_npz

            with open_figure(results.run.figure_file(entry.name, entry.step)) as file:
                save_npz(file.read(), path, replace=wish.replace)

        yield Job(path, make)
