"""All curves of one or several runs: a grid of charts, or one of them full screen, over one x axis for all."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ...engine.errors import TrainvisError
from ...engine.runs import Row
from ...engine.status import alive
from ...engine.text import printable
from .. import compat
from ..drawing import charts, palette
from ..drawing.canvas import Ink
from ..drawing.charts import Choices, RunCurves
from ..drawing.model import Axis, Fit, Plot
from ..keys import bindings
from .curve_reader import CurveReader, Read, apply
from .plot import PlotView

REPAINT = 0.25  # seconds between repaints of growing curves: four a second are as good as ten to look at
_MOST_ROWS = 4


class Charts(VerticalScroll, can_focus=False):
    DEFAULT_CSS = "Charts { layout: grid; grid-gutter: 0 2; padding: 0 1; }"


class Curves(Widget, can_focus=True):
    """`rows` are the runs whose curves are shown: their metrics are read in the background and followed as they grow.

    All charts share one window of x, one cursor and one set of choices; the y axis is each chart's own.
    """

    DEFAULT_CSS = """
    Curves { height: 1fr; width: 1fr; layout: vertical; }
    Curves > Charts { height: 1fr; }
    Curves > #curves-runs { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; display: none; }
    Curves > #curves-choices {
        height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("curves")]

    rows: reactive[tuple[Row, ...]] = reactive((), repaint=False)
    choices: reactive[Choices] = reactive(Choices, repaint=False)
    full: reactive[bool] = reactive(False, repaint=False)
    selected: reactive[int] = reactive(0, repaint=False)

    def __init__(self, rows: tuple[Row, ...] = (), *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.runs: dict[Path, RunCurves] = {}
        self._names: list[str] = []
        self._y: dict[str, tuple[float, float]] = {}
        self._colours: dict[str, int] = {}
        self._following = True
        self._hover: float | None = None
        self._waiting = False
        self._unshown = False
        self._row_height = 0
        self._problems: dict[Path, str] = {}
        self._reader = CurveReader(self._posted)
        self.set_reactive(Curves.rows, rows)

    def compose(self) -> ComposeResult:
        yield Charts()
        yield Static("", id="curves-runs")
        yield Static("", id="curves-choices", markup=False)

    def on_mount(self) -> None:
        self._reader.start()
        self.watch_rows()

    def on_unmount(self) -> None:
        self._reader.stop()

    # What is shown

    @property
    def settled(self) -> bool:
        """Whether everything that was read is on the screen."""
        return not self._unshown

    @property
    def views(self) -> list[PlotView]:
        """The charts, in order."""
        return list(self.query(PlotView))

    @property
    def shown(self) -> list[RunCurves]:
        """The runs that have been read, in the order of `rows`."""
        return [self.runs[row.path] for row in self.rows if row.path in self.runs]

    def watch_rows(self) -> None:
        """Other runs, or news of the same ones: read what is new, forget what is gone."""
        self.runs = {row.path: self.runs[row.path] for row in self.rows if row.path in self.runs}
        self._colours = palette.assigned((row.id for row in self.rows), self._colours)
        self._reader.follow({row.path: alive(row.status) for row in self.rows}, self.choices.weight)
        self._dress()
        self._arrange()

    def _posted(self, read: Read) -> None:
        self.post_message(read)

    def on_read(self, read: Read) -> None:
        """Something was read of a run."""
        read.stop()
        if read.path not in {row.path for row in self.rows}:
            return
        before = self._whole()
        self._problems.pop(read.path, None)
        if read.problem:
            self._problems[read.path] = read.problem
        apply(self.runs, read)
        self._unshown = True
        self._dress()
        self._follow(before)
        if not self._waiting:
            self._waiting = True
            self._repaint_soon()

    def _repaint_soon(self) -> None:
        if compat.busy(self.app):
            self.set_timer(0.05, self._repaint_soon)
            return
        self._arrange()
        # Whatever comes within the next moment waits for its end.
        self.set_timer(REPAINT, self._repaint_again)

    def _repaint_again(self) -> None:
        self._waiting = False
        self._arrange()

    def _dress(self) -> None:
        for index, row in enumerate(self.rows):
            run = self.runs.get(row.path)
            if run is not None:
                run.title, run.colour, run.letter = row.title, self._colours.get(row.id, 0), palette.letter(index)

    def _follow(self, before: tuple[float, float]) -> None:
        """A window at the end of the curves stays at their end."""
        window = self.choices.x
        if window is not None and self._following:
            shift = self._whole()[1] - before[1]
            if shift > 0 and window[1] >= before[1]:
                self.set_reactive(Curves.choices, replace(self.choices, x=(window[0] + shift, window[1] + shift)))

    def _whole(self) -> tuple[float, float]:
        """The range of x that all charts together need."""
        return charts.whole_extent(self.shown, self.choices.axis)

    def watch_choices(self) -> None:
        self._reader.weight = self.choices.weight
        self._show()

    def watch_full(self) -> None:
        self._arrange()

    def watch_selected(self) -> None:
        if self.full:
            self._arrange()
            return
        self._show()
        if self.selected < len(self.views):
            self.views[self.selected].scroll_visible(animate=False)

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """As many charts as there are metrics, in a grid that fits or scrolls; then what they show."""
        if not self.is_mounted:
            return
        self._unshown = False
        self._names = charts.chart_names(self.shown)
        box = self.query_one(Charts)
        wanted = max(len(self._names), 1)
        views = self.views
        if len(views) < wanted:
            box.mount(*(PlotView() for _ in range(wanted - len(views))))
        for view in views[wanted:]:
            view.remove()
        self.set_reactive(Curves.selected, min(self.selected, wanted - 1))
        self._lay_out(box, wanted)
        self._show()

    def _lay_out(self, box: Charts, count: int) -> None:
        lettered = len(self.shown) > 1 and count > 1 and not self.full
        self.query_one("#curves-runs").display = lettered
        width, height = max(self.size.width - 2, 1), max(self.size.height - 1 - lettered, 1)
        across, high = (1, height) if self.full else charts.grid(count, width, height)
        scrolls = not self.full and -(-count // across) * high > height
        if box.styles.grid_size_columns != across:
            box.styles.grid_size_columns = across
        if self._row_height != high:
            self._row_height = high
            box.styles.grid_rows = f"{high}"  # type: ignore[assignment]
        for index, view in enumerate(self.views[:count]):
            display = not self.full or index == self.selected
            if view.display != display:
                view.display = display
            view.wheel = not scrolls

    def _show(self) -> None:
        if not self.is_mounted:
            return
        for index, view in enumerate(self.views):
            if view.display and index < max(len(self._names), 1):
                view.show(partial(self._plot, index))
        self.query_one("#curves-choices", Static).update(Content(self._words()))
        self.query_one("#curves-runs", Static).update(self._letters())

    def _plot(self, index: int) -> Plot:
        name = self._names[index] if self._names else ""
        choices = self.choices if self._hover is None else replace(self.choices, cursor=self._hover)
        if choices.x is None and self._names:
            choices = replace(choices, x=self._whole())
        plot = charts.chart(name, self.shown, choices, hint=self._hint(), titles=self.full or len(self._names) == 1)
        several = len(self._names) > 1 and not self.full
        rows = _MOST_ROWS if self.full or len(self._names) == 1 else 2 if len(self.shown) > 1 else 1
        return replace(plot, y=self._y.get(name), selected=several and index == self.selected, legend_rows=rows)

    def _hint(self) -> str:
        if self._problems:
            return next(iter(self._problems.values()))
        unread = [row for row in self.rows if row.path not in self.runs]
        if unread:
            return "reading …"
        living = any(alive(row.status) for row in self.rows)
        return "no metrics yet" if living else "no metrics were recorded"

    def _letters(self) -> Content:
        """Which letter stands for which run."""
        if not self.views:
            return Content("")
        looks = self.views[0].styles_of_inks
        names = [
            (f"{run.letter} {printable(run.title, 40)}", looks[Ink.bright(run.colour)].color) for run in self.shown
        ]
        return Content("  ").join(Content.styled(text, ink.name if ink else "") for text, ink in names)

    def _words(self) -> str:
        """The choices in words, and how far reading has come."""
        chosen = self.choices
        words = [
            f"x {chosen.axis}",
            f"smoothing {chosen.weight:g}" if chosen.weight else "no smoothing",
            "y logarithmic" if chosen.log else "y linear",
            "all values" if chosen.fit is Fit.ALL else "without outliers",
        ]
        if self.full and len(self._names) > 1:
            words.append(f"chart {self.selected + 1} of {len(self._names)}")
        if chosen.x is not None:
            words.append("zoomed, following" if self._following else "zoomed")
        if chosen.alone is not None:
            words.append("one line alone")
        words += [f"reading {run.title}" for run in self.shown if run.partial]
        return " · ".join(words)

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
        area = self.views[self.selected].area
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
        self.choices = replace(self.choices, weight=charts.WEIGHTS[(at + 1) % len(charts.WEIGHTS)])

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
        area = self.views[self.selected].area
        if area is not None:
            self._zoom_y(self.selected, factor, area.y_at(area.top + area.height / 2 - 0.5))

    def action_pan_y(self, share: float) -> None:
        self._pan_y(self.selected, share)

    def _zoom_y(self, index: int, factor: float, at: float) -> None:
        area = self.views[index].area
        if area is None or index >= len(self._names):
            return
        low, high = charts.zoomed(area.scaled_y, factor, area.scale(at))
        self._y[self._names[index]] = (area.unscaled(low), area.unscaled(high))
        self._show()

    def _pan_y(self, index: int, share: float) -> None:
        area = self.views[index].area
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
        from ..screens.dialogs import Ask

        if not self._names:
            self.notify("there is no chart to save yet", severity="warning")
            return
        plot = self._selected_plot()
        name = "-".join([*(row.id for row in self.rows[:1]), plot.title.replace("/", "_")])
        ask = Ask("Save the chart", "A name that ends in .png or .svg", str(Path.cwd() / f"{name}.png"))
        self.app.push_screen(ask, lambda answer: self._save(plot, answer))

    def _save(self, plot: Plot, answer: str | None) -> None:
        if answer:
            self.run_worker(lambda: self._write(plot, answer), thread=True, exit_on_error=False)

    def _write(self, plot: Plot, answer: str) -> None:
        from ..drawing.picture import save

        title = " · ".join([plot.title, *(row.title for row in self.rows[:3])])
        try:
            path = save(
                replace(plot, title=title, cursor=None, selected=False), answer, dark=self.app.current_theme.dark
            )
        except TrainvisError as error:
            self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
        else:
            self.app.call_from_thread(self.notify, f"saved as {path}", markup=False)
