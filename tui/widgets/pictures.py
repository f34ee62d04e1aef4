"""The pictures pane: every figure of a run through its whole training, and what keys and mouse do to it."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from .. import compat
from ..keys import bindings
from ..pixels.raster import Grid
from ..pixels.tone import MAPS
from ..pixels.viewport import Viewport, window
from .figure_list import PROBLEMS, FigureList
from .figure_list import Row as ListRow
from .picture import PictureView
from .picture_board import PictureBoard
from .time_line import TimeLine

_SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_CLIPS = (0.0, 0.5, 2.0, 5.0)
_GAMMAS = (1.0, 0.6, 0.4, 1.6)
_RETRY = 0.02  # seconds until a frame that is still on its way is looked at again


class Pictures(PictureBoard, can_focus=True):
    """`row` is the run whose figures are shown; every key of the place "pictures" works here."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pictures")]

    def __init__(self, row=None, *, id: str | None = None) -> None:  # noqa: A002, ANN001
        super().__init__(row, id=id)
        self._speed = 4.0

    # The list

    def action_list(self, by: int) -> None:
        """The next row of the list that can be looked at."""
        found = self.query_one(FigureList)
        choices = [at for at, row in enumerate(found.rows) if self._can_be_chosen(found.rows, at)]
        if not choices:
            return
        if found.at in choices:
            place = choices.index(found.at) + by
        else:
            place = sum(at < found.at for at in choices) - (by < 0)
        self._choose(found.rows[choices[min(max(place, 0), len(choices) - 1)]])

    @staticmethod
    def _can_be_chosen(rows: list[ListRow], at: int) -> bool:
        """A figure whose parts stand below it stands for its first one: the row of its name is passed over."""
        return not (rows[at].part is None and at + 1 < len(rows) and rows[at + 1].part is not None)

    def action_figure(self, by: int) -> None:
        names = [
            *(self.shelf.figures if self.shelf else ()),
            *([PROBLEMS] if self.shelf and self.shelf.problems else ()),
        ]
        if names:
            at = names.index(self.looking.name) if self.looking.name in names else 0
            self._choose(ListRow(names[(at + by) % len(names)], None, ""))

    def _choose(self, row: ListRow) -> None:
        other = row.name != self.looking.name
        if row.part is not None:
            self._parts[row.name] = row.part
        if other or row.part is not None:
            self.looking = replace(self.looking, name=row.name, view=Viewport(), cursor=None, place=0)
            self.ask()
            self.show()

    def on_figure_list_chosen(self, message: FigureList.Chosen) -> None:
        message.stop()
        self.focus()
        self._choose(message.row)

    # Steps

    def action_step(self, by: int) -> None:
        self.stop_playing()
        self._step_by(by)

    def _step_by(self, by: int) -> None:
        at = self.at
        if at is not None:
            self._go_to(at + by)

    def _go_to(self, at: int) -> None:
        at = min(max(at, 0), len(self.entries) - 1)
        self.looking = replace(self.looking, step=self.entries[at].step)

    def action_edge(self, end: int) -> None:
        self.stop_playing()
        if self.entries:
            self._go_to(0 if end == 0 else len(self.entries) - 1)

    def action_latest(self) -> None:
        self.stop_playing()
        self.looking = replace(self.looking, step=None)

    def on_time_line_chosen(self, message: TimeLine.Chosen) -> None:
        message.stop()
        self.stop_playing()
        self._go_to(message.at)

    # Grid and single map

    def action_grid(self) -> None:
        self.looking = replace(self.looking, one=not self.looking.one, view=Viewport(), cursor=None)

    def action_arrow(self, right: int, down: int) -> None:
        """Arrows move the cursor, else what is seen of a picture that is zoomed, else they choose a map."""
        looking = self.looking
        if looking.cursor is not None:
            self._move_cursor(right, down)
        elif looking.view.zoom > 1:
            self.looking = replace(looking, view=looking.view.moved(right * 0.2, down * 0.2))
        elif self.seen.items:
            across = self.seen.main.columns if isinstance(self.seen.main, Grid) else 1
            by = right + down * across
            place = min(looking.place, len(self.seen.items) - 1) + by
            if 0 <= place < len(self.seen.items):
                self.looking = replace(looking, place=place)

    # Zoom

    def action_zoom(self, steps: int) -> None:
        at = self._hover or self.looking.cursor
        self._zoom(steps, self._share(at) if at is not None else None)

    def _share(self, at: tuple[int, int]) -> tuple[float, float] | None:
        raster = self.seen.main
        return None if raster is None else ((at[0] + 0.5) / raster.size[0], (at[1] + 0.5) / raster.size[1])

    def _zoom(self, steps: int, at: tuple[float, float] | None) -> None:
        self.looking = replace(self.looking, view=self.looking.view.stepped(steps, at))

    def action_reset(self) -> None:
        self.looking = replace(self.looking, view=Viewport())

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        message.stop()
        self._zoom(message.steps, message.at)

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()
        self.looking = replace(self.looking, view=self.looking.view.moved(message.right, message.down))

    def on_picture_view_pointed(self, message: PictureView.Pointed) -> None:
        message.stop()
        if message.at != self._hover and not compat.busy(self.app):
            self._hover = message.at if message.view is self.main or self.seen.single else None
            self._show_under(self._current())

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        message.stop()
        self.focus()
        found = self.seen.item_at(*message.at) if message.view is self.main else None
        if found is not None and not self.seen.single:
            self.looking = replace(self.looking, place=self.seen.items.index(found[0]))
            if message.twice:
                self.action_grid()
        elif message.twice and self.looking.one:
            self.action_grid()

    def on_blur(self, event: events.Blur) -> None:  # noqa: ARG002 (Textual's signature)
        self._hover = None

    def stop_playing(self) -> None:
        self.playing = 0.0
