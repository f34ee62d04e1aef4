"""Going through stored steps by itself: the next one when the one before is on the screen."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

from . import compat

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # steps a second
_RETRY = 0.02  # seconds until a frame that is still on its way is looked at again


class Player:
    """Plays on a widget. `step` goes one step on and says whether there was one; where there is none it ends.

    `ready`: whether what was asked for is shown. `told` is called when there is something else to say of playing.
    """

    def __init__(
        self, widget: Widget, step: Callable[[], bool], ready: Callable[[], bool], told: Callable[[], object]
    ) -> None:
        self._widget, self._step, self._ready, self._told = widget, step, ready, told
        self._timer: Timer | None = None
        self._speed = 4.0

    @property
    def speed(self) -> float:
        """Steps a second, 0 while it stands still."""
        return self._speed if self._timer is not None else 0.0

    @property
    def words(self) -> str:
        """`▶ 4 a second`, "" while it stands still."""
        return f"▶ {self.speed:g} a second" if self.speed else ""

    def start(self) -> None:
        """Play; the step that is shown stays as long as any other."""
        self._wait(1 / self._speed)
        self._told()

    def stop(self) -> None:
        """Stand still."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self._told()

    def faster(self, by: int) -> str:
        """So many speeds faster, or slower; what to say of it where it stands still."""
        self._speed = SPEEDS[min(max(SPEEDS.index(self._speed) + by, 0), len(SPEEDS) - 1)]
        if self._timer is None:
            return f"{self._speed:g} steps a second; space plays"
        self._told()
        return ""

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._widget.set_timer(seconds, self._go_on)

    def _go_on(self) -> None:
        widget = self._widget
        if self._timer is None or not widget.is_attached:
            return
        # Never more than one frame is on its way, and none behind a dialog.
        if not self._ready() or compat.busy(widget.app) or not widget.screen.is_current:
            self._wait(_RETRY)
        elif self._step():
            self._wait(1 / self._speed)
        else:
            self.stop()
