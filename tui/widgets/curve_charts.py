"""The charts of one or several runs: read in the background, arranged in a grid or one alone, over one x axis."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from ...engine.runs import Row
from ...engine.status import alive
from ...engine.text import printable
from .. import compat
from ..drawing import charts, palette
from ..drawing.area import Area
from ..drawing.canvas import Ink
from ..drawing.charts import Choices, RunCurves
from ..drawing.model import Fit, Plot
from .curve_reader import CurveReader, Read, apply
from .plot import PlotView

REPAINT = 0.25  # seconds between repaints of growing curves: four a second are as good as ten to look at
_MOST_ROWS = 4


class Charts(VerticalScroll, can_focus=False):
    DEFAULT_CSS = "Charts { layout: grid; grid-gutter: 0 2; padding: 0 1; }"


class CurveCharts(Widget):
    """`rows` are the runs whose curves are shown: their metrics are read in the background and followed as they grow.

    All charts share one window of x, one cursor and one set of choices; the y axis is each chart's own.
    """

    DEFAULT_CSS = """
    CurveCharts { height: 1fr; width: 1fr; layout: vertical; }
    CurveCharts > Charts { height: 1fr; }
    CurveCharts > #curves-runs { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; display: none; }
    CurveCharts > #curves-choices {
        height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
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
        self.set_reactive(CurveCharts.rows, rows)

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
        if compat.busy(self.app):
            self.set_timer(0.05, self._repaint_again)
            return
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
                self.set_reactive(CurveCharts.choices, replace(self.choices, x=(window[0] + shift, window[1] + shift)))

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
        self.set_reactive(CurveCharts.selected, min(self.selected, wanted - 1))
        self._lay_out(box, wanted)
        self._show()

    def _lay_out(self, box: Charts, count: int) -> None:
        lettered = self.size.height >= 8 and len(self.shown) > 1 and count > 1 and not self.full
        self.query_one("#curves-runs").display = lettered
        told = self.size.height >= 8  # rows are too few for words in a smaller one
        self.query_one("#curves-choices").display = told
        width, height = max(self.size.width - 2, 1), max(self.size.height - told - lettered, 1)
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

    def _area(self, index: int) -> Area | None:
        """Where that chart's curves are; None where it is not drawn yet: a key may be quicker than the first chart."""
        views = self.views
        return views[index].area if index < len(views) else None

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
