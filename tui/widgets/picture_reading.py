"""The figures of a run, read in the background as far as they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from textual.reactive import reactive
from textual.widget import Widget

from ...engine.runs import Row
from ...engine.status import alive
from ...vis.results import Entry
from ..figures.reader import FigureReader, SheetRead, Shelf, ShelfSeen
from ..figures.sheet import Ask, Sheet
from ..playing import Player
from .figure_list import PROBLEMS
from .looking import Looking, Seen, entry_at, wanted
from .time_line import Times

_EARLIER = 12  # other steps of a part that are read for what changes over them


class PictureReading(Widget):
    """`row` is the run, `looking` what of its figures is looked at, `sheet` what was read of that last."""

    row: reactive[Row | None] = reactive(None, repaint=False)
    looking: reactive[Looking] = reactive(Looking, repaint=False)

    def __init__(self, row: Row | None = None, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.shelf: Shelf | None = None
        self.sheet: Sheet | None = None
        self.seen = Seen()
        self.player = Player(self, self.play_on, lambda: self.settled, self.show)
        self._parts: dict[str, str] = {}
        self._asked: Ask | None = None
        self._earlier: dict[int, Sheet] = {}
        self._times: tuple[Sequence[Entry], Times] = ((), Times.of(()))
        self._reader = FigureReader(self.post_message)
        self.set_reactive(PictureReading.row, row)

    def on_mount(self) -> None:
        """Read from now on."""
        self._reader.start()
        self._follow()

    def on_unmount(self) -> None:
        """Read no more."""
        self._reader.stop()

    # What the board gives

    def show(self) -> None:
        """Everything, as it is now."""
        raise NotImplementedError

    def show_soon(self) -> None:
        """Everything, once it is read or soon."""
        raise NotImplementedError

    def show_other(self) -> None:
        """What is no picture."""
        raise NotImplementedError

    def tiles_in_sight(self) -> list[int]:
        """The maps of a grid that are seen larger than their thumbnails."""
        raise NotImplementedError

    # What there is

    @property
    def entries(self) -> Sequence[Entry]:
        """The stored steps of the figure that is looked at."""
        return self.shelf.figures.get(self.looking.name, ()) if self.shelf is not None else ()

    @property
    def at(self) -> int | None:
        """Which of the entries is shown."""
        return entry_at(self.entries, self.looking.step)

    @property
    def times(self) -> Times:
        """The entries as arrays, made once."""
        if self._times[0] is not self.entries:
            self._times = (self.entries, Times.of(self.entries))
        return self._times[1]

    @property
    def part(self) -> str:
        """The part that is looked at, by its key; remembered for each figure."""
        return self._parts.get(self.looking.name, "")

    @property
    def living(self) -> bool:
        """Whether the run may still make pictures."""
        return self.row is not None and alive(self.row.status)

    @property
    def settled(self) -> bool:
        """Whether what was asked for is on the screen."""
        return self._asked is None or (self.sheet is not None and self.sheet.ask == self._asked)

    @property
    def current(self) -> Sheet | None:
        """The sheet that was read, unless it is of something else than what is looked at."""
        sheet = self.sheet
        if sheet is None or self._asked is None or sheet.ask.name != self.looking.name or sheet.ask.part != self.part:
            return None
        return sheet

    def names(self) -> list[str]:
        """All that the list has: figures, techniques that made none, and the problems."""
        shelf = self.shelf
        return [] if shelf is None else [*shelf.figures, *shelf.failed, *([PROBLEMS] if shelf.problems else [])]

    def watch_row(self) -> None:
        """Follow the run, as long as it lives."""
        if self.is_mounted:
            self._follow()
            self.show()

    def _follow(self) -> None:
        if self.row is not None:
            self._reader.follow({self.row.path: self.living})

    def on_shelf_seen(self, message: ShelfSeen) -> None:
        """The run has these figures now."""
        message.stop()
        if self.row is None or message.shelf.run != self.row.path:
            return
        self.shelf = message.shelf
        if self.looking.name not in self.names() and self.shelf.figures:
            self.set_reactive(PictureReading.looking, replace(self.looking, name=next(iter(self.shelf.figures))))
        if self.display:  # a pane that nobody looks at reads nothing
            self.ask()
            self.show()

    def on_show(self) -> None:
        """Turned to again: what has come meanwhile."""
        if self.shelf is not None:
            self.ask()
            self.show_soon()

    def on_sheet_read(self, message: SheetRead) -> None:
        """A sheet is there: the one to show, or an earlier one for what changes over the steps."""
        message.stop()
        sheet, ask = message.sheet, message.sheet.ask
        if self._asked is None or (ask.name, ask.part) != (self._asked.name, self._asked.part):
            return
        if message.key.startswith("earlier"):
            if not sheet.problem:
                self._earlier[sheet.moment.step] = sheet
                self.show_other()
        elif message.key == "shown":
            if self.sheet is not None and (self.sheet.ask.name, self.sheet.ask.part) != (ask.name, ask.part):
                self._earlier.clear()
            self.sheet = sheet
            self.show()
            self._read_ahead()

    def ask(self, full: tuple[int, ...] = ()) -> None:
        """Have the sheet read that is looked at, unless it is there or on its way."""
        at = self.at
        if self.row is None or at is None:
            self._asked = None
            return
        entry, sheet = self.entries[at], self.sheet
        if not full and sheet is not None and sheet is self.current:
            full = wanted(self.seen, sheet, self.tiles_in_sight())  # the next step is seen as near as this one
        asked = Ask(self.row.path, self.looking.name, entry.step, self.part, full)
        fresh = sheet is not None and sheet.ask == asked and (sheet.entry == entry or bool(sheet.problem))
        if not fresh and (asked != self._asked or self.settled):
            self._reader.want("shown", asked)
        self._asked = asked

    def _read_ahead(self) -> None:
        """While playing the next one is read already; what changes over the steps is read too, where it is shown."""
        at, sheet = self.at, self.sheet
        if at is None or sheet is None or sheet.facts is None:
            return
        if self.player.speed and at + 1 < len(self.entries):
            self._reader.want("ahead", replace(sheet.ask, step=self.entries[at + 1].step, full=()))
        if sheet.facts.kind not in ("maps", "pictures", "graph") and at > 0:
            places = np.unique(np.linspace(0, at - 1, min(at, _EARLIER)).astype(int)).tolist()
            steps = {self.entries[place].step for place in places}
            for step in sorted(steps - set(self._earlier)) if len(self._earlier) < 4 * _EARLIER else ():
                self._reader.want(f"earlier-{step}", replace(sheet.ask, step=step, full=()))

    def play_on(self) -> bool:
        """One step on while playing; behind the last one the latest is followed."""
        at = self.at
        there = at is not None and at + 1 < len(self.entries)
        self.looking = replace(self.looking, step=self.entries[at + 1].step if at is not None and there else None)
        return there
