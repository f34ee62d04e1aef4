"""A sheet: one part of one figure file, read as far as it is shown."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...engine.rundir import RunDir
from ...engine.text import printable
from ...vis.artifacts import StoredPart, open_figure
from ...vis.figures import (
    Array,
    Cell,
    Cost,
    FigureError,
    Input,
    Items,
    Maps,
    Moment,
    Part,
    Pictures,
    Prediction,
    Table,
)
from ...vis.results import Entry, Results

_LARGE = 64  # pixels of a side beyond which many are thumbnails
_FEW = 1 << 18  # numbers that are read whole at once: a few maps over a photo


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be read: the figure of a run under a name at a `step` (None: the latest), and which part of it.

    `part` is its name, or a number as text where names are missing or not unique; "" is the first. Of maps and
    pictures that are large only thumbnails are read, and whole those in `full`.
    """

    run: Path
    name: str
    step: int | None = None
    part: str = ""
    full: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What a figure says of a part without its numbers. `bgr`: its colours go from blue to red."""

    kind: str
    name: str
    shape: tuple[int, ...]
    space: str = ""
    signed: bool = False
    bgr: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What was read for an `ask`; where `problem` is not empty it says why there is less.

    Many maps and pictures larger than 64 pixels are thumbnails in `part`: `reduced` is true then, and the size of each
    is in the facts. `full` maps the number of an item to its whole values. `layers` is what the figure's own table of
    that name says of a layer on an image.
    """

    ask: Ask
    entry: Entry | None = None
    technique: str = ""
    moment: Moment = field(default_factory=Moment)
    cost: Cost = field(default_factory=Cost)
    notes: tuple[str, ...] = ()
    recipe: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    parts: tuple[PartFacts, ...] = ()
    at: int = 0
    part: Part | None = None
    reduced: bool = False
    full: Mapping[int, Array] = field(default_factory=lambda: MappingProxyType({}))
    layers: Mapping[tuple[str, int | None], Mapping[str, Cell]] = field(default_factory=lambda: MappingProxyType({}))
    problem: str = ""

    @property
    def facts(self) -> PartFacts | None:
        """Of the part that was read."""
        return self.parts[self.at] if self.at < len(self.parts) else None

    @property
    def bytes(self) -> int:
        """What it takes in memory, about; thumbnails beside whole maps are those of another sheet."""
        part = None if self.full else getattr(self.part, "values", None)
        numbers = [part, *self.full.values(), *(each.picture for each in self.inputs)]
        return sum(each.nbytes for each in numbers if each is not None) + 4096

    @property
    def items(self) -> Items | None:
        """What each map, picture, vector … of the part shows."""
        found = getattr(self.part, "items", None)
        return found if isinstance(found, Items) else None


def read_sheet(ask: Ask, steps: Sequence[Entry] | None = None) -> Sheet:
    """Read what is asked for. A file that is missing or damaged gives a sheet with a `problem`, and no exception.

    `steps` are the figures of that name where they are known.
    """
    entry = entry_of(ask, Results(RunDir(ask.run)).steps(ask.name) if steps is None else steps)
    if entry is None:
        at = "" if ask.step is None else f" at step {ask.step}"
        return Sheet(ask, problem=f"there is no figure {printable(ask.name, 80)}{at}")
    path = RunDir(ask.run).figure_file(ask.name, entry.step)
    return replace(read_file(path, ask), entry=entry)


def with_whole(sheet: Sheet, ask: Ask) -> Sheet:
    """A sheet that was read before, with the maps in `ask.full` read whole: nothing else is read again."""
    whole = [at for at in ask.full if sheet.reduced]
    if not whole or sheet.entry is None:
        return replace(sheet, ask=ask)
    path = RunDir(ask.run).figure_file(ask.name, sheet.entry.step)
    try:
        with open_figure(path) as file:
            stored = file.parts[sheet.at] if sheet.at < len(file.parts) else None
            full = {at: stored.values(at) for at in whole if stored is not None and at < len(stored)}
            return replace(sheet, ask=ask, full=MappingProxyType(full))
    except FigureError as error:
        return replace(sheet, ask=ask, problem=str(error))
    except OSError as error:
        return replace(sheet, ask=ask, problem=f"the figure {printable(path.name)} cannot be read: {error.strerror}")


def entry_of(ask: Ask, steps: Sequence[Entry]) -> Entry | None:
    """The stored figure that is meant, None where there is none. `steps` are in order."""
    if ask.step is None:
        return steps[-1] if steps else None
    at = bisect_left(steps, ask.step, key=lambda each: each.step)
    return steps[at] if at < len(steps) and steps[at].step == ask.step else None


def read_file(path: Path, ask: Ask) -> Sheet:
    """The same from a figure file, wherever it lies."""
    try:
        with open_figure(path) as file:
            bgr = file.recipe.get("channels") == "bgr"
            parts = tuple(
                PartFacts(each.kind, each.name, each.shape, each.space, each.signed, bgr and each.space == "input")
                for each in file.parts
            )
            sheet = Sheet(
                ask,
                technique=file.technique,
                moment=file.moment,
                cost=file.cost,
                notes=file.notes,
                recipe=file.recipe,
                inputs=file.inputs,
                predictions=file.predictions,
                parts=parts,
            )
            at = _part(parts, ask.part)
            if at is None:
                said = f"has no part {printable(ask.part, 80)!r} at this step" if parts else "is empty"
                return replace(sheet, at=len(parts), problem=f"{printable(file.technique, 80)} {said}")
            sheet = _with_part(replace(sheet, at=at), file.parts[at])
            return replace(sheet, layers=_layers(file.parts)) if parts[at].kind == "maps" else sheet
    except FigureError as error:
        return Sheet(ask, problem=str(error))
    except OSError as error:
        return Sheet(ask, problem=f"the figure {printable(path.name)} cannot be read: {error.strerror}")


def _part(parts: tuple[PartFacts, ...], wanted: str) -> int | None:
    if not wanted:
        return 0 if parts else None
    found = next((at for at, each in enumerate(parts) if each.name == wanted), None)
    if found is None and wanted.isdecimal() and int(wanted) < len(parts):
        return int(wanted)
    return found


def _layers(parts: Sequence[StoredPart]) -> Mapping[tuple[str, int | None], Mapping[str, Cell]]:
    """The rows of the table "layers", by layer and image."""
    stored = next((each for each in parts if each.kind == "table" and each.name == "layers"), None)
    table = stored.read() if stored is not None else None
    if not isinstance(table, Table) or "layer" not in table.columns:
        return MappingProxyType({})
    found = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return MappingProxyType({(str(row["layer"]), _whole(row.get("image"))): row for row in found})


def _whole(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) else None


def _with_part(sheet: Sheet, stored: StoredPart) -> Sheet:
    if stored.kind not in ("maps", "pictures"):
        return replace(sheet, part=stored.read())
    reduced = max(stored.shape[1:3]) > _LARGE and math.prod(stored.shape) > _FEW
    values = stored.thumbnails() if reduced else stored.values()
    full = {at: stored.values(at) for at in sheet.ask.full if reduced and at < len(stored)}
    if stored.kind == "maps":
        part: Part = Maps(values, stored.items, stored.name, stored.space, stored.signed)  # type: ignore[arg-type]
    else:
        part = Pictures(values, stored.items, stored.name, stored.space)  # type: ignore[arg-type]
    return replace(sheet, part=part, reduced=reduced, full=MappingProxyType(full))
