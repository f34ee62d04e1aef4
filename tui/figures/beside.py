"""Side by side: which figures stand beside each other, at which moment, and what each of them is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from ...vis.catalogue import TECHNIQUES
from ...vis.figures import Item, Maps, Pictures, Vectors
from ...vis.results import Entry
from ..drawing.cells import number, steady
from ..pixels.raster import Raster
from ..pixels.tone import PLAIN, Range, Tone
from . import choosing
from .rasters import rasters
from .sheet import Sheet
from .shots import Panel, Shot, extent, painted
from .words import prediction_words

How: TypeAlias = Literal["steps", "images", "runs", "settings"]
Figures: TypeAlias = Mapping[Path, Mapping[str, Sequence[Entry]]]
HOWS: tuple[How, ...] = ("steps", "images", "runs", "settings")
FEWEST, MOST = 2, 6
SHOWN = frozenset({"maps", "pictures", "vectors"})


@dataclass(frozen=True, slots=True)
class Side:
    """One of those that stand side by side: the figure of a run, on an input image where that is what differs."""

    run: Path
    name: str
    entry: Entry | None = None
    image: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands side by side. Only the tuple that belongs to `how` counts; `settings` are pairs of run and name.

    `when` is a step, or with `by_epoch` an epoch; None: the last one that all have.
    """

    how: How
    runs: tuple[Path, ...]
    name: str
    steps: tuple[int, ...] = ()
    images: tuple[int, ...] = ()
    settings: tuple[tuple[Path, str], ...] = ()
    when: float | None = None
    by_epoch: bool = True

    @property
    def count(self) -> int:
        """How many stand side by side."""
        return len(getattr(self, self.how))

    @property
    def pairs(self) -> tuple[tuple[Path, str], ...]:
        """The runs and names whose figures are seen."""
        if self.how == "runs":
            return tuple((run, self.name) for run in self.runs)
        return self.settings if self.how == "settings" else ((self.runs[0], self.name),)

    @property
    def epochs_count(self) -> bool:
        """Whether the moment is an epoch: steps of several runs are not the same."""
        return self.by_epoch and len({run for run, _ in self.pairs}) > 1


def sides(choice: Choice, figures: Figures) -> tuple[Side, ...]:
    """What stands side by side, from left to right; without an entry where a run has no figure so early."""
    if choice.how == "steps":
        run, name = choice.pairs[0]
        entries = figures.get(run, {}).get(name, ())
        return tuple(Side(run, name, choosing.at_step(entries, step)) for step in choice.steps)
    when = moment(choice, figures)

    def entry(run: Path, name: str) -> Entry | None:
        entries = figures.get(run, {}).get(name, ())
        if choice.epochs_count:
            return choosing.at_epoch(entries, when) if when is not None else choosing.at_step(entries, None)
        return choosing.at_step(entries, None if when is None else int(when))

    if choice.how == "images":
        run, name = choice.pairs[0]
        return tuple(Side(run, name, entry(run, name), image) for image in choice.images)
    return tuple(Side(run, name, entry(run, name)) for run, name in choice.pairs)


def moments(choice: Choice, figures: Figures) -> tuple[float, ...]:
    """Every step (of several runs: every epoch) at which there is any of the figures."""
    found = [entry for run, name in choice.pairs for entry in figures.get(run, {}).get(name, ())]
    if choice.epochs_count:
        return tuple(sorted({round(entry.epoch, 6) for entry in found if entry.epoch == entry.epoch}))
    return tuple(sorted({entry.step for entry in found}))


def moment(choice: Choice, figures: Figures) -> float | None:
    """The step or epoch that is looked at: the one that was chosen, else the last one that all have reached."""
    if choice.when is not None:
        return choice.when
    lasts = []
    for run, name in choice.pairs:
        found = moments(replace(choice, how="settings", settings=((run, name),)), figures)
        if choice.epochs_count:
            found = tuple(
                round(entry.epoch, 6) for entry in figures.get(run, {}).get(name, ()) if entry.epoch == entry.epoch
            )
        if found:
            lasts.append(max(found))
    return min(lasts, default=None)


def can_be_shown(entry: Entry) -> bool:
    """Whether a figure has maps, pictures or vectors, as far as the catalogue knows."""
    found = TECHNIQUES.get(entry.technique)
    return found is None or bool(SHOWN & set(found.kinds))


def common(figures: Figures, runs: Sequence[Path]) -> tuple[str, ...]:
    """The names that all of these runs have and that can be laid side by side; without any, those of the first run."""

    def names(run: Path) -> list[str]:
        return [name for name, entries in figures.get(run, {}).items() if entries and can_be_shown(entries[-1])]

    first = names(runs[0]) if runs else []
    shared = [name for name in first if all(name in names(run) for run in runs)]
    return tuple(shared or first)


def of_settings(figures: Figures, runs: Sequence[Path], name: str) -> tuple[tuple[Path, str], ...]:
    """The figures of the technique of `name` under whatever name, that one first."""
    known = next((figures[run][name][-1].technique for run in runs if figures.get(run, {}).get(name)), "")
    found = [(run, each) for run in runs for each in choosing.named(figures.get(run, {}), {known})]
    order = list(dict.fromkeys(each for _, each in found))
    return tuple(sorted(found, key=lambda pair: (pair[1] != name, order.index(pair[1]))))


