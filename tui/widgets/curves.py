"""All curves of one or several runs, and what keys and mouse do to them: zoom, cursor, smoothing, axes, pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType

from .. import compat
from ..drawing import charts
from ..drawing.charts import Averaged, Choices, Recorded
from ..drawing.model import Axis, Fit, Plot
from ..keys import bindings
from .curve_charts import CurveCharts
from .plot import PlotView

if TYPE_CHECKING:
    from ..app import TrainvisApp

_AT_ONCE = 500_000  # values that are smoothed without leaving the thread that draws


class Curves(CurveCharts, can_focus=True):
    """`rows` are the runs whose curves are shown; every key of the place "curves" works here."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("curves")]

    # Keys

    def _window(self) -> tuple[float, float]:
        return self.choices.x or self._whole()

    def _look_at(self, low: float, high: float) -> None:
        """Another window of x; all of it where it would reach over both ends."""
        first, last = self._whole()
        self._following = high >= last
        inside = low > first or high < last
        self.choices = replace(self.choices, x=(low, high) if inside else None)

    def action_full(self) -> None:
        self.full = not self.full

    def action_next_chart(self, by: int) -> None:
        count = max(len(self._names), 1)
        self.selected = (self.selected + by) % count

    def action_zoom(self, factor: float) -> None:
        low, high = self._window()
        cursor = self._hover if self._hover is not None else self.choices.cursor
        at = cursor if cursor is not None and low <= cursor <= high else (low + high) / 2
        self._look_at(*charts.zoomed((low, high), factor, at))

    def action_pan(self, share: float) -> None:
        if self.choices.cursor is not None:
            self._step_cursor(1 if share > 0 else -1)
        elif self.choices.x is not None:
            low, high = self._window()
            self._look_at(low + share * (high - low), high + share * (high - low))
        else:
            self.action_cursor()

    def action_cursor(self) -> None:
        """Show the cursor at the last point of the window, or hide it."""
        low, high = self._window()
        cursor = None if self.choices.cursor is not None else self._on_a_point(high)
        self.choices = replace(self.choices, cursor=cursor if cursor is None else min(max(cursor, low), high))

    def _on_a_point(self, x: float) -> float:
        """The nearest place where something was measured in the selected chart."""
        plot = self._selected_plot()
        found = [line.trace.point(index)[0] for line in plot.lines if (index := line.trace.nearest(x)) is not None]
        return min(found, key=lambda each: abs(each - x), default=x)

    def _selected_plot(self) -> Plot:
        return self._plot(min(self.selected, max(len(self._names) - 1, 0)))

    def _step_cursor(self, by: int) -> None:
        """One cell on; where points lie farther apart than cells, to the next point."""
        assert self.choices.cursor is not None
        area = self._area(self.selected)
        low, high = self._window()
        cell = (high - low) / (area.width if area else 80)
        cursor = self._on_a_point(self.choices.cursor + by * cell)
        reach = 1
        while (cursor - self.choices.cursor) * by <= 0 and reach < 1 << 12:
            reach *= 2
            cursor = self._on_a_point(self.choices.cursor + by * cell * reach)
        self._cursor_to(cursor if (cursor - self.choices.cursor) * by > 0 else self.choices.cursor)

    def _cursor_to(self, x: float) -> None:
        low, high = self._window()
        if not low <= x <= high:
            shift = x - high if x > high else x - low
            self._look_at(low + shift, high + shift)
        self.choices = replace(self.choices, cursor=x)

    def action_edge(self, end: int) -> None:
        if self.choices.cursor is not None:
            self._cursor_to(self._on_a_point(self._whole()[end]))
        elif self.choices.x is not None:
            low, high = self._window()
            shift = self._whole()[end] - (high if end else low)
            self._look_at(low + shift, high + shift)

    def action_reset(self) -> None:
        self._y.clear()
        self._following = True
        self.choices = replace(self.choices, x=None, alone=None)
        self._show()

    def action_log(self) -> None:
        self._y.clear()
        self.choices = replace(self.choices, log=not self.choices.log)

    def action_smooth(self) -> None:
        at = charts.WEIGHTS.index(self.choices.weight) if self.choices.weight in charts.WEIGHTS else -1
        weight = charts.WEIGHTS[(at + 1) % len(charts.WEIGHTS)]
        metrics = [metric for run in self.shown for metric in run.metrics.values()]
        self._reader.weight = weight
        if weight == 0 or sum(map(len, metrics)) < _AT_ONCE:
            self.choices = replace(self.choices, weight=weight)
        else:
            self.run_worker(lambda: self._smooth_later(metrics, weight), thread=True, group="smooth", exclusive=True)

    def _smooth_later(self, metrics: list[Recorded], weight: float) -> None:
        """In a thread: millions of values take a second, in which keys shall be answered."""
        averaged = [(metric, metric.averaged(weight)) for metric in metrics]
        self.app.call_from_thread(self._smoothed, averaged, weight)

    def _smoothed(self, averaged: list[tuple[Recorded, Averaged]], weight: float) -> None:
        for metric, average in averaged:
            metric.take(average)
        self.choices = replace(self.choices, weight=weight)

    def action_axis(self) -> None:
        order = list(Axis)
        following = order[(order.index(self.choices.axis) + 1) % len(order)]
        self._following = True
        self.choices = replace(self.choices, axis=following, x=None, cursor=None)

    def action_range(self) -> None:
        self._y.clear()
        fit = Fit.ALL if self.choices.fit is Fit.ROBUST else Fit.ROBUST
        self.choices = replace(self.choices, fit=fit)

    def action_alone(self) -> None:
        count = max((len(charts.chart(name, self.shown, Choices()).lines) for name in self._names), default=0)
        at = -1 if self.choices.alone is None else self.choices.alone
        self.choices = replace(self.choices, alone=at + 1 if at + 1 < count else None)

    def action_zoom_y(self, factor: float) -> None:
        area = self._area(self.selected)
        if area is not None:
            self._zoom_y(self.selected, factor, area.y_at(area.top + area.height / 2 - 0.5))

    def action_pan_y(self, share: float) -> None:
        self._pan_y(self.selected, share)

    def _zoom_y(self, index: int, factor: float, at: float) -> None:
        area = self._area(index)
        if area is None or index >= len(self._names):
            return
        low, high = charts.zoomed(area.scaled_y, factor, area.scale(at))
        self._y[self._names[index]] = (area.unscaled(low), area.unscaled(high))
        self._show()

    def _pan_y(self, index: int, share: float) -> None:
        area = self._area(index)
        if area is None or index >= len(self._names):
            return
        low, high = area.scaled_y
        shift = share * (high - low)
        self._y[self._names[index]] = (area.unscaled(low + shift), area.unscaled(high + shift))
        self._show()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 (Textual's signature)
        """Escape is ours only while there is something to leave; else it belongs to the screen."""
        return action != "leave" or self.full or self.choices.cursor is not None

    def action_leave(self) -> None:
        if self.choices.cursor is not None:
            self.choices = replace(self.choices, cursor=None)
        else:
            self.full = False
        self.refresh_bindings()

    # The mouse

    def _index(self, view: PlotView) -> int:
        return self.views.index(view)

    def on_plot_view_zoomed(self, message: PlotView.Zoomed) -> None:
        message.stop()
        if message.vertical:
            self._zoom_y(self._index(message.view), message.factor, message.at)
        else:
            self._look_at(*charts.zoomed(self._window(), message.factor, message.at))

    def on_plot_view_dragged(self, message: PlotView.Dragged) -> None:
        message.stop()
        low, high = self._window()
        shift = message.x * (high - low)
        if shift:
            self._following = high + shift >= self._whole()[1]
            self.choices = replace(self.choices, x=(low + shift, high + shift))
        index = self._index(message.view)
        if message.y and index < len(self._names) and self._names[index] in self._y:
            self._pan_y(index, message.y)

    def on_plot_view_pointed(self, message: PlotView.Pointed) -> None:
        message.stop()
        if message.x != self._hover and not compat.busy(self.app):
            self._hover = message.x
            self._show()

    def on_plot_view_clicked(self, message: PlotView.Clicked) -> None:
        message.stop()
        self.focus()
        self.selected = self._index(message.view)
        if message.twice:
            self.full = not self.full

    def on_blur(self, event: events.Blur) -> None:  # noqa: ARG002 (Textual's signature)
        self._hover = None

    # Pictures

    def action_save(self) -> None:
        """Ask for a file and write the selected chart into it; the suffix says which kind."""
        from .. import saving
        from ..drawing.picture import save

        if not self._names:
            self.notify("there is no chart to save yet", severity="warning")
            return
        plot = self._selected_plot()
        proposed = Path.cwd() / f"{'-'.join([*(row.id for row in self.rows[:1]), plot.title.replace('/', '_')])}.png"
        title = " · ".join([plot.title, *(row.title for row in self.rows[:3])])
        plot = replace(plot, title=title, cursor=None, selected=False)
        dark = self.app.current_theme.dark
        app: TrainvisApp = self.app  # type: ignore[assignment]
        saving.save(
            app,
            "Save the chart",
            "A name that ends in .png or .svg",
            proposed,
            lambda path: save(plot, str(path), dark=dark),
        )
