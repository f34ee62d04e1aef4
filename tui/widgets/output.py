"""The output pane: the log, a line to ask in, and a line that says where one is."""

from __future__ import annotations

import contextlib
import os
from bisect import bisect_left
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from ...engine.text import printable
from .. import clipboard
from ..drawing.ansi import parse
from ..drawing.cells import size
from .log_reader import Finds, LogState
from .log_view import LogView

PIECE = 1 << 20


class Question(Input):
    """A line to ask in; escape leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "cancel")]

    def action_leave(self) -> None:
        self.display = False
        self.screen.query_one(LogView).focus()


class Output(Vertical):
    """The output of one run, `path` being its log."""

    DEFAULT_CSS = """
    Output LogView { height: 1fr; padding: 0 0 0 1; }
    Output Question { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    Output #output-foot { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, path: Path, name: str = "output", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._path = path
        self._name = name
        self._question = ""

    def compose(self) -> ComposeResult:
        yield LogView(self._path)
        yield Question(compact=True, select_on_focus=False)
        yield Static(id="output-foot")

    def on_mount(self) -> None:
        log = self.query_one(LogView)
        for attribute in ("state", "following", "here"):
            self.watch(log, attribute, self._say_where)

    def focus_first(self) -> None:
        """Put the cursor where reading begins."""
        self.query_one(LogView).focus()

    def _say_where(self) -> None:
        log = self.query_one(LogView)
        self.query_one("#output-foot", Static).update(Content(foot(log.state, log.following, log.here)))

    def on_log_view_asked(self, message: LogView.Asked) -> None:
        message.stop()
        if message.what == "copy":
            self._copy()
            return
        self._question = message.what
        question = self.query_one(Question)
        searching = message.what == "search"
        question.placeholder = "search; empty ends the search" if searching else "copy the whole output to this file"
        question.value = "" if searching else str(Path.cwd() / f"{self._name}.log")
        question.display = True
        question.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(Question).action_leave()
        if self._question == "search":
            self.query_one(LogView).search(event.value)
        elif event.value.strip():
            self._save(Path(os.path.expanduser(event.value.strip())))  # noqa: PTH111 (`~nobody` stays, Path raises)

    def on_log_view_said(self, message: LogView.Said) -> None:
        message.stop()
        self._say(message.text, "warning" if message.warning else "information")

    def _say(self, text: str, severity: str = "information") -> None:
        self.notify(printable(text, 400), severity=severity, markup=False)  # type: ignore[arg-type]

    @work(thread=True)
    def _save(self, target: Path) -> None:
        words, severity = save(self._path, target)
        self.app.call_from_thread(self._say, words, severity)

    @work(thread=True)
    def _copy(self) -> None:
        text, problem = whole_text(self._path)
        words = problem or clipboard.copy(text, lambda it: self.app.call_from_thread(self.app.copy_to_clipboard, it))
        self.app.call_from_thread(self._say, words, "warning" if problem else "information")


def foot(state: LogState, following: bool, here: int) -> str:
    """Where one is, in a line: lines and bytes, what is under way, what was found."""
    if state.problem:
        return state.problem
    lines = counted(state.lines)
    parts = [lines if state.whole else f"the last {lines}", size(state.size)]
    if not state.whole:
        parts.append(f"counting {state.counted:.0%}")
    if state.frames:
        parts.append("all frames")
    if state.finds is not None:
        parts.append(_finds(state.finds, here))
    parts.append("following" if following else "G follows")
    return " · ".join(parts)


def counted(lines: int) -> str:
    """`1 line`, `1,234 lines`."""
    return "1 line" if lines == 1 else f"{lines:,} lines"


def _finds(finds: Finds, here: int) -> str:
    place = bisect_left(finds.lines, here, 0, finds.count) if here >= 0 else finds.count
    at = f"{place + 1:,} of " if place < finds.count and finds.lines[place] == here else ""
    progress = "" if finds.done else f", searched {finds.part:.0%}"
    return f"“{printable(finds.text, 30)}” {at}{counted(finds.count)}{progress}"


def save(source: Path, target: Path) -> tuple[str, str]:
    """Copy a log as it is; the word after it and its severity. Never writes over another file."""
    if target.is_dir():
        target = target / source.name
    shown = printable(target, 300)
    try:
        with source.open("rb") as log, target.open("xb") as copy:
            try:
                while piece := log.read(PIECE):
                    copy.write(piece)
            except OSError:
                # Half a copy would pass for the whole.
                with contextlib.suppress(OSError):
                    target.unlink()
                raise
            written = copy.tell()
    except FileExistsError:
        return f"{shown} exists; choose another name", "warning"
    except FileNotFoundError as error:
        return (f"{shown}: its folder does not exist" if source.exists() else f"no output: {error.strerror}"), "warning"
    except OSError as error:
        return f"{shown} cannot be written: {error.strerror}", "error"
    return f"the output was copied to {shown} ({size(written)})", "information"


def whole_text(source: Path) -> tuple[str, str]:
    """The whole output as it is shown, and a sentence where it is too large for a clipboard or missing."""
    try:
        length = source.stat().st_size
        if length > clipboard.LARGEST:
            most = size(clipboard.LARGEST)
            return "", f"the output is {size(length)}, a clipboard takes {most} of it; w copies it into a file"
        return "\n".join(parse(line).text for line in source.read_bytes().split(b"\n")), ""
    except OSError as error:
        return "", f"the output cannot be read: {error.strerror}"
