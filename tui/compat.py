"""Every use of Textual's private parts, each with a test in tests/tui/test_compat.py.

Textual is pinned below 9 for the sake of this file.
"""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Text
from textual._context import active_message_pump
from textual.css.query import NoMatches
from textual.dom import DOMNode, NoScreen
from textual.keys import key_to_character
from textual.strip import Strip

from .thrift import thrifty

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.color import Color
    from rich.segment import Segment
    from textual.app import App
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.widget import Widget


# How Textual (and rich below it) spell the number of colours.
_COLORS = {"truecolor": "truecolor", "256": "256", "16": "standard", "none": "standard"}


def set_colors(colors: str) -> None:
    """Have the next application draw in truecolor, 256, 16 or no colours, instead of what Textual guesses from TERM.

    Textual reads $TEXTUAL_COLOR_SYSTEM when it is imported, which is before the terminal has answered.
    """
    from textual import constants

    constants.COLOR_SYSTEM = _COLORS[colors]  # type: ignore[misc]
    if colors == "none":
        os.environ["NO_COLOR"] = "1"


def busy(app: App[Any]) -> bool:
    """Whether the terminal is still swallowing earlier output: live repaints then wait.

    Textual writes through a thread with a queue of 30 frames and blocks the whole application when it is full; with
    live repaints waiting for an empty one, and for the terminal's own word (`flow`), the answer to a key is never
    behind more than one frame.
    """
    writer = getattr(app._driver, "_writer_thread", None)
    flow = getattr(app, "flow", None)
    return (writer is not None and not writer._queue.empty()) or (flow is not None and flow.waiting())


def write(app: App[Any], sequence: str) -> None:
    """Send a control sequence of our own to the terminal, in order with the frames."""
    if app._driver is not None and not app.is_headless:
        app._driver.write(sequence)


def thrifty_driver(kind: type[Driver]) -> type[Driver]:
    """A driver like `kind` that sends the same pictures in fewer bytes."""

    class Thrifty(kind):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            fewer = thrifty(data)
            flow = getattr(self._app, "flow", None)
            if flow is not None:
                flow.sent(len(fewer.encode("utf-8", "replace")) if not fewer.isascii() else len(fewer))
            super().write(fewer)

    return Thrifty


def coloured(codes: str, foreground: Color, background: Color | None = None) -> Style:
    """A style that is sent as `codes` (SGR) whatever the number of colours, made in a fraction of the usual time.

    Rich would bring each colour down to what it takes the terminal for, which pictures have done by themselves; and a
    number among 256 that is a picture's name must arrive as it is.
    """
    style = Style.from_color(foreground, background)
    style._ansi = codes
    return style


class Ready(Strip):
    """A line of `width` cells that is sent as `sent`. `segments` makes its text only where somebody takes it apart.

    A picture has a style for every cell: to make, to join and to render thousands costs more than all else.
    """

    def __init__(self, sent: str, width: int, segments: Callable[[], list[Segment]]) -> None:
        self._parts: list[Segment] | None = None
        self._segments_of = segments
        super().__init__([], width)
        self._parts = None
        self._render_cache = sent
        self._cell_count = width

    @property
    def _segments(self) -> list[Segment]:  # type: ignore[override]
        if self._parts is None:
            self._parts = self._segments_of()
        return self._parts

    @_segments.setter
    def _segments(self, parts: list[Segment]) -> None:
        self._parts = parts

    def __bool__(self) -> bool:
        return True


def forget_lines(widget: Widget) -> None:
    """Have a widget render all its lines anew when they are next asked for."""
    widget._styles_cache.clear()


def covered(widget: Widget) -> bool:
    """Whether something else on the same screen (a toast, a menu) lies over a part of `widget`."""
    compositor = widget.screen._compositor
    found = compositor.visible_widgets.get(widget)
    if found is None:
        return False
    seen = found[0].intersection(found[1])
    above = {widget, *widget.walk_children()}
    for row in compositor.layers_visible[max(seen.y, 0) : seen.bottom]:
        for other, region, _ in row:
            if other is widget:
                break
            if other not in above and region.overlaps(seen):
                return True
    return False


def screen_segments(screen: Screen[Any]) -> tuple[tuple[Segment, ...], ...]:
    """What a screen shows, row by row, as the compositor has it now."""
    return tuple(tuple(strip) for strip in screen._compositor.render_strips())


def screen_text(screen: Screen[Any]) -> str:
    """What a screen shows, as plain lines, as the compositor has it now."""
    strips = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def crash_text(error: BaseException | None) -> str:
    """The traceback of an error as plain text, without the values of variables (they may be secrets)."""
    return "".join(traceback.format_exception(error)) if error else ""


class KeysInOrder:
    """Mixed into an application: each key acts before the next one is looked at.

    Textual posts a key to the widget that has the focus and looks for a binding when the message has bubbled up to the
    application. Of keys that come in one packet (fast typing, a slow line) all are posted before the first has acted:
    after `/` the letters meant for the filter would stop, kill and delete runs. So bindings are looked up at once,
    unless the widget wants the letter for itself.
    """

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        above: Any = super()
        if await above._check_bindings(key, priority):
            return True
        return priority and not self._wanted(key) and await above._check_bindings(key, False)

    def _wanted(self, key: str) -> bool:
        app: Any = self
        return app.focused is not None and app.focused.check_consume_key(key, key_to_character(key))


class HiddenScreens:
    """Mixed into an application: of the screens only those are drawn that something can be seen of.

    Textual takes the screen below the top one for seen whatever its background is, and draws all of the top one anew
    when anything in it changes: the ages in the table would send a picture above them once a second.
    """

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        above: Any = super()
        return [] if self.screen.styles.background.a == 1 else above._background_screens  # type: ignore[attr-defined]


class PlainEnd:
    """Mixed into an application: an unexpected error ends it with the sentence `last_words` gives, not a traceback."""

    def last_words(self, error: BaseException | None) -> str:
        raise NotImplementedError

    def _handle_exception(self, error: Exception) -> None:
        above: Any = super()
        if not (isinstance(error, NoMatches | NoScreen) and _being_taken_down(active_message_pump.get(None))):
            above._handle_exception(error)

    def _fatal_error(self) -> None:
        app: Any = self
        app._exit_renderables.append(Text(self.last_words(app._exception)))
        app._close_messages_no_wait()


def _being_taken_down(pump: Any) -> bool:
    """Whether this widget is leaving the screen: one left before it was all there finds its children gone."""
    if pump is None or pump.app._exit:
        return pump is not None
    return isinstance(pump, DOMNode) and any(node._pruning or node._closing for node in pump.ancestors_with_self)
