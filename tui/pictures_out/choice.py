"""Which figures of a run are meant: by technique, step, part and map; and these read whole."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...engine.errors import PictureError
from ...engine.rundir import RunDir
from ...engine.text import printable
from ...vis.artifacts import open_figure
from ...vis.figures import FigureError, Items, Maps, Matrix, Vectors
from ...vis.results import Entry, Results, folder_name
from ..figures.sheet import Ask, PartFacts, Sheet, read_sheet
from ..pixels.tone import Range, Tone
from .painted import spread, values_of

LATEST, FIRST, ALL = "latest", "first", "all"


@dataclass(frozen=True, slots=True)
class Choice:
    """`techniques` and `parts` by name, () for all; `step`: a number, "latest", "first" or "all"."""

    techniques: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    step: str = LATEST


@dataclass(frozen=True, slots=True)
class Found:
    """A figure file with its parts; where it cannot be opened `problem` says why. `refs` are what `Ask.part` takes."""

    entry: Entry
    parts: tuple[PartFacts, ...] = ()
    problem: str = ""

    @property
    def refs(self) -> tuple[str, ...]:
        """Each part by its name, by its number where names are missing or not unique."""
        names = [each.name for each in self.parts]
        return tuple(
            name if name and names.count(name) == 1 and not name.isdecimal() else str(at)
            for at, name in enumerate(names)
        )


def entries(results: Results, choice: Choice) -> list[Entry]:
    """The figure files that are meant. Raises PictureError for names and steps that are not there."""
    run, there = results.run, results.names()
    if not there:
        raise PictureError(
            f"{run.id} has no figures: Callbacks().pictures() in its script makes some, or trainvis look"
        )
    wanted = [_named(each, there, run) for each in choice.techniques] or list(there)
    found = [entry for name in dict.fromkeys(wanted) for entry in _stepped(results.steps(name), choice)]
    if not found:
        name = wanted[0]
        steps = ", ".join(str(entry.step) for entry in _near(results.steps(name), int(choice.step)))
        raise PictureError(f"{name} has no figure at step {choice.step}; the nearest are at {steps}")
    return found


def _named(text: str, there: Sequence[str], run: RunDir) -> str:
    name = folder_name(text.strip())
    if name in there:
        return name
    near = difflib.get_close_matches(name, there, 1, 0.5)
    hint = f"; did you mean {near[0]}?" if near else f": there are {', '.join(there)}"
    raise PictureError(f"{run.id} has no figures called {printable(text, 60)!r}{hint}")


def _stepped(steps: Sequence[Entry], choice: Choice) -> Sequence[Entry]:
    match choice.step:
        case "all":
            return steps
        case "first":
            return steps[:1]
        case "latest":
            return steps[-1:]
        case number:
            return [entry for entry in steps if entry.step == int(number)]


def _near(steps: Sequence[Entry], step: int) -> list[Entry]:
    return sorted(sorted(steps, key=lambda entry: abs(entry.step - step))[:3], key=lambda entry: entry.step)


def opened(run: RunDir, entry: Entry) -> Found:
    """What a figure file holds, without its numbers."""
    try:
        with open_figure(run.figure_file(entry.name, entry.step)) as file:
            parts = (PartFacts(each.kind, each.name, each.shape, each.space, each.signed) for each in file.parts)
            return Found(entry, tuple(parts))
    except FigureError as error:
        return Found(entry, problem=str(error))
    except OSError as error:
        return Found(entry, problem=f"the figure {entry.name} at step {entry.step} cannot be read: {error.strerror}")


def parts_of(found: Sequence[Found], choice: Choice) -> list[tuple[Entry, str, PartFacts]]:
    """The parts that are meant, of every file. Raises PictureError for a name that none of them has."""
    names = {ref.lower(): ref for each in found for ref in each.refs}
    for wanted in choice.parts:
        if wanted.lower() not in names:
            near = difflib.get_close_matches(wanted.lower(), names, 1, 0.5)
            hint = f"; did you mean {printable(names[near[0]])}?" if near else f": there are {printable(_list(names))}"
            raise PictureError(f"no part is called {printable(wanted, 60)!r}{hint}")
    chosen = {wanted.lower() for wanted in choice.parts}
    return [
        (each.entry, ref, facts)
        for each in found
        for ref, facts in zip(each.refs, each.parts, strict=True)
        if not chosen or ref.lower() in chosen
    ]


def _list(names: dict[str, str]) -> str:
    shown = list(names.values())
    return ", ".join(shown[:30]) + (f" and {len(shown) - 30} more" if len(shown) > 30 else "")


def numbered(items: Items | None, number: int | None, count: int) -> tuple[int, ...]:
    """Which items are meant by the number of a map: those of this unit, else the one at this place, from 0."""
    if number is None:
        return tuple(range(count))
    of_unit = tuple(at for at, item in enumerate(items or ()) if item.unit is not None and item.unit[-1] == number)
    if of_unit:
        return of_unit
    if not 0 <= number < count:
        raise PictureError(f"there is no map {number}: there are {count}, counted from 0")
    return (number,)


def read_whole(
    results: Results, entry: Entry, ref: str, wanted: int | tuple[int, ...] | None = None
) -> tuple[Sheet, tuple[int, ...]]:
    """A part with every number of the items that are meant, and which these are. Raises PictureError.

    `wanted` is the number of a map, or the places of several items; None for all.
    """
    ask = Ask(results.run.path, entry.name, entry.step, ref)
    sheet = read_sheet(ask, (entry,))
    if sheet.problem or sheet.facts is None:
        raise PictureError(sheet.problem or f"{entry.name} is empty at step {entry.step}")
    if sheet.facts.kind not in ("maps", "pictures"):
        return sheet, ()
    count = sheet.facts.shape[0]
    if isinstance(wanted, tuple):
        chosen = tuple(at for at in wanted if at < count) or tuple(range(count))
    else:
        chosen = numbered(sheet.items, wanted, count)
    if sheet.reduced:
        sheet = read_sheet(replace(ask, full=chosen), (entry,))
        if sheet.problem:
            raise PictureError(sheet.problem)
    return sheet, chosen


def training_reach(results: Results, name: str, ref: str, wanted: int | tuple[int, ...] | None, tone: Tone) -> Range:
    """The range that the maps of a part need over all stored steps; (0, 1) where none can be read."""
    found: list[Range] = []
    for entry in results.steps(name):
        try:
            sheet, chosen = read_whole(results, entry, ref, wanted)
        except PictureError:
            continue
        signed = sheet.facts is not None and sheet.facts.signed
        part = sheet.part
        if isinstance(part, Maps):
            found.append(spread((values_of(sheet, at) for at in chosen), tone, signed=signed))
        elif isinstance(part, Vectors | Matrix):
            found.append(spread([part.values], tone, signed=signed))
    return (min(low for low, _ in found), max(high for _, high in found)) if found else (0.0, 1.0)
