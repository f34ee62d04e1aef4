"""A picture on the screen: it paints a raster through a viewport and says what the mouse asks for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..pixels.blocks import Cells, half, padded
from ..pixels.raster import Raster
from ..pixels.viewport import Viewport, Window, window


class PictureView(Widget):
    """`show(raster, viewport)` paints it. Pictures are linked by showing the same viewport."""

    DEFAULT_CSS = "PictureView { width: 1fr; height: 1fr; }"

    class Zoomed(Message):
        """The wheel: so many steps nearer about the place `at` (shares of width and height)."""

        def __init__(self, view: PictureView, steps: int, at: tuple[float, float]) -> None:
            super().__init__()
            self.view, self.steps, self.at = view, steps, at

    class Dragged(Message):
        """What is seen is to move by these shares of it."""

        def __init__(self, view: PictureView, right: float, down: float) -> None:
            super().__init__()
            self.view, self.right, self.down = view, right, down

    class Pointed(Message):
        """The mouse rests on pixel `at` (x, y) of the raster, or (None) on none."""

        def __init__(self, view: PictureView, at: tuple[int, int] | None) -> None:
            super().__init__()
            self.view, self.at = view, at

    class Clicked(Message):
        """Pixel `at` (x, y) of the raster was clicked; `twice` for the second of two."""

        def __init__(self, view: PictureView, at: tuple[int, int], *, twice: bool) -> None:
            super().__init__()
            self.view, self.at, self.twice = view, at, twice

    def __init__(self, raster: Raster | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.raster = raster
        self.viewport = Viewport()
        self.cursor: tuple[int, int] | None = None
        self._painted: Cells | None = None
        self._seen: Window | None = None
        self._dragged_from: tuple[int, int] | None = None
        self._moved = False

    def show(
        self, raster: Raster | None, viewport: Viewport | None = None, cursor: tuple[int, int] | None = None
    ) -> None:
        """Show another raster, another part of it, a cross at pixel `cursor` (x, y)."""
        self.raster, self.cursor = raster, cursor
        self.viewport = viewport or self.viewport
        self._painted = None
        self.refresh()

    @property
    def room(self) -> tuple[int, int]:
        """Output pixels from left to right and from top to bottom."""
        return self.size.width, self.size.height * 2

    @property
    def aspect(self) -> float:
        """Height of an output pixel by its width."""
        return 1.0

    def pixel_at(self, column: int, row: int) -> tuple[int, int] | None:
        """The pixel (x, y) of the raster that is shown in a cell of the widget."""
        if self._seen is None or self.raster is None or not self._seen.width or not self.size:
            return None
        left, top = (
            (room - shown) // 2 for room, shown in zip(self.room, (self._seen.width, self._seen.height), strict=True)
        )
        across, down = self.room[0] / self.size.width, self.room[1] / self.size.height
        x, y = int((column + 0.5) * across) - left, int((row + 0.25) * down) - top
        if not (0 <= x < self._seen.width and 0 <= y < self._seen.height):
            return None
        return int(self._seen.x0[x]), int(self._seen.y0[y])

    def render_line(self, y: int) -> Strip:
        cells = self._cells()
        if cells is None or y >= len(cells.chars):
            return Strip.blank(self.size.width, self.rich_style)
        colours = np.concatenate([cells.foreground[y], cells.background[y]], axis=1)
        changes = np.flatnonzero((colours[1:] != colours[:-1]).any(axis=1)) + 1
        chars = cells.chars[y]
        segments = [
            Segment("".join(chars[start:stop]), _style(*colours[start].tolist()))
            for start, stop in zip([0, *changes.tolist()], [*changes.tolist(), len(chars)], strict=True)
        ]
        return Strip(segments, self.size.width)

    def _cells(self) -> Cells | None:
        width, height = self.size
        if self.raster is None or not width or not height:
            return None
        if self._painted is None or self._painted.chars.shape != (height, width):
            self._seen = window(self.viewport, self.raster.size, self.room, self.aspect)
            ground = self.background_colors[1]
            pixels = padded(self.raster.paint(self._seen), *self.room, (ground.r, ground.g, ground.b))
            self._painted = half(pixels)
        return self._painted

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._painted = None
        super().notify_style_update()

    # The mouse

    def _share(self, event: events.MouseEvent) -> tuple[float, float] | None:
        pixel = self.pixel_at(event.x, event.y)
        if pixel is None or self.raster is None:
            return None
        return (pixel[0] + 0.5) / self.raster.size[0], (pixel[1] + 0.5) / self.raster.size[1]

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, steps: int) -> None:
        at = self._share(event)
        if at is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Zoomed(self, steps, at))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._dragged_from, self._moved = (event.screen_x, event.screen_y), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged_from is None:
            self.post_message(self.Pointed(self, self.pixel_at(event.x, event.y)))
            return
        from_x, from_y = self._dragged_from
        if (event.screen_x, event.screen_y) != (from_x, from_y):
            self._dragged_from, self._moved = (event.screen_x, event.screen_y), True
            right, down = event.screen_x - from_x, event.screen_y - from_y
            self.post_message(self.Dragged(self, -right / self.size.width, -down / self.size.height))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()
            event.stop()

    def on_click(self, event: events.Click) -> None:
        at = self.pixel_at(event.x, event.y)
        if not self._moved and at is not None:
            self.post_message(self.Clicked(self, at, twice=event.chain == 2))

    def on_leave(self) -> None:
        self.post_message(self.Pointed(self, None))


@lru_cache(maxsize=65536)
def _style(r: int, g: int, b: int, under_r: int, under_g: int, under_b: int) -> Style:
    return Style(
        color=Color.from_triplet(ColorTriplet(r, g, b)),
        bgcolor=Color.from_triplet(ColorTriplet(under_r, under_g, under_b)),
    )
