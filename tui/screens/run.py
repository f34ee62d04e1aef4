"""One run: overview, output, curves, pictures and network as panes that are made when they are first looked at."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from ...engine.rundir import RunDir
from ...engine.runs import Row, Snapshot
from ...engine.status import Waiting
from ...engine.text import printable
from ..deeds import Deed
from ..keys import bindings
from ..widgets.key_line import KeyLine
from ..widgets.overview import Overview
from ..widgets.run_header import PANES, REPORT, RunHeader

_AFTER = 0.4  # seconds after which the first frame is there and nobody waits for it


class RunScreen(Screen[None]):
    """Shows the run at `path`, beginning with `pane` (a name in `PANES`)."""

    CSS_PATH = "run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("run")]

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)
    row: reactive[Row | None] = reactive(None, repaint=False)
    pane: reactive[str] = reactive("", repaint=False)

    def __init__(self, path: Path, pane: str = "overview") -> None:
        super().__init__()
        self.path = path
        self._first_pane = pane if pane in PANES else "overview"
        self.panes = PANES
        self._seen = False  # in the last snapshot
        self._known = False  # in any: what a thread read before is older

    def compose(self) -> ComposeResult:
        yield RunHeader(getattr(self.app, "clock", time.time))
        yield Container(id="panes")
        yield KeyLine()

    def on_mount(self) -> None:
        if self.row is None:
            self.row = Row(self.path, self.path.name, status=Waiting("", 0.0))
            self._read_row()
        self.pane = self._first_pane
        self.set_timer(_AFTER, self._prepare)

    def _prepare(self) -> None:
        """Load what draws pictures while nobody waits for it, where there are any."""
        if self._first_pane != "pictures" and RunDir(self.path).figures_file.exists():
            self.run_worker(_load_pictures, thread=True, group="prepare")

    @work(thread=True)
    def _read_row(self) -> None:
        """A run just started stands in no snapshot yet: ask its directory."""
        run = RunDir(self.path)
        notes, state = run.notes()[0], run.state()[0]
        row = Row(
            self.path, run.id, notes.name, notes.tags, notes.note, run.status(), created=state.created,
            started=state.started, ended=state.ended,
        )  # fmt: skip
        self.app.call_from_thread(self._take_read, row)

    @work(thread=True, exclusive=True, group="panes")
    def _look_for_report(self) -> None:
        """Whether this run has a report, which a study gets at its end, and anew while it goes on."""
        if RunDir(self.path).report_file.is_file():
            self.app.call_from_thread(self._take_report)

    def _take_report(self) -> None:
        self.panes = (*PANES, REPORT)
        for header in self.query(RunHeader):
            header.panes = self.panes

    def _take_read(self, row: Row) -> None:
        if not self._known:
            self.row = row

    # The run comes in

    def watch_snapshot(self) -> None:
        """Take the run's row; a run that is no longer there keeps its last one."""
        rows = self.snapshot.rows if self.snapshot else ()
        found = next((row for row in rows if row.path == self.path), None)
        if found is not None:
            self._seen = self._known = True
            self.row = found
        elif self._seen and self.row is not None:
            self._seen = False
            self._say(f"{self.row.title} is no longer in the runs folder", "warning")
        self._hand_over()

    def watch_row(self) -> None:
        self._hand_over()
        if REPORT not in self.panes:
            self._look_for_report()

    def _hand_over(self) -> None:
        # Asked for, not required: a snapshot may come before the widgets are there (`watch_pane` hands over then) and
        # while the application closes, when they are gone.
        if self.row is None:
            return
        for header in self.query(RunHeader):
            header.row = self.row
        # A pane that nobody looks at reads nothing; it gets the row when it is turned to.
        if self.pane == "overview":
            for overview in self.query(Overview):
                overview.children_ids = self._children()
                overview.row = self.row
        elif self.pane == "curves":
            for curves in self.query("Curves"):
                curves.rows = (self.row,)  # type: ignore[attr-defined]
        elif self.pane in ("pictures", "network", REPORT):
            for shown in self.query(f"#pane-{self.pane}"):
                shown.row = self.row  # type: ignore[attr-defined]

    def _children(self) -> tuple[str, ...]:
        rows = self.snapshot.rows if self.snapshot else ()
        return tuple(row.id for row in rows if row.parent == self.path.name)

    # Panes

    async def _turn_to(self, pane: str) -> None:
        """Another pane, which is there when this ends."""
        self.set_reactive(RunScreen.pane, pane)
        await self.watch_pane()

    async def watch_pane(self) -> None:
        if not self.pane:
            return
        holder = self.query_one("#panes", Container)
        wanted = f"pane-{self.pane}"
        if not holder.query(f"#{wanted}"):
            await holder.mount(self._make(self.pane, wanted))
        for child in holder.children:
            child.display = child.id == wanted
        self.query_one(RunHeader).pane = self.pane
        self._hand_over()
        self._focus_first(holder.query_one(f"#{wanted}"))

    def _make(self, pane: str, name: str) -> Widget:
        # Imported here: an overview needs neither numpy nor the log's reader thread.
        if pane == "output":
            from ..widgets.output import Output

            return Output(RunDir(self.path).output_log, self.path.name, id=name)
        if pane == "curves":
            from ..widgets.curves import Curves

            return Curves((self.row,) if self.row else (), id=name)
        if pane == "pictures":
            from ..widgets.pictures import Pictures

            return Pictures(self.row, id=name)
        if pane == "network":
            from ..widgets.network import Network

            return Network(self.row, id=name)
        if pane == REPORT:
            from ..widgets.report import Report

            return Report(RunDir(self.path).report_file, id=name)
        return Overview(id=name)

    def _focus_first(self, widget: Widget) -> None:
        target: Any = widget
        if hasattr(target, "focus_first"):
            target.focus_first()
        else:
            widget.focus()

    def action_pane(self, pane: str) -> None:
        if pane in self.panes:
            self.pane = pane
        else:
            self._say("this run has no report: a study of faces gets one")

    def action_next_pane(self) -> None:
        self.pane = self.panes[(self.panes.index(self.pane) + 1) % len(self.panes)]

    def action_previous_pane(self) -> None:
        self.pane = self.panes[self.panes.index(self.pane) - 1]

    # Deeds

    def _deed(self, verb: str) -> None:
        self.post_message(Deed(verb, (self.path,)))

    def action_stop(self) -> None:
        self._deed("stop")

    def action_kill(self) -> None:
        self._deed("kill")

    def action_look_inside(self) -> None:
        self.app.open_look(self.path)  # type: ignore[attr-defined]

    def action_again(self) -> None:
        self._deed("again")

    def action_resume(self) -> None:
        self._deed("resume")

    def action_tags(self) -> None:
        self._deed("tags")

    def action_rename(self) -> None:
        self._deed("name")

    def action_note(self) -> None:
        self._deed("note")

    def action_back(self) -> None:
        self.dismiss()

    async def on_network_layer_chosen(self, message: Any) -> None:
        """From a layer of the network to its pictures."""
        message.stop()
        await self._turn_to("pictures")
        for pictures in self.query("#pane-pictures"):
            pictures.show_layer(message.layer)  # type: ignore[attr-defined]

    def on_overview_parent_asked(self) -> None:
        """Open the run that this one repeats or resumes."""
        parent = self.row.parent if self.row else ""
        rows = self.snapshot.rows if self.snapshot else ()
        found = next((row for row in rows if row.id == parent), None)
        if not parent:
            self._say("this run repeats and resumes no other")
        elif found is None:
            self._say(f"{parent} is not in the runs folder", "warning")
        else:
            self.app.open_run(found.path)  # type: ignore[attr-defined]

    def _say(self, text: str, severity: str = "information") -> None:
        self.notify(printable(text, 400), severity=severity, markup=False)  # type: ignore[arg-type]


def _load_pictures() -> None:
    import h5py  # noqa: F401 (what reading a figure loads)

    from ..widgets import pictures  # noqa: F401
