"""The application on a stage of its own: a fake look at the world, a frozen clock, a screen that shows the ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from trainvis.engine.runs import Row, Snapshot
from trainvis.engine.status import Finished, Running, Status, Why
from trainvis.tui.app import TrainvisApp
from trainvis.tui.deeds import Deed
from trainvis.tui.keys import bindings
from trainvis.tui.settings import Settings, read_settings
from trainvis.tui.terminal import Terminal
from trainvis.tui.widgets.header import Header
from trainvis.tui.widgets.key_line import KeyLine

NOW = 1_790_000_000.0
RUNNING = Running(since=NOW - 60)


def over(why: Why) -> Finished:
    return Finished(why, NOW - 60, NOW)


def snapshot(root: Path, *rows: tuple[str, Status]) -> Snapshot:
    """A snapshot of rows given by id and status."""
    return Snapshot(root, NOW, tuple(Row(root / name, name, status=status) for name, status in rows))


class World:
    """What the application is shown when it looks."""

    def __init__(self, first: Snapshot) -> None:
        self.now = first

    def look(self, root: Path, before: Snapshot | None) -> Snapshot:
        return self.now


class Rows(Screen[None]):
    """The least screen there can be: it shows the ids and does deeds to the first run."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("runs")]
    snapshot: reactive[Snapshot | None] = reactive(None)

    def compose(self) -> ComposeResult:
        yield Header("RUNS")
        yield Static("", id="ids", markup=False)
        yield KeyLine()

    def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.query_one("#ids", Static).update("\n".join(row.title for row in snapshot.rows))

    def do(self, verb: str) -> None:
        paths = [row.path for row in self.snapshot.rows] if self.snapshot else []
        self.post_message(Deed(verb, paths[:1]))

    def action_kill(self) -> None:
        self.do("kill")

    def action_tags(self) -> None:
        self.do("tags")

    def action_rename(self) -> None:
        self.do("name")

    def action_note(self) -> None:
        self.do("note")


class StageApp(TrainvisApp):
    """The application without a thread, before a fake world."""

    def __init__(
        self,
        world: World,
        screen: Callable[[], Screen[None]] = Rows,
        settings: Settings | None = None,
        kept: Snapshot | None = None,
    ) -> None:
        self._first = screen
        super().__init__(
            world.now.root, settings or read_settings(), Terminal(), clock=lambda: NOW, look=world.look, kept=kept
        )

    def home(self) -> Screen[None]:
        return self._first()

    def words(self) -> list[str]:
        """Everything that was said so far."""
        return [note.message for note in self._notifications]
