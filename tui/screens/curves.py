"""The curves of several runs on the same charts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen

from ...engine.runs import Row, Snapshot
from ..widgets.curves import Curves
from ..widgets.header import Header
from ..widgets.key_line import KeyLine


class CurvesScreen(Screen[None]):
    """`paths` are run directories; a run that is deleted meanwhile leaves the charts."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape", "back", "back", id="run.back")]

    snapshot: reactive[Snapshot | None] = reactive(None, repaint=False)

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._paths = tuple(dict.fromkeys(paths))

    def compose(self) -> ComposeResult:
        count = len(self._paths)
        yield Header("CURVES", f"{count} runs" if count != 1 else self._paths[0].name)
        yield Curves(self._rows())
        yield KeyLine()

    def on_mount(self) -> None:
        self.query_one(Curves).focus()

    def _rows(self) -> tuple[Row, ...]:
        known = {row.path: row for row in self.snapshot.rows} if self.snapshot else {}
        if self.snapshot is None:
            return tuple(Row(path, path.name) for path in self._paths)
        return tuple(known[path] for path in self._paths if path in known)

    def watch_snapshot(self) -> None:
        for curves in self.query(Curves):
            curves.rows = self._rows()

    def action_back(self) -> None:
        self.dismiss()
