"""The first line of a screen: what it is, where the runs lie, how many are running."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from ...engine.runs import Snapshot
from ...engine.status import Running, Waiting
from ...engine.text import printable


def short_path(path: Path, home: Path | None = None) -> str:
    """A path as a person writes it: `~` for the home folder; harmless to show."""
    start = str(home or Path.home())
    text = str(path)
    if text == start or text.startswith(start + os.sep):
        text = "~" + text[len(start) :]
    return printable(text)


def counts(snapshot: Snapshot | None) -> str:
    """`2 running · 1 waiting`; empty where nothing runs or waits."""
    rows = snapshot.rows if snapshot else ()
    running = sum(isinstance(row.status, Running) for row in rows)
    waiting = sum(isinstance(row.status, Waiting) for row in rows)
    return " · ".join(
        text for number, text in ((running, f"{running} running"), (waiting, f"{waiting} waiting")) if number
    )


class Header(Widget):
    """`Header("RUNS")`; with `detail` that text stands in place of folder and host."""

    DEFAULT_CSS = """
    Header { dock: top; height: 1; padding: 0 1; background: $panel; color: $text; text-wrap: nowrap; }
    """

    detail: reactive[str] = reactive("")
    state: reactive[str] = reactive("")

    def __init__(self, word: str, detail: str = "", *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._word = word
        self.set_reactive(Header.detail, detail)

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._take)

    def _take(self, snapshot: Snapshot | None) -> None:
        self.state = counts(snapshot)

    def render(self) -> Content:
        """Left the place, right the counts; what does not fit is cut from the middle."""
        root = getattr(self.app, "root", None)
        place = self.detail or (f"{short_path(root)} · {printable(socket.gethostname())}" if root else "")
        room = max(self.size.width - len(self._word) - len(self.state) - 4, 0)
        if len(place) > room:
            place = place[: max(room - 1, 0)] + "…" if room > 3 else ""
        gap = " " * max(self.size.width - len(self._word) - 2 - len(place) - len(self.state), 1)
        return Content.assemble(
            (self._word, "bold $accent"), "  ", (place, "$text-muted"), gap, (self.state, "bold $success")
        )
