"""One chart on the screen: it draws a `Plot` and says what the mouse asks for; what to show is decided above it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.errors import NoWidget
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..drawing.braille import Glyphs, named
from ..drawing.canvas import Canvas
from ..drawing.plot import Area, Drawn, Plot, draw
from . import inks

WHEEL = 0.8


class PlotView(Widget):
    """`show(plot)` redraws only the rows that differ. `wheel`: whether the mouse wheel zooms instead of scrolling."""

    DEFAULT_CSS = "PlotView { width: 1fr; height: 1fr; }"

    class Zoomed(Message):
        """The wheel: the window of x (or, `vertical`, of y) is to be scaled by `factor` about `at`."""

        def __init__(self, view: PlotView, factor: float, at: float, *, vertical: bool = False) -> None:
            super().__init__()
            self.view, self.factor, self.at, self.vertical = view, factor, at, vertical

    class Dragged(Message):
        """The window is to move by this much of its width and of its height."""

        def __init__(self, view: PlotView, x: float, y: float) -> None:
            super().__init__()
            self.view, self.x, self.y = view, x, y

    class Pointed(Message):
        """The mouse rests at `x` of the axis, or (None) nowhere."""

        def __init__(self, view: PlotView, x: float | None) -> None:
            super().__init__()
            self.view, self.x = view, x

    class Clicked(Message):
        """A press and release at one place; `twice` for the second of two."""

        def __init__(self, view: PlotView, *, twice: bool) -> None:
            super().__init__()
            self.view, self.twice = view, twice

    def __init__(self, plot: Plot | None = None, glyphs: Glyphs | None = None, *, wheel: bool = True) -> None:
        super().__init__()
        self.plot = plot or Plot()
        self._source: Callable[[], Plot] = lambda: self.plot
        self.wheel = wheel
        self._glyphs = glyphs or named(os.environ.get("TRAINVIS_GLYPHS"))
        self._drawn: Drawn | None = None
        self._styles: dict[int, Style] = {}
        self._strips: dict[int, Strip] = {}
        self._dragged_from: tuple[int, int] | None = None
        self._moved = False

    @property
    def area(self) -> Area | None:
        """Where the curves lie, as last drawn."""
        return self._drawn.area if self._drawn else None

    def show(self, plot: Plot | Callable[[], Plot]) -> list[int]:
        """Show another plot; the rows that changed, [] while it cannot be seen.

        A function is asked for the plot when it is drawn: a chart that is scrolled out of sight costs nothing.
        """
        self._source = plot if callable(plot) else lambda: plot
        before = self._drawn
        if before is None or not self.size or not self._in_sight():
            self._drawn = None
            self.refresh()
            return []
        self.plot = self._source()
        self._drawn = draw(self.plot, self.size.width, self.size.height, self._glyphs)
        changed = self._drawn.canvas.changed(before.canvas)
        for row in changed:
            self._strips.pop(row, None)
        if changed:
            self.refresh(*(Region(0, row, self.size.width, 1) for row in changed))
        return changed

    def _in_sight(self) -> bool:
        try:
            return self.screen.find_widget(self).visible_region.area > 0
        except NoWidget:  # not laid out, or not displayed
            return False

    def render_line(self, y: int) -> Strip:
        canvas = self._canvas()
        if y >= canvas.height:
            return Strip.blank(self.size.width, self._style(0))
        strip = self._strips.get(y)
        if strip is None:
            segments = [Segment(text, self._style(ink)) for text, ink in canvas.runs(y)]
            strip = self._strips[y] = Strip(segments, canvas.width)
        return strip

    def _canvas(self) -> Canvas:
        width, height = self.size
        if self._drawn is None or (self._drawn.canvas.width, self._drawn.canvas.height) != (width, height):
            self.plot = self._source()
            self._drawn = draw(self.plot, width, height, self._glyphs)
            self._strips.clear()
        return self._drawn.canvas

    @property
    def styles_of_inks(self) -> dict[int, Style]:
        """How each ink looks in the theme of the moment."""
        if not self._styles:
            self._styles = inks.styles(self.app.current_theme, self.app.theme_variables, self.background_colors[1])
        return self._styles

    def _style(self, ink: int) -> Style:
        return self.styles_of_inks[ink]

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._styles.clear()
        self._strips.clear()
        super().notify_style_update()

    # The mouse

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1 / WHEEL)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        area = self.area
        if area is None or not (self.wheel or event.ctrl or event.shift):
            return
        event.stop()
        event.prevent_default()
        vertical = event.shift or event.x < area.left
        at = area.y_at(event.y) if vertical else area.x_at(event.x)
        self.post_message(self.Zoomed(self, factor, at, vertical=vertical))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1:
            self._dragged_from, self._moved = (event.screen_x, event.screen_y), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        area = self.area
        if area is None:
            return
        if self._dragged_from is None:
            inside = area.left <= event.x < area.left + area.width
            self.post_message(self.Pointed(self, area.x_at(event.x) if inside else None))
            return
        from_x, from_y = self._dragged_from
        if (event.screen_x, event.screen_y) != (from_x, from_y):
            self._dragged_from, self._moved = (event.screen_x, event.screen_y), True
            right, down = event.screen_x - from_x, event.screen_y - from_y
            self.post_message(self.Dragged(self, -right / area.width, down / area.height))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged_from is not None:
            self._dragged_from = None
            self.release_mouse()
            event.stop()

    def on_click(self, event: events.Click) -> None:
        if not self._moved:
            self.post_message(self.Clicked(self, twice=event.chain == 2))

    def on_leave(self) -> None:
        self.post_message(self.Pointed(self, None))

    def dressed(self, **changes: object) -> Plot:
        """The plot shown, with some of its fields changed."""
        return replace(self.plot, **changes)  # type: ignore[arg-type]
