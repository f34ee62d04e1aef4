"""What the mouse does on a picture, as messages: the wheel zooms, a drag moves what is seen, a click chooses."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widget import Widget

from ..pixels.raster import Raster


class PictureMouse(Widget):
    """The part of a `PictureView` that hears the mouse."""

    ALLOW_SELECT = False  # the mouse drags the picture

    class Zoomed(Message, namespace="picture_view"):
        """The wheel: so many steps nearer about the place `at` (shares of width and height)."""

        def __init__(self, view: PictureMouse, steps: int, at: tuple[float, float]) -> None:
            super().__init__()
            self.view, self.steps, self.at = view, steps, at

    class Dragged(Message, namespace="picture_view"):
        """What is seen is to move by these shares of it."""

        def __init__(self, view: PictureMouse, right: float, down: float) -> None:
            super().__init__()
            self.view, self.right, self.down = view, right, down

    class Pointed(Message, namespace="picture_view"):
        """The mouse rests on pixel `at` (x, y) of the raster, or (None) on none."""

        def __init__(self, view: PictureMouse, at: tuple[int, int] | None) -> None:
            super().__init__()
            self.view, self.at = view, at

    class Clicked(Message, namespace="picture_view"):
        """Pixel `at` (x, y) of the raster was clicked; `twice` for the second of two."""

        def __init__(self, view: PictureMouse, at: tuple[int, int], *, twice: bool) -> None:
            super().__init__()
            self.view, self.at, self.twice = view, at, twice

    def __init__(self, raster: Raster | None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.raster = raster  # what is to be shown
        self._dragged_from: tuple[int, int] | None = None
        self._moved = False

    @property
    def painted_raster(self) -> Raster | None:
        """What is on the screen."""
        raise NotImplementedError

    def pixel_at(self, column: int, row: int) -> tuple[int, int] | None:
        """The pixel (x, y) of the raster that is shown in a cell of the widget."""
        raise NotImplementedError

    def _share(self, event: events.MouseEvent) -> tuple[float, float] | None:
        pixel, raster = self.pixel_at(event.x, event.y), self.painted_raster
        if pixel is None or raster is None:
            return None
        return (pixel[0] + 0.5) / raster.size[0], (pixel[1] + 0.5) / raster.size[1]

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
