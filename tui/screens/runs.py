"""The first screen: all runs of a folder in a table, and a line that filters them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.reactive import reactive
from textual.screen import Screen
from textual.worker import get_current_worker

from ...engine.errors import QueryError, TrainvisError
from ...engine.rows import Row, Snapshot
from ...engine.status import alive
from .. import compat
from ..deeds import Deed
from ..drawing.pieces import Pieces
from ..keys import bindings
from ..widgets.filter_line import FilterLine
from ..widgets.header import Header, short_path
from ..widgets.key_line import KeyLine
from ..widgets.run_preview import RunPreview
from ..widgets.table import Column, Table
from .run_sizes import RunSizes
from .runs_columns import all_keys, columns_for, default_keys
from .runs_filter import filter_of, row_text

if TYPE_CHECKING:
    from ..app import TrainvisApp
    from .columns import Chosen, Sorted

# A folder of an LMDB is entered, and its data.mdb chosen.
BLOBS = (".h5", ".hdf5", ".hdf", ".lmdb", ".mdb", ".npz", ".npy", ".keras", ".idx", "-ubyte")
TICK = 1.0  # seconds: ages and the seconds left of a stop
YOUNG = 120.0  # seconds in which an age is shown in seconds
QUIET_TICKS = 10  # where nothing that is shown counts seconds, so many ticks are one
WANTED = 90  # the priority of a column that somebody chose beyond the usual ones
FILTER_AGAIN = 10.0  # seconds after which `since:1h` lets go of runs by itself
_NEEDS_A_RUN = frozenset(
    {
        "open",
        "stop",
        "kill",
        "again",
        "resume",
        "tags",
        "rename",
        "note",
        "mark",
        "mark_none",
        "curves",
        "beside",
        "delete",
        "sort",
    }
)


class RunsScreen(Screen[None]):
    """Gets each `snapshot` assigned; what a person wants done goes out as `Deed`s and calls of the application."""

    # The default screen of an application is mounted without its CSS_PATH being read.
    DEFAULT_CSS = Path(__file__).with_name("runs.tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("runs")]
    AUTO_FOCUS = "#runs-table"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (150, "-wide")]  # noqa: RUF012 (Textual's own type)
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (34, "-tall")]  # noqa: RUF012 (the same)

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False, init=False)

    def __init__(self, filter: str = "") -> None:  # noqa: A002 (the word of the command line)
        super().__init__()
        self._first_filter = filter
        self._filter = ""
        self._filtered_at = 0.0
        self._keys: tuple[str, ...] = ()
        self._sizes = RunSizes()
        self._ticks = 0

    @property
    def _app(self) -> TrainvisApp:
        return cast("TrainvisApp", self.app)

    def _clock(self) -> float:
        return getattr(self.app, "clock", time.time)()

    def compose(self) -> ComposeResult:
        yield Header("RUNS")
        yield FilterLine(self._first_filter, id="runs-filter")
        with Container(id="runs-body"):
            yield Table[Row](
                identity=lambda row: row.id, text=row_text, clock=self._clock, moved=self._moved, id="runs-table"
            )
            yield RunPreview(self._clock, id="runs-preview")
        yield KeyLine()

    def on_mount(self) -> None:
        remembered = self._app.settings.remembered
        self._keys = _texts(remembered.get("runs.columns"))
        self._show()
        self._restore_sort(remembered.get("runs.sort"))
        self.set_interval(TICK, self._tick)

    @property
    def table(self) -> Table[Row]:
        """The table of runs."""
        return self.query_one("#runs-table", Table)

    @property
    def _line(self) -> FilterLine:
        return self.query_one(FilterLine)

    # The world comes in

    def watch_snapshot(self) -> None:
        """Show what was found; what comes before the screen stands is shown by `on_mount`."""
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        rows = self._rows()
        self._choose_columns(rows)
        had_rows = self.table.current is not None
        if self._filter and self._clock() - self._filtered_at > FILTER_AGAIN:
            self._filter_again()
        self.table.set_items(rows)
        self._say_counts()
        if had_rows != (self.table.current is not None):
            self.refresh_bindings()
        self._measure()

    def _rows(self) -> Sequence[Row]:
        return self._sizes.put_into(self.snapshot.rows) if self.snapshot else ()

    def _choose_columns(self, rows: Sequence[Row]) -> None:
        usual = default_keys(rows)
        columns = [
            column if column.key in usual else replace(column, priority=WANTED)
            for column in columns_for(self._keys or usual, rows, self._clock)
        ]
        looks = [(column.key, column.width, column.most) for column in columns]
        if looks != [(column.key, column.width, column.most) for column in self.table.columns]:
            self.table.set_columns(columns)

    def _say_counts(self) -> None:
        shown, total = len(self.table.order), len(self._rows())
        counts = f"{shown} of {total}" if self._line.text.strip() else f"{total} runs" if total != 1 else "1 run"
        if self.table.marks:
            hidden = len(self.table.marks) - len(self.table.marked())
            counts = f"{len(self.table.marks)} marked{f' ({hidden} hidden)' if hidden else ''} · {counts}"
        self._line.count = counts
        self.table.say_when_empty(self._when_empty())

    def _when_empty(self) -> list[Pieces]:
        if self.snapshot is None:
            return [(("looking into the runs folder …", "dim"),)]
        if self.snapshot.rows:
            return [
                (("no run passes the filter", "bold"),),
                (),
                (("/", "accent"), ("  edits it, ", ""), ("esc", "accent"), (" there clears it", "")),
            ]
        missing = self.snapshot.problem
        return [
            ((missing, "warn"),) if missing else ((f"no runs in {short_path(self.snapshot.root)} yet", "bold"),),
            (),
            (("n", "accent"), ("  starts a script: it goes on when this terminal is gone", "")),
            (("D", "accent"), ("  starts the demo: a small network learns handwritten digits", "")),
            (("?", "accent"), ("  shows all keys", "")),
            (),
            (("a Keras script shows its curves with two lines more:", "dim"),),
            (("  from trainvis.vis import Callbacks", ""),),
            (("  model.fit(x, y, callbacks=Callbacks().progress().network_saver())", ""),),
        ]  # fmt: skip

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % QUIET_TICKS and not self._counting():
            return
        # Behind a slow line time stands still rather than keys.
        if self.is_current and not compat.busy(self.app):
            self.table.repaint_changed()
            self.query_one(RunPreview).tick()

    def _counting(self) -> bool:
        """Whether a run is alive, or so young that its age is told in seconds."""
        oldest = self._clock() - YOUNG
        rows = self.snapshot.rows if self.snapshot else ()
        return any(alive(row.status) or (row.ended or row.created or 0.0) > oldest for row in rows)

    def _moved(self) -> None:
        self.query_one(RunPreview).row = self.table.current

    # The filter line

    def action_filter(self) -> None:
        self.table.order.gather_texts()
        self._line.add_class("-typing")
        self._line.take_keys()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Filter with each letter; a line that is not finished yet leaves the last filter in force."""
        try:
            filter_of(message.text, 0.0)
        except QueryError as error:
            unfinished = error.position >= len(message.text.rstrip())
            if unfinished and (lines := self._fitting(message.text)):
                self._line.show_fitting(lines)  # `tag:` is no mistake yet
            else:
                self._line.show_error(str(error), error.position)
            return
        self._filter = message.text.strip()
        self._filter_again()
        self._line.show_fitting(self._fitting(message.text))
        self._say_counts()

    def _filter_again(self) -> None:
        self._filtered_at = self._clock()
        self.table.filter(filter_of(self._filter, self._filtered_at))

    def _fitting(self, text: str) -> tuple[str, ...]:
        if not text.strip() or self.snapshot is None:
            return ()
        from ...engine.query import complete

        return tuple(complete(text, self._line.position, self.snapshot))

    def on_filter_line_left(self) -> None:
        self._line.remove_class("-typing")
        self.table.focus()

    # Sorting and columns

    def action_sort(self) -> None:
        columns = self.table.columns
        if not columns:
            return  # the screen is not all there yet
        keys = [column.key for column in columns]
        now = self.table.sorted_by
        following = columns[(keys.index(now[0]) + 1) % len(keys) if now and now[0] in keys else 0]
        self._sort(following, descending=following.descending)

    def action_sort_turn(self) -> None:
        if self.table.sorted_by is None:
            self._sort(self._column("age"), descending=True)
        else:
            key, descending = self.table.sorted_by
            self._sort(self._column(key), descending=not descending)

    def on_table_header_clicked(self, message: Table.HeaderClicked) -> None:
        """Sort by the column; once more turns the order round."""
        column = self._column(message.key)
        now = self.table.sorted_by
        if column is not None:
            again = now is not None and now[0] == column.key
            self._sort(column, descending=not now[1] if again and now else column.descending)

    def _sort(self, column: Column | None, *, descending: bool) -> None:
        if column is not None:
            self.table.sort(column, descending=descending)
            self._app.settings.remembered.put("runs.sort", [column.key, descending])
            self._measure()

    def _column(self, key: str) -> Column | None:
        """A column by its key, shown or not."""
        found = columns_for([key], self._rows(), self._clock)
        return next((column for column in found if column.key == key), None)

    def _restore_sort(self, value: object) -> None:
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            column = self._column(value[0])
            if column is not None:
                self.table.sort(column, descending=bool(value[1]))

    def action_columns(self) -> None:
        from .columns import ColumnsScreen

        rows = self._rows()
        keys = [column.key for column in self.table.columns]
        every = columns_for(dict.fromkeys([*all_keys(rows), *keys]), rows, self._clock)
        self.app.push_screen(ColumnsScreen(every, keys, self.table.sorted_by), self._take_columns)

    def _take_columns(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        self._keys = chosen.keys
        self._app.settings.remembered.put("runs.columns", list(chosen.keys))
        self._choose_columns(self._rows())
        sorting: Sorted | None = chosen.sorting
        if sorting is not None and sorting != self.table.sorted_by:
            self._sort(self._column(sorting[0]), descending=sorting[1])
        self._measure()

    # Sizes: a walk through each run's folder, only when somebody wants to see them

    def _measure(self) -> None:
        if not self._wants_sizes() or any(worker.group == "sizes" and worker.is_running for worker in self.workers):
            return
        missing = self._sizes.missing(self._rows(), self._clock())
        if missing:
            self.run_worker(lambda: self._walk(missing), thread=True, group="sizes")

    def _wants_sizes(self) -> bool:
        sorted_by = self.table.sorted_by
        shown = any(column.key == "size" for column in self.table.columns)
        return shown or "size" in self._line.text or (sorted_by is not None and sorted_by[0] == "size")

    def _walk(self, rows: Sequence[Row]) -> None:
        worker = get_current_worker()
        # The first rows at once: they are the ones that are seen.
        for start in (0, 50, *range(500, len(rows), 500)):
            some = rows[start : 50 if start == 0 else 500 if start == 50 else start + 500]
            self._sizes.walk(some, self._clock(), lambda: not worker.is_cancelled)
            if some and not worker.is_cancelled:
                self.app.call_from_thread(self._show)

    # What a person wants done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that need a run are not offered where there is none."""
        return not (action in _NEEDS_A_RUN and self.is_mounted and self.table.current is None)

    def action_open(self) -> None:
        if (row := self.table.current) is not None:
            self._app.open_run(row.path)

    def on_table_opened(self) -> None:
        self.action_open()

    def action_new(self) -> None:
        self._app.open_launch(None)

    @work
    async def action_blobs(self) -> None:
        """Choose a file, and look into it."""
        from .choose_file import ChooseFile

        remembered = self._app.settings.remembered
        last = Path(str(remembered.get("blobs.folder") or Path.cwd()))
        found = await self.app.push_screen_wait(
            ChooseFile("Which data set?", last if last.is_dir() else Path.cwd(), BLOBS)
        )
        if found:
            remembered.put("blobs.folder", str(found[0].parent))
            self._app.open_blob(found[0])

    def action_look_inside(self) -> None:
        self._app.open_look(next(iter(self._targets()), None))

    def action_curves(self) -> None:
        self._app.open_curves(self._targets())

    def action_beside(self) -> None:
        self._app.open_side_by_side(self._targets())

    def action_stop(self) -> None:
        self._ask_for("stop")

    def action_kill(self) -> None:
        self._ask_for("kill")

    def action_again(self) -> None:
        self._ask_for("again")

    def action_resume(self) -> None:
        self._ask_for("resume")

    def action_tags(self) -> None:
        self._ask_for("tags")

    def action_rename(self) -> None:
        self._ask_for("name")

    def action_note(self) -> None:
        self._ask_for("note")

    def action_delete(self) -> None:
        self._ask_for("delete")

    def action_undo(self) -> None:
        self._app.undo()

    def action_demo(self) -> None:
        self._app.say("starting the demo")
        self.run_worker(self._start_demo, thread=True, group="demo", exclusive=True)

    def _start_demo(self) -> None:
        from ..commands.demo import start_demo

        app = self._app
        try:
            started = start_demo(app.root)
        except TrainvisError as error:
            app.call_from_thread(app.say, str(error), "error")
            return
        app.call_from_thread(self.table.go_to, started.id)
        app.call_from_thread(app.look_now)

    def action_mark(self) -> None:
        self.table.toggle_mark()
        self._say_counts()

    def action_mark_none(self) -> None:
        self.table.mark_none()
        self._say_counts()

    def _ask_for(self, verb: str) -> None:
        self.post_message(Deed(verb, self._targets()))

    def _targets(self) -> tuple[Path, ...]:
        """The marked runs that are seen, else the one under the cursor."""
        rows = self.table.marked() or ([self.table.current] if self.table.current else [])
        return tuple(row.path for row in rows)


def _texts(value: object) -> tuple[str, ...]:
    """Column keys as they were remembered; the file may hold anything."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
