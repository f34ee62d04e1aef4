"""A view of a whole figure: it reads the parts it needs beside the one it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from textual.worker import get_current_worker

from ....vis.figures import Maps, Part, Pictures, Table
from ...figures.sheet import PartFacts, Sheet, read_sheet
from .with_pictures import WithPictures


class WholeFigure(WithPictures):
    """`pieces` are sheets of the parts that `needs` names, by their place in the figure; they come a moment later.

    Until then those of the step before stay.
    """

    def __init__(self, **named: str) -> None:
        super().__init__(**named)
        self.pieces: dict[int, Sheet] = {}
        self._read_of: tuple[Path, str, int] | None = None

    def needs(self, parts: Sequence[PartFacts]) -> list[int]:
        """Which parts are needed; all of them where a child says nothing."""
        return list(range(len(parts)))

    def place(self, sheet: Sheet) -> tuple[object, ...]:
        """All parts of a figure are one."""
        return sheet.ask.run, sheet.ask.name

    def show(self, sheet: Sheet, earlier: Sequence[Sheet] = ()) -> None:
        """As ever; of a figure that is not the one shown the other parts are read in a thread."""
        which = (sheet.ask.run, sheet.ask.name, sheet.moment.step)
        if not sheet.problem and which != self._read_of:
            self._read_of = which
            self.run_worker(lambda: self._read(sheet), thread=True, group="pieces", exclusive=True)
        super().show(sheet, earlier)

    def _read(self, sheet: Sheet) -> None:
        worker = get_current_worker()
        pieces: dict[int, Sheet] = {}
        for at in self.needs(sheet.parts):
            if worker.is_cancelled:
                return
            whole = at == sheet.at and not sheet.reduced
            pieces[at] = sheet if whole else read_sheet(replace(sheet.ask, part=_address(sheet, at), full=()))
        if not worker.is_cancelled:
            self.app.call_from_thread(self._take, pieces)

    def _take(self, pieces: dict[int, Sheet]) -> None:
        self.pieces = pieces
        self.arrived()
        self.cursor = min(max(self.cursor, 0), max(self.count - 1, 0))
        self.redraw()

    def arrived(self) -> None:
        """The parts are there."""

    def piece(self, kind: type[Part]) -> Sheet | None:
        """The first part of a kind that was read."""
        return next((each for each in self.pieces.values() if isinstance(each.part, kind)), None)

    @property
    def table(self) -> Table | None:
        """The first table of the figure."""
        found = self.piece(Table)
        return found.part if found and isinstance(found.part, Table) else None

    @property
    def pictures(self) -> list[Sheet]:
        """The parts that are maps or pictures, in their order."""
        return [each for _, each in sorted(self.pieces.items()) if isinstance(each.part, Maps | Pictures)]


def _address(sheet: Sheet, at: int) -> str:
    """How a part is asked for: by its number, unless some part has this number as its name."""
    name = sheet.parts[at].name
    same = next(place for place, each in enumerate(sheet.parts) if each.name == name)
    return name if same == at and name else str(at)
