"""The time line of a figure: every step at which it was stored, the epochs, and the one that is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ...vis.results import Entry
from ..drawing.cells import fit

_LABEL = 4  # cells that the number of an epoch needs at least, with its blank


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """The steps and epochs of stored figures as arrays, oldest first; `wished` are the numbers of those wished for."""

    steps: npt.NDArray[np.int64]
    epochs: npt.NDArray[np.float64]
    wished: npt.NDArray[np.intp]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Times:
        """Those of a figure."""
        steps = np.fromiter((entry.step for entry in entries), np.int64, len(entries))
        epochs = np.fromiter((entry.epoch for entry in entries), np.float64, len(entries))
        return cls(steps, epochs, np.flatnonzero([entry.why == "wish" for entry in entries]))

    def columns(self, width: int) -> npt.NDArray[np.intp]:
        """In which of `width` cells each step lies."""
        if not len(self.steps):
            return np.zeros(0, np.intp)
        first, last = int(self.steps[0]), int(self.steps[-1])
        return np.rint((self.steps - first) * ((width - 1) / max(last - first, 1))).astype(np.intp)

    def at(self, column: int, width: int) -> int:
        """The number of the step nearest to a cell."""
        return int(np.abs(self.columns(width) - column).argmin())

    def whole_epochs(self, width: int) -> list[tuple[int, int]]:
        """Epochs and the cells where they begin: as many as leave room for their numbers."""
        known = np.isfinite(self.epochs)
        epochs, steps = self.epochs[known], self.steps[known]
        if len(epochs) < 2 or not np.all(np.diff(epochs) >= 0) or epochs[-1] <= epochs[0]:
            return []
        first, last = math.ceil(epochs[0]), math.floor(epochs[-1])
        every = next(
            (
                n * 10**power
                for power in range(12)
                for n in (1, 2, 5)
                if (last - first) / (n * 10**power) * _LABEL < width
            ),
            max(last - first, 1),
        )
        whole = np.arange(math.ceil(first / every) * every, last + 1, every)
        at = np.interp(whole, epochs, steps)
        span = max(int(self.steps[-1]) - int(self.steps[0]), 1)
        cells = np.rint((at - int(self.steps[0])) * ((width - 1) / span)).astype(int)
        return list(zip(whole.tolist(), cells.tolist(), strict=True))


def drawn(times: Times, shown: int | None, width: int) -> tuple[list[tuple[str, str]], str]:
    """The line as (character, ink) for each of `width` cells, and the numbers of the epochs below it.

    Inks: "line", "epoch", "step", "wish" and "shown".
    """
    cells = [("─", "line") if len(times.steps) else (" ", "line")] * width
    labels = [" "] * width
    for epoch, column in times.whole_epochs(width):
        cells[column] = ("┼", "epoch")
        text = str(epoch)
        start = min(max(column - len(text) // 2, 0), width - len(text))
        if start >= 0 and all(each == " " for each in labels[max(start - 1, 0) : start + len(text) + 1]):
            labels[start : start + len(text)] = text
    columns = times.columns(width)
    for column in np.unique(columns).tolist():
        cells[column] = ("•", "step")
    for column in np.unique(columns[times.wished]).tolist():
        cells[column] = ("◆", "wish")
    if shown is not None and shown < len(columns):
        cells[int(columns[shown])] = ("█", "shown")
    return cells, "".join(labels).rstrip()


class TimeLine(Widget):
    """`show(times, at, words)`: a line with a mark for every step, the epochs, and words about the one shown."""

    DEFAULT_CSS = """
    TimeLine { height: 2; padding: 0 1; }
    TimeLine.-tall { height: 3; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "time--line",
        "time--epoch",
        "time--step",
        "time--wish",
        "time--shown",
        "time--words",
    }
    DEFAULT_CSS += """
    TimeLine > .time--line { color: $foreground 30%; }
    TimeLine > .time--epoch { color: $foreground 50%; }
    TimeLine > .time--step { color: $foreground 85%; }
    TimeLine > .time--wish { color: $warning; }
    TimeLine > .time--shown { color: $accent; text-style: bold; }
    TimeLine > .time--words { color: $foreground 85%; }
    """

    class Chosen(Message):
        """The step with this number was clicked."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.times = Times.of(())
        self.at: int | None = None
        self.words = ""
        self._rows: list[Strip] = []

    def show(self, times: Times, at: int | None, words: str) -> None:
        """Show another time line, another place on it."""
        if (times, at, words) != (self.times, self.at, self.words):
            self.times, self.at, self.words = times, at, words
            self._rows.clear()
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if not self._rows or self._rows[0].cell_length != self.content_size.width:
            self._rows = self._draw(self.content_size.width)
        row = 0 if y == 0 else 2 if y == self.size.height - 1 else 1
        return self._rows[row]

    def _draw(self, width: int) -> list[Strip]:
        if width < 1:
            return [Strip.blank(0)] * 3
        cells, labels = drawn(self.times, self.at, width)
        line = [
            Segment("".join(char for char, _ in run), self._ink(ink))
            for ink, run in ((ink, list(run)) for ink, run in groupby(cells, lambda cell: cell[1]))
        ]
        blank = " " * (width - cell_len(labels))
        return [
            Strip(line, width),
            Strip([Segment(labels + blank, self._ink("epoch"))], width),
            Strip([Segment(fit(self.words, width), self._ink("words"))], width),
        ]

    def _ink(self, name: str) -> Style:
        return self.get_component_rich_style(f"time--{name}")

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._rows.clear()
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        width = self.content_size.width
        if width > 0 and len(self.times.steps):
            event.stop()
            self.post_message(self.Chosen(self.times.at(event.x - self.gutter.left, width)))