def place_of(sheet: Sheet, like: Item | None, image: int | None) -> int | None:
    """Which item of a sheet stands here."""
    if sheet.items is None:
        return None
    if like is None:
        return 0 if len(sheet.items) else None
    return choosing.same(sheet.items, like if image is None else replace(like, image=image))


@lru_cache(maxsize=8)
def raster(sheet: Sheet, place: int, tone: Tone, reach: Range | None) -> Raster | None:
    """One item of a sheet, alone."""
    part = sheet.part
    if isinstance(part, Vectors):
        return painted(sheet, tone, reach)[place]
    if not isinstance(part, Maps | Pictures):
        return None
    only = replace(part, values=part.values[place : place + 1], items=part.items[place : place + 1])
    full = {0: sheet.full[place]} if place in sheet.full else {}
    found = rasters(replace(sheet, part=only, full=full), tone, reach)
    return found[0] if found else None


def columns_of(count: int, tile: tuple[int, int], room: tuple[int, int]) -> int:
    """In how many columns so many pictures of `tile` pixels, each with a line above and below, are seen largest.

    `room` is in cells, of which each holds two pixels one above the other.
    """

    def scale(columns: int) -> tuple[float, int]:
        rows = -(-count // columns)
        across, down = (room[0] - 2 * (columns - 1)) / columns, (room[1] / rows - 2) * 2
        return min(across / max(tile[0], 1), down / max(tile[1], 1)), -rows * columns

    return max(range(1, max(count, 1) + 1), key=scale)


def shared_range(found: Sequence[tuple[Sheet | None, int | None]], tone: Tone) -> Range | None:
    """From what to what all of them together reach."""
    known = [extent(sheet, place, tone) for sheet, place in found if sheet is not None and place is not None]
    reaches = [each for each in known if each is not None]
    return (min(low for low, _ in reaches), max(high for _, high in reaches)) if reaches else None


def panels(
    choice: Choice,
    stand: Sequence[Side],
    sheets: Sequence[Sheet | None],
    like: Item | None,
    tone: Tone,
    titles: Callable[[Path], str],
    *,
    shared: bool,
) -> tuple[Panel, ...]:
    """What each side shows: its picture or, in words, why there is none; None among `sheets` is still being read."""
    places = [
        place_of(sheet, like, side.image) if sheet is not None and not sheet.problem else None
        for side, sheet in zip(stand, sheets, strict=True)
    ]
    reach = shared_range(list(zip(sheets, places, strict=True)), tone) if shared else None
    differ = choosing.differences([sheet.recipe if sheet is not None else {} for sheet in sheets])
    made = []
    for side, sheet, place, options in zip(stand, sheets, places, differ, strict=True):
        head, title = _titles(choice, side, sheet, options, titles)
        if sheet is None or place is None:
            made.append(Panel(head, title, words=_why_not(side, sheet, like)))
            continue
        found = raster(sheet, place, tone, reach)
        shots = (Shot(found, _caption(side, sheet, place)),) if found is not None else ()
        words = "" if shots else "This part is neither maps nor pictures."
        made.append(Panel(head, title, shots, words=words))
    return tuple(made)


def _titles(
    choice: Choice, side: Side, sheet: Sheet | None, options: Mapping[str, str], titles: Callable[[Path], str]
) -> tuple[str, str]:
    when = _when(side.entry) if side.entry is not None else ""
    if choice.how == "steps":
        return when.partition(" · ")[0], when.partition(" · ")[2]
    if choice.how == "images":
        name = sheet.inputs[side.image or 0].name if sheet is not None and (side.image or 0) < len(sheet.inputs) else ""
        return steady(name, 40) or f"image {side.image}", ""
    told = ", ".join(f"{name} {value}" for name, value in options.items())
    if choice.how == "runs":
        return steady(titles(side.run), 40), " · ".join(each for each in (when, told) if each)
    several = len({run for run, _ in choice.settings}) > 1
    name = steady(f"{titles(side.run)}: {side.name}" if several else side.name, 60)
    return (told, name) if told else (name, "")


def _when(entry: Entry) -> str:
    """`step 132 · epoch 3`, as far as it is known."""
    return f"step {entry.step:,}" + (f" · epoch {entry.epoch:.4g}" if entry.epoch == entry.epoch else "")


def _why_not(side: Side, sheet: Sheet | None, like: Item | None) -> str:
    name = steady(side.name, 60)
    if side.entry is None:
        return f"There is no figure {name} so early."
    if sheet is None:
        return ""  # a moment: it is being read
    if sheet.problem:
        return sheet.problem
    unit = choosing.unit_number(like) if like is not None else None
    what = f"unit {unit}" if unit is not None else "this map"
    on = f" on image {side.image}" if side.image is not None else ""
    return f"{name} shows nothing of {what}{on} at step {side.entry.step:,}."


def _caption(side: Side, sheet: Sheet, place: int) -> str:
    """Score, range of its own and prediction of one of them."""
    assert sheet.items is not None
    item, reach = sheet.items[place], extent(sheet, place, PLAIN)
    image = item.image if side.image is None else side.image
    said = []
    if image is not None and image < len(sheet.predictions):
        said.append(f"→ {prediction_words(sheet.predictions[image], 1)}")
    if item.score is not None and (reach is None or item.score != reach[1]):
        said.append(f"score {number(item.score)}")
    if reach is not None:
        said.append(f"{number(reach[0])} to {number(reach[1])}")
    if item.note:
        said.append(steady(item.note, 80))
    return " · ".join(said)
