"""What all that show one picture large have in common: what is seen of it, its colours, and a cursor in it."""

from __future__ import annotations

from dataclasses import replace

from textual.widget import Widget

from ..pixels.raster import Raster
from ..pixels.tone import MAPS, Tone
from ..pixels.viewport import Viewport
from .picture import PictureView


class OnePicture(Widget):
    """Children hold one `PictureView`, say what it shows (`raster`), and draw it and what is said of it (`_draw`)."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.viewport, self.tone = Viewport(), Tone()
        self.cursor: tuple[int, int] | None = None

    @property
    def raster(self) -> Raster | None:
        """The picture in the colours that are chosen."""
        raise NotImplementedError

    def _draw(self) -> None:
        raise NotImplementedError

    def action_reset(self) -> None:
        self.viewport, self.cursor = Viewport(), None
        self._draw()

    def action_colours(self) -> None:
        """The next colour map."""
        names = ("", *MAPS)
        self.tone = replace(self.tone, map=names[(names.index(self.tone.map) + 1) % len(names)])
        self._draw()

    def action_cursor(self) -> None:
        """A cursor in the middle of what is seen, or none."""
        raster = self.raster
        if raster is not None:
            middle = int(self.viewport.x * raster.size[0]), int(self.viewport.y * raster.size[1])
            self.cursor = None if self.cursor is not None else middle
            self._draw()

    def _moved(self, right: int, down: int) -> bool:
        """Move the cursor, else what is seen of a picture that is zoomed in; whether there was one of them."""
        raster = self.raster
        if raster is not None and self.cursor is not None:
            x, y = self.cursor[0] + right, self.cursor[1] + down
            self.cursor = min(max(x, 0), raster.size[0] - 1), min(max(y, 0), raster.size[1] - 1)
        elif raster is not None and self.viewport.zoom > 1:
            self.viewport = self.viewport.moved(right * 0.25, down * 0.25)
        else:
            return False
        self._draw()
        return True

    # The mouse

    def on_picture_view_zoomed(self, message: PictureView.Zoomed) -> None:
        message.stop()
        self.viewport = self.viewport.stepped(message.steps, message.at)
        self._draw()

    def on_picture_view_dragged(self, message: PictureView.Dragged) -> None:
        message.stop()
        self.viewport = self.viewport.moved(message.right, message.down)
        self._draw()

    def on_picture_view_clicked(self, message: PictureView.Clicked) -> None:
        message.stop()
        self.cursor = message.at
        self._draw()
